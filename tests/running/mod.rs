//! Programs that serve, and raw connections to them.

#![allow(dead_code, reason = "each test crate uses its part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::room::{Outcome, finish};

/// One connection, of either side.
pub struct Caller {
    pub stream: TcpStream,
    pub buffer: Vec<u8>,
}

impl Caller {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    /// Reads until these bytes have come, and gives what came up to them.
    pub fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|window| window == end.as_bytes()) {
                let rest = self.buffer.split_off(at + end.len());
                return String::from_utf8(std::mem::replace(&mut self.buffer, rest)).unwrap();
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(count) if count > 0 => self.buffer.extend_from_slice(&chunk[..count]),
                end => panic!("{end:?} after {:?}", String::from_utf8_lossy(&self.buffer)),
            }
        }
    }

    /// A head with the empty line behind it.
    pub fn head(&mut self) -> String {
        self.until("\r\n\r\n")
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// All that comes until the other side ends.
    pub fn rest(mut self) -> String {
        let _ = self.stream.read_to_end(&mut self.buffer);
        String::from_utf8(self.buffer).unwrap()
    }
}

/// A proxy or gate that runs; it ends with the test.
pub struct Running {
    child: Option<Child>,
    /// What it printed first.
    pub url: String,
}

impl Running {
    /// A server that prints its URL first.
    pub fn of(mut command: std::process::Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child: Some(child), url: line.split_whitespace().next().unwrap_or_default().to_owned() }
    }

    pub fn authority(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub fn connect(&self) -> Caller {
        Caller::new(TcpStream::connect(self.authority()).unwrap())
    }

    /// Sends a request whose head has `HOST` for its name, on a connection of its own.
    pub fn send(&self, request: &str) -> Caller {
        let mut caller = self.connect();
        caller.send(request.replace("HOST", self.authority()));
        caller
    }

    /// All that comes back for a request.
    pub fn ask(&self, request: &str) -> String {
        self.send(request).rest()
    }

    /// The answer to a GET on a connection of its own.
    pub fn get(&self, target: &str) -> String {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"))
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    /// Ends it, and gives what it said.
    pub fn end(self) -> Outcome {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> Outcome {
        finish(self.child.take().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
