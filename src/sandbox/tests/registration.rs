//! Clients that register themselves (RFC 7591) and manage their registration (RFC 7592).

use super::{Response, Room, basic};

impl Room {
    fn json(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Response {
        let (host, length) = (self.authority(), body.len());
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/json\r\n{token}\r\n{body}"
        ))
    }

    pub(super) fn register(&self, body: &str) -> Response {
        self.json("POST", "/sandbox/register", None, body)
    }
}

fn text<'a>(reply: &'a Response, name: &str) -> &'a str {
    reply.json[name].as_str().unwrap_or_else(|| panic!("{name} in {}", reply.json))
}

/// The path of the client configuration endpoint.
fn place(reply: &Response) -> String {
    let uri = text(reply, "registration_client_uri");
    uri[uri.find("/sandbox").unwrap()..].to_owned()
}

#[test]
fn client_registers_mints_and_is_limited_to_its_grants() {
    let room = Room::new();
    let made = room.register(r#"{"grant_types":["client_credentials"],"client_name":"x","colour":"red"}"#);
    assert_eq!((made.status, made.has("cache-control: no-store")), (201, true));
    assert_eq!((&made.json["client_secret_expires_at"], made.json.get("colour")), (&0.into(), None));
    assert_eq!(text(&made, "token_endpoint_auth_method"), "client_secret_basic");
    let credentials = basic(text(&made, "client_id"), text(&made, "client_secret"));
    assert_eq!(room.post("/sandbox/token", &credentials, "grant_type=client_credentials").status, 200);
    let other = room.post("/sandbox/token", &credentials, "grant_type=refresh_token&refresh_token=x");
    assert_eq!(other.refusal(), (400, "unauthorized_client"));
}

#[test]
fn update_rotates_token_and_replaces_whole() {
    let room = Room::new();
    let made = room.register(r#"{"grant_types":["client_credentials"],"client_name":"x"}"#);
    let (path, id, first) = (place(&made), text(&made, "client_id"), text(&made, "registration_access_token"));
    let read = room.json("GET", &path, Some(first), "");
    assert_eq!(read.json, made.json, "reading changes nothing");
    let secret = text(&made, "client_secret");
    let body = format!(r#"{{"client_id":"{id}","client_secret":"{secret}","grant_types":["client_credentials"]}}"#);
    let updated = room.json("PUT", &path, Some(first), &body);
    assert_eq!((updated.status, updated.json.get("client_name")), (200, None));
    assert_eq!(text(&updated, "client_secret"), secret);
    assert_eq!(room.json("GET", &path, Some(first), "").refusal(), (401, "invalid_token"));
    let second = text(&updated, "registration_access_token");
    for (bad, error) in [
        ("{}", "invalid_client_metadata"),
        (r#"{"client_id":"other"}"#, "invalid_client_metadata"),
        (&body.replace(secret, "guess"), "invalid_client_metadata"),
        (&body.replace('{', r#"{"client_id_issued_at":1,"#), "invalid_request"),
    ] {
        assert_eq!(room.json("PUT", &path, Some(second), bad).refusal(), (400, error), "{bad}");
    }
    // What did not succeed did not rotate; without the secret there is a new one.
    let renewed = room.json("PUT", &path, Some(second), &body.replace(&format!(r#""client_secret":"{secret}","#), ""));
    assert_eq!(renewed.status, 200, "{}", renewed.json);
    assert_ne!(text(&renewed, "client_secret"), secret);
    let third = text(&renewed, "registration_access_token");
    assert_eq!(room.json("DELETE", &path, Some(third), "").status, 204);
    assert_eq!(room.json("GET", &path, Some(third), "").refusal(), (401, "invalid_token"));
    let credentials = basic(id, text(&renewed, "client_secret"));
    assert_eq!(room.post("/sandbox/token", &credentials, "grant_type=client_credentials").status, 401);
}

#[test]
fn what_is_not_allowed_is_named() {
    let room = Room::new();
    for (body, error) in [
        ("", "invalid_request"),
        ("[]", "invalid_request"),
        ("{}", "invalid_redirect_uri"),
        (r#"{"redirect_uris":["x"]}"#, "invalid_redirect_uri"),
        (r#"{"redirect_uris":["https://a.example/#f"]}"#, "invalid_redirect_uri"),
        (r#"{"grant_types":"client_credentials"}"#, "invalid_client_metadata"),
        (r#"{"grant_types":["password"]}"#, "invalid_client_metadata"),
        (r#"{"grant_types":["client_credentials"],"response_types":["code"]}"#, "invalid_client_metadata"),
        (r#"{"grant_types":["client_credentials"],"scope":"nope"}"#, "invalid_client_metadata"),
        (r#"{"grant_types":["client_credentials"],"software_statement":"x"}"#, "invalid_software_statement"),
        (r#"{"token_endpoint_auth_method":"private_key_jwt"}"#, "invalid_client_metadata"),
        (r#"{"token_endpoint_auth_method":"magic"}"#, "invalid_client_metadata"),
        (r#"{"jwks":{"keys":[]},"jwks_uri":"https://a.example"}"#, "invalid_client_metadata"),
        (r#"{"client_id":"mine"}"#, "invalid_client_metadata"),
    ] {
        assert_eq!(room.register(body).refusal(), (400, error), "{body}");
    }
    assert_eq!(room.get("/sandbox/register").status, 405);
    assert_eq!(room.json("PATCH", "/sandbox/register/x", None, "").status, 405);
    let guest = room.json("POST", "/sandbox/register", Some("guess"), "{}");
    assert_eq!((guest.refusal(), guest.head.contains("www-authenticate: bearer")), ((401, "invalid_token"), true));
    let guest = room.json("POST", "/sandbox/register", Some(room.sandbox.state().initial_token.expose()), "{}");
    assert_eq!(guest.refusal(), (400, "invalid_redirect_uri"));
}

#[test]
fn what_publisher_states_goes_before_what_client_says() {
    let room = Room::new();
    let register = |statement: &str| {
        let body = format!(
            r#"{{"grant_types":["client_credentials"],"client_name":"mine","software_statement":"{statement}"}}"#
        );
        room.register(&body)
    };
    let statement = room.sandbox.state().software_statement.expose();
    let made = register(statement);
    assert_eq!((made.status, text(&made, "client_name")), (201, "Stated by its publisher"), "{}", made.json);
    assert_eq!((text(&made, "software_statement"), text(&made, "software_id")), (statement, "hallpass-sandbox"));
    let foreign = Room::new();
    for bad in ["a.b.c", &format!("{statement}x"), foreign.sandbox.state().software_statement.expose(), &room.token()] {
        assert_eq!(register(bad).refusal(), (400, "invalid_software_statement"));
    }
}
