//! Renewal by the refresh token: it rotates, it is never lost, and it is never sent twice.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, KeyringState, Room};
use super::server::{Answer, Server};
use super::signer::Signer;

/// What rests of the session's file.
fn session(room: &Room) -> Value {
    serde_json::from_str(&std::fs::read_to_string(room.home().join("session/prod.json")).unwrap()).unwrap()
}

fn held(room: &Room) -> String {
    room.kept()
        .into_iter()
        .find(|(place, _)| place == "prod/refresh_token")
        .map_or_else(String::new, |(_, token)| token)
}

#[test]
fn refresh_brings_token_and_next_refresh_token() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    ");
    let sent = server.received().remove(0);
    assert_eq!(sent.body, "grant_type=refresh_token&refresh_token=RT-1&client_id=app");
    assert_eq!((held(&room).as_str(), &session(&room)["sent"]), ("RT-2", &Value::Null));
    let touched = room.keyring_calls();
    let again = room.run("token --json").json();
    assert_eq!(
        (&again["access_token"], &again["source"], &again["zone"]),
        (&json!("AT-1"), &json!("cache"), &json!("prod"))
    );
    assert_eq!(room.keyring_calls(), touched, "the cache needs no keyring");
    room.later(250);
    server.mints(Answer::refreshed("AT-2", "RT-3"));
    let fresh = room.run("token --json").json();
    assert_eq!((&fresh["access_token"], &fresh["source"]), (&json!("AT-2"), &json!("refresh")));
    assert!(server.received()[0].body.contains("refresh_token=RT-2"));
    assert_eq!(held(&room), "RT-3");
    assert_eq!(room.run("header").ok(), "Authorization: Bearer AT-2");
}

#[test]
fn refresh_without_rotation_keeps_token() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    assert_eq!((held(&room).as_str(), &session(&room)["rotates"]), ("RT-1", &json!(false)));
    room.later(301);
    server.mints(Answer::refreshed("AT-2", "RT-1"));
    room.run("token").ok();
    // A lost answer leaves nothing in doubt here: 6, and the next command sends it again.
    room.later(301);
    server.mints(Answer::lost_response());
    assert_snapshot!(room.run("token"), @"
    exit 6
    err: error: no answer came to the refresh for zone prod
    err: cause: http://AS ended the connection while waiting for an answer: connection closed before message completed
    err: cause: the refresh token did not rotate so far, so it is sent again next time
    ");
    for status in [502, 504] {
        server.mints(Answer::status(status));
        assert_eq!(room.run("token").code, 6, "{status}");
    }
    // Not an answer to a refresh at all, and yet nothing is in doubt.
    server.mints(Answer::text("text/html", "<p>log in to the hotel's network"));
    let hotel = room.run("token");
    assert!(hotel.code == 8 && !hotel.stderr.contains("in doubt"), "{hotel}");
    server.mints(Answer::token("AT-3"));
    assert_eq!(room.run("token").ok(), "AT-3");
}

#[test]
fn what_differs_from_sign_in_is_asked_for() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    room.run("token --scope read --audience api --resource https://api.example --param tenant=x").ok();
    assert_eq!(
        server.received()[0].body,
        "grant_type=refresh_token&refresh_token=RT-1&scope=read&audience=api&resource=https%3A%2F%2Fapi.example&tenant=x\
         &client_id=app"
    );
    server.mints(Answer::error(400, "invalid_scope", "too much"));
    assert_snapshot!(room.run("token --scope admin"), @"
    exit 5
    err: error: the server refused: invalid_scope: too much (HTTP 400 from http://AS/token)
    err: hint: a scope beyond those of the sign-in needs a new one: hallpass login -z prod --scope 'admin'
    ");
    assert_eq!((held(&room).as_str(), &session(&room)["sent"]), ("RT-2", &Value::Null));
}

#[test]
fn nobody_signed_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    std::fs::remove_file(room.home().join("session/prod.json")).unwrap();
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("token"), @"
    exit 4
    err: error: nobody is signed in to zone prod
    err: hint: hallpass login -z prod
    ");
    assert_eq!(
        room.run("token --json").stderr.trim_end(),
        r#"{"error":{"kind":"authentication","oauth_error":null,"message":"nobody is signed in to zone prod","hint":"hallpass login -z prod","retriable":false,"exit":4}}"#
    );
    assert_eq!(room.keyring_calls(), touched);
}

#[test]
fn dead_refresh_token_is_forgotten_on_servers_word() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::error(400, "invalid_grant", "Session not active: RT-1"));
    let ended = room.run("token");
    ended.assert_hidden("RT-1");
    assert_snapshot!(ended, @"
    exit 4
    err: error: the session of zone prod has ended
    err: cause: the server refused: invalid_grant: Session not active: [redacted] (HTTP 400 from http://AS/token)
    err: hint: hallpass login -z prod
    ");
    assert_eq!(held(&room), "");
    assert_eq!(room.run("status --json").json()[0]["refresh_token"], false);
    assert_snapshot!(room.run("token"), @"
    exit 4
    err: error: the session of zone prod has ended
    err: cause: there is no refresh token to renew it by
    err: hint: hallpass login -z prod
    ");
}

#[test]
fn other_refusals_and_outages_leave_it_where_it_is() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    for (answer, code) in [
        (Answer::error(401, "invalid_client", "who"), 5),
        (Answer::error(400, "unauthorized_client", "not you"), 5),
        (Answer::status(503), 6),
        (Answer::status(429), 6),
        (Answer::status(500), 6),
        (Answer::status(404), 5),
        (Answer::status(302).header("location", "https://elsewhere.example/"), 8),
    ] {
        server.mints(answer);
        let refused = room.run("token --no-breaker");
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{refused}");
        assert_eq!((held(&room).as_str(), &session(&room)["sent"]), ("RT-1", &Value::Null), "{refused}");
    }
    assert_eq!(server.count(), 7, "none is sent twice by itself");
}

#[test]
fn refusal_that_new_sign_in_ends_names_command() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    for (answer, code) in [
        (Answer::error(400, "interaction_required", "MFA"), 4),
        (Answer::error(400, "login_required", ""), 4),
        (Answer::error(401, "consent_required", ""), 4),
        (Answer::error(400, "account_selection_required", ""), 4),
        (Answer::error(400, "invalid_request", "unknown token"), 5),
        (Answer::error(401, "invalid_token", ""), 5),
        (Answer::error(400, "expired_token", ""), 5),
        (Answer::error(200, "bad_refresh_token", ""), 5),
        (Answer::error(200, "bad_verification_code", ""), 5),
        (Answer::status(401), 5),
    ] {
        server.mints(answer);
        let refused = room.run("token");
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{refused}");
        assert!(refused.stderr.contains("hint: hallpass login -z prod\n"), "{refused}");
        assert_eq!((held(&room).as_str(), &session(&room)["sent"]), ("RT-1", &Value::Null), "{refused}");
    }
}

#[test]
fn valid_token_survives_end_of_sign_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    room.run("token").ok();
    room.later(270);
    server.mints(Answer::error(400, "invalid_grant", "gone"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: renewal failed, a token that is valid until 2026-11-22T10:05:00Z is used: the session of zone prod has ended: the server refused: invalid_grant: gone (HTTP 400 from http://AS/token)
    ");
    room.later(31);
    assert_eq!(room.run("token").code, 4);
}

#[test]
fn lost_refresh_response_is_in_doubt() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::lost_response());
    let doubt = room.run("token");
    doubt.assert_hidden("RT-1");
    assert_snapshot!(doubt, @"
    exit 8
    err: error: the refresh for zone prod is in doubt: the refresh token was sent, and no answer was saved
    err: cause: the request to http://AS is in doubt: it was sent, but no whole answer came (while waiting for an answer): http://AS ended the connection while waiting for an answer: connection closed before message completed
    err: hint: sign in again, which is always safe: hallpass login -z prod
    err: hint: or find out whether it was used: hallpass introspect vault:refresh_token --hint refresh_token -z prod
    ");
    assert_eq!((server.count(), held(&room).as_str()), (1, "RT-1"));
    // The server has no introspection endpoint: nobody knows.
    server.serves(&server.metadata());
    assert_snapshot!(room.run("token"), @"
    exit 8
    err: error: the refresh for zone prod is in doubt: the refresh token was sent at 2026-11-22T10:00:00Z, and no answer was saved
    err: hint: sign in again, which is always safe: hallpass login -z prod
    err: hint: or find out whether it was used: hallpass introspect vault:refresh_token --hint refresh_token -z prod
    ");
    room.signs_in(&server, "RT-9");
    server.mints(Answer::refreshed("AT-9", "RT-10"));
    assert_eq!(room.run("token").ok(), "AT-9", "a new sign-in ends the doubt");
}

/// A 502 or 504 is a gateway's word: the server behind it may have rotated. Its own 500 leaves the token where it is.
#[test]
fn gateways_answer_is_lost_one() {
    let server = Server::start();
    for status in [502, 504, 520, 524, 599] {
        let room = Room::signed_in(&server, "RT-1");
        server.mints(Answer::text("text/html", "<h1>Bad Gateway</h1>").with_status(status));
        let doubt = room.run("token");
        assert_eq!((doubt.code, doubt.stdout.as_str(), server.count()), (8, "", 1), "{doubt}");
        assert!(doubt.stderr.contains("in doubt") && doubt.stderr.contains("hallpass login -z prod"), "{doubt}");
        assert!(session(&room)["sent"].is_object(), "{status}");
        server.serves(&server.metadata());
        assert_eq!(room.run("token").code, 8, "the server does not say whether it was spent");
        let asked = server.received();
        assert!(!asked.iter().any(|request| request.body.contains("RT-1")), "it was sent again");
    }
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::status(500));
    assert_snapshot!(room.run("token"), @"
    exit 6
    err: error: the token answer: HTTP 500 from http://AS/token
    err: hint: reusing a spent refresh token ends the session; check it first: hallpass introspect vault:refresh_token --hint refresh_token -z prod
    ");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

#[test]
fn server_may_end_doubt() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --introspection-endpoint /introspect").ok();
    server.mints(Answer::lost_response());
    assert_eq!(room.run("token").code, 8);
    server.expect("POST /introspect", Answer::json(&json!({"active": true})));
    server.mints(Answer::lost_response());
    assert_eq!(room.run("token").code, 8, "again");
    server.expect("POST /introspect", Answer::status(500));
    server.expect("POST /introspect", Answer::status(500));
    server.expect("POST /introspect", Answer::status(500));
    assert_eq!(room.run("token").code, 8, "no word is no proof");
    server.received();
    server.expect("POST /introspect", Answer::json(&json!({"active": false})));
    assert_snapshot!(room.run("token"), @"
    exit 4
    err: error: the session of zone prod has ended
    err: cause: a refresh was sent at 2026-11-22T10:00:00Z and its answer was lost
    err: cause: the server reports that the refresh token is no longer good
    err: hint: hallpass login -z prod
    ");
    assert_eq!(server.received()[0].body, "token=RT-1&token_type_hint=refresh_token&client_id=app");
    server.expect("POST /introspect", Answer::json(&json!({"active": true})));
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert_eq!(held(&room), "RT-2");
}

#[test]
fn unusable_refresh_response_keeps_refresh_token() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::json(&json!({"access_token": "AT 1", "token_type": "Bearer", "refresh_token": "RT-2"})));
    assert_snapshot!(room.run("token"), @"
    exit 8
    err: error: the server sent an unusable access_token: it contains a character other than visible ASCII, or a quote, comma, semicolon or backslash
    err: cause: the refresh token in it was saved
    ");
    assert_eq!(held(&room), "RT-2");
    server.mints(Answer::text("text/html", "<p>proxy"));
    let lost = room.run("token");
    assert!(lost.code == 8 && lost.stderr.contains("in doubt"), "{lost}");
}

#[test]
fn vault_that_cannot_be_used_sends_nothing() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    for mood in [KeyringState::Locked, KeyringState::Absent] {
        room.keyring_is(mood);
        let refused = room.run("token");
        assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{mood:?} {refused}");
    }
    assert_eq!(server.count(), 0);
    room.keyring_is(KeyringState::Fine);
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

#[test]
fn unsaved_refresh_token_is_rescued() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    room.keyring_fills_after(0);
    let rescued = room.run("token");
    rescued.assert_hidden("RT-2");
    assert_snapshot!(rescued, @"
    exit 7
    err: error: the keyring failed: it takes no more
    err: cause: the new refresh token was rescued into ROOM/home/session/prod.rescue
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    err: hint: when the vault works again, the next token command moves it there
    ");
    assert_eq!(room.run("token").ok(), "AT-1", "the access token is cached");
    room.later(301);
    assert_eq!(room.run("token").code, 7, "nothing is sent while the vault takes nothing");
    room.keyring_is(KeyringState::Fine);
    server.mints(Answer::refreshed("AT-2", "RT-3"));
    assert_eq!(room.run("token").ok(), "AT-2");
    assert!(server.received()[1].body.contains("refresh_token=RT-2"));
    assert_eq!(held(&room), "RT-3");
    assert!(!room.home().join("session/prod.rescue").exists());
}

#[test]
fn without_cache_refresh_token_still_moves_on() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    for (token, next) in [("AT-1", "RT-2"), ("AT-2", "RT-3")] {
        server.mints(Answer::refreshed(token, next));
        assert_eq!(room.run("token --no-cache").ok(), token);
        assert_eq!(held(&room), next);
    }
}

#[test]
fn dry_run_opens_no_vault_and_sends_nothing() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("token --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode grant_type=refresh_token --data-urlencode 'refresh_token=[redacted]' --data-urlencode client_id=app http://AS/token
    ");
    assert_eq!((server.count(), room.keyring_calls()), (0, touched));
    assert_eq!(session(&room)["sent"], Value::Null);
}

#[test]
fn id_token_stays_until_refresh_brings_new_one() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    let signer = Signer::new("k");
    let id_token = signer.sign("JWT", &person(&server));
    room.run("zone edit prod --jwks-uri /jwks").ok();
    server.mints(Answer::json(&json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-2", "id_token": id_token,
    })));
    server.expect("GET /jwks", Answer::json(&signer.set()));
    assert_eq!(room.run("token --id-token").ok(), id_token);
    room.later(245);
    server.mints(Answer::refreshed("AT-2", "RT-3"));
    assert_eq!(room.run("token --id-token").ok(), id_token, "it is still good");
    assert_eq!(room.run("header --id-token").ok(), format!("Authorization: Bearer {id_token}"));
    room.later(60);
    assert_snapshot!(room.run("token --id-token"), @"
    exit 4
    err: error: the ID token has expired, and the server returned no new one
    err: hint: hallpass login -z prod
    ");
}

/// The claims of an ID token that ends with the first access token.
fn person(server: &Server) -> Value {
    json!({"iss": server.issuer(), "sub": "u-1", "aud": "app", "iat": BEGIN, "exp": BEGIN + 300})
}

#[test]
fn refreshed_id_token_is_verified() {
    let signer = Signer::new("k");
    for (name, header, changed, reason) in [
        ("unsigned", json!({"alg": "none"}), json!({}), "the algorithm \"none\" is not one"),
        ("another key", json!({"alg": "ES256", "kid": "k"}), json!({}), "signature"),
        ("issuer", Value::Null, json!({"iss": "https://evil.example"}), "its iss is https://evil.example"),
        ("client", Value::Null, json!({"aud": "other"}), "its aud is other, which does not name app"),
        ("person", Value::Null, json!({"sub": "mallory"}), "another user than the one who signed in"),
    ] {
        let server = Server::start();
        let room = Room::signed_in(&server, "RT-1");
        let mut known = session(&room);
        known["subject"] = json!("u-1");
        room.write("home/session/prod.json", &known.to_string());
        room.run("zone edit prod --jwks-uri /jwks").ok();
        let mut claims = person(&server);
        claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let id_token = match &header {
            Value::Null => signer.sign("JWT", &claims),
            header if name == "another key" => Signer::new("k").sign_as(header, &claims),
            header => signer.sign_as(header, &claims),
        };
        server.mints(Answer::json(&json!({
            "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
        })));
        if name != "unsigned" {
            server.expect("GET /jwks", Answer::json(&signer.set()));
        }
        assert_eq!(room.run("token").ok(), "AT-1", "{name}: the access token does not depend on it");
        for verb in ["token", "header"] {
            let refused = room.run(&format!("{verb} --id-token"));
            assert_eq!((refused.code, refused.stdout.as_str()), (8, ""), "{name}: {refused}");
            assert!(refused.stderr.contains(reason), "{name}: {refused}");
            refused.assert_hidden(&id_token);
        }
    }
}

#[test]
fn irregular_rotation_is_treated_as_rotation() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    for (answer, rotates) in
        [(Answer::token("AT-1"), false), (Answer::refreshed("AT-2", "RT-2"), true), (Answer::token("AT-3"), true)]
    {
        server.mints(answer);
        room.run("token --fresh").ok();
        assert_eq!(session(&room)["rotates"], json!(rotates));
    }
    server.mints(Answer::lost_response());
    assert_eq!(room.run("token --fresh").code, 8);
    assert!(session(&room)["sent"].is_object(), "the next one does not send it again");
}
