//! What real authorization servers do at registration that breaks naive clients: one test for each oddity.

use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

/// A room with the registered zone `svc`; the answer has these members besides.
fn registered(server: &Server, more: &Value) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    server.serves(&metadata).expect("POST /register", Answer::json(&client(server, "RAT-1", more)).with_status(201));
    room.run(&format!("client register {} --grant client_credentials --save-as svc", server.issuer())).ok();
    server.received();
    room
}

/// A client information response (RFC 7591 §3.2.1) with this registration access token.
fn client(server: &Server, token: &str, more: &Value) -> Value {
    let mut answer = json!({
        "client_id": "made-1",
        "grant_types": ["client_credentials"],
        "registration_access_token": token,
        "registration_client_uri": format!("{}/register/made-1", server.origin()),
    });
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    answer
}

/// What the zone `svc` keeps in the vault of that kind.
fn kept(room: &Room, kind: &str) -> Option<String> {
    room.kept().into_iter().find(|(place, _)| *place == format!("svc/{kind}")).map(|(_, secret)| secret)
}

/// A secret without `client_secret_expires_at`, which RFC 7591 §3.2.1 requires: it is kept and used.
#[test]
fn secret_may_come_without_its_expiry() {
    let server = Server::start();
    let room = registered(&server, &json!({"client_secret": "made-secret"}));
    assert_eq!(kept(&room, "client_secret").as_deref(), Some("made-secret"));
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token -z svc").ok(), "AT-1");
}

/// Answers to an update that never repeat the secret, and whose new token ends the old one at once.
#[test]
fn update_may_keep_secret_to_itself_and_rotates_token() {
    let server = Server::start();
    let room = registered(&server, &json!({"client_secret": "made-secret", "client_secret_expires_at": 0}));
    for (read, next) in [("RAT-1", "RAT-2"), ("RAT-2", "RAT-3")] {
        let bare = json!({"client_secret_expires_at": 0, "client_id_issued_at": 5});
        server
            .expect("GET /register/made-1", Answer::json(&client(&server, read, &bare)))
            .expect("PUT /register/made-1", Answer::json(&client(&server, next, &json!({"client_name": "n"}))));
        let outcome = room.run("client update -z svc --name n");
        outcome.assert_hidden("RAT-");
        outcome.assert_hidden("made-secret");
        outcome.ok();
        for request in server.received() {
            assert_eq!(request.header("authorization"), Some(format!("Bearer {read}").as_str()));
        }
        assert_eq!(kept(&room, "registration_token").as_deref(), Some(next));
        assert_eq!(kept(&room, "client_secret").as_deref(), Some("made-secret"), "what is not repeated is kept");
    }
}

/// An update that echoes what only the server sets is a 400 there (RFC 7592 §2.2): these four are never sent.
#[test]
fn update_echoes_everything_but_what_only_server_sets() {
    let server = Server::start();
    let secret = json!({"client_secret": "made-secret", "client_secret_expires_at": 0, "client_id_issued_at": 5});
    let room = registered(&server, &secret);
    let mut whole = client(&server, "RAT-1", &secret);
    whole["example_extension"] = json!({"deep": [1, null]});
    server
        .expect("GET /register/made-1", Answer::json(&whole))
        .expect("PUT /register/made-1", Answer::json(&client(&server, "RAT-2", &json!({"client_name": "n"}))));
    room.run("client update -z svc --name n").ok();
    let sent: Value = serde_json::from_str(&server.received().pop().unwrap().body).unwrap();
    for forbidden in
        ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"]
    {
        assert!(sent.get(forbidden).is_none(), "{sent}");
    }
    assert_eq!((&sent["client_id"], &sent["client_name"]), (&json!("made-1"), &json!("n")));
    assert_eq!(
        (&sent["grant_types"], &sent["example_extension"]),
        (&whole["grant_types"], &whole["example_extension"])
    );
}

/// Asked for client credentials, answered with other grants: the difference is shown.
#[test]
fn server_may_register_other_grants() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    let other = json!({"grant_types": ["authorization_code", "refresh_token"], "client_secret": "made-secret", "client_secret_expires_at": 0});
    server.serves(&metadata).expect("POST /register", Answer::json(&client(&server, "RAT-1", &other)).with_status(201));
    let line = format!("client register {} --grant client_credentials --save-as svc --json", server.issuer());
    assert_eq!(
        room.run(&line).json()["changed"],
        json!([{"name": "grant_types", "asked": ["client_credentials"], "got": ["authorization_code", "refresh_token"]}])
    );
}

/// A server that registers no client without the code flow: its sentence is shown, and nothing is left behind.
/// As oidc-provider, which wants the member of the client of a service, too.
#[test]
fn missing_redirect_uris_can_be_named_or_emptied() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --registration-endpoint /register").ok();
    let refusal = || Answer::error(400, "invalid_redirect_uri", "redirect_uris is mandatory property");
    server.expect("POST /register", refusal());
    let outcome = room.run("client register -z prod --save-as job --grant client_credentials");
    let hint = "--set 'redirect_uris=[]' --set 'response_types=[]'";
    assert!(outcome.code == 5 && outcome.stderr.contains(hint), "{outcome}");
    server.expect("POST /register", refusal());
    let outcome = room.run("client register -z prod --save-as job --redirect-uri https://a.example/");
    assert!(outcome.code == 5 && !outcome.stderr.contains(hint), "{outcome}");
}

#[test]
fn server_may_refuse_grant() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    let said = "grant_types must be authorization_code and refresh_token";
    server.serves(&metadata).expect("POST /register", Answer::error(400, "invalid_client_metadata", said));
    let line = format!("client register {} --grant client_credentials --save-as svc", server.issuer());
    let outcome = room.run(&line);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{outcome}");
    assert!(outcome.stderr.contains(&format!("invalid_client_metadata: {said}")), "{outcome}");
    assert!(room.kept().is_empty() && !room.config().contains("svc"));
}

/// Empty and odd members after the client was made: it is saved, with warnings, and not lost.
#[test]
fn odd_members_of_response_are_repaired() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    let odd = json!({
        "client_secret": "made-secret", "client_secret_expires_at": -1, "scope": ["a", "b"],
        "registration_client_uri": "/register/made-1",
    });
    server.serves(&metadata).expect("POST /register", Answer::json(&client(&server, "RAT-1", &odd)).with_status(201));
    let outcome = room.run(&format!("client register {} --grant client_credentials --save-as svc", server.issuer()));
    assert_eq!(outcome.code, 0, "{outcome}");
    assert_eq!(outcome.stderr.matches("warning: the registration answer: ").count(), 3, "{outcome}");
    assert_eq!(kept(&room, "client_secret").as_deref(), Some("made-secret"));
    server.expect("GET /register/made-1", Answer::json(&client(&server, "RAT-1", &json!({}))));
    assert_eq!(room.run("client show -z svc").code, 0);
    server.expect(
        "POST /register",
        Answer::json(&json!({
            "client_id": "made-2", "client_secret": "", "token_endpoint_auth_method": "none",
            "registration_access_token": "", "registration_client_uri": "",
        }))
        .with_status(201),
    );
    let line = format!("client register {} --auth-method none --save-as public", server.issuer());
    room.run(&line).ok();
    assert!(room.config().contains("made-2"), "{}", room.config());
}
