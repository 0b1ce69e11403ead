use std::sync::atomic::Ordering;

use serde_json::json;

use super::{NOW, Room, basic};

fn introspect(room: &Room, client: &str, token: &str) -> serde_json::Value {
    let reply = room.post("/sandbox/introspect", &basic(client, room.secret(client)), &format!("token={token}"));
    assert_eq!(reply.status, 200);
    assert!(reply.has("cache-control: no-store"));
    reply.json
}

#[test]
fn token_is_active_until_it_is_revoked() {
    let room = Room::new();
    let token = room.token();
    let answer = introspect(&room, "sandbox-api", &token);
    assert_eq!(answer["active"], true);
    assert_eq!((&answer["token_type"], &answer["exp"]), (&"Bearer".into(), &(NOW + 300).into()));
    assert_eq!((&answer["iss"], &answer["scope"]), (&room.sandbox.issuer().into(), &"read".into()));
    assert_eq!(introspect(&room, room.client_id(), &token)["active"], true);

    let revoked = room.post("/sandbox/revoke", &room.basic(), &format!("token={token}&token_type_hint=refresh_token"));
    assert_eq!((revoked.status, revoked.body.len()), (200, 0));
    assert_eq!(introspect(&room, "sandbox-api", &token), json!({"active": false}));
    assert_eq!(introspect(&room, "sandbox-api", &room.token())["active"], true);
    let again = room.post("/sandbox/revoke", &room.basic(), &format!("token={token}"));
    assert_eq!(again.status, 200);
}

#[test]
fn token_is_active_until_it_expires() {
    let room = Room::new();
    let token = room.token();
    room.clock.0.store(NOW + 299, Ordering::SeqCst);
    assert_eq!(introspect(&room, "sandbox-api", &token)["active"], true);
    room.clock.0.store(NOW + 300, Ordering::SeqCst);
    assert_eq!(introspect(&room, "sandbox-api", &token), json!({"active": false}));
}

#[test]
fn what_this_server_did_not_sign_is_not_active() {
    let room = Room::new();
    let token = room.token();
    let foreign = Room::new().token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let forged = format!("{header}.e30.{signature}");
    for bad in ["opaque", "a.b.c", foreign.as_str(), forged.as_str(), signed] {
        assert_eq!(introspect(&room, "sandbox-api", bad), json!({"active": false}), "{bad}");
    }
}

#[test]
fn client_sees_its_own_tokens_only() {
    let room = Room::new();
    let token = room.token();
    assert_eq!(introspect(&room, "sandbox-basic", &token), json!({"active": false}));
    let other = basic("sandbox-basic", room.secret("sandbox-basic"));
    let refused = room.post("/sandbox/revoke", &other, &format!("token={token}"));
    assert_eq!(refused.refusal(), (400, "unauthorized_client"));
    assert_eq!(introspect(&room, "sandbox-api", &token)["active"], true);
}

#[test]
fn both_want_client_and_token() {
    let room = Room::new();
    for path in ["/sandbox/introspect", "/sandbox/revoke"] {
        assert_eq!(room.post(path, "", "token=x").refusal(), (401, "invalid_client"), "{path}");
        assert_eq!(room.post(path, &room.basic(), "").refusal(), (400, "invalid_request"), "{path}");
        assert_eq!(room.post(path, &room.basic(), "token=a&token=b").refusal(), (400, "invalid_request"), "{path}");
        assert_eq!(room.get(path).status, 405, "{path}");
    }
    let public = "client_id=sandbox-public&token=x";
    assert_eq!(room.post("/sandbox/introspect", "", public).refusal(), (401, "invalid_client"));
    assert_eq!(room.post("/sandbox/revoke", "", public).status, 200);
}

#[test]
fn answer_is_signed_where_that_is_asked_for() {
    let room = Room::new();
    let token = room.token();
    let fields = format!("{}Accept: application/token-introspection+jwt\r\n", room.basic());
    let reply = room.post("/sandbox/introspect", &fields, &format!("token={token}"));
    assert!(reply.has("content-type: application/token-introspection+jwt"), "{}", reply.head);
    let keys = room.get("/sandbox/jwks").json;
    let decoded = crate::jose::verify(std::str::from_utf8(&reply.body).unwrap(), &keys).unwrap();
    assert_eq!(decoded.header["typ"], "token-introspection+jwt");
    assert_eq!((&decoded.claims["aud"], &decoded.claims["iat"]), (&json!(room.client_id()), &json!(NOW)));
    assert_eq!(decoded.claims["token_introspection"]["active"], true);
}
