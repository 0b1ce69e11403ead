//! `introspect`: what the server says of a token.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, Room};
use super::server::{Answer, Server};
use super::signer::{Signer, claims};

/// A room whose zone knows the endpoints, so that a question is one request.
fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --introspection-endpoint /introspect --jwks-uri /jwks").ok();
    room
}

fn ask(room: &Room, flags: &str) -> super::room::Outcome {
    room.call(&format!("introspect {flags}")).stdin("opaque-token\n").run()
}

const ASKED: &str = "POST /introspect";

#[test]
fn active_token_is_shown_as_served() {
    let server = Server::start();
    let room = room(&server);
    let answer = json!({"active": true, "scope": "read", "sub": "u", "aud": ["a", "b"], "exp": BEGIN + 60,
        "iat": 1_795_341_600.5, "nbf": "1795341600", "x": {"y": null}});
    server.expect(ASKED, Answer::json(&answer)).expect(ASKED, Answer::json(&answer));
    let shown = ask(&room, "--json --hint access_token");
    let mut expected = answer.clone();
    expected["exp_at"] = json!("2026-11-22T10:01:00Z");
    expected["iat_at"] = json!("2026-11-22T10:00:00Z");
    expected["nbf_at"] = json!("2026-11-22T10:00:00Z");
    assert_eq!(shown.json(), expected);
    shown.assert_hidden("opaque-token");
    let received = server.received();
    assert_eq!(received[0].body, "token=opaque-token&token_type_hint=access_token");
    assert!(received[0].header("authorization").unwrap().starts_with("Basic "));
    assert_eq!(received[0].header("accept"), Some("application/json"));
    assert_snapshot!(ask(&room, "-"), @r#"
    exit 0
    out: active␉true
    out: scope␉read
    out: sub␉u
    out: aud␉["a","b"]
    out: exp␉1795341660 (2026-11-22T10:01:00Z)
    out: iat␉1795341600.5 (2026-11-22T10:00:00Z)
    out: nbf␉"1795341600" (2026-11-22T10:00:00Z)
    out: x␉{"y":null}
    "#);
    assert_eq!(server.received()[0].body, "token=opaque-token");
}

#[test]
fn inactive_token_is_no() {
    let server = Server::start();
    let room = room(&server);
    let no = Answer::json(&json!({"active": false}));
    server.expect(ASKED, no.clone()).expect(ASKED, no.clone());
    assert_snapshot!(ask(&room, ""), @"
    exit 1
    out: active␉false
    ");
    let shown = ask(&room, "--json");
    assert_eq!((shown.code, shown.stdout.as_str()), (1, "{\"active\":false}\n"));

    // A token that has not expired by its own claims gets a remark.
    let token = Signer::new("k").token(&server);
    server.expect(ASKED, no);
    assert_snapshot!(room.call("introspect").stdin(&token).run(), @"
    exit 1
    out: active␉false
    err: the token expires at 2026-11-22T10:05:00Z, so it has not expired. Likely: it was revoked, or its session has ended
    ");
    let mut other = claims(&server);
    other["aud"] = json!("api");
    server.expect(ASKED, Answer::json(&json!({"active": false})));
    assert_snapshot!(room.call("introspect").stdin(&Signer::new("k").sign("JWT", &other)).run(), @"
    exit 1
    out: active␉false
    err: the token expires at 2026-11-22T10:05:00Z, so it has not expired. Likely: its aud lacks ci, and this server answers only clients in aud. Otherwise it was revoked
    ");
}

#[test]
fn what_says_neither_is_malformed() {
    let server = Server::start();
    let room = room(&server);
    for body in [
        r#"{"active":"true"}"#,
        r#"{"active":1}"#,
        r#"{"active":null}"#,
        "{}",
        "[]",
        r#"{"active":true,"active":false}"#,
        r#"{"active":true"#,
        "",
        "true",
    ] {
        server.expect(ASKED, Answer::text("application/json", body));
        let outcome = ask(&room, "");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{body}: {outcome}");
    }
    for page in ["<html>login</html>", r#"{"active":true}"#] {
        server.expect(ASKED, Answer::text("text/html", page));
        assert_eq!(ask(&room, "").code, 8);
    }
}

#[test]
fn refusals_and_outages() {
    let server = Server::start();
    let room = room(&server);
    for (answer, code) in [
        (Answer::error(401, "invalid_client", "no"), 5),
        (Answer::error(403, "invalid_request", "Client not allowed."), 5),
        (Answer::status(404), 5),
        (Answer::status(302).header("location", "https://a.example/"), 8),
    ] {
        server.expect(ASKED, answer);
        let outcome = ask(&room, "");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
    }
    // Asking again changes nothing, so an outage is tried three times.
    server.expect(ASKED, Answer::status(503)).expect(ASKED, Answer::status(500)).expect(ASKED, Answer::status(500));
    assert_eq!(ask(&room, "").code, 6);
    server.expect(ASKED, Answer::error(400, "unsupported_token_type", "opaque-token is a JWT"));
    assert_snapshot!(ask(&room, ""), @"
    exit 5
    err: error: the server refused: unsupported_token_type: [redacted] is a JWT (HTTP 400 from http://AS/introspect)
    err: hint: the server can't introspect this kind of token; to decode a JWT: hallpass inspect --verify
    err: hint: to find out why: hallpass doctor -z prod --introspect
    ");
}

#[test]
fn signed_answer_is_verified() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k-1");
    let typ = "token-introspection+jwt";
    let made = |claims: &Value| Answer::text("application/token-introspection+jwt", &signer.sign(typ, claims));
    let good = json!({"iss": server.issuer(), "aud": "ci", "iat": BEGIN,
        "token_introspection": {"active": true, "sub": "u", "exp": BEGIN + 60}});
    server.expect(ASKED, made(&good)).expect("GET /jwks", Answer::json(&signer.set()));
    assert_eq!(
        ask(&room, "--jwt --json").json(),
        json!({"active": true, "sub": "u", "exp": BEGIN + 60, "exp_at": "2026-11-22T10:01:00Z"})
    );
    assert_eq!(server.received()[0].header("accept"), Some("application/token-introspection+jwt"));
    // The keys are known from here on.
    server.expect(ASKED, made(&good));
    assert_eq!(ask(&room, "--jwt").code, 0);
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!("other")),
        ("iat", json!(BEGIN - 600)),
        ("token_introspection", json!({"active": "yes"})),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        server.expect(ASKED, made(&wrong));
        let outcome = ask(&room, "--jwt");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{name}: {outcome}");
    }
    let other = Answer::text("application/token-introspection+jwt", &signer.sign("JWT", &good));
    server.expect(ASKED, other);
    assert_eq!(ask(&room, "--jwt").code, 8);
    let forged = Signer::new("k-1").sign(typ, &good);
    server.expect(ASKED, Answer::text("application/token-introspection+jwt", &forged));
    assert_snapshot!(ask(&room, "--jwt"), @"
    exit 8
    err: error: the introspection answer is not to be trusted
    err: cause: the signature is invalid
    ");
    server.expect(ASKED, Answer::json(&json!({"active": true})));
    assert_snapshot!(ask(&room, "--jwt"), @"
    exit 8
    err: error: the introspection answer is not to be trusted: it is not signed: the server answered with application/json, not application/token-introspection+jwt (RFC 9701 §4)
    err: hint: retry without --jwt; servers that sign list introspection_signing_alg_values_supported
    ");
}

#[test]
fn token_has_to_be_given() {
    let server = Server::start();
    let room = room(&server);
    for verb in ["introspect", "revoke"] {
        assert_eq!(room.run(verb).code, 3, "{verb}: an empty stdin");
        assert_eq!(room.run(&format!("{verb} env:NOTHING")).code, 3, "{verb}");
        room.run(&format!("{verb} hunter2")).assert_hidden("hunter2");
        assert_eq!(room.run(&format!("{verb} - --hint id_token")).code, 2, "{verb}");
        let asked = room.call(verb).person(true).run();
        assert_eq!(asked.code, 2, "{verb}: {asked}");
        assert!(asked.stderr.contains("file:PATH"), "{asked}");
    }
}

#[test]
fn dry_run_shows_question() {
    let server = Server::start();
    let room = room(&server);
    assert_snapshot!(room.run("introspect env:NOTHING --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' --data-urlencode 'token=[redacted]' http://AS/introspect
    ");
}
