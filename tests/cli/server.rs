//! A small strict server: it answers what the test wrote down, in that order, and fails the test on any other call and
//! on a call that never came.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use super::leak::KnownSecrets;

/// What the server says to one request.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// This status with an empty body.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// 200 with this JSON.
    pub fn json(value: &Value) -> Self {
        Self::text("application/json", &value.to_string())
    }

    /// 200 with this body.
    pub fn text(kind: &str, body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::status(200) }.header("content-type", kind)
    }

    /// A token that lives 300 s, as a token endpoint gives it.
    pub fn token(token: &str) -> Self {
        Self::json(&json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}))
    }

    /// As [`Answer::token`], with the next refresh token.
    pub fn refreshed(token: &str, refresh_token: &str) -> Self {
        Self::json(&json!({
            "access_token": token, "token_type": "Bearer", "expires_in": 300, "refresh_token": refresh_token,
        }))
    }

    /// Hangs up without a word.
    pub fn lost_response() -> Self {
        Self::status(0)
    }

    /// An OAuth error (RFC 6749 §5.2).
    pub fn error(status: u16, code: &str, description: &str) -> Self {
        Self { status, ..Self::json(&json!({"error": code, "error_description": description})) }
    }

    /// Whether it says that what was asked is done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !self.body.starts_with("{\"error\"")
    }

    /// With another status.
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// With another header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// One request as it came.
#[derive(Clone)]
pub struct Received {
    /// `METHOD /path`.
    pub line: String,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Script {
    keeps_connections: bool,
    connections: usize,
    expected: VecDeque<(String, Answer)>,
    received: Vec<Received>,
    unexpected: Vec<String>,
    ended: bool,
}

/// The server; it ends with the test.
pub struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on loopback and expects nothing yet.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let secrets = KnownSecrets::of_this_test();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.lock().unwrap().ended {
                    return;
                }
                let mut script = shared.lock().unwrap();
                script.connections += 1;
                let keeps_connections = script.keeps_connections;
                drop(script);
                let mut stream = stream.unwrap();
                if keeps_connections {
                    let (shared, secrets) = (Arc::clone(&shared), Arc::clone(&secrets));
                    std::thread::spawn(move || while serve(&shared, &secrets, &mut stream, true) {});
                } else {
                    serve(&shared, &secrets, &mut stream, false);
                }
            }
        });
        Self { address, script, thread: Some(thread) }
    }

    /// Answers further requests on the same connection, as real servers do.
    pub fn keeps_connections(&self) -> &Self {
        self.script.lock().unwrap().keeps_connections = true;
        self
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.script.lock().unwrap().connections
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The issuer that it plays.
    pub fn issuer(&self) -> String {
        self.origin()
    }

    /// Expects one more request, `METHOD /path`, and answers it so.
    pub fn expect(&self, line: &str, answer: Answer) -> &Self {
        self.script.lock().unwrap().expected.push_back((line.to_owned(), answer));
        self
    }

    /// Expects one mint.
    pub fn mints(&self, answer: Answer) -> &Self {
        self.expect("POST /token", answer)
    }

    /// Expects the questions for metadata of an issuer without a path; the OpenID form has this document.
    pub fn serves(&self, metadata: &Value) -> &Self {
        self.expect("GET /.well-known/openid-configuration", Answer::json(metadata))
            .expect("GET /.well-known/oauth-authorization-server", Answer::status(404))
    }

    /// Metadata that fits this server.
    pub fn metadata(&self) -> Value {
        json!({
            "issuer": self.issuer(),
            "token_endpoint": format!("{}/token", self.origin()),
            "jwks_uri": format!("{}/jwks", self.origin()),
            "grant_types_supported": ["client_credentials", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": ["read", "write"],
        })
    }

    /// What came so far; afterwards nothing came yet.
    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.script.lock().unwrap().received)
    }

    /// How many requests came since the last question.
    pub fn count(&self) -> usize {
        self.received().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script.lock().unwrap().ended = true;
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
        if std::thread::panicking() {
            return;
        }
        let script = self.script.lock().unwrap();
        let missing: Vec<&String> = script.expected.iter().map(|(line, _)| line).collect();
        assert!(script.unexpected.is_empty(), "unexpected calls: {:?}", script.unexpected);
        assert!(missing.is_empty(), "calls that never came: {missing:?}");
    }
}

/// Answers one request; says whether there was one.
fn serve(script: &Mutex<Script>, secrets: &KnownSecrets, stream: &mut TcpStream, keeps_connections: bool) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let Some(received) = read(stream) else { return false };
    secrets.add_request(&received.line, &received.headers, &received.body);
    let mut script = script.lock().unwrap();
    let answer = match script.expected.pop_front() {
        Some((line, answer)) if line == received.line => answer,
        expected => {
            script.unexpected.push(format!(
                "{} instead of {:?}",
                received.line,
                expected.as_ref().map(|(line, _)| line)
            ));
            Answer::status(418)
        }
    };
    script.received.push(received);
    drop(script);
    secrets.add_answer(answer.status, &answer.body);
    if answer.status == 0 {
        return false;
    }
    let connection = if keeps_connections { "keep-alive" } else { "close" };
    let mut head = format!(
        "HTTP/1.1 {} Answer\r\nconnection: {connection}\r\ncontent-length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    stream.write_all(format!("{head}\r\n{}", answer.body).as_bytes()).is_ok()
}

/// Reads one request; `None` when there is none.
pub fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut piece = [0; 4096];
        let size = stream.read(&mut piece).ok().filter(|size| *size > 0)?;
        bytes.extend_from_slice(&piece[..size]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes.split_off(end + 4);
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, size)| size.parse().unwrap());
    while body.len() < length {
        let mut piece = [0; 4096];
        let size = stream.read(&mut piece).ok().filter(|size| *size > 0)?;
        body.extend_from_slice(&piece[..size]);
    }
    Some(Received { line, headers, body: String::from_utf8(body).unwrap() })
}
