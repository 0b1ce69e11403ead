//! The shared cache as it is configured, and an engine that is not there. `tests/fleet.rs` has a real one.

use insta::assert_snapshot;
use serde_json::json;

use super::room::Room;
use super::server::{Answer, Server};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn room(server: &Server, url: &str) -> Room {
    let mut room = Room::with_zone(server);
    room.set("HALLPASS_SHARED_CACHE", url);
    room.set("HALLPASS_SHARED_CACHE_KEY_FROM", "env:FLEET_KEY");
    room.set("FLEET_KEY", KEY);
    room
}

#[test]
fn what_can_not_be_is_refused_before_anything_is_sent() {
    let server = Server::start();
    assert_snapshot!(room(&server, "redis://ci:hunter2@cache.example:6379/0").run("token"), @"
    exit 3
    err: error: HALLPASS_SHARED_CACHE must not hold a password
    err: hint: name its source: HALLPASS_SHARED_CACHE_PASSWORD_FROM=file:/run/secrets/redis
    ");
    assert_snapshot!(room(&server, "https://cache.example").run("token"), @"
    exit 3
    err: error: HALLPASS_SHARED_CACHE must be redis://HOST:PORT/DB, rediss://HOST:PORT/DB or redis+unix:///PATH
    err: hint: hallpass help shared-cache
    ");
    let mut without_key = room(&server, "redis://127.0.0.1:1/0");
    without_key.unset("HALLPASS_SHARED_CACHE_KEY_FROM");
    assert_snapshot!(without_key.run("token"), @"
    exit 3
    err: error: the shared cache has no key
    err: hint: make a key for the whole fleet: head -c 32 /dev/urandom | base64
    err: hint: and name its source: HALLPASS_SHARED_CACHE_KEY_FROM=file:/run/secrets/hallpass
    ");
    without_key.set("HALLPASS_SHARED_CACHE_KEY_FROM", "env:FLEET_KEY");
    without_key.set("FLEET_KEY", "hunter2");
    assert_snapshot!(without_key.run("token"), @"
    exit 3
    err: error: HALLPASS_SHARED_CACHE_KEY_FROM: it is neither base64 nor hexadecimal
    err: hint: make a key for the whole fleet: head -c 32 /dev/urandom | base64
    ");
    assert_eq!(server.count(), 0);
}

#[test]
fn engine_that_is_down_is_one_warning() {
    let server = Server::start();
    let room = room(&server, "redis://127.0.0.1:1/0");
    assert_eq!(room.run("status --json").json()[0]["shared_cache"]["state"], "configured");
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: the shared cache redis://127.0.0.1:1 is not used: it refused the connection
    ");
    assert_eq!(room.run("token").ok(), "AT-1", "the local cache has it");
    room.later(3);
    server.mints(Answer::token("AT-2"));
    assert_snapshot!(room.run("token --scope a"), @"
    exit 0
    out: AT-2
    err: warning: the shared cache redis://127.0.0.1:1 is not used: it did not answer 3 s ago (it refused the connection), and is asked again 7 s from now
    ");
    assert_eq!(
        room.run("status --json").json()[0]["shared_cache"],
        json!({
            "state": "unreachable",
            "because": "it did not answer 3 s ago (it refused the connection), and is asked again 7 s from now",
        })
    );
    room.later(8);
    assert_eq!(room.run("status --json").json()[0]["shared_cache"]["state"], "configured");
    server.mints(Answer::token("AT-3"));
    assert_snapshot!(room.run("token --no-cache"), @"
    exit 0
    out: AT-3
    ");
    let findings = room.run("doctor --offline --json").json();
    let finding = findings["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "shared-cache");
    assert_eq!(finding.map(|finding| finding["state"].clone()), Some(json!("warn")), "{findings}");
}

#[test]
fn fault_of_one_address_says_nothing_of_another() {
    let server = Server::start();
    let mut room = room(&server, "redis://127.0.0.1:1/99");
    for (number, address) in
        ["redis://127.0.0.1:1/99", "redis://127.0.0.1:1/0", "redis://ci@127.0.0.1:1/0"].iter().enumerate()
    {
        room.set("HALLPASS_SHARED_CACHE", address);
        assert_eq!(room.run("status --json").json()[0]["shared_cache"]["state"], "configured", "{address}");
        server.mints(Answer::token("AT"));
        let outcome = room.run(&format!("token --scope s{number}"));
        assert!(outcome.stderr.ends_with(" is not used: it refused the connection\n"), "{address}: {outcome}");
        assert_eq!(room.run("status --json").json()[0]["shared_cache"]["state"], "unreachable", "{address}");
    }
}

#[test]
fn settings_name_the_engine_too() {
    let server = Server::start();
    let mut room = room(&server, "redis://127.0.0.1:1/0");
    room.unset("HALLPASS_SHARED_CACHE");
    let path = room.home().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n[settings]\nshared_cache = \"redis://u:p@127.0.0.1:1/0\"\n")).unwrap();
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: shared_cache in [settings] must not hold a password
    err: hint: name its source: HALLPASS_SHARED_CACHE_PASSWORD_FROM=file:/run/secrets/redis
    ");
    assert_eq!(room.run("status --json").json()[0]["shared_cache"]["state"], "unusable");
}

#[test]
fn gate_needs_no_engine_to_start_but_a_right_configuration() {
    let server = Server::start();
    let gate = "gate --tokens-env TOKENS --test";
    let room = |url: &str| {
        let mut room = room(&server, url);
        room.set("TOKENS", "one-token-1");
        room
    };
    assert_snapshot!(room("redis://127.0.0.1:1/0").run(gate), @"
    exit 0
    out: http://127.0.0.1:9190 guards by tokens_env
    ");
    let mut without_key = room("redis://127.0.0.1:1/0");
    without_key.unset("HALLPASS_SHARED_CACHE_KEY_FROM");
    for (room, why) in [(without_key, "has no key"), (room("redis://u:p@127.0.0.1:1/0"), "must not hold a password")] {
        for command in [gate, "gate --tokens-env TOKENS --listen 127.0.0.1:0"] {
            let outcome = room.run(command);
            assert_eq!(outcome.code, 3, "{outcome}");
            assert!(outcome.stderr.contains(why), "{outcome}");
        }
    }
}
