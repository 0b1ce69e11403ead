//! HTTP as the tests speak it themselves: one request on one connection.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// What a server says.
pub struct Response {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    pub fn new(status: u16, kind: &str, body: &str) -> Self {
        Self { status, fields: vec![("Content-Type".to_owned(), kind.to_owned())], body: body.to_owned() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// As it goes over a connection that ends with it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.fields {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        write!(text, "Content-Length: {}\r\nConnection: close\r\n\r\n{}", self.body.len(), self.body).unwrap();
        text.into_bytes()
    }
}

/// Sends the request, in which the fields of its body's length and of the connection are added.
pub fn send(address: &str, line: &str, fields: &[(String, String)], body: &str) -> Response {
    let mut text = format!("{line} HTTP/1.1\r\n");
    for (name, value) in fields {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let is_chunked = fields.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if is_chunked { join_chunks(body) } else { body.to_owned() };
    let of_this_connection = |name: &str| ["transfer-encoding", "content-length", "connection"].contains(&name);
    Response { status, fields: fields.into_iter().filter(|(name, _)| !of_this_connection(name)).collect(), body }
}

fn join_chunks(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, chunk)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&chunk[..size]);
        rest = chunk[size..].trim_start_matches("\r\n");
    }
    body
}
