use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{CONNECTIONS, Callback, Verdict};
use crate::edges::Deadline;
use crate::http::Fault;

const LONG: Duration = Duration::from_secs(30);

/// A callback that waits for `go` in a thread of its own; what it judged comes out.
struct Waiting {
    port: u16,
    judged: mpsc::Receiver<String>,
    thread: JoinHandle<Result<(), Fault>>,
}

impl Waiting {
    fn start(deadline: Duration) -> Self {
        let callback = Callback::listen(None).unwrap();
        let (port, (sender, judged)) = (callback.port(), mpsc::channel());
        let thread = std::thread::spawn(move || {
            callback.wait("/callback", Deadline::after(deadline), &mut |query| {
                sender.send(query.to_owned()).unwrap();
                match query {
                    "go" => Verdict::Welcome,
                    "no" => Verdict::Failed,
                    "wrong" => Verdict::Wrong,
                    _ => Verdict::Ignored,
                }
            })
        });
        Self { port, judged, thread }
    }

    fn connect(&self, address: &str) -> TcpStream {
        let address: SocketAddr = format!("{address}:{}", self.port).parse().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    fn send(&self, request: &str) -> String {
        let mut stream = self.connect("127.0.0.1");
        // It may answer and hang up before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, target: &str) -> String {
        self.send(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port))
    }

    /// The browser comes, and the wait is over.
    fn ends(self) -> Vec<String> {
        assert!(self.get("/callback?go").starts_with("HTTP/1.1 200 "));
        self.thread.join().unwrap().unwrap();
        self.judged.try_iter().collect()
    }
}

#[test]
fn page_is_plain_and_says_nothing_of_request() {
    let waiting = Waiting::start(LONG);
    let answer = waiting.get("/callback?code=hunter2&state=%3Cscript%3E");
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && !answer.contains("hunter2") && !answer.contains("script"),
        "{answer}"
    );
    let page = waiting.get("/callback?no");
    for header in [
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'",
        "connection: close",
    ] {
        assert!(page.to_ascii_lowercase().contains(header), "{page}");
    }
    assert!(page.contains("<title>The sign-in did not work</title>") && page.contains("lang=\"en\""), "{page}");
    waiting.thread.join().unwrap().unwrap();
}

#[test]
fn what_is_not_in_order_ends_it_with_400() {
    let waiting = Waiting::start(LONG);
    assert!(waiting.get("/callback?wrong").starts_with("HTTP/1.1 400 "));
    waiting.thread.join().unwrap().unwrap();
}

#[test]
fn both_addresses_answer_and_no_other() {
    for address in ["127.0.0.1", "[::1]"] {
        let waiting = Waiting::start(LONG);
        let mut stream = waiting.connect(address);
        write!(stream, "GET /callback?go HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", waiting.port).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("Signed in"), "{page}");
        waiting.thread.join().unwrap().unwrap();
    }
    let waiting = Waiting::start(LONG);
    assert!(TcpStream::connect(("127.0.0.2", waiting.port)).is_err(), "only 127.0.0.1 listens");
    waiting.ends();
}

#[test]
fn port_that_is_taken_on_either_address_is_refused() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let taken = std::net::TcpListener::bind(address).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(Callback::listen(Some(port)), Err(Fault::Listen { .. })), "{address}");
    }
    let free = Callback::listen(None).unwrap().port();
    assert_eq!(Callback::listen(Some(free)).unwrap().port(), free);
}

#[test]
fn callback_accepts_get_on_loopback_only() {
    let waiting = Waiting::start(LONG);
    let port = waiting.port;
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET /callback/?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET //callback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET /%63allback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("POST /callback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"), 405),
        (format!("HEAD /callback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 405),
        (format!("OPTIONS /callback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 405),
        (format!("GET /callback?go HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"), 421),
        ("GET /callback?go HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(), 421),
        (format!("GET /callback?go HTTP/1.1\r\nHost: 127.0.0.1.evil.example:{port}\r\n\r\n"), 421),
        ("GET /callback?go HTTP/1.1\r\n\r\n".to_owned(), 421),
        ("GET /callback?go HTTP/1.0\r\n\r\n".to_owned(), 421),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET /callback?go HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX: {}\r\n\r\n", "a".repeat(1_000_000)), 431),
    ] {
        let answer = waiting.send(&request);
        let fits = ["1.0", "1.1"].iter().any(|version| answer.starts_with(&format!("HTTP/{version} {status} ")));
        // One that sends too much may be hung up on.
        assert!(fits || (status == 431 && answer.is_empty()), "{}: {answer}", &request[..request.len().min(80)]);
    }
    assert_eq!(waiting.ends(), ["go"], "nobody else was heard");
}

#[test]
fn who_says_nothing_keeps_nobody_out() {
    let waiting = Waiting::start(LONG);
    let mut idle: Vec<TcpStream> = (0..4 * CONNECTIONS).map(|_| waiting.connect("127.0.0.1")).collect();
    for stream in idle.iter_mut().step_by(2) {
        // Some have begun to speak.
        let _ = stream.write_all(b"GET /callback?half HTTP/1.1\r\nHost: ");
    }
    let begun = Instant::now();
    assert_eq!(waiting.ends(), ["go"]);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn nobody_came() {
    let waiting = Waiting::start(Duration::from_millis(50));
    assert!(matches!(waiting.thread.join().unwrap(), Err(Fault::BrowserTimeout)));
}

#[test]
fn two_hosts_and_another_host_in_target_are_refused() {
    let waiting = Waiting::start(LONG);
    let own = format!("127.0.0.1:{}", waiting.port);
    for (target, fields) in [
        ("/callback?go", format!("Host: {own}\r\nHost: evil.example\r\n")),
        ("/callback?go", format!("Host: {own}\r\nHost: {own}\r\n")),
        ("http://evil.example/callback?go", format!("Host: {own}\r\n")),
    ] {
        let answer = waiting.send(&format!("GET {target} HTTP/1.1\r\n{fields}\r\n"));
        assert!(!answer.starts_with("HTTP/1.1 200 "), "{target} {fields}: {answer}");
    }
    assert_eq!(waiting.ends(), ["go"]);
}
