//! The gate under load while all that proves a credential rotates: each answer is checked against what may be answered at
//! that time. `HALLPASS_LOAD` is the number of seconds (20); `tests/run` runs it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "load/attack.rs"]
mod attack;
mod fault;
#[path = "load/oracle.rs"]
mod oracle;
mod room;
#[path = "load/rotation.rs"]
mod rotation;
mod signer;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

use oracle::{Credential, Credentials};
use room::Room;

/// How many connections ask at once.
const CLIENTS: usize = 8;

#[test]
#[ignore = "takes as long as HALLPASS_LOAD says: tests/run runs it"]
fn every_answer_is_right_while_evidence_rotates() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let seconds = std::env::var("HALLPASS_LOAD").map_or(20, |text| text.parse().unwrap());
    let phase = Duration::from_secs(seconds) / 4;
    let credentials = Arc::new(Credentials::default());
    let issuer = rotation::Issuer::start();
    let room = Room::ephemeral(&issuer.base(), "gate", "s3cret");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let rotation = rotation::Rotation::begin(&room, issuer, Arc::clone(&credentials));
    let mut gate = Gate::start(&room, address);
    let stop = Arc::new(AtomicBool::new(false));
    let load = Load::start(address, &credentials, &stop);
    let rotating = rotation.start(Arc::clone(&stop));

    std::thread::sleep(phase);
    load.assert_served("quiet");
    let attack = attack::Attack::start(address);
    std::thread::sleep(phase + phase);
    let attacks = attack.end();
    load.assert_served("under attack");
    let begun = Instant::now();
    let mut restarts = 0;
    while begun.elapsed() < phase {
        std::thread::sleep(phase / 5);
        gate.restart(&room, address);
        restarts += 1;
        load.assert_served("after a restart");
    }
    stop.store(true, Ordering::SeqCst);
    let rotations = rotating.join().unwrap();
    let (answers, slowest) = load.end();
    println!(
        "{answers} answers in {seconds} s, the slowest after {slowest:?}; {rotations} rotations, {restarts} restarts, {attacks} attacks"
    );
    assert!(rotations >= 3, "{rotations}");
    kill_process(Pid::from_child(&gate.0), Signal::TERM).unwrap();
    assert!(gate.0.wait().unwrap().success());
}

/// A gate that guards by a token file, a shared secret and the issuer's keys.
struct Gate(Child);

impl Gate {
    fn start(room: &Room, address: SocketAddr) -> Self {
        let address = address.to_string();
        let flags = ["gate", "--listen", &address, "--tokens-file", "tokens", "--secret-from", "file:secret"];
        let more = ["--prefix", "Key ", "--jwks", "--cache-ttl", "1s", "--exclude", "/public"];
        let mut child = room.hallpass(&[&flags[..], &more].concat()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://"), "{line}");
        std::fs::write(room.directory().join("pid"), child.id().to_string()).unwrap();
        Self(child)
    }

    fn restart(&mut self, room: &Room, address: SocketAddr) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        *self = Self::start(room, address);
        // Keys may have been replaced since it read them, when nobody could tell it.
        kill_process(Pid::from_child(&self.0), Signal::HUP).unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Clients that ask again and again, and what they were answered.
struct Load {
    clients: Vec<JoinHandle<()>>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    answers: u64,
    slowest: Duration,
    wrong: Option<String>,
}

impl Load {
    fn start(address: SocketAddr, credentials: &Arc<Credentials>, stop: &Arc<AtomicBool>) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let client = |number: usize| {
            let (credentials, stop, seen) = (Arc::clone(credentials), Arc::clone(stop), Arc::clone(&seen));
            spawn(move || {
                let (mut turn, mut connection) = (number, None);
                while !stop.load(Ordering::SeqCst) {
                    turn += 1;
                    let credential = credentials.pick(turn);
                    let sent = Instant::now();
                    let Some(answer) = ask(&mut connection, address, &credential) else { continue };
                    let received = Instant::now();
                    let mut seen = seen.lock().unwrap();
                    seen.answers += 1;
                    seen.slowest = seen.slowest.max(received - sent);
                    if let Err(why) = credential.judge(&answer, sent, received) {
                        seen.wrong.get_or_insert(why);
                    }
                }
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { clients, seen }
    }

    /// Whether each answer was right, and there are new ones.
    #[track_caller]
    fn assert_served(&self, phase: &str) {
        let before = self.seen.lock().unwrap().answers;
        room::await_until(|| self.seen.lock().unwrap().answers > before + 100, || format!("100 answers, {phase}"));
        let wrong = self.seen.lock().unwrap().wrong.clone();
        assert_eq!(wrong, None, "{phase}");
    }

    fn end(self) -> (u64, Duration) {
        for client in self.clients {
            client.join().unwrap();
        }
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.wrong, None);
        (seen.answers, seen.slowest)
    }
}

/// Asks on a connection that is kept; `None` where the connection broke.
fn ask(connection: &mut Option<TcpStream>, address: SocketAddr, credential: &Credential) -> Option<String> {
    if connection.is_none() {
        let Ok(stream) = TcpStream::connect(address) else {
            std::thread::sleep(Duration::from_millis(5));
            return None;
        };
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        *connection = Some(stream);
    }
    let mut stream = connection.take()?;
    let head =
        format!("GET /auth HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-Uri: /orders\r\nX-Forwarded-Method: GET\r\n");
    stream.write_all(format!("{head}Authorization: {}\r\n\r\n", credential.field).as_bytes()).ok()?;
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            let answer = text.into_owned();
            if !answer.contains("\r\nConnection: close\r\n") {
                *connection = Some(stream);
            }
            return Some(answer);
        }
    }
}
