//! Registration and its management (RFC 7591, RFC 7592) against Keycloak, in a realm of their own whose `registrar` may
//! make initial access tokens.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::keycloak;
use crate::room::{Outcome, Room};

fn issuer() -> String {
    keycloak() + "/realms/client"
}

/// A request of the test's own; the JSON of its answer.
fn ask(path: &str, headers: &str, body: &str) -> Value {
    let address = keycloak().trim_start_matches("http://").to_owned();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (begin, end) = (answer.find('{').unwrap(), answer.rfind('}').unwrap());
    serde_json::from_str(&answer[begin..=end]).unwrap()
}

/// An initial access token that is good for so many clients, made through the admin REST API.
fn initial(count: u32) -> String {
    let form = "grant_type=password&client_id=office&username=registrar&password=registrar-password";
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let registrar = ask("/realms/client/protocol/openid-connect/token", kind, form);
    let bearer = registrar["access_token"].as_str().unwrap_or_else(|| panic!("{registrar}"));
    let headers = format!("Authorization: Bearer {bearer}\r\nContent-Type: application/json\r\n");
    let body = json!({"expiration": 600, "count": count}).to_string();
    let made = ask("/admin/realms/client/clients-initial-access", &headers, &body);
    made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Registers as the zone `svc` with an initial access token.
fn register(room: &Room, token: &str, flags: &[&str]) -> Outcome {
    let issuer = issuer();
    let mut args = vec!["client", "register", &issuer, "--initial-token-from", "-", "--save-as", "svc"];
    args.extend(flags);
    room.run_with_stdin(&args, token)
}

const SERVICE: [&str; 4] = ["--grant", "client_credentials", "--name", "hallpass test"];

fn on<'a>(deed: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["-z", "svc"];
    args.extend(deed);
    args
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_lives_from_registration_to_deletion() {
    let room = Room::sealed();
    let token = initial(1);
    let made = register(&room, &token, &[&SERVICE[..], &["--json"]].concat());
    made.assert_hidden(&token);
    let made = made.json();
    let id = made["client_id"].as_str().unwrap().to_owned();
    assert!(made.get("client_secret").is_none() && made.get("registration_access_token").is_none(), "{made}");
    assert_eq!((&made["client_name"], &made["grant_types"]), (&json!("hallpass test"), &json!(["client_credentials"])));
    room.run(&on(&["token"])).answer();

    // Every one of these comes with the token that the one before it brought.
    assert_eq!(room.run(&on(&["client", "show", "--json"])).json()["client_id"], json!(id));
    let updated = room.run(&on(&["client", "update", "--name", "second", "--json"])).json();
    assert_eq!(updated["client_name"], "second");
    room.run(&on(&["client", "update", "--name", "third"])).answer();
    let shown = room.run(&on(&["client", "show", "--json"])).json();
    assert_eq!(shown["client_name"], "third");
    // An update that left grant_types out would switch the code flow on there.
    assert_eq!((&shown["grant_types"], &shown["response_types"]), (&json!(["client_credentials"]), &json!([])));
    room.run(&on(&["token", "--fresh"])).answer();

    // Keycloak keeps the secret at an update; the registration is still ours.
    let rotated = room.run(&on(&["client", "rotate"]));
    assert_eq!((rotated.code(), rotated.stdout.as_str()), (5, ""), "{rotated}");
    room.run(&on(&["token", "--fresh"])).answer();
    assert_eq!(room.run(&on(&["client", "show", "--json"])).json()["client_name"], "third");

    assert!(room.run(&["client", "list", "--json"]).json().to_string().contains(&id));
    room.run(&on(&["client", "delete", "--yes", "--keep-zone"])).answer();
    room.run(&on(&["token", "--fresh"])).refused(3);
    assert!(!room.run(&["client", "list", "--json"]).json().to_string().contains(&id));
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_with_key_of_its_own_gets_new_one() {
    let room = Room::sealed();
    let flags = [&SERVICE[..], &["--auth-method", "private_key_jwt", "--generate-key", "ES256", "--json"]].concat();
    let made = register(&room, &initial(1), &flags).json();
    assert_eq!(made["token_endpoint_auth_method"], "private_key_jwt");
    room.run(&on(&["token"])).answer();
    let before = made["jwks"]["keys"][0]["kid"].clone();
    let rotated = room.run(&on(&["client", "rotate", "--json"])).json();
    assert_ne!(rotated["jwks"]["keys"][0]["kid"], before);
    room.run(&on(&["token", "--fresh"])).answer();
    room.run(&on(&["client", "delete", "--yes"])).answer();
    assert_eq!(room.run(&["zone", "has", "svc"]).code(), 1, "the zone goes with its client");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn what_server_changes_is_shown() {
    let room = Room::sealed();
    // Unknown grants vanish there without a word.
    let flags = [&SERVICE[..], &["--grant", "urn:example:unknown", "--json"]].concat();
    let made = register(&room, &initial(1), &flags).json();
    let change = json!({
        "name": "grant_types",
        "asked": ["client_credentials", "urn:example:unknown"],
        "got": ["client_credentials"],
    });
    assert!(made["changed"].as_array().unwrap().contains(&change), "{made}");
    room.run(&on(&["client", "delete", "--yes"])).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn registration_that_is_refused_leaves_nothing() {
    let room = Room::sealed();
    let issuer = issuer();
    let mut args = vec!["client", "register", &issuer, "--save-as", "svc"];
    args.extend(SERVICE);
    let anonymous = room.run(&args);
    assert!(anonymous.refused(5).contains("Policy 'Trusted Hosts' rejected request"), "{anonymous}");
    let token = initial(1);
    let unknown = register(&room, &token, &[&SERVICE[..], &["--set", "foo=1"]].concat());
    assert!(unknown.assert_hidden(&token).refused(5).contains("Unrecognized field"), "{unknown}");
    register(&room, &token, &SERVICE).answer();
    let spent = register(&room, &token, &[&SERVICE[..], &["--replace"]].concat());
    assert!(spent.assert_hidden(&token).refused(5).contains("No remaining count on initial access token"), "{spent}");
    // What was there before is still there.
    room.run(&on(&["token", "--fresh"])).answer();
    room.run(&on(&["client", "delete", "--yes"])).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn redirect_uri_can_be_changed_and_taken_away() {
    let room = Room::sealed();
    let flags = ["--grant", "authorization_code", "--redirect-uri", "http://127.0.0.1/callback", "--json"];
    let made = register(&room, &initial(1), &flags).json();
    assert_eq!(made["redirect_uris"], json!(["http://127.0.0.1/callback"]));
    let more = [
        "client",
        "update",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--redirect-uri",
        "https://a.example/",
        "--json",
    ];
    let both = room.run(&on(&more)).json();
    assert_eq!(both["redirect_uris"].as_array().unwrap().len(), 2, "{both}");
    room.run(&on(&["client", "delete", "--yes"])).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refused_registration_names_policy_or_token() {
    let scopes = register(&Room::sealed(), &initial(1), &["--scope", "openid nope"]);
    assert!(scopes.refused(5).contains("Clients > Client registration > Allowed Client Scopes"), "{scopes}");
    let issuer = issuer();
    let anonymous = Room::sealed().run(&["client", "register", &issuer, "--save-as", "svc", "--name", "x"]);
    assert!(anonymous.refused(5).contains("Clients > Initial access token > Create"), "{anonymous}");
    let garbage = register(&Room::sealed(), "garbage", &SERVICE);
    assert!(garbage.refused(5).contains("the initial access token has expired"), "{garbage}");
}
