//! `hallpass status`.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{KeyringState, Room};
use super::server::{Answer, Server};

#[test]
fn how_zone_stands() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.keyring_is(KeyringState::Locked);
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: prod␉default␉http://AS␉ci␉client_credentials␉none␉␉no␉keyring␉
    ");
    assert_snapshot!(room.run("status --exit-status"), @"
    exit 1
    out: prod␉default␉http://AS␉ci␉client_credentials␉none␉␉no␉keyring␉
    ");
    room.keyring_is(KeyringState::Fine);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    let minted = room.keyring_calls();
    assert_snapshot!(room.run("status --exit-status"), @"
    exit 0
    out: prod␉default␉http://AS␉ci␉client_credentials␉valid␉2026-11-22T10:05:00Z␉no␉keyring␉
    ");
    assert_eq!(
        room.run("status --json").json(),
        json!([{
            "zone": "prod", "default": true, "issuer": "http://AS", "who": "ci", "grant": "client_credentials",
            "token": "valid", "expires_at": "2026-11-22T10:05:00Z", "expires_at_epoch": 1_795_341_900,
            "refresh_token": false, "vault": "keyring", "breaker": null, "shared_cache": null,
        }])
    );
    room.run("status").assert_hidden("AT-1");
    room.later(301);
    assert_snapshot!(room.run("status --exit-status"), @"
    exit 1
    out: prod␉default␉http://AS␉ci␉client_credentials␉expired␉2026-11-22T10:05:00Z␉no␉keyring␉
    ");
    assert_eq!((touched, minted), (touched, room.keyring_calls()), "status opens no keyring");
}

#[test]
fn only_token_that_zone_would_use() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let token = || room.run("status --json").json()[0]["token"].clone();
    server.mints(Answer::token("AT-1"));
    room.run("token --scope other").ok();
    assert_eq!(token(), "none", "nobody asks for that scope by default");
    server.mints(Answer::token("AT-2"));
    room.run("token").ok();
    assert_eq!(token(), "valid");
    for change in ["--client-id two", "--scope read", "--audience api", "--resource https://r.example", "--param a=b"] {
        let before = room.config();
        room.run(&format!("zone edit prod {change}")).ok();
        assert_eq!((token(), room.run("status --exit-status").code), (json!("none"), 1), "{change}");
        room.write("home/config.toml", &before.replace("http://AS", &server.origin()));
        assert_eq!(token(), "valid", "{change} is taken back");
    }
}

#[test]
fn status_shows_bound_token_without_vault() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.set("SUBJECT", "s.s.s");
    room.run("zone edit prod --grant token_exchange --subject-token-ref env:SUBJECT").ok();
    server.mints(Answer::json(&json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    })));
    room.run("token").ok();
    room.unset("SUBJECT");
    let touched = room.keyring_calls();
    assert_eq!(room.run("status --json").json()[0]["token"], "valid");
    room.run("zone edit prod --client-id two").ok();
    assert_eq!(room.run("status --json").json()[0]["token"], "none");
    assert_eq!(room.keyring_calls(), touched);
}

#[test]
fn all_zones_and_none() {
    let mut room = Room::new();
    assert_snapshot!(room.run("status"), @"
    exit 0
    err: no zones yet; to add one: hallpass zone add NAME --issuer URL
    ");
    assert_snapshot!(room.run("status --json --exit-status"), @"
    exit 1
    out: []
    ");
    room.run("zone add a --issuer https://a.example --client-id a").ok();
    room.run("zone add b --issuer https://b.example").ok();
    assert_snapshot!(room.run("status --all"), @"
    exit 0
    out: a␉default␉https://a.example␉a␉authorization_code␉none␉␉no␉␉
    out: b␉␉https://b.example␉␉client_credentials␉none␉␉no␉␉
    ");
    room.set("HALLPASS_ISSUER", "https://env.example");
    room.set("HALLPASS_CLIENT_ID", "e");
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: env␉␉https://env.example␉e␉client_credentials␉none␉␉no␉␉
    ");
    assert_eq!(room.run("status --all --json").json().as_array().unwrap().len(), 3);
    assert_snapshot!(room.run("status -z nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: a, b
    ");
}

#[test]
fn token_of_environment_comes_first() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.set("NO_COLOR", "1");
    room.set("HALLPASS_TOKEN", "opaque");
    assert_snapshot!(room.run("status --exit-status"), @"
    exit 0
    out: HALLPASS_TOKEN␉␉␉␉␉valid␉unknown␉no␉␉
    out: prod␉default␉http://AS␉ci␉client_credentials␉none␉␉no␉keyring␉
    ");
    assert_snapshot!(room.call("status").columns(80).run(), @"
    exit 0
    out: ZONE            WHO  TOKEN  ISSUER
    out: HALLPASS_TOKEN       valid
    out: prod (default)  ci   none   http://AS
    ");
    let rows = room.run("status --json").json();
    assert_eq!(
        (&rows[0]["zone"], &rows[0]["issuer"], &rows[0]["token"]),
        (&json!("HALLPASS_TOKEN"), &json!(null), &json!("valid"))
    );
    assert_eq!(room.run("status -z prod --json").json().as_array().unwrap().len(), 1, "-z beats it");
    // Expired 10 s after the beginning.
    room.set("HALLPASS_TOKEN", format!("e30.{}.x", "eyJleHAiOjE3OTUzNDE2MTB9"));
    room.later(20);
    assert_snapshot!(room.run("status --exit-status"), @"
    exit 1
    out: HALLPASS_TOKEN␉␉␉␉␉expired␉2026-11-22T10:00:10Z␉no␉␉
    out: prod␉default␉http://AS␉ci␉client_credentials␉none␉␉no␉keyring␉
    ");
    room.set("HALLPASS_TOKEN", "");
    assert_eq!(room.run("status").code, 3);
}

#[test]
fn unreadable_breaker_counts_as_absent() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::status(500)).mints(Answer::status(500));
    assert_eq!(room.run("token").code, 6);
    let name = room.files().into_iter().find(|name| name.contains("breaker/")).unwrap();
    room.write(&format!("home/{name}"), &"x".repeat(5000));
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    std::fs::remove_file(room.home().join(&name)).unwrap();
    std::fs::create_dir(room.home().join(&name)).unwrap();
    server.mints(Answer::token("AT-2"));
    assert_eq!(room.run("token --fresh").ok(), "AT-2");
}

#[test]
fn open_breaker_shows() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for _ in 0..5 {
        server.mints(Answer::status(500)).mints(Answer::status(500));
        assert_eq!(room.run("token").code, 6);
        room.later(1);
    }
    assert_snapshot!(room.run("token"), @"
    exit 6
    err: error: the circuit breaker is open
    err: cause: the last commands to http://AS all failed; next attempt after 2026-11-22T10:01:07Z
    err: hint: wait, or try now with --no-breaker
    ");
    let breaker = &room.run("status --json").json()[0]["breaker"];
    assert!(breaker["open_until"].as_str().unwrap().starts_with("2026-11-22T10:01:"), "{breaker}");
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token --no-breaker").ok(), "AT-1");
    room.run("token forget").ok();
    room.later(62);
    server.mints(Answer::token("AT-2"));
    assert_eq!(room.run("token").ok(), "AT-2", "one probe goes through");
    assert_eq!(room.run("status --json").json()[0]["breaker"], json!(null));
}

#[test]
fn person_learns_that_there_are_other_zones() {
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c").ok();
    let note = "for the other zones: hallpass status --all";
    assert!(!room.call("status").person(true).run().stderr.contains(note));
    room.run("zone add b --issuer https://as.example --client-id c").ok();
    assert!(room.call("status").person(true).run().stderr.contains(note));
    for quiet in ["status --all", "status --json", "status -q"] {
        assert!(!room.call(quiet).person(true).run().stderr.contains(note), "{quiet}");
    }
    assert_eq!(room.run("status").stderr, "");
}
