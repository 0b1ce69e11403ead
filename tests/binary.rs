//! What only a process shows: exit codes, streams, files and sockets of the real program against a server that
//! misbehaves on purpose.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "binary/answer.rs"]
mod answer;
mod authority;
#[path = "binary/bearer.rs"]
mod bearer;
#[path = "binary/certificate.rs"]
mod certificate;
#[path = "binary/client.rs"]
mod client;
#[path = "binary/curl.rs"]
mod curl;
#[path = "binary/doctor.rs"]
mod doctor;
#[path = "binary/exec.rs"]
mod exec;
mod fault;
#[path = "binary/form.rs"]
mod form;
#[path = "binary/gate.rs"]
mod gate;
#[path = "binary/gate_attack.rs"]
mod gate_attack;
#[path = "binary/gate_operation.rs"]
mod gate_operation;
#[path = "binary/gate_proof.rs"]
mod gate_proof;
#[path = "binary/hostile.rs"]
mod hostile;
#[path = "binary/login.rs"]
mod login;
#[path = "binary/look.rs"]
mod look;
#[path = "binary/network.rs"]
mod network;
#[path = "binary/process.rs"]
mod process;
#[path = "binary/prompt.rs"]
mod prompt;
#[path = "binary/proof.rs"]
mod proof;
#[path = "binary/proxy.rs"]
mod proxy;
#[path = "binary/proxy_token.rs"]
mod proxy_token;
#[path = "binary/refresh.rs"]
mod refresh;
#[path = "binary/registration.rs"]
mod registration;
#[path = "binary/rename.rs"]
mod rename;
mod room;
mod running;
#[path = "binary/sandbox.rs"]
mod sandbox;
mod screen;
mod shape;
mod signer;
#[path = "binary/state.rs"]
mod state;
#[path = "binary/terminal.rs"]
mod terminal;
mod visitor;

/// The judge is judged first: a fault server that does not do what it says would pass everything.
#[test]
fn fault_server_does_what_it_says() {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    let ask = |server: &fault::Server, wait: Duration| {
        let mut stream = TcpStream::connect(server.base().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(wait)).unwrap();
        stream.write_all(b"POST /token HTTP/1.1\r\nContent-Length: 5\r\nA: b\r\n\r\nhello").unwrap();
        let mut bytes = Vec::new();
        let _ = stream.take(1 << 20).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let second = Duration::from_secs(1);

    let server = fault::Server::kind();
    assert!(ask(&server, 20 * second).ends_with(&fault::token_text(fault::TOKEN, 3600)));
    let request = server.token_requests().remove(0);
    assert_eq!((request.method(), request.target(), request.body.as_str()), ("POST", "/token", "hello"));
    assert_eq!((request.field("a"), request.field("b")), (Some("b"), None));
    assert_eq!(server.connections(), 1);

    let played =
        |reply: fault::Reply| ask(&fault::Server::start(move |_, _| reply.clone()), Duration::from_millis(250));
    assert_eq!(played(fault::stall()), "");
    assert_eq!(played(fault::hang_up()), "");
    assert_eq!(played(fault::endless_body()).len(), 1 << 20);
    assert_eq!(played(fault::endless_head()).len(), 1 << 20);
    let begun = std::time::Instant::now();
    let slow = vec![fault::Step::Drip(b"slow".to_vec(), Duration::from_millis(50))];
    let server = fault::Server::start(move |_, _| slow.clone());
    assert_eq!(ask(&server, 20 * second), "slow");
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert!(played(fault::lying_length("{}", 9)).ends_with("Content-Length: 9\r\n\r\n{}"));
    assert!(played(fault::redirect(307, "http://x/")).contains("\r\nLocation: http://x/\r\n"));
    assert!(played(fault::padded("{", "}", 1000)).contains("Content-Length: 1000\r\n"));
    let document: serde_json::Value = serde_json::from_str(&fault::metadata_text("http://x")).unwrap();
    assert_eq!(document["token_endpoint"], "http://x/token");
}

#[test]
#[ignore = "the program of a test starts it as its browser"]
fn browser_opens_page() {
    let ours = std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("HALLPASS_"));
    assert!(!ours, "the browser knows too much");
    visitor::play();
}
