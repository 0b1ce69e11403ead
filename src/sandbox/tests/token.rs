use super::{NOW, Room, basic, basic_raw};
use crate::jose::verify;

const TOKEN: &str = "/sandbox/token";
const GRANT: &str = "grant_type=client_credentials";

#[test]
fn token_verifies_against_keys_that_are_served() {
    let room = Room::new();
    let reply = room.mint("&scope=read+write+read");
    assert_eq!(reply.status, 200);
    assert!(reply.has("cache-control: no-store") && reply.has("pragma: no-cache"));
    assert_eq!((&reply.json["token_type"], &reply.json["expires_in"]), (&"Bearer".into(), &300.into()));
    assert_eq!(reply.json["scope"], "read write");
    let token = verify(reply.json["access_token"].as_str().unwrap(), &room.get("/sandbox/jwks").json).unwrap();
    assert_eq!(token.header["typ"], "at+jwt");
    assert_eq!(token.claims["iss"], room.sandbox.issuer());
    assert_eq!(token.claims["sub"], room.client_id());
    assert_eq!(token.claims["client_id"], room.client_id());
    assert_eq!((&token.claims["iat"], &token.claims["exp"]), (&NOW.into(), &(NOW + 300).into()));
    assert_eq!((&token.claims["scope"], &token.claims["aud"]), (&"read write".into(), &"sandbox-api".into()));
    assert_eq!(token.claims["jti"].as_str().unwrap().len(), 32);
    let line = room.lines.lock().unwrap()[0].clone();
    assert!(line.starts_with("POST /sandbox/token 200 "), "{line}");
    assert!(line.ends_with(&format!(" client={} grant=client_credentials", room.client_id())), "{line}");
}

#[test]
fn each_client_authenticates_in_its_own_ways() {
    let room = Room::new();
    let (main, secret) = (room.client_id(), room.client_secret().expose());
    let by_basic = |id: &str, secret: &str| room.post(TOKEN, &basic(id, secret), GRANT).status;
    let by_post = |id: &str, secret: &str| {
        let secret = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
        room.post(TOKEN, "", &format!("{GRANT}&client_id={id}&client_secret={secret}")).status
    };
    let by_name = |id: &str| room.post(TOKEN, "", &format!("{GRANT}&client_id={id}")).status;
    let [b, p, a] = ["sandbox-basic", "sandbox-post", "sandbox-api"].map(|id| room.secret(id));
    assert_eq!((by_basic(main, secret), by_post(main, secret), by_name(main)), (200, 200, 401));
    assert_eq!((by_basic("sandbox-basic", b), by_post("sandbox-basic", b)), (200, 401));
    assert_eq!((by_basic("sandbox-post", p), by_post("sandbox-post", p)), (401, 200));
    assert_eq!((by_basic("sandbox-api", a), by_post("sandbox-api", a)), (200, 200));
    assert_eq!(
        (by_name("sandbox-public"), by_post("sandbox-public", "x"), by_basic("sandbox-public", "")),
        (200, 401, 401)
    );
}

#[test]
fn secret_that_was_not_form_encoded_is_wrong() {
    let room = Room::new();
    let raw = basic_raw("sandbox-basic", room.secret("sandbox-basic"));
    assert_eq!(room.post(TOKEN, &raw, GRANT).refusal(), (401, "invalid_client"));
}

#[test]
fn client_secrets_differ() {
    let room = Room::new();
    assert_eq!(room.sandbox.clients()[0].id, room.client_id());
    assert_eq!(room.secret(room.client_id()), room.client_secret().expose());
    assert!(room.client_secret().expose().chars().all(|c| c.is_ascii_hexdigit()));
    let mut secrets: Vec<_> = room.sandbox.clients().iter().filter_map(|client| client.secret.as_ref()).collect();
    secrets.sort_by_key(|secret| secret.expose());
    secrets.dedup_by_key(|secret| secret.expose().to_owned());
    assert_eq!(secrets.len(), 6);
}

#[test]
fn client_that_proves_nothing_is_challenged() {
    let room = Room::new();
    let unknown = room.post(TOKEN, &basic("nobody", "x"), GRANT);
    let wrong = room.post(TOKEN, &basic(room.client_id(), "wrong"), GRANT);
    assert_eq!(unknown.refusal(), (401, "invalid_client"));
    assert!(unknown.has("www-authenticate: basic realm=\"sandbox\", charset=\"utf-8\""));
    assert_eq!(unknown.body, wrong.body);
    for field in ["Authorization: Basic\r\n", "Authorization: Basic ???\r\n", "Authorization: Bearer abc\r\n", ""] {
        assert_eq!(room.post(TOKEN, field, GRANT).refusal(), (401, "invalid_client"), "{field}");
    }
}

#[test]
fn two_ways_at_once_are_refused() {
    let room = Room::new();
    let field = room.basic();
    let id = room.client_id();
    let both = room.post(TOKEN, &field, &format!("{GRANT}&client_id={id}&client_secret=x"));
    assert_eq!(both.refusal(), (400, "invalid_request"));
    assert_eq!(room.post(TOKEN, &field, &format!("{GRANT}&client_id=other")).refusal(), (400, "invalid_request"));
    assert_eq!(room.post(TOKEN, &format!("{field}{field}"), GRANT).refusal(), (400, "invalid_request"));
    assert_eq!(room.post(TOKEN, &field, &format!("{GRANT}&client_id={id}")).status, 200);
}

#[test]
fn bad_requests_are_named() {
    let room = Room::new();
    let field = room.basic();
    let refusal = |path: &str, body: &str| {
        let reply = room.post(path, &field, body);
        assert!(reply.has("content-type: application/json") && reply.has("cache-control: no-store"));
        (reply.status, reply.json["error"].as_str().unwrap().to_owned())
    };
    let bad = |error: &str| (400, error.to_owned());
    assert_eq!(refusal(TOKEN, ""), bad("invalid_request"));
    assert_eq!(refusal(TOKEN, "grant_type=password"), bad("unsupported_grant_type"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&{GRANT}")), bad("invalid_request"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&scope=read&scope=write")), bad("invalid_request"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&scope=read+secrets")), bad("invalid_scope"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&resource=relative")), bad("invalid_target"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&resource=https://a.example/%23x")), bad("invalid_target"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&audience={}", "a".repeat(600))), bad("invalid_target"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}{}", "&audience=a".repeat(200))), bad("invalid_request"));
    assert_eq!(refusal(TOKEN, &format!("{GRANT}&x=%zz")), bad("invalid_request"));
    assert_eq!(refusal(&format!("{TOKEN}?client_secret=x"), GRANT), bad("invalid_request"));
    assert_eq!(refusal(TOKEN, &"a".repeat(70_000)), (413, "invalid_request".to_owned()));
    let json = room.form(TOKEN, &field, "{}").replace("application/x-www-form-urlencoded", "application/json");
    assert_eq!(room.send(&json).refusal(), (400, "invalid_request"));
    assert!(!room.lines.lock().unwrap().iter().any(|line| line.contains("client_secret")));
}

#[test]
fn empty_parameters_are_as_good_as_none() {
    let room = Room::new();
    assert_eq!(room.mint("&scope=&audience=&resource=").json["scope"], "read");
}

#[test]
fn audiences_and_resources_end_in_aud() {
    let room = Room::new();
    let aud = |more: &str| {
        let token = room.mint(more).json["access_token"].as_str().unwrap().to_owned();
        crate::jose::decode(&token).unwrap().claims["aud"].clone()
    };
    assert_eq!(aud("&audience=orders"), "orders");
    assert_eq!(
        aud("&audience=a&audience=b&audience=a&resource=https://r.example/x"),
        serde_json::json!(["https://r.example/x", "a", "b"])
    );
}
