use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Response, Room};
use crate::edges::{OsEntropy, SystemClock};
use crate::sandbox::server::CONNECTIONS;
use crate::sandbox::{Error, Options, Sandbox};

#[test]
fn only_loopback_is_listened_on() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let options = Options { listen: address.parse().unwrap(), ..Options::default() };
        let refused = Sandbox::start(&options, Arc::new(OsEntropy), Arc::new(SystemClock), Arc::new(|_| {}));
        assert!(matches!(refused, Err(Error::NotLoopback(_))), "{address}");
    }
}

#[test]
fn taken_address_is_refused() {
    let room = Room::new();
    let listen: SocketAddr = room.authority().parse().unwrap();
    let options = Options { listen, ..Options::default() };
    let start = || Sandbox::start(&options, Arc::new(OsEntropy), Arc::new(SystemClock), Arc::new(|_| {}));
    assert!(matches!(start(), Err(Error::Bind { address, .. }) if address == listen));
    let mut open = room.connect();
    drop(room);
    assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
    assert!(TcpStream::connect(listen).is_err());
}

#[test]
fn garbage_does_not_stop_next_request() {
    let room = Room::new();
    let host = format!("Host: {}\r\n", room.authority());
    let refused = |bytes: &[u8]| {
        let answer = room.raw(bytes).unwrap_or_default();
        let status = Response::parse(&answer).map(|reply| reply.status);
        assert!(answer.is_empty() || status.is_some_and(|status| (400..500).contains(&status)), "{answer:?}");
        status
    };
    assert_eq!(refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), Some(400));
    assert_eq!(refused(b"hello\r\n\r\n"), Some(400));
    assert_eq!(refused(format!("GET /\0 HTTP/1.1\r\n{host}\r\n").as_bytes()), Some(400));
    assert_eq!(refused(format!("GET / HTTP/9.9\r\n{host}\r\n").as_bytes()), Some(400));
    refused(format!("GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n", "x".repeat(200_000)).as_bytes());
    refused(format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(5000)).as_bytes());
    let odd = format!("POST /sandbox/token HTTP/1.1\r\n{host}Connection: close\r\n");
    assert_eq!(refused(format!("{odd}Content-Length: -1\r\n\r\n").as_bytes()), Some(400));
    assert_eq!(refused(format!("{odd}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab").as_bytes()), Some(400));
    refused(format!("{odd}Transfer-Encoding: chunked\r\n\r\nzz\r\n").as_bytes());
    refused(format!("{odd}Content-Length: 99999999999999999999999\r\n\r\n").as_bytes());
    let form = room.form("/sandbox/token", "Authorization: \u{ff}\r\n", "grant_type=x");
    assert_eq!(refused(form.as_bytes()), Some(401));
    let form = room.form("/sandbox/token", &room.basic(), "XX").into_bytes();
    assert_eq!(refused(&[&form[..form.len() - 2], b"\xff\xfe"].concat()), Some(400));
    assert_eq!(room.mint("").status, 200);
}

#[test]
fn connection_serves_one_request_after_other() {
    let room = Room::new();
    let mut stream = room.connect();
    for _ in 0..3 {
        write!(stream, "GET /sandbox HTTP/1.1\r\nHost: {}\r\n\r\n", room.authority()).unwrap();
        let mut bytes = vec![0; 4096];
        let count = stream.read(&mut bytes).unwrap();
        assert!(bytes[..count].starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    drop(stream);
    assert_eq!(room.lines.lock().unwrap().len(), 3);
}

#[test]
fn many_connections_at_once_are_all_served() {
    let room = Room::with(&Options { latency: Duration::from_millis(20), ..Options::default() });
    let many = CONNECTIONS + CONNECTIONS / 2;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..many).map(|_| scope.spawn(|| room.get("/sandbox").status)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses, vec![200; many]);
    assert_eq!(room.lines.lock().unwrap().len(), many);
}

#[test]
fn one_connection_too_many_waits_for_its_turn() {
    let room = Room::faulty("silence");
    let form = room.form("/sandbox/token", &room.basic(), "grant_type=client_credentials");
    let mut busy: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| {
            let mut stream = room.connect();
            stream.write_all(form.as_bytes()).unwrap();
            stream
        })
        .collect();
    let mut late = room.connect();
    write!(late, "GET /sandbox HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", room.authority()).unwrap();
    late.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut first = [0];
    assert!(late.read(&mut first).is_err());
    busy.pop();
    late.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!((late.read(&mut first).unwrap(), first), (1, *b"H"));
}

#[test]
fn client_that_leaves_before_answer_is_logged() {
    let room = Room::faulty("silence");
    let mut stream = room.connect();
    stream.write_all(room.form("/sandbox/token", &room.basic(), "grant_type=client_credentials").as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(stream.read(&mut [0]).is_err());
    assert!(room.lines.lock().unwrap().is_empty());
    drop(stream);
    let began = Instant::now();
    while room.lines.lock().unwrap().is_empty() && began.elapsed() < Duration::from_secs(10) {
        std::thread::yield_now();
    }
    let line = room.lines.lock().unwrap()[0].clone();
    assert!(line.starts_with("POST /sandbox/token - ") && line.ends_with(" fault=silence"), "{line}");
}
