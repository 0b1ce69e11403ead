//! `hallpass logout` and `zone remove --revoke`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{KeyringState, Room};
use super::server::{Answer, Server};

/// Metadata with these endpoints beside the token endpoint.
fn metadata(server: &Server, names: &[&str]) -> Value {
    let mut metadata = server.metadata();
    for name in names {
        metadata[format!("{name}_endpoint")] = format!("{}/{name}", server.origin()).into();
    }
    metadata
}

/// Nobody is signed in any more, and nothing speaks of it.
fn is_signed_out(room: &Room) {
    assert!(room.kept().iter().all(|(place, _)| place != "prod/refresh_token"), "{:?}", room.kept());
    assert!(!room.files().iter().any(|name| name.starts_with("session/prod")), "{:?}", room.files());
    assert_eq!(room.run("token").code, 4);
}

#[test]
fn where_server_offers_nothing_sign_in_is_forgotten_here() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    room.run("token").ok();
    server.serves(&server.metadata());
    assert_snapshot!(room.run("logout"), @"
    exit 0
    out: signed out of zone prod
    ");
    is_signed_out(&room);
    assert_snapshot!(room.run("logout"), @"
    exit 0
    out: nobody was signed in to zone prod
    ");
}

#[test]
fn session_at_server_ends_too() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::json(&json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-2", "id_token": "a.b.c",
    })));
    room.run("token").ok();
    server.received();
    server.serves(&metadata(&server, &["end_session"]));
    server.expect("POST /end_session", Answer::status(204));
    assert_eq!(
        room.run("logout --json").json(),
        json!([{"zone": "prod", "signed_in": true, "session_ended": true, "revoked": 0}])
    );
    assert_eq!(server.received()[2].body, "id_token_hint=a.b.c&refresh_token=RT-2&client_id=app");
    is_signed_out(&room);
}

#[test]
fn at_another_origin_only_id_token_names_session() {
    let (server, elsewhere) = (Server::start(), Server::start());
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --header X-Key:header-canary").ok();
    server.mints(Answer::json(&json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-2", "id_token": "a.b.c",
    })));
    room.run("token").ok();
    server.received();
    let mut metadata = metadata(&server, &["revocation"]);
    metadata["end_session_endpoint"] = format!("{}/logout", elsewhere.origin()).into();
    server.serves(&metadata);
    server.expect("POST /revocation", Answer::status(200));
    elsewhere.expect("POST /logout", Answer::status(204));
    assert_eq!(room.run("logout --json").json()[0]["session_ended"], true);
    let received = elsewhere.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, "id_token_hint=a.b.c&client_id=app");
    assert!(received[0].header("authorization").is_none() && received[0].header("x-key").is_none());
    let revoked = server.received().pop().unwrap();
    assert_eq!(revoked.body, "token=RT-2&token_type_hint=refresh_token&client_id=app");
    is_signed_out(&room);
}

#[test]
fn without_id_token_nothing_goes_to_another_origin() {
    let (server, elsewhere) = (Server::start(), Server::start());
    let room = Room::signed_in(&server, "RT-1");
    let mut metadata = server.metadata();
    metadata["end_session_endpoint"] = format!("{}/logout", elsewhere.origin()).into();
    server.serves(&metadata).serves(&metadata);
    let outcome = room.run("logout");
    assert_eq!((outcome.code, elsewhere.count()), (0, 0), "{outcome}");
    assert!(outcome.stderr.contains("there is no ID token that identifies it"), "{outcome}");
    is_signed_out(&room);
}

#[test]
fn server_that_revokes_nothing_leaves_a_way_out() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    // What a command misses in known metadata is looked for again.
    server.serves(&server.metadata()).serves(&server.metadata());
    let outcome = room.run("logout --revoke");
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr.contains("hint: or sign out here only: hallpass logout -z prod\n"), "{outcome}");
    room.run("logout -z prod").ok();
    is_signed_out(&room);
}

#[test]
fn failed_logout_warns_and_forgets() {
    for (answer, said) in [
        (
            Answer::error(400, "invalid_grant", "RT-1"),
            "may still be there: the server refused: invalid_grant: [redacted]",
        ),
        (Answer::text("text/html", "<p>Sure?"), "answered the logout with a page"),
        (Answer::status(302).header("location", "https://elsewhere.example/"), "may still be there"),
    ] {
        let server = Server::start();
        let room = Room::signed_in(&server, "RT-1");
        server.serves(&metadata(&server, &["end_session"]));
        server.expect("POST /end_session", answer);
        let outcome = room.run("logout");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "signed out of zone prod\n"), "{outcome}");
        assert!(outcome.stderr.contains(said), "{outcome}");
        outcome.assert_hidden("RT-1");
        is_signed_out(&room);
    }
}

#[test]
fn with_revoke_tokens_become_worthless_first() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.serves(&metadata(&server, &["revocation"]));
    server.expect("POST /revocation", Answer::error(503, "temporarily_unavailable", ""));
    server.expect("POST /revocation", Answer::error(503, "temporarily_unavailable", ""));
    server.expect("POST /revocation", Answer::error(503, "temporarily_unavailable", ""));
    let failed = room.run("logout --revoke");
    assert_eq!((failed.code, failed.stdout.as_str()), (6, ""), "{failed}");
    assert_eq!(room.kept(), [("prod/refresh_token".to_owned(), "RT-1".to_owned())], "not forgotten while it lives");
    server.received();
    server.expect("POST /revocation", Answer::status(200));
    assert_snapshot!(room.run("logout --revoke"), @"
    exit 0
    out: signed out of zone prod; 1 revoked
    ");
    assert_eq!(server.received()[0].body, "token=RT-1&token_type_hint=refresh_token&client_id=app");
    is_signed_out(&room);
}

/// RFC 7009 §2: a server need not revoke access tokens. oidc-provider revokes none that is a JWT.
#[test]
fn access_token_that_can_not_be_revoked_keeps_nobody_signed_in() {
    for line in ["logout --revoke", "revoke --own all"] {
        let server = Server::start();
        let room = Room::signed_in(&server, "RT-1");
        room.run("zone edit prod --revocation-endpoint /revoke").ok();
        server.mints(Answer::token("AT-1"));
        room.run("token").ok();
        server.received();
        if line.starts_with("logout") {
            server.serves(&server.metadata());
        }
        server
            .expect("POST /revoke", Answer::status(200))
            .expect("POST /revoke", Answer::error(400, "unsupported_token_type", "no JWT"));
        let outcome = room.run(line);
        outcome.ok();
        assert!(outcome.stderr.contains("can't revoke the access token, which is valid until it expires"), "{outcome}");
        assert_eq!((room.kept(), room.run("token").code), (vec![], 4), "{line}");
    }
}

#[test]
fn tokens_of_session_that_ended_are_revoked_without_remark() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::json(&json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-2", "id_token": "a.b.c",
    })));
    room.run("token").ok();
    server.serves(&metadata(&server, &["end_session", "revocation"]));
    server.expect("POST /end_session", Answer::status(204));
    let invalid = json!({"error": "invalid_token", "error_description": "Invalid token"});
    server.expect("POST /revocation", Answer::json(&invalid)).expect("POST /revocation", Answer::json(&invalid));
    assert_snapshot!(room.run("logout --revoke"), @"
    exit 0
    out: signed out of zone prod; the session at the server has ended
    ");
}

#[test]
fn every_zone_is_tried() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone add other --issuer https://other.example --client-id o").ok();
    server.serves(&server.metadata());
    assert_snapshot!(room.run("logout --all"), @"
    exit 0
    out: signed out of zone prod
    ");
    is_signed_out(&room);
    assert_eq!(room.run("logout --all -z prod").code, 2);
}

#[test]
fn vault_that_is_locked_keeps_sign_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.serves(&server.metadata());
    room.keyring_is(KeyringState::Locked);
    let refused = room.run("logout");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{refused}");
    room.keyring_is(KeyringState::Fine);
    assert_eq!(room.run("status --json").json()[0]["refresh_token"], true);
}

#[test]
fn dry_run_shows_request_and_forgets_nothing() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.serves(&metadata(&server, &["end_session", "revocation"]));
    server.mints(Answer::error(400, "invalid_scope", ""));
    room.run("zone edit prod --unset token_endpoint").ok();
    assert_eq!(room.run("token").code, 5, "now the metadata is known");
    server.received();
    assert_snapshot!(room.run("logout --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode 'refresh_token=[redacted]' --data-urlencode client_id=app http://AS/end_session
    ");
    assert_eq!(server.count(), 0);
    assert_eq!(room.run("status --json").json()[0]["refresh_token"], true);
}

#[test]
fn zone_is_removed_when_its_tokens_are_revoked() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --revocation-endpoint /revoke").ok();
    server.expect("POST /revoke", Answer::error(400, "invalid_client", ""));
    assert_eq!(room.run("zone remove prod --yes --revoke").code, 5);
    assert_eq!(room.run("zone has prod").code, 0);
    server.received();
    server.expect("POST /revoke", Answer::status(200));
    room.run("zone remove prod --yes --revoke").ok();
    assert!(server.received()[0].body.starts_with("token=RT-1&"));
    assert_eq!(room.kept(), []);
}
