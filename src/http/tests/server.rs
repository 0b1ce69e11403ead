//! A server that says exactly what a test tells it to, and counts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Any stream that a conversation runs over.
pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// What happens on a connection after a request came: its number (from 0), its text, and the stream to answer on.
/// `true` keeps the connection for another request.
type Script = dyn Fn(usize, &str, &mut dyn Wire) -> bool + Send + Sync;

/// Turns an accepted connection into what the conversation runs over; `None` ends it.
type Wrap = dyn Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync;

#[derive(Default)]
struct Book {
    connects: AtomicUsize,
    requests: Mutex<Vec<String>>,
    over: AtomicBool,
}

pub struct Server {
    pub address: SocketAddr,
    book: Arc<Book>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers every request with the same bytes and ends the connection.
    pub fn says(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::plays(move |_, _, stream| {
            let _ = stream.write_all(&answer);
            false
        })
    }

    /// Plays a script on 127.0.0.1.
    pub fn plays(script: impl Fn(usize, &str, &mut dyn Wire) -> bool + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1:0", |stream| Some(Box::new(stream)), script)
    }

    /// Plays a script at an address, over something made of each connection.
    pub fn on(
        address: &str,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Wire>> + Send + Sync + 'static,
        script: impl Fn(usize, &str, &mut dyn Wire) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Book::default());
        let (wrap, script): (Arc<Wrap>, Arc<Script>) = (Arc::new(wrap), Arc::new(script));
        let noted = book.clone();
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if noted.over.load(Ordering::SeqCst) {
                    break;
                }
                noted.connects.fetch_add(1, Ordering::SeqCst);
                let (noted, wrap, script) = (noted.clone(), wrap.clone(), script.clone());
                thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
                    let Some(mut wire) = wrap(stream) else { return };
                    while let Some(request) = read(&mut *wire) {
                        let number = {
                            let mut requests = noted.requests.lock().unwrap();
                            requests.push(request.clone());
                            requests.len() - 1
                        };
                        if !script(number, &request, &mut *wire) {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, book, accepting: Some(accepting) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connects(&self) -> usize {
        self.book.connects.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<String> {
        self.book.requests.lock().unwrap().clone()
    }

    pub fn arrivals(&self) -> usize {
        self.requests().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.book.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.accepting.take().unwrap().join();
    }
}

/// Reads a head and the body that its Content-Length announces.
pub fn read(wire: &mut dyn Wire) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if wire.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    wire.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

pub fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}
