//! Clients that mean harm, beside those that are served: idle connections, heads that never end, heads that are too large,
//! and requests that two parsers read in two ways.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

const IDLE: usize = 3000;
const SLOW: usize = 200;

/// A request that would be let in, after one that may be read in two ways.
const SMUGGLED: &str = "GET /auth HTTP/1.1\r\nHost: a\r\nX-Forwarded-Uri: /public\r\n\r\n";

/// Fields of a POST whose end is not clear.
const UNCLEAR: [&str; 12] = [
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Content-Length: 5\r\nContent-Length: 5\r\n",
    "Content-Length: 0, 5\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding:\x0bchunked\r\n",
    "X: 1\r\n Transfer-Encoding: chunked\r\n",
    "X: 1\nTransfer-Encoding: chunked\r\n",
];

pub struct Attack {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

impl Attack {
    /// Everything at once, until it is ended.
    pub fn start(address: SocketAddr) -> Self {
        let (stop, done) = <(Arc<AtomicBool>, Arc<AtomicUsize>)>::default();
        let go = |attack: fn(SocketAddr, &AtomicBool)| {
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    attack(address, &stop);
                    done.fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        let threads = vec![go(idle), go(drip), go(bomb), go(smuggle)];
        Self { stop, done, threads }
    }

    /// How many attacks there were.
    pub fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.done.load(Ordering::SeqCst)
    }
}

/// Connections that say nothing, for less long than the gate puts up with.
fn idle(address: SocketAddr, stop: &AtomicBool) {
    let _streams: Vec<TcpStream> = (0..IDLE).map(|_| TcpStream::connect(address).unwrap()).collect();
    for _ in 0..300 {
        if !stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Heads that come by the byte.
fn drip(address: SocketAddr, _: &AtomicBool) {
    let mut streams: Vec<TcpStream> = (0..SLOW).map(|_| TcpStream::connect(address).unwrap()).collect();
    for byte in b"GET /auth HTTP/1.1\r\nX" {
        for stream in &mut streams {
            let _ = stream.write_all(&[*byte]);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Heads with too many fields, and heads that are too large.
fn bomb(address: SocketAddr, _: &AtomicBool) {
    let many = "X: 1\r\n".repeat(2000);
    let large = format!("X: {}\r\n", "a".repeat(1_000_000));
    for fields in [many, large] {
        let answer = ask(address, &format!("GET /auth HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
}

/// At most one answer, which lets nobody in.
fn smuggle(address: SocketAddr, _: &AtomicBool) {
    for fields in UNCLEAR {
        for body in ["", "0\r\n\r\n", "5;\x00\r\nabcde\r\n0\r\n\r\n", "abcde"] {
            let answer = ask(address, &format!("POST /auth HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}{SMUGGLED}"));
            assert!(
                answer.matches("HTTP/1.1 ").count() <= 1 && !answer.contains("HTTP/1.1 200"),
                "{fields:?} {answer}"
            );
        }
    }
}

/// All that comes back; a connection that is reset under the request gives what came before.
fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let _ = stream.write_all(request.as_bytes());
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
