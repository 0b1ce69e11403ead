//! What may stand before a server: it passes requests on as they are, or changes them and their answers as a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::keycloak;
use super::wire::{self, Response};

/// A request as it came.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub fields: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn set_host(&mut self, host: &str) {
        self.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
        self.fields.push(("Host".to_owned(), host.to_owned()));
    }

    pub fn is_token_request(&self) -> bool {
        self.method == "POST" && self.target.ends_with("/protocol/openid-connect/token")
    }

    /// Whether it carries nothing that is secret.
    pub fn is_anonymous(&self) -> bool {
        let secret = |name: &str| self.body.contains(&format!("{name}="));
        self.field("authorization").is_none() && !secret("client_secret") && !secret("client_assertion")
    }
}

/// What is done to a request; an answer is given in the server's place.
type Change = dyn Fn(&mut Request) -> Option<Response> + Send + Sync;
/// What is done to the server's answer.
type Edit = dyn Fn(&mut Response) + Send + Sync;

pub struct ReverseProxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl ReverseProxy {
    pub fn start(
        change: impl Fn(&mut Request) -> Option<Response> + Send + Sync + 'static,
        edit: impl Fn(&mut Response) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (change, edit): (Arc<Change>, Arc<Edit>) = (Arc::new(change), Arc::new(edit));
        let all = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, change, edit) = (Arc::clone(&all), Arc::clone(&change), Arc::clone(&edit));
                std::thread::spawn(move || serve(stream, &all, &*change, &*edit));
            }
        });
        Self { address, seen }
    }

    /// One that changes requests only.
    pub fn of_requests(change: impl Fn(&mut Request) -> Option<Response> + Send + Sync + 'static) -> Self {
        Self::start(change, |_| {})
    }

    /// One that changes answers only.
    pub fn of_answers(edit: impl Fn(&mut Response) + Send + Sync + 'static) -> Self {
        Self::start(|_| None, edit)
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn realm(&self, name: &str) -> String {
        format!("{}/realms/{name}", self.base())
    }

    /// The requests so far, each as `METHOD target`.
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|request| format!("{} {}", request.method, request.target)).collect()
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, change: &Change, edit: &Edit) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut request = read(&mut reader)?;
    seen.lock().unwrap().push(request.clone());
    let answer = change(&mut request).unwrap_or_else(|| {
        let ours = |name: &str| ["content-length", "connection"].iter().any(|own| name.eq_ignore_ascii_case(own));
        let fields: Vec<_> = request.fields.iter().filter(|(name, _)| !ours(name)).cloned().collect();
        let line = format!("{} {}", request.method, request.target);
        let mut answer = wire::send(keycloak().trim_start_matches("http://"), &line, &fields, &request.body);
        edit(&mut answer);
        answer
    });
    let mut stream = stream;
    stream.write_all(&answer.bytes()).ok()
}

/// A connection may end without a request.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        fields.push((name.to_owned(), value.to_owned()));
    }
    let mut request = Request { method, target, fields, body: String::new() };
    let length = request.field("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
