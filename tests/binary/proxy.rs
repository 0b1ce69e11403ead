//! `hallpass proxy`: what passes and what does not, between raw sockets on both sides.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::fault::{self, TOKEN};
use crate::room::{Room, await_until};
use crate::running::{Caller, Running};

/// An upstream of raw sockets: a function for each connection.
pub struct Upstream {
    pub origin: String,
    pub connections: Arc<AtomicUsize>,
}

impl Upstream {
    pub fn start(serve: impl Fn(Caller) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (serve, connections) = (Arc::new(serve), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let serve = Arc::clone(&serve);
                std::thread::spawn(move || serve(Caller::new(stream)));
            }
        });
        Self { origin, connections }
    }

    /// Answers each request without a body by what the function makes of its head, on kept connections.
    pub fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut caller| {
            loop {
                let mut first = [0];
                if !matches!(caller.stream.peek(&mut first), Ok(1)) && caller.buffer.is_empty() {
                    return;
                }
                let head = caller.head();
                if caller.stream.write_all(answer(&head).as_bytes()).is_err() {
                    return;
                }
            }
        })
    }

    /// Answers with the head that it got.
    pub fn echo() -> Self {
        Self::answering(ok)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub fn start_proxy(room: &Room, origin: &str, flags: &[&str]) -> Running {
    let args = [&["proxy", "--to", origin, "--allow-host", "127.0.0.1"], flags].concat();
    Running::of(room.hallpass(&args))
}

pub fn room(server: &fault::Server) -> Room {
    Room::ephemeral(&server.base(), "c", "s3cret-of-c").with("PATH", "/usr/bin:/bin")
}

/// A proxy before an upstream, with a token server that works.
fn before(upstream: &Upstream, flags: &[&str]) -> (fault::Server, Room, Running) {
    let server = fault::Server::kind();
    let room = room(&server);
    let proxy = start_proxy(&room, &upstream.origin, flags);
    (server, room, proxy)
}

#[test]
fn request_passes_with_token_and_own_fields() {
    let upstream = Upstream::echo();
    let (_server, _room, proxy) = before(&upstream, &[]);
    let answer = proxy.ask(
        "PATCH /%7Ea/../b?c=%zz&d HTTP/1.1\r\nHost: HOST\r\nCookie: a=b; c=\"d\"\r\nX-Odd: \u{e9}\r\nAuthorization: Basic x\r\n\
         DPoP: y\r\nProxy-Foo: 1\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n\r\n",
    );
    let authority = upstream.origin.strip_prefix("http://").unwrap();
    let sent = format!(
        "PATCH /%7Ea/../b?c=%zz&d HTTP/1.1\r\nHost: {authority}\r\nCookie: a=b; c=\"d\"\r\nX-Odd: \u{e9}\r\nConnection: TE\r\n\
         TE: trailers\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    );
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, sent);
    let outcome = proxy.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    outcome.assert_hidden(TOKEN);
}

/// Fields and bodies that two parsers could read in two ways, with what a smuggler would like to follow.
#[test]
fn what_is_read_in_two_ways_is_400_and_closed() {
    let upstream = Upstream::echo();
    let (_server, _room, proxy) = before(&upstream, &[]);
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n";
    for request in [
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0, 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: +0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nX: 1\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nX: 1\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\nHost: HOST\n\n",
        "POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n",
        "GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: HOST\r\n\r\n",
    ] {
        let answer = proxy.ask(&format!("{request}{smuggled}"));
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.contains("Connection: close\r\n"),
            "{request:?}\n{answer}"
        );
        assert_eq!(answer.matches("Content-Length: ").count(), 1, "{request:?}\n{answer}");
    }
    assert_eq!(upstream.connections(), 0);
    // The beginning of a body has gone on when its end turns out to be broken.
    for body in ["3\r\nabcd\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "g\r\n", "0\r\nA : b\r\n\r\n"] {
        let answer =
            proxy.ask(&format!("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n{body}{smuggled}"));
        assert!(!answer.contains("smuggled"), "{body:?}\n{answer}");
    }
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn page_of_browser_trace_and_what_is_not_allowed_are_refused() {
    let upstream = Upstream::echo();
    let (_server, _room, proxy) = before(&upstream, &["--allow", "GET:/items", "--allow", "PUT:/items/1"]);
    let status = |method: &str, target: &str, host: &str, fields: &str| {
        let answer =
            proxy.ask(&format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n"));
        let body = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
        (answer[9..12].to_owned(), body)
    };
    for (method, target, host, fields, code) in [
        ("GET", "/items/2?x", "HOST", "", "200"),
        ("PUT", "/items/1", "HOST", "", "200"),
        ("GET", "/items", "HOST", "Sec-Fetch-Site: same-origin\r\n", "200"),
        ("PUT", "/items/2", "HOST", "", "403"),
        ("GET", "/items/../x", "HOST", "", "403"),
        ("GET", "/items%2f..%2fx", "HOST", "", "403"),
        ("GET", "/items//x", "HOST", "", "403"),
        ("GET", "/items", "evil.example", "", "403"),
        ("GET", "/items", "127.0.0.1", "", "403"),
        ("GET", "/items", "HOST", "Origin: http://evil.example\r\n", "403"),
        ("GET", "/items", "HOST", "Sec-Fetch-Site: cross-site\r\n", "403"),
        ("TRACE", "/items", "HOST", "", "405"),
        ("CONNECT", "evil.example:443", "HOST", "", "405"),
    ] {
        let (found, body) = status(method, target, host, fields);
        assert_eq!(found, code, "{method} {target} {host} {fields}\n{body}");
        if code != "200" {
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(json["error"]["exit"], 8, "{json}");
        }
    }
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn bodies_stream_with_trailers() {
    let (seen, received): (Sender<String>, Receiver<String>) = mpsc::channel();
    let seen = Mutex::new(seen);
    let upstream = Upstream::start(move |mut caller| {
        let seen = seen.lock().unwrap();
        seen.send(caller.head()).unwrap();
        seen.send(caller.until("first\r\n")).unwrap();
        caller.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n3;e=x\r\none\r\n");
        seen.send(caller.until("\r\n\r\n")).unwrap();
        caller.send("3\r\ntwo\r\n0\r\nX-End: y\r\nConnection: z\r\nContent-Length: 9\r\n\r\n");
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let mut caller = proxy.send("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n");
    let head = received.recv().unwrap();
    assert!(head.contains("Transfer-Encoding: chunked\r\n") && head.contains("TE: trailers\r\n"), "{head}");
    caller.send("5\r\nfirst\r\n");
    assert_eq!(received.recv().unwrap(), "5\r\nfirst\r\n");
    // The response begins while the request goes on.
    assert!(caller.head().contains("Trailer: X-End\r\n"));
    assert_eq!(caller.until("one\r\n"), "3\r\none\r\n");
    caller.send("6\r\nsecond\r\n0\r\nX-Sum: 1\r\nAuthorization: Basic x\r\nHost: evil\r\n\r\n");
    assert_eq!(received.recv().unwrap(), "6\r\nsecond\r\n0\r\nX-Sum: 1\r\n\r\n");
    assert_eq!(caller.head(), "3\r\ntwo\r\n0\r\nX-End: y\r\n\r\n");
    assert_eq!(proxy.end().code(), 0);
}

/// More chunks than are gathered for one write, all there at once: nothing more comes that could wake a reader.
#[test]
fn many_small_chunks_pass_both_ways() {
    let chunks = "1\r\nx\r\n".repeat(50_000) + "0\r\n\r\n";
    let body = chunks.clone();
    let upstream = Upstream::start(move |mut caller| {
        caller.head();
        assert_eq!(caller.until("0\r\n\r\n"), body);
        caller.send(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    });
    let (_server, _room, proxy) = before(&upstream, &["--retry-401"]);
    let mut caller = proxy.connect();
    let mut sender = caller.stream.try_clone().unwrap();
    let request =
        format!("POST / HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}", proxy.authority());
    let sends = std::thread::spawn(move || sender.write_all(request.as_bytes()));
    caller.head();
    assert_eq!(caller.until("0\r\n\r\n"), chunks);
    sends.join().unwrap().unwrap();
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn response_without_length_is_chunked_and_old_client_gets_it_plain() {
    let upstream = Upstream::start(|mut caller| {
        caller.head();
        caller.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    assert!(proxy.get("/").ends_with("\r\n\r\n9\r\nall of it\r\n0\r\n\r\n"));
    let old = proxy.ask("GET / HTTP/1.0\r\nHost: HOST\r\n\r\n");
    assert!(old.ends_with("Connection: close\r\n\r\nall of it"), "{old}");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn continue_is_the_upstreams() {
    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let upstream = Upstream::start(move |mut caller| {
        assert!(caller.head().contains("Expect: 100-continue\r\n"));
        wait.lock().unwrap().recv().unwrap();
        caller.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        let body = caller.until("hello");
        caller.send(ok(&body));
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let mut caller = proxy.send("PUT / HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    caller.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(caller.stream.read(&mut [0]).is_err(), "nothing comes before the upstream says so");
    caller.stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    go.send(()).unwrap();
    assert_eq!(caller.head(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    assert_eq!(caller.head(), "HTTP/1.1 100 Continue\r\n\r\n");
    caller.send("hello");
    assert!(caller.head().starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(caller.until("hello"), "hello");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn websocket_is_tunnel_with_half_closed_ends() {
    let upstream = Upstream::start(|mut caller| {
        let head = caller.head();
        if !head.contains("Upgrade: websocket\r\n") {
            return caller.send(ok(&head));
        }
        assert!(head.contains("Connection: Upgrade\r\n") && head.contains("Sec-WebSocket-Key: k\r\n"), "{head}");
        caller.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi");
        let mut rest = Vec::new();
        caller.stream.read_to_end(&mut rest).unwrap();
        // The other side has ended; this one still speaks.
        caller.send([b"got ", &rest[..]].concat());
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let mut caller = proxy.connect();
    let host = proxy.authority().to_owned();
    let upgrade = |protocol: &str| {
        format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Key: k\r\n\r\n"
        )
    };
    // The first bytes of the new protocol come with the request.
    caller.send(upgrade("websocket") + "early");
    assert!(caller.head().contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"));
    assert_eq!(caller.until("hi"), "hi");
    caller.send(" and late");
    caller.stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(caller.rest(), "got early and late");
    let mut caller = proxy.connect();
    caller.send(upgrade("h2c"));
    assert!(caller.head().starts_with("HTTP/1.1 200"));
    assert!(!caller.until("\r\n\r\n").contains("pgrade"), "no other upgrade passes");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn redirect_is_passed_on() {
    let upstream = Upstream::answering(|_| {
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n".to_owned()
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    assert!(proxy.get("/").starts_with("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/x\r\n"));
    assert_eq!((upstream.connections(), proxy.end().code()), (1, 0));
}

#[test]
fn half_closed_client_gets_its_response() {
    let upstream = Upstream::start(|mut caller| {
        caller.head();
        std::thread::sleep(Duration::from_millis(100));
        caller.send(ok("late"));
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let caller = proxy.send("GET / HTTP/1.1\r\nHost: HOST\r\n\r\n");
    caller.stream.shutdown(Shutdown::Write).unwrap();
    assert!(caller.rest().ends_with("late"));
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn upstream_that_fails_is_502_and_cut_body_is_seen() {
    let script = Mutex::new(
        [
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: 1\r\n B: 2\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "220 mail.example ESMTP\r\n\r\n",
            "HTTP/1.1 200",
        ]
        .into_iter(),
    );
    let upstream = Upstream::start(move |mut caller| {
        caller.head();
        let next = script.lock().unwrap().next();
        caller.send(next.unwrap_or("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\npart"));
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    for number in 0..8 {
        let answer = proxy.get("/");
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("{\"error\":{"), "{number}: {answer}");
        assert!(!answer.contains(TOKEN), "{answer}");
    }
    let cut = proxy.get("/");
    assert!(cut.starts_with("HTTP/1.1 200") && !cut.ends_with("0\r\n\r\n"), "{cut}");
    let gone = start_proxy(&room(&fault::Server::kind()), "http://127.0.0.1:1", &[]);
    let answer = gone.get("/");
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("refused the connection"), "{answer}");
    assert_eq!((proxy.end().code(), gone.end().code()), (0, 0));
}

/// Sends requests on one connection, and looks how many connections the upstream has after each of them.
fn count_connections(upstream: &Upstream, proxy: Running, counts: &[usize]) {
    let mut caller = proxy.connect();
    for connections in counts {
        caller.send(format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.authority()));
        assert!(caller.head().starts_with("HTTP/1.1 200"));
        assert_eq!((&*caller.until("ok"), upstream.connections()), ("ok", *connections));
    }
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn connections_are_kept_and_stale_one_is_replaced() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let upstream = Upstream::answering(move |_| {
        let close = if count.fetch_add(1, Ordering::SeqCst) == 2 { "Connection: close\r\n" } else { "" };
        format!("HTTP/1.1 200 OK\r\n{close}Content-Length: 2\r\n\r\nok")
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    count_connections(&upstream, proxy, &[1, 1, 1, 2]);
    // One that the upstream closes at the moment of the request: it was read, and nothing came back.
    let upstream = Upstream::start(|mut caller| {
        caller.head();
        caller.send(ok("ok"));
        let _ = caller.until("\r\n\r\n");
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    count_connections(&upstream, proxy, &[1, 2, 3]);
}

#[test]
fn large_body_is_413_before_any_connection_or_in_the_middle() {
    let upstream = Upstream::start(|mut caller| {
        caller.head();
        let _ = caller.stream.read_to_end(&mut Vec::new());
    });
    let (_server, _room, proxy) = before(&upstream, &["--max-body", "1k"]);
    let answer = proxy.ask("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1025\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("--max-body"), "{answer}");
    assert_eq!(upstream.connections(), 0);
    let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
    let answer =
        proxy.ask(&format!("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(3)));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn memory_is_bounded_while_reader_is_slow() {
    const SIZE: usize = 256 * 1024 * 1024;
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let upstream = Upstream::start(move |mut caller| {
        caller.head();
        caller.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"));
        let chunk = vec![b'x'; 64 * 1024];
        while caller.stream.write_all(&chunk).is_ok() {
            count.fetch_add(chunk.len(), Ordering::SeqCst);
        }
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let mut caller = proxy.send("GET / HTTP/1.1\r\nHost: HOST\r\n\r\n");
    caller.head();
    let mut before = 0;
    await_until(
        || {
            std::thread::sleep(Duration::from_millis(100));
            let now = sent.load(Ordering::SeqCst);
            now > 0 && std::mem::replace(&mut before, now) == now
        },
        || "an upstream that waits".to_owned(),
    );
    assert!(before < SIZE / 4, "the upstream was not held up: {before}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let resident: usize = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(resident < 64 * 1024, "{resident} kB");
    drop(caller);
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn exchange_in_flight_ends_before_the_proxy() {
    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let upstream = Upstream::start(move |mut caller| {
        caller.head();
        let _ = wait.lock().unwrap().recv();
        caller.send(ok("in time"));
    });
    let (_server, _room, proxy) = before(&upstream, &[]);
    let mut idle = proxy.connect();
    let caller = proxy.send("GET / HTTP/1.1\r\nHost: HOST\r\n\r\n");
    await_until(|| upstream.connections() == 1, || "the upstream's request".to_owned());
    proxy.signal(Signal::TERM);
    await_until(|| TcpStream::connect(proxy.authority()).is_err(), || "a closed port".to_owned());
    assert_eq!(idle.stream.read(&mut [0]).unwrap(), 0, "an idle connection is closed");
    go.send(()).unwrap();
    let answer = caller.rest();
    assert!(answer.contains("Connection: close\r\n") && answer.ends_with("in time"), "{answer}");
    assert_eq!(proxy.wait().code(), 0);
}

#[test]
fn drain_has_an_end_and_second_signal_cuts() {
    let upstream = Upstream::start(|mut caller| {
        caller.head();
        let _ = caller.stream.read(&mut [0]);
    });
    for (drain, signals) in [("200ms", 1), ("60s", 2)] {
        let (_server, _room, proxy) = before(&upstream, &["--drain", drain]);
        let connections = upstream.connections();
        let caller = proxy.send("GET / HTTP/1.1\r\nHost: HOST\r\n\r\n");
        await_until(|| upstream.connections() > connections, || "the upstream's request".to_owned());
        let begun = Instant::now();
        for _ in 0..signals {
            proxy.signal(Signal::INT);
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(proxy.wait().code(), 0);
        assert!(begun.elapsed() < Duration::from_secs(20), "{drain}");
        assert_eq!(caller.rest(), "");
    }
}

#[test]
fn socket_is_private_and_goes_at_the_end() {
    let upstream = Upstream::echo();
    let server = fault::Server::kind();
    let room = room(&server);
    let path = room.directory().join("s");
    let flags = ["--socket", path.to_str().unwrap()];
    // One that a killed proxy left is replaced.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let proxy = start_proxy(&room, &upstream.origin, &flags);
    assert_eq!(proxy.url, format!("unix:{}", path.display()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let ask = |host: &str| {
        let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    assert_eq!((ask("localhost"), ask("127.0.0.1")), ("200".to_owned(), "403".to_owned()));
    let run =
        |path: &str| room.run(&["proxy", "--to", &upstream.origin, "--allow-host", "127.0.0.1", "--socket", path]);
    assert!(run(flags[1]).refused(7).contains("can't listen on"));
    assert_eq!(proxy.end().code(), 0);
    assert!(!path.exists());
    std::fs::write(&path, "mine").unwrap();
    assert!(run(flags[1]).refused(7).contains("not a socket"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn metrics_count_requests_and_are_the_upstreams_without_the_flag() {
    let upstream = Upstream::echo();
    let (_server, _room, proxy) = before(&upstream, &["--metrics"]);
    proxy.get("/");
    proxy.get("/");
    assert!(proxy.get("/-/other").starts_with("HTTP/1.1 404 "));
    let metrics = proxy.get("/-/metrics");
    for line in [
        "hallpass_proxy_requests_total{code=\"200\"} 2",
        "hallpass_proxy_requests_total{code=\"404\"} 1",
        "hallpass_proxy_request_seconds_bucket{le=\"+Inf\"} 3",
        "hallpass_proxy_request_seconds_count 3",
        "hallpass_proxy_connections 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
    let (_server, _room, bare) = before(&upstream, &[]);
    assert!(bare.get("/-/metrics").contains("GET /-/metrics HTTP/1.1\r\n"));
    assert_eq!((proxy.end().code(), bare.end().code()), (0, 0));
}

/// More at once than are let in: none is lost, the others wait.
#[test]
fn many_connections_at_once_are_all_served() {
    let upstream = Upstream::echo();
    let (server, _room, proxy) = before(&upstream, &["--max-connections", "50"]);
    let threads: Vec<_> = (0..200)
        .map(|_| {
            let authority = proxy.authority().to_owned();
            std::thread::spawn(move || {
                let mut caller = Caller::new(TcpStream::connect(&authority).unwrap());
                caller.send(format!("GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"));
                caller.rest().starts_with("HTTP/1.1 200")
            })
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    assert_eq!(server.token_requests().len(), 1, "all of them share one token request");
    assert_eq!(proxy.end().code(), 0);
}

#[test]
fn log_that_nobody_reads_holds_up_nothing() {
    let upstream = Upstream::echo();
    let server = fault::Server::kind();
    let (unread, log) = std::io::pipe().unwrap();
    let room = room(&server);
    let mut command = room.hallpass(&["proxy", "--to", &upstream.origin, "--allow-host", "127.0.0.1", "-v"]);
    command.args(["--drain", "1s"]).stderr(log);
    let proxy = Running::of(command);
    for _ in 0..1000 {
        assert!(proxy.get(&format!("/{}", "x".repeat(500))).starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(proxy.end().code(), 0);
    drop(unread);
}
