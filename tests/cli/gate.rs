//! `gate --test`, and what it refuses before it listens. What it answers is in `tests/binary/gate.rs`.

use insta::assert_snapshot;

use super::room::Room;
use super::server::Server;

fn room(server: &Server) -> Room {
    let mut room = Room::with_zone(server);
    room.set("SECRET", "shared-secret-1");
    room.set("TOKENS", "one-token-1,two-token-2");
    room
}

#[test]
fn test_reads_everything_and_binds_nothing() {
    let server = Server::start();
    let room = room(&server);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!("gate --tokens-env TOKENS --listen {} --test", taken.local_addr().unwrap());
    assert_eq!(room.run(&line).code, 0);
    assert_snapshot!(room.run("gate --secret-from env:SECRET --tokens-env TOKENS --test"), @"
    exit 0
    out: http://127.0.0.1:9190 guards by secret_from, tokens_env
    ");
    assert_snapshot!(room.run("gate --tokens-env TOKENS --socket gate.sock --test --json"), @r#"
    exit 0
    out: {"url":"unix:gate.sock","methods":["tokens_env"]}
    "#);
    assert_snapshot!(room.run("gate --tokens-file absent --test"), @"
    exit 7
    err: error: can't read absent
    err: cause: No such file or directory (os error 2)
    ");
    assert_snapshot!(room.run("gate --secret-from env:UNSET --test"), @"
    exit 3
    err: error: could not read the secret
    err: cause: env:UNSET is not set
    ");
    assert_eq!(server.count(), 0);
}

#[test]
fn gate_refuses_what_does_not_fit() {
    let server = Server::start();
    let room = room(&server);
    assert_snapshot!(room.run("gate --tokens-env TOKENS --listen 0.0.0.0:9190 --test"), @"
    exit 2
    err: error: 0.0.0.0:9190 is not a loopback address, and everybody who reaches it may ask
    err: hint: --listen-anywhere, where the network is closed; or a socket: --socket PATH
    ");
    assert_eq!(room.run("gate --tokens-env TOKENS --listen 0.0.0.0:9190 --listen-anywhere --test").code, 0);
    assert_snapshot!(room.run("gate --tokens-env TOKENS --sign-key-from env:SECRET --test"), @"
    exit 2
    err: error: --sign-key-from needs --headers auth-gate
    ");
    for flags in [
        "",
        "--claims",
        "--tokens-env TOKENS --socket s --listen 127.0.0.1:0",
        "--tokens-env TOKENS --socket-mode 0600",
        "--tokens-env TOKENS --socket s --socket-mode 999",
        "--tokens-env TOKENS --headers other",
        "--tokens-env TOKENS --headers kong --forward-token",
        "--tokens-env TOKENS --exclude /a//b",
        "--tokens-env TOKENS --workers 0",
        "--tokens-env TOKENS --sign-hmac v2",
        "--tokens-env TOKENS --issuer https://i.example",
        "--kong --hmac-key-from env:SECRET --method GET --path /a",
        "--tokens-env TOKENS --dry-run",
        "--tokens-env TOKENS --at 0",
        "--tokens-env TOKENS --field",
    ] {
        let outcome = room.run(&format!("gate --test {flags}"));
        assert_eq!(outcome.code, 2, "{flags}: {outcome}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn gate_port_in_use_is_storage() {
    let server = Server::start();
    let mut room = room(&server);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    room.names_origin(&address, "TAKEN");
    assert_snapshot!(room.run(&format!("gate --tokens-env TOKENS --listen {address}")), @"
    exit 7
    err: error: can't listen on TAKEN: Address already in use (os error 98)
    ");
}
