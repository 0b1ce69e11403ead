//! `hallpass gate` while servers are slow or down, when it has to end, and where else it listens.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::gate::{room_with_tokens, write};
use crate::authority::{Answered, ask, authority, bearer, start, status};
use crate::fault::{self, Step};
use crate::room::{Room, await_until};
use crate::running::Running;

fn question(fields: &str) -> String {
    format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{fields}\r\n")
}

/// A server that answers about `known` alone and says nothing of any other token.
fn black_hole(token: &str) -> fault::Reply {
    match token {
        "known" => fault::json(200, r#"{"active":true,"sub":"u-1"}"#),
        _ => vec![Step::Hold],
    }
}

/// What is proven in memory does not wait for the threads that ask: as one of their jobs it would be answered with 503.
#[test]
fn local_proof_never_waits_for_slow_introspection() {
    let authority = authority(black_hole);
    let room = authority.room();
    write(&room, "tokens", "listed-token-1\n");
    let gate = start(&room, "--tokens-file tokens --jwks --introspect --cache-ttl 10m");
    assert_eq!(status(&gate, "/auth", &bearer("known")), 200);
    let slow: Vec<_> = (0..40).map(|number| gate.send(&question(&bearer(&format!("slow-{number}"))))).collect();
    await_until(|| authority.count("/introspect") > 16, || "all threads at the server".to_owned());
    for token in ["listed-token-1", "known", &authority.token(&json!({}))] {
        assert_eq!(status(&gate, "/auth", &bearer(token)), 200, "{token}");
    }
    assert_eq!(status(&gate, "/-/ready", ""), 200);
    for caller in slow {
        let answer = Answered::parse(caller.rest());
        assert_eq!((answer.status, answer.field("Retry-After").is_some()), (503, true), "{}", answer.text);
    }
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn later_method_counts_where_server_says_nothing() {
    let authority = authority(black_hole);
    let room = authority.room();
    write(&room, "tokens", "listed-token-1\n");
    let gate = start(&room, "--introspect --tokens-file tokens");
    assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    assert_eq!(status(&gate, "/auth", &bearer("other-token-2")), 503, "a no needs the word of all");
    assert_eq!(gate.end().code(), 0);
}

/// The file with the state of the one breaker.
fn breaker_state(room: &Room) -> (std::path::PathBuf, Value) {
    let is_state = |path: &std::path::PathBuf| {
        let name = path.to_str().unwrap();
        name.contains("breaker") && std::path::Path::new(name).extension().is_some_and(|end| end == "json")
    };
    let path = room.files().into_iter().find(is_state).unwrap();
    let state = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    (path, state)
}

#[test]
fn five_outages_open_breaker_and_one_probe_closes_it() {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let authority = authority(move |_| {
        if is_up.load(Ordering::SeqCst) {
            fault::json(200, r#"{"active":true,"sub":"u-1"}"#)
        } else {
            fault::answer(500, "text/plain", "down")
        }
    });
    let room = authority.room();
    let gate = start(&room, "--introspect");
    let of = |token: &str| status(&gate, "/auth", &bearer(token));
    for number in 0..5 {
        assert_eq!(of(&format!("t-{number}")), 503);
    }
    assert!(breaker_state(&room).1["open_until"].is_number());
    let asked = authority.count("/introspect");
    for number in 5..8 {
        assert_eq!(of(&format!("t-{number}")), 503);
    }
    assert_eq!(authority.count("/introspect"), asked, "nothing is asked while it is open");
    // A minute later.
    let end_pause = || {
        let (path, mut state) = breaker_state(&room);
        state["open_until"] = json!(1);
        std::fs::write(path, state.to_string()).unwrap();
    };
    end_pause();
    assert_eq!((of("t-8"), of("t-9")), (503, 503));
    assert_eq!(authority.count("/introspect"), asked + 1, "one probe, without a second try");
    up.store(true, Ordering::SeqCst);
    end_pause();
    assert_eq!((of("t-10"), of("t-11")), (200, 200));
    assert_eq!(gate.end().code(), 0);
}

/// Whoever asks next does not ask a server that five questions got no answer of.
#[test]
fn outage_counts_before_its_question_is_answered() {
    let authority = authority(black_hole);
    let gate = start(&authority.room(), "--introspect");
    let silent: Vec<_> = (0..5).map(|number| gate.send(&question(&bearer(&format!("slow-{number}"))))).collect();
    for caller in silent {
        assert_eq!(Answered::parse(caller.rest()).status, 503);
    }
    let asked = authority.count("/introspect");
    assert_eq!(status(&gate, "/auth", &bearer("known")), 503);
    assert_eq!(authority.count("/introspect"), asked);
    let outcome = gate.end();
    assert!(
        outcome.stderr.contains("the deadline passed, while waiting") && !outcome.stderr.contains("timed out"),
        "{outcome}"
    );
}

/// Something that a server waits for.
#[derive(Default)]
struct Latch(Mutex<bool>, Condvar);

impl Latch {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
}

#[test]
fn end_answers_what_is_in_flight_and_refuses_what_is_new() {
    let latch = Arc::new(Latch::default());
    let opens = Arc::clone(&latch);
    let authority = authority(move |_| {
        latch.wait();
        fault::json(200, r#"{"active":true,"sub":"u-1"}"#)
    });
    let gate = start(&authority.room(), "--introspect");
    let idle = gate.connect();
    let caller = gate.send(&question(&bearer("t")));
    await_until(|| authority.count("/introspect") == 1, || "the question at the server".to_owned());
    let address = gate.authority().to_owned();
    gate.signal(Signal::TERM);
    await_until(|| TcpStream::connect(&address).is_err(), || "a port that is closed".to_owned());
    opens.open();
    let answer = Answered::parse(caller.rest());
    // On a machine that is busy its time may be over.
    assert!(matches!(answer.status, 200 | 503) && answer.text.contains("Connection: close"), "{}", answer.text);
    assert_eq!(idle.rest(), "");
    assert_eq!(gate.wait().code(), 0);
}

#[test]
fn end_does_not_wait_for_ever() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --drain 100ms");
    let mut stuck = gate.connect();
    stuck.send("GET /auth HTTP/1.1\r\nHost: ");
    assert_eq!(status(&gate, "/auth", ""), 401);
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn command_is_run_again_on_hangup() {
    let room = Room::new().with("PATH", "/usr/bin:/bin");
    write(&room, "secret", "first-secret-1");
    let mut command = room.hallpass(&["gate", "--listen", "127.0.0.1:0", "--prefix", "Key "]);
    command.args(["--secret-from", "cmd:cat secret"]);
    let gate = Running::of(command);
    let of = |secret: &str| status(&gate, "/auth", &format!("Authorization: Key {secret}\r\n"));
    assert_eq!(of("first-secret-1"), 200);
    write(&room, "secret", "second-secret-2");
    gate.signal(Signal::HUP);
    await_until(|| of("second-secret-2") == 200, || "the new secret".to_owned());
    assert_eq!(of("first-secret-1"), 401);
    std::fs::remove_file(room.directory().join("secret")).unwrap();
    gate.signal(Signal::HUP);
    await_until(|| ask(&gate, "/-/ready", "").text.contains("last good"), || "a failure".to_owned());
    assert_eq!(of("second-secret-2"), 200);
    gate.end().assert_hidden("first-secret-1").assert_hidden("second-secret-2");
}

#[test]
fn hangup_forgets_what_server_said() {
    let authority = authority(|_| fault::json(200, r#"{"active":true,"sub":"u-1"}"#));
    let gate = start(&authority.room(), "--introspect --cache-ttl 10m");
    assert_eq!((status(&gate, "/auth", &bearer("t")), status(&gate, "/auth", &bearer("t"))), (200, 200));
    assert_eq!(authority.count("/introspect"), 1);
    gate.signal(Signal::HUP);
    let asked_again = || status(&gate, "/auth", &bearer("t")) == 200 && authority.count("/introspect") == 2;
    await_until(asked_again, || "a second request".to_owned());
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn gate_listens_on_ipv6_and_on_sockets() {
    let room = room_with_tokens();
    let listening =
        |address: &str| Running::of(room.hallpass(&["gate", "--tokens-file", "tokens", "--listen", address]));
    let gate = listening("[::1]:0");
    assert!(gate.url.starts_with("http://[::1]:"), "{}", gate.url);
    assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    assert_eq!(gate.end().code(), 0);
    let gate = Running::of(room.hallpass(&["gate", "--tokens-file", "tokens", "--socket", "gate.sock"]));
    let path = room.directory().join("gate.sock");
    let of = |token: &str| {
        let mut stream = UnixStream::connect(&path).unwrap();
        stream.write_all(question(&bearer(token)).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        Answered::parse(answer).status
    };
    assert_eq!((of("listed-token-1"), of("other-token-2")), (200, 401));
    assert_eq!(gate.end().code(), 0);
}

/// Nothing that a server says of a token, and that could move a terminal, goes on to a webhook.
#[test]
fn webhook_gets_clean_text() {
    let authority = authority(|_| {
        fault::json(200, r#"{"active":true,"sub":"u-1","iss":"https://i","typ":"\u001b[2J\u202e","exp":1}"#)
    });
    let gate = start(&authority.room(), "--introspect --token-review");
    let body =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "t"}}).to_string();
    let head = format!("POST /tokenreview HTTP/1.1\r\nHost: HOST\r\nContent-Length: {}\r\n", body.len());
    let answer = Answered::parse(gate.ask(&format!("{head}Connection: close\r\n\r\n{body}")));
    let status = answer.json()["status"].clone();
    assert!(status["authenticated"] == false && status["error"].is_string(), "{status}");
    assert!(!status.to_string().contains(['\u{1b}', '\u{202e}']), "{status}");
    assert_eq!(gate.end().code(), 0);
}

/// Whoever puts a socket of its own in the place of ours keeps it, whatever the order in which our workers end.
#[test]
fn socket_of_another_server_stays() {
    let room = room_with_tokens();
    let path = room.directory().join("gate.sock");
    for workers in ["1", "8"] {
        let flags = ["gate", "--tokens-file", "tokens", "--socket", "gate.sock", "--workers", workers];
        let gate = Running::of(room.hallpass(&flags));
        std::fs::remove_file(&path).unwrap();
        let _other = UnixListener::bind(&path).unwrap();
        assert_eq!(gate.end().code(), 0);
        std::fs::remove_file(&path).unwrap();
    }
}

/// systemd hears that it is ready when what was read again is in force, and not before.
#[test]
fn reload_is_reported_when_it_is_done() {
    let room = room_with_tokens();
    write(&room, "secret", "first");
    let path = room.directory().join("notify");
    let heard = UnixDatagram::bind(&path).unwrap();
    let hear_ready = || {
        let mut bytes = [0; 200];
        while heard.recv(&mut bytes).is_ok_and(|count| &bytes[..count] != b"READY=1") {}
    };
    let mut command = room.hallpass(&["gate", "--secret-from", "cmd:sleep 0.3; cat secret", "--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path);
    let gate = Running::of(command);
    let of = |secret: &str| status(&gate, "/auth", &format!("Authorization: {secret}\r\n"));
    hear_ready();
    assert_eq!((of("first"), of("second")), (200, 401));
    write(&room, "secret", "second");
    gate.signal(Signal::HUP);
    hear_ready();
    assert_eq!((of("first"), of("second")), (401, 200));
    assert_eq!(gate.end().code(), 0);
}

/// That a server could be asked once says nothing of now: without the secret of its client the gate is not ready.
#[test]
fn gate_that_can_not_ask_any_more_is_not_ready() {
    let authority = authority(|_| fault::json(200, r#"{"active":true,"sub":"u-1"}"#));
    let room =
        authority.room().without_variable("HALLPASS_CLIENT_SECRET").with("HALLPASS_CLIENT_SECRET_FILE", "secret");
    write(&room, "secret", "s3cret-of-gate");
    let gate = start(&room, "--introspect");
    assert_eq!(status(&gate, "/-/ready", ""), 200);
    std::fs::remove_file(room.directory().join("secret")).unwrap();
    gate.signal(Signal::HUP);
    await_until(|| status(&gate, "/-/ready", "") == 503, || "a failure".to_owned());
    assert!(ask(&gate, "/-/ready", "").body.contains("introspection: missing: "));
    assert_eq!(status(&gate, "/auth", &bearer("t")), 503);
    write(&room, "secret", "s3cret-of-gate");
    await_until(|| status(&gate, "/-/ready", "") == 200, || "the secret again".to_owned());
    assert_eq!(status(&gate, "/auth", &bearer("t")), 200);
    assert_eq!(gate.end().code(), 0);
}

/// HUP reads the settings of the zone as well; what can't be read leaves the last good ones.
#[test]
fn hangup_reads_zone_again() {
    let [one, other] = ["u-1", "u-2"]
        .map(|subject| authority(move |_| fault::json(200, json!({"active": true, "sub": subject}).to_string())));
    let room = Room::new().with("SECRET", "s3cret-of-gate");
    let client = ["--client-id", "gate", "--client-secret-ref", "env:SECRET"];
    room.run(&[&["zone", "add", "z", "--issuer", &one.server.base()][..], &client].concat()).answer();
    let gate = start(&room, "--introspect --cache-ttl 10m");
    let subject = || ask(&gate, "/auth", &bearer("t")).field("X-Auth-Request-User").map(str::to_owned);
    assert_eq!(subject().as_deref(), Some("u-1"));
    let endpoint = format!("{}/introspect", other.server.base());
    room.run(&["zone", "edit", "z", "--introspection-endpoint", &endpoint]).answer();
    gate.signal(Signal::HUP);
    await_until(|| subject().as_deref() == Some("u-2"), || "the other endpoint".to_owned());
    let config = room.files().into_iter().find(|file| file.ends_with("config.toml")).unwrap();
    std::fs::write(config, "[").unwrap();
    gate.signal(Signal::HUP);
    await_until(|| other.count("/introspect") > 1 || subject().is_none(), || "another reading".to_owned());
    assert_eq!(subject().as_deref(), Some("u-2"));
    assert!(gate.end().stderr.contains("config.toml"));
}

/// Whoever does not read the log holds up neither questions nor the end.
#[test]
fn log_that_nobody_reads_holds_up_nothing() {
    let room = room_with_tokens();
    let (unread, log) = std::io::pipe().unwrap();
    let mut command = room.hallpass(&["gate", "--tokens-file", "tokens", "--listen", "127.0.0.1:0", "-v"]);
    command.args(["--drain", "1s"]).stderr(log);
    let gate = Running::of(command);
    for _ in 0..2000 {
        assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    }
    assert_eq!(gate.end().code(), 0);
    drop(unread);
}

/// How long connections may take to end says nothing of the lines that are still to be written.
#[test]
fn last_lines_of_log_are_written() {
    let room = room_with_tokens();
    let (mut late, log) = std::io::pipe().unwrap();
    let mut command = room.hallpass(&["gate", "--tokens-file", "tokens", "--listen", "127.0.0.1:0", "-v"]);
    command.args(["--drain", "0s"]).stderr(log);
    let gate = Running::of(command);
    let fields = format!("{}X-Forwarded-Uri: /{}\r\n", bearer("listed-token-1"), "x".repeat(500));
    for _ in 0..400 {
        assert_eq!(status(&gate, "/auth", &fields), 200);
    }
    gate.signal(Signal::TERM);
    let mut lines = String::new();
    late.read_to_string(&mut lines).unwrap();
    assert_eq!((lines.matches("\"status\":200").count(), gate.wait().code()), (400, 0));
}
