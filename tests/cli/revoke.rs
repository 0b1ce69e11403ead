//! `revoke`: a token is made worthless, and forgotten where it was ours.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

const ASKED: &str = "POST /revoke";

fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --revocation-endpoint /revoke").ok();
    room
}

fn revoke(room: &Room, flags: &str) -> Outcome {
    room.call(&format!("revoke {flags}")).stdin("some-token\n").run()
}

#[test]
fn token_is_revoked_whatever_body_says() {
    let server = Server::start();
    let room = room(&server);
    for answer in [Answer::status(200), Answer::json(&json!({})), Answer::text("text/html", "<p>ok</p>")] {
        server.expect(ASKED, answer);
        let outcome = revoke(&room, "--hint refresh_token");
        assert_eq!(outcome.to_string(), "exit 0\nerr: 1 revoked, 0 deleted here");
    }
    assert_eq!(server.received()[0].body, "token=some-token&token_type_hint=refresh_token");
    server.expect(ASKED, Answer::json(&json!({"error": "invalid_token", "error_description": "Invalid token"})));
    assert_snapshot!(revoke(&room, ""), @"
    exit 0
    err: the server says: Invalid token
    err: 1 revoked, 0 deleted here
    ");
    server.expect(ASKED, Answer::error(400, "invalid_token", "unknown"));
    let json = revoke(&room, "--json --quiet");
    assert_eq!(json.json(), json!({"revoked": 1, "forgotten": 0, "notes": ["unknown"]}));
    assert_eq!(json.stderr, "");
}

#[test]
fn refusal_is_told() {
    let server = Server::start();
    let room = room(&server);
    server.expect(ASKED, Answer::error(400, "unsupported_token_type", "some-token is a JWT"));
    assert_snapshot!(revoke(&room, ""), @"
    exit 5
    err: error: the server refused: unsupported_token_type: [redacted] is a JWT (HTTP 400 from http://AS/revoke)
    err: hint: the server can't revoke this kind of token: it is valid until it expires
    ");
    server.expect(ASKED, Answer::error(400, "invalid_request", "Unmatching clients"));
    assert_eq!(revoke(&room, "").code, 5);
    server.expect(ASKED, Answer::status(503)).expect(ASKED, Answer::status(503)).expect(ASKED, Answer::status(503));
    assert_eq!(revoke(&room, "").code, 6);
    server.serves(&server.metadata());
    let bare = Room::with_zone(&server);
    let missing = revoke(&bare, "");
    assert_eq!(missing.code, 3, "{missing}");
    assert!(missing.stderr.contains("--revocation-endpoint"), "{missing}");
}

#[test]
fn what_was_ours_is_forgotten() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("some-token"));
    room.run("token").ok();
    server.expect(ASKED, Answer::status(200));
    assert_eq!(revoke(&room, "--json").json()["forgotten"], 1);
    server.mints(Answer::token("another"));
    assert_eq!(room.run("token").ok(), "another", "the revoked one is not handed out again");
}

#[test]
fn own_access_tokens_are_revoked_one_by_one() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::token("AT-2"));
    room.run("token").ok();
    room.run("token --scope read").ok();
    server.received();
    server.expect(ASKED, Answer::status(200)).expect(ASKED, Answer::status(200));
    assert_snapshot!(room.run("revoke --own access"), @"
    exit 0
    err: 2 revoked, 2 deleted here
    ");
    let mut bodies: Vec<String> = server.received().into_iter().map(|request| request.body).collect();
    bodies.sort();
    assert_eq!(bodies, ["token=AT-1&token_type_hint=access_token", "token=AT-2&token_type_hint=access_token"]);
    assert_eq!(room.run("token list --json").json(), json!([]));
    assert_snapshot!(room.run("revoke --own all"), @"
    exit 0
    err: there was nothing to revoke
    ");
    assert_eq!(room.run("revoke --own refresh --json").json(), json!({"revoked": 0, "forgotten": 0, "notes": []}));
}

#[test]
fn what_server_did_not_revoke_is_kept() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    server.expect(ASKED, Answer::error(400, "unsupported_token_type", "no"));
    assert_eq!(room.run("revoke --own access").code, 5);
    assert_eq!(room.run("token").ok(), "AT-1");
    room.later(400);
    assert_eq!(room.run("revoke --own access --json").json()["forgotten"], 1, "an expired one is only forgotten");
}

#[test]
fn own_and_source_exclude_each_other() {
    let server = Server::start();
    let room = room(&server);
    for line in ["revoke - --own all", "revoke --own all --hint access_token", "revoke --own nothing"] {
        assert_eq!(room.run(line).code, 2, "{line}");
    }
    let shown = room.run("revoke --own all --dry-run");
    assert!(shown.ok().ends_with("token_type_hint=refresh_token http://AS/revoke"), "{shown}");
}

#[test]
fn sign_in_goes_with_its_refresh_token() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --revocation-endpoint /revoke").ok();
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    server.received();
    // What the server did not do leaves everything as it is.
    server.expect(ASKED, Answer::error(400, "invalid_request", "RT-1 is not yours"));
    let refused = room.run("revoke --own all");
    assert_eq!(refused.code, 5, "{refused}");
    refused.assert_hidden("RT-1");
    assert_eq!(room.kept().len(), 1);
    server.received();
    server.expect(ASKED, Answer::status(200)).expect(ASKED, Answer::status(200));
    let done = room.run("revoke --own all --json");
    assert_eq!((&done.json()["revoked"], &done.json()["notes"]), (&json!(2), &json!([])), "{done}");
    let bodies: Vec<String> = server.received().into_iter().map(|request| request.body).collect();
    assert!(bodies[0].starts_with("token=RT-1&token_type_hint=refresh_token"), "{bodies:?}");
    assert!(bodies[1].starts_with("token=AT-1&token_type_hint=access_token"), "{bodies:?}");
    assert_eq!(room.kept(), []);
    assert_eq!(room.run("token").code, 4, "a person has to sign in again");
    assert_eq!(room.run("revoke --own refresh --json").json()["revoked"], 0);
}
