//! A sandbox in this process, and a client that writes to its socket by hand.

mod api;
mod assertion;
mod authorization;
mod certificate;
mod connection;
mod device;
mod discovery;
mod dpop;
mod environment;
mod exchange;
mod fault;
mod lookup;
mod refresh;
mod registration;
mod token;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Options, Sandbox};
use crate::edges::{Clock, Entropy, Moment};
use crate::secret::Secret;

const NOW: i64 = 1_795_341_600;

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_ttl: Duration::from_secs(300),
            latency: Duration::ZERO,
            auto_consent: false,
            fault: None,
        }
    }
}

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_epoch(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, _: Duration) {}
}

/// Bytes that differ and are known: 0, 1, 2 …
struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::SeqCst));
        Ok(())
    }
}

/// A running sandbox, its clock, and the lines that it logged.
struct Room {
    sandbox: Sandbox,
    clock: Arc<TestClock>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Room {
    fn new() -> Self {
        Self::with(&Options::default())
    }

    fn faulty(fault: &str) -> Self {
        Self::with(&Options { fault: Some(fault.parse().unwrap()), ..Options::default() })
    }

    fn with(options: &Options) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let copy = Arc::clone(&lines);
        let sandbox = Sandbox::start(
            options,
            Arc::new(Counter(AtomicU8::new(0))),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(move |line| copy.lock().unwrap().push(line.to_string())),
        )
        .unwrap();
        Self { sandbox, clock, lines }
    }

    /// `127.0.0.1:PORT`.
    fn authority(&self) -> &str {
        self.sandbox.issuer().strip_prefix("http://").unwrap().strip_suffix("/sandbox").unwrap()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.authority()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends bytes as they are, returns all that comes back until the connection ends.
    fn raw(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = self.connect();
        // The server may answer and hang up before it has read everything.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map(|_| answer)
    }

    fn send(&self, request: &str) -> Response {
        Response::parse(&self.raw(request.as_bytes()).unwrap()).unwrap()
    }

    fn get(&self, path: &str) -> Response {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.authority()))
    }

    fn form(&self, path: &str, headers: &str, body: &str) -> String {
        let (host, length) = (self.authority(), body.len());
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}"
        )
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> Response {
        self.send(&self.form(path, headers, body))
    }

    fn client_id(&self) -> &str {
        &self.sandbox.main_client().id
    }

    fn client_secret(&self) -> &Secret {
        self.sandbox.main_client().secret.as_ref().unwrap()
    }

    /// The Authorization line of the main client.
    fn basic(&self) -> String {
        basic(self.client_id(), self.client_secret().expose())
    }

    /// A token request of the main client.
    fn mint(&self, more: &str) -> Response {
        self.post("/sandbox/token", &self.basic(), &format!("grant_type=client_credentials{more}"))
    }

    fn token(&self) -> String {
        self.mint("").json["access_token"].as_str().unwrap().to_owned()
    }

    fn secret(&self, client: &str) -> &str {
        let client = self.sandbox.clients().iter().find(|known| known.id == client).unwrap();
        client.secret.as_ref().unwrap().expose()
    }
}

/// An Authorization line, both halves form-encoded.
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    basic_raw(&encode(id), &encode(secret))
}

fn basic_raw(id: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
}

/// A response, parsed by hand.
#[derive(Debug)]
struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
    json: Value,
}

impl Response {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?.to_ascii_lowercase();
        let status = head.strip_prefix("http/1.1 ")?.get(..3)?.parse().ok()?;
        let mut body = bytes[end + 4..].to_vec();
        if head.contains("\r\ntransfer-encoding: chunked") {
            body = unchunk(&body)?;
        }
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Some(Self { status, head, body, json })
    }

    fn has(&self, header: &str) -> bool {
        self.head.lines().any(|line| line == header)
    }

    /// Status and OAuth error.
    fn refusal(&self) -> (u16, &str) {
        (self.status, self.json["error"].as_str().unwrap_or_default())
    }
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}
