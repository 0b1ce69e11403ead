//! `proxy`: what it refuses before it listens. What it does is in `tests/binary/proxy.rs`.

use insta::assert_snapshot;

use super::room::Room;
use super::server::Server;

#[test]
fn proxy_refuses_what_could_show_token_to_others() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    assert_snapshot!(room.run("proxy --to https://api.example"), @"
    exit 8
    err: error: the token of zone prod may not go to api.example
    err: hint: to allow it once: --allow-host api.example
    err: hint: to allow it always: hallpass zone edit prod --host api.example
    ");
    assert_snapshot!(room.run("proxy --to http://api.example --allow-host api.example"), @"
    exit 8
    err: error: plain http would show the token to the network on the way to api.example
    err: hint: use https
    ");
    assert_snapshot!(room.run("proxy --to https://api.example --allow-host api.example --listen 0.0.0.0:0"), @"
    exit 2
    err: error: the proxy listens on loopback only, and 0.0.0.0:0 is not a loopback address
    err: hint: for other machines or containers, share a socket: --socket PATH
    ");
    room.run("zone edit prod --host api.example").ok();
    assert_snapshot!(room.run("proxy --to https://api.example:8443/v1"), @"
    exit 2
    err: error: --to names an origin, without a path or a query
    err: hint: such as --to https://api.example
    ");
    assert_eq!(server.count(), 0);
}

#[test]
fn proxy_reads_origin_strictly() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for origin in [
        "api.example",
        "ftp://api.example",
        "https://me@api.example",
        "https://api.example/v1",
        "https://api.example?x",
        "https://api.example#x",
        "https://127.1",
        "https://bücher.example",
    ] {
        let outcome = room.run(&format!("proxy --to {origin} --allow-host api.example"));
        assert_eq!(outcome.code, 2, "{origin}: {outcome}");
    }
}

#[test]
fn proxy_port_in_use_is_storage() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    room.names_origin(&address, "TAKEN");
    let line = format!("proxy --to https://api.example --allow-host api.example --listen {address}");
    assert_snapshot!(room.run(&line), @r"
    exit 7
    err: error: can't listen on TAKEN: Address already in use (os error 98)
    ");
}

#[test]
fn proxy_refuses_flags_that_do_not_fit() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    for flags in [
        "--allow /items",
        "--allow GET:/a//b",
        "--max-body 1T",
        "--max-connections 0",
        "--socket s --listen 127.0.0.1:0",
        "--dry-run",
    ] {
        let outcome = room.run(&format!("proxy --to https://api.example --allow-host api.example {flags}"));
        assert_eq!(outcome.code, 2, "{flags}: {outcome}");
    }
    room.set("HALLPASS_TOKEN", "a-token-of-the-environment");
    assert_snapshot!(room.run("proxy --to https://api.example --allow-host api.example"), @"
    exit 2
    err: error: proxy can't be used while HALLPASS_TOKEN is set
    err: hint: unset it, or name a zone with -z
    ");
}
