//! An authorization server of raw sockets that misbehaves on purpose: it answers each request with scripted bytes,
//! counts connections and keeps what it was sent.

#![allow(dead_code, reason = "each test crate uses its part of the server")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

mod tls;

use rustls::{ServerConnection, StreamOwned};

/// A token that the server hands out.
pub const TOKEN: &str = "fault-server.token_1";

/// The length that no held connection outlives.
const HOLD: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and fields, without the empty line.
    pub head: String,
    /// As many bytes as `Content-Length` says.
    pub body: String,
    /// The same, byte for byte.
    pub bytes: Vec<u8>,
    /// When it was complete.
    pub at: Instant,
}

impl Request {
    /// `GET`, `POST` …
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// The request target.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a field, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Whether it asks for metadata.
    pub fn is_metadata(&self) -> bool {
        self.target().contains("/.well-known/")
    }
}

/// One step of an answer.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again until the other side has had enough.
    Endless(Vec<u8>),
    /// Sends these bytes one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Waits.
    Wait(Duration),
    /// Keeps the connection open and says nothing more until the other side closes it.
    Hold,
    /// Sends back what comes, until the other side closes the connection.
    Echo,
}

/// What is done for one request; then the connection is closed.
pub type Reply = Vec<Step>;

type Script = dyn Fn(&Request, &str) -> Reply + Send + Sync;

#[derive(Default)]
struct Log {
    connections: AtomicUsize,
    sent: AtomicUsize,
    over: AtomicBool,
    requests: Mutex<Vec<Request>>,
}

/// A listener on a free loopback port that plays a script until it is dropped.
pub struct Server {
    address: SocketAddr,
    base: String,
    certificate: Option<String>,
    log: Arc<Log>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it. The script sees each request and the server's base URL (`http://127.0.0.1:PORT`).
    pub fn start(script: impl Fn(&Request, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, script)
    }

    /// The same over TLS, at `https://127.0.0.1:PORT`.
    pub fn start_tls(script: impl Fn(&Request, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(Some(tls::Identity::new()), script)
    }

    fn serve(
        identity: Option<tls::Identity>,
        script: impl Fn(&Request, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let log = Arc::new(Log::default());
        let (script, theirs): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&log));
        let (base, certificate, tls) = match identity {
            None => (format!("http://{address}"), None, None),
            Some(tls) => (format!("https://{address}"), Some(tls.certificate), Some(tls.config)),
        };
        let shown = base.clone();
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if theirs.over.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                theirs.connections.fetch_add(1, Ordering::SeqCst);
                let (script, log, base) = (Arc::clone(&script), Arc::clone(&theirs), shown.clone());
                let tls = tls.clone();
                std::thread::spawn(move || match tls {
                    None => serve(stream, script.as_ref(), &log, &base),
                    Some(config) => {
                        let connection = ServerConnection::new(config).expect("a sound configuration");
                        serve(StreamOwned::new(connection, stream), script.as_ref(), &log, &base);
                    }
                });
            }
        });
        Self { address, base, certificate, log, listener: Some(listener) }
    }

    /// A well-behaved server but for its answers at the token endpoint.
    pub fn with_token_answer(answer: impl Fn(&Request, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |request, base| if request.is_metadata() { metadata(base) } else { answer(request, base) })
    }

    /// A well-behaved server: metadata and [`TOKEN`] for an hour.
    pub fn kind() -> Self {
        Self::with_token_answer(|_, _| token(TOKEN, 3600))
    }

    /// `http://127.0.0.1:PORT`, which is also the issuer of [`metadata`].
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// Its base URL without the scheme.
    pub fn host(&self) -> &str {
        self.base.split_once("://").map_or("", |(_, host)| host)
    }

    /// The certificate of a server over TLS, as PEM.
    pub fn certificate(&self) -> &str {
        self.certificate.as_deref().expect("a server over TLS")
    }

    /// The field `Authorization` of everything it was asked.
    pub fn credentials(&self) -> Vec<Option<String>> {
        self.requests().iter().map(|request| request.field("Authorization").map(str::to_owned)).collect()
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of answers were taken off its hands.
    pub fn sent(&self) -> usize {
        self.log.sent.load(Ordering::SeqCst)
    }

    /// Everything it was asked.
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests.lock().expect("the log is whole").clone()
    }

    /// What it was asked that is not metadata.
    pub fn token_requests(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| !request.is_metadata()).collect()
    }

    /// Waits until so many token requests have come.
    #[track_caller]
    pub fn await_token_requests(&self, number: usize) {
        let begun = Instant::now();
        while self.token_requests().len() < number {
            assert!(begun.elapsed() < Duration::from_secs(60), "no token request number {number} came");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.log.over.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// A connection, plain or over TLS.
trait Channel: Read + Write {
    fn socket(&self) -> &TcpStream;

    /// Says that nothing more will be sent.
    fn end(&mut self) {
        let _ = self.socket().shutdown(std::net::Shutdown::Write);
    }
}

impl Channel for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

fn serve(mut stream: impl Channel, script: &Script, log: &Log, base: &str) {
    let _ = stream.socket().set_nodelay(true);
    let _ = stream.socket().set_read_timeout(Some(Duration::from_secs(10)));
    let _ = stream.socket().set_write_timeout(Some(Duration::from_secs(10)));
    let Some(request) = read(&mut stream) else { return };
    // Before it is answered: a test may wait for a request and then let the script go on.
    log.requests.lock().expect("the log is whole").push(request.clone());
    let reply = script(&request, base);
    for step in reply {
        if !play(&mut stream, step, log) {
            return;
        }
    }
    stream.end();
    // Reads what is left, so that closing does not reset the connection under the answer.
    let _ = stream.socket().set_read_timeout(Some(Duration::from_millis(500)));
    let mut rest = [0; 4096];
    while matches!(stream.read(&mut rest), Ok(1..)) {}
}

fn read(stream: &mut impl Channel) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut request = Request { head, body: String::new(), bytes: Vec::new(), at: Instant::now() };
            let length = request.field("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
            if bytes.len() - end - 4 >= length {
                request.bytes = bytes[end + 4..end + 4 + length].to_vec();
                request.body = String::from_utf8_lossy(&request.bytes).into_owned();
                return Some(request);
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Plays one step; `false` when the other side has gone.
fn play(stream: &mut impl Channel, step: Step, log: &Log) -> bool {
    let mut send = |bytes: &[u8]| {
        let sent = stream.write_all(bytes).is_ok();
        if sent {
            log.sent.fetch_add(bytes.len(), Ordering::SeqCst);
        }
        sent
    };
    let begun = Instant::now();
    match step {
        Step::Send(bytes) => send(&bytes),
        Step::Endless(bytes) => {
            while begun.elapsed() < HOLD && !log.over.load(Ordering::SeqCst) {
                if !send(&bytes) {
                    return false;
                }
            }
            true
        }
        Step::Drip(bytes, pause) => bytes.iter().all(|byte| {
            std::thread::sleep(pause);
            !log.over.load(Ordering::SeqCst) && send(std::slice::from_ref(byte))
        }),
        Step::Wait(span) => {
            std::thread::sleep(span);
            true
        }
        Step::Echo => {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                if stream.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            false
        }
        Step::Hold => {
            let _ = stream.socket().set_read_timeout(Some(Duration::from_millis(50)));
            let mut byte = [0];
            while begun.elapsed() < HOLD && !log.over.load(Ordering::SeqCst) {
                match stream.read(&mut byte) {
                    Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    _ => return false,
                }
            }
            false
        }
    }
}

// --- answers ---------------------------------------------------------------------------------------------------------

/// These bytes and nothing else.
pub fn raw(bytes: impl Into<Vec<u8>>) -> Reply {
    vec![Step::Send(bytes.into())]
}

/// An answer of any type.
pub fn answer(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
    with_fields(status, &format!("Content-Type: {content_type}\r\n"), body)
}

/// An answer with these fields, each ended by CRLF; the length is added.
pub fn with_fields(status: u16, fields: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())
            .into_bytes();
    bytes.extend_from_slice(body);
    raw(bytes)
}

/// A JSON answer.
pub fn json(status: u16, body: impl AsRef<[u8]>) -> Reply {
    answer(status, "application/json", body)
}

/// The members of a sound metadata document, as JSON text.
pub fn metadata_text(base: &str) -> String {
    format!(r#"{{"issuer":"{base}","token_endpoint":"{base}/token","jwks_uri":"{base}/jwks","#)
        + r#""response_types_supported":["code"],"grant_types_supported":["client_credentials"],"#
        + r#""token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}"#
}

/// Sound metadata of the issuer `base`.
pub fn metadata(base: &str) -> Reply {
    json(200, metadata_text(base))
}

/// The text of a sound token answer.
pub fn token_text(token: &str, expires_in: u64) -> String {
    format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#)
}

/// A sound token answer.
pub fn token(token: &str, expires_in: u64) -> Reply {
    json(200, token_text(token, expires_in))
}

/// An OAuth error (RFC 6749 §5.2).
pub fn oauth_error(status: u16, error: &str) -> Reply {
    json(status, format!(r#"{{"error":"{error}","error_description":"said the fault server"}}"#))
}

/// A redirect.
pub fn redirect(status: u16, location: &str) -> Reply {
    with_fields(status, &format!("Location: {location}\r\n"), "")
}

/// Never answers.
pub fn stall() -> Reply {
    vec![Step::Hold]
}

/// Closes the connection without a word.
pub fn hang_up() -> Reply {
    Vec::new()
}

/// Sends this body one byte in 100 ms.
pub fn drip(body: &str) -> Reply {
    let head = format!("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    vec![Step::Send(head.into_bytes()), Step::Drip(body.into(), Duration::from_millis(100))]
}

/// Sends the head one byte in 100 ms.
pub fn drip_head() -> Reply {
    vec![Step::Drip(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n".to_vec(), Duration::from_millis(100))]
}

/// Promises more bytes than it sends.
pub fn lying_length(body: &str, length: usize) -> Reply {
    raw(format!("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"))
}

/// A chunked body that breaks off or breaks the grammar, as the caller writes it.
pub fn chunked(chunks: &str) -> Reply {
    raw(format!("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"))
}

/// A body without an end.
pub fn endless_body() -> Reply {
    let head = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"access_token\":\"";
    vec![Step::Send(head.into()), Step::Endless(vec![b'a'; 16 * 1024])]
}

/// A head without an end.
pub fn endless_head() -> Reply {
    vec![
        Step::Send(b"HTTP/1.1 200 X\r\n".to_vec()),
        Step::Endless(b"X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".to_vec()),
    ]
}

/// Interim answers without an end.
pub fn endless_interim() -> Reply {
    vec![Step::Endless(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(64))]
}

/// A sound body of so many bytes: `start`, then blanks, then `end`.
pub fn padded(start: &str, end: &str, bytes: usize) -> Reply {
    let mut body = start.as_bytes().to_vec();
    body.resize(bytes.saturating_sub(end.len()), b' ');
    body.extend_from_slice(end.as_bytes());
    json(200, body)
}

/// So many arrays in each other.
pub fn deep(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}
