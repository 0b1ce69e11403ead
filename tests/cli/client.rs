//! `client`: registration (RFC 7591) and its management (RFC 7592).

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{KeyringState, Outcome, Room};
use super::server::{Answer, Server};

pub const SECRET: &str = "canary-client-secret";
pub const TOKEN: &str = "canary-registration-token";

/// A room with the zone `prod` of this server, which has no client yet; nothing has to be discovered.
pub fn room(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    room.run(&format!(
        "zone add prod --issuer {} --registration-endpoint /register --token-endpoint /token",
        server.issuer()
    ))
    .ok();
    room
}

/// What the server says of its client.
pub fn information(server: &Server) -> Value {
    json!({
        "client_id": "c-1",
        "client_secret": SECRET,
        "client_secret_expires_at": 0,
        "client_id_issued_at": 1,
        "registration_access_token": TOKEN,
        "registration_client_uri": format!("{}/register/c-1", server.origin()),
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    })
}

pub fn created(value: &Value) -> Answer {
    Answer::json(value).with_status(201)
}

/// A room whose zone `prod` has the client `c-1`, registered.
pub fn registered(server: &Server) -> Room {
    let room = room(server);
    server.expect("POST /register", created(&information(server)));
    room.run("client register -z prod --grant client_credentials").ok();
    server.received();
    room
}

pub fn remove_members(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        value.as_object_mut().unwrap().remove(*name);
    }
    value
}

pub fn assert_hidden(outcome: &Outcome) {
    outcome.assert_hidden(SECRET);
    outcome.assert_hidden(TOKEN);
}

/// The files in the directories of registrations: the journals.
pub fn journals(room: &Room) -> Vec<std::path::PathBuf> {
    let directories = [room.home().join("registration"), room.home().join("runtime/registration")];
    let entries = directories.into_iter().filter_map(|directory| std::fs::read_dir(directory).ok()).flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The entries of this state in the journal of `prod`.
pub fn entries(room: &Room, state: &str) -> Vec<Value> {
    let Ok(text) = std::fs::read_to_string(room.home().join("registration/prod.json")) else { return Vec::new() };
    let journal: Value = serde_json::from_str(&text).unwrap();
    journal["entries"].as_array().unwrap().iter().filter(|entry| entry["state"] == state).cloned().collect()
}

#[test]
fn register_sends_only_given_metadata() {
    let server = Server::start();
    let mut room = room(&server);
    room.set("STATEMENT", "aaa.bbb.ccc");
    room.set("JWKS", r#"{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y"}]}"#);
    room.set("INITIAL", "canary-initial-token");
    room.set("BASE", r#"{"client_name":"old","tos_uri":"https://c.example/tos"}"#);
    server.expect("POST /register", created(&information(&server)));
    let outcome = room.run(
        "client register -z prod --metadata-from env:BASE --name 'My tool' --redirect-uri http://127.0.0.1/a \
         --redirect-uri http://127.0.0.1/b --grant client_credentials --grant device_code --response-type code \
         --auth-method client_secret_post --scope 'read write' --scope admin --contact a@c.example \
         --jwks-from env:JWKS --software-statement-from env:STATEMENT --set 'client_uri=\"https://c.example\"' \
         --set require_signed_request_object=true --initial-token-from env:INITIAL",
    );
    assert_hidden(&outcome);
    assert_snapshot!(outcome, @r#"
    exit 0
    out: client_id␉c-1
    out: zone␉prod
    out: client_secret␉stored in the keyring vault
    out: registration_access_token␉stored in the keyring vault
    out: changed␉client_name: asked My tool, got nothing
    out: changed␉tos_uri: asked https://c.example/tos, got nothing
    out: changed␉redirect_uris: asked ["http://127.0.0.1/a","http://127.0.0.1/b"], got nothing
    out: changed␉grant_types: asked ["client_credentials","urn:ietf:params:oauth:grant-type:device_code"], got ["client_credentials"]
    out: changed␉response_types: asked ["code"], got nothing
    out: changed␉contacts: asked ["a@c.example"], got nothing
    out: changed␉scope: asked read write admin, got nothing
    out: changed␉software_statement: asked [redacted], got nothing
    out: changed␉jwks: asked {"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y"}]}, got nothing
    out: changed␉client_uri: asked https://c.example, got nothing
    out: changed␉require_signed_request_object: asked true, got nothing
    err: registered; a token: hallpass token -z prod
    "#);
    let sent = server.received().pop().unwrap();
    assert_eq!(sent.header("authorization"), Some("Bearer canary-initial-token"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_str::<Value>(&sent.body).unwrap(),
        json!({
            "client_name": "My tool", "tos_uri": "https://c.example/tos",
            "redirect_uris": ["http://127.0.0.1/a", "http://127.0.0.1/b"],
            "grant_types": ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"], "token_endpoint_auth_method": "client_secret_post", "scope": "read write admin",
            "contacts": ["a@c.example"], "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]},
            "software_statement": "aaa.bbb.ccc", "client_uri": "https://c.example",
            "require_signed_request_object": true,
        })
    );
    assert!(!room.config().contains("canary") && journals(&room).is_empty(), "{}", room.config());
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token -z prod").ok(), "AT-1");
    let mint = server.received().pop().unwrap();
    assert_eq!(mint.body, format!("grant_type=client_credentials&client_id=c-1&client_secret={SECRET}"));
}

#[test]
fn json_has_answer_and_secrets_only_when_asked() {
    let server = Server::start();
    let room = room(&server);
    server.expect("POST /register", created(&information(&server)));
    let outcome = room.run("client register -z prod --grant authorization_code --name n --json");
    assert_hidden(&outcome);
    let answer = outcome.json();
    assert_eq!(answer["client_id"], "c-1");
    assert_eq!(
        answer["changed"],
        json!([
            {"name": "client_name", "asked": "n", "got": null},
            {"name": "grant_types", "asked": ["authorization_code"], "got": ["client_credentials"]},
        ])
    );
    server.expect("GET /register/c-1", Answer::json(&information(&server)));
    let shown = room.run("client show -z prod --show-secrets --json").json();
    assert_eq!((&shown["client_secret"], &shown["registration_access_token"]), (&json!(SECRET), &json!(TOKEN)));
    server.expect("POST /register", created(&information(&server)));
    let before = room.config();
    let bare = room.run("client register -z prod --no-save --json").json();
    assert_eq!((&bare["client_secret"], &bare["changed"], room.config()), (&json!(SECRET), &json!([]), before));
}

#[test]
fn zone_is_named_by_issuer_and_never_overwritten_unseen() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let name = server.origin().replacen("http://", "", 1).replace(['.', ':'], "-");
    room.names_origin(&name, "127-0-0-1-PORT");
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    server.serves(&metadata).expect("POST /register", created(&information(&server)));
    let line = format!("client register {} --grant client_credentials", server.issuer());
    assert!(room.run(&line).ok().contains("127-0-0-1-PORT"));
    assert!(room.config().contains("default = \"127-0-0-1-PORT\""), "{}", room.config());
    server.received();
    assert_snapshot!(room.run(&line), @"
    exit 2
    err: error: zone 127-0-0-1-PORT exists
    err: hint: replace it with --replace, or choose another name
    ");
    assert_snapshot!(room.run(&format!("client register -z {name}")), @"
    exit 2
    err: error: zone 127-0-0-1-PORT has a client
    err: hint: replace it with --replace, or save the new one as another zone: --save-as NAME
    ");
    assert_eq!(server.count(), 0);
    let other = json!({"client_id": "c-2", "token_endpoint_auth_method": "none"});
    server.expect("POST /register", created(&other));
    room.run(&format!("client register -z {name} --replace")).ok();
    assert!(room.config().contains("c-2") && !room.config().contains("registration_client_uri"), "{}", room.config());
    assert_eq!(room.kept(), [], "what belonged to the former client is gone");
}

#[test]
fn what_can_not_be_saved_is_not_begun() {
    let server = Server::start();
    let room = room(&server);
    room.keyring_is(KeyringState::Locked);
    let outcome = room.run("client register -z prod");
    assert_eq!((outcome.code, outcome.stdout.as_str(), server.count()), (7, "", 0), "{outcome}");
}

#[test]
fn unsaved_registration_is_saved_by_next_command() {
    let server = Server::start();
    let room = room(&server);
    room.keyring_is(KeyringState::Full);
    server.expect("POST /register", created(&information(&server)));
    let outcome = room.run("client register -z prod --grant client_credentials --generate-key ES256");
    assert_hidden(&outcome);
    assert_snapshot!(outcome, @"
    exit 7
    err: error: the server's response could not be saved
    err: cause: the keyring failed: it takes no more
    err: hint: the response is saved in ROOM/home/registration/prod.json; after fixing the cause run hallpass client register -z prod
    ");
    assert_eq!(server.count(), 1);
    let [file] = &journals(&room)[..] else { panic!("{:?}", journals(&room)) };
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_snapshot!(room.run("client list"), @"
    exit 0
    out: prod␉http://AS␉␉␉unsaved
    ");
    room.keyring_is(KeyringState::Fine);
    let outcome = room.run("client register -z prod");
    assert_hidden(&outcome);
    let said = outcome.ok();
    assert!(
        said.contains("client_id\tc-1\n") && said.contains("private_key\tstored in the keyring vault"),
        "{outcome}"
    );
    assert!(
        outcome.stderr.starts_with("an earlier registration was answered but not saved: it is saved now"),
        "{outcome}"
    );
    assert!(
        room.config().contains("private_key = \"stored\"") && room.config().contains("key_id = "),
        "{}",
        room.config()
    );
    assert!(journals(&room).is_empty());
    assert_eq!(server.count(), 0, "nothing is sent twice");
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

#[test]
fn registration_in_doubt_is_not_repeated_unseen() {
    let server = Server::start();
    let room = room(&server);
    server.expect("POST /register", Answer::text("text/html", "<h1>Bad Gateway</h1>").with_status(502));
    let outcome = room.run("client register -z prod --grant client_credentials");
    assert_eq!((outcome.code, outcome.stdout.as_str(), server.count()), (8, "", 1), "{outcome}");
    assert_snapshot!(room.run("client register -z prod --grant client_credentials"), @"
    exit 8
    err: error: an earlier registration into zone prod is in doubt
    err: cause: it was sent to http://AS/register at 2026-11-22T10:00:00Z, and no response to it could be used
    err: hint: check at the server for a client with this name, created at that time
    err: hint: if it was created, use it: hallpass zone edit prod --client-id ID --client-secret-from -
    err: hint: to register anyway (may create a second client): --replace
    ");
    assert_eq!(room.run("client list --json").json()[0]["state"], "in_doubt");
    assert_eq!(server.count(), 0);
    server.expect("POST /register", created(&information(&server)));
    room.run("client register -z prod --grant client_credentials --replace").ok();
    assert_eq!(room.run("client list --json").json()[0]["state"], "registered");
}

/// Every answer that breaks the protocol or refuses: its exit code, nothing on stdout, one request, nothing saved; what
/// a server gave with a success is in the journal for a person.
#[test]
fn hostile_answers() {
    let server = Server::start();
    let good = information(&server);
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        created(&changed)
    };
    let elsewhere = "http://evil.example/register/c-1";
    let twice = good.to_string().replacen('{', "{\"client_id\":\"other\",", 1);
    let deep = format!("{{\"client_id\":\"c\",\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let cases: Vec<(&str, u8, Answer)> = vec![
        ("no client_id", 8, created(&remove_members(good.clone(), &["client_id"]))),
        ("client_id number", 8, with("client_id", json!(1))),
        ("client_id empty", 8, with("client_id", json!(""))),
        ("client_id null", 8, with("client_id", Value::Null)),
        ("client_id control", 8, with("client_id", json!("a\u{1b}[2J"))),
        ("client_id huge", 8, with("client_id", json!("a".repeat(5000)))),
        ("no secret", 8, created(&remove_members(good.clone(), &["client_secret"]))),
        ("secret array", 8, with("client_secret", json!([SECRET]))),
        ("secret empty", 8, with("client_secret", json!(""))),
        ("secret line break", 8, with("client_secret", json!(format!("{SECRET}\r\nX: y")))),
        ("secret huge", 8, with("client_secret", json!("a".repeat(20_000)))),
        ("expiry text", 8, with("client_secret_expires_at", json!("soon"))),
        ("expiry object", 8, with("client_secret_expires_at", json!({}))),
        ("token number", 8, with("registration_access_token", json!(7))),
        ("token blank", 8, with("registration_access_token", json!("a b"))),
        ("token line break", 8, with("registration_access_token", json!("a\r\nb"))),
        ("token huge", 8, with("registration_access_token", json!("a".repeat(20_000)))),
        ("uri elsewhere", 8, with("registration_client_uri", json!(elsewhere))),
        ("uri other port", 8, with("registration_client_uri", json!("http://127.0.0.1:1/register/c-1"))),
        ("uri with a user", 8, with("registration_client_uri", json!(format!("{}@evil.example/", server.origin())))),
        ("uri number", 8, with("registration_client_uri", json!(1))),
        ("uri no URL", 8, with("registration_client_uri", json!("javascript:alert(1)"))),
        ("redirect_uris text", 8, with("redirect_uris", json!("http://a"))),
        ("grant_types numbers", 8, with("grant_types", json!([1]))),
        ("method list", 8, with("token_endpoint_auth_method", json!(["none"]))),
        ("array", 8, Answer::text("application/json", &format!("[{good}]")).with_status(201)),
        ("twice", 8, Answer::text("application/json", &twice).with_status(201)),
        ("deep", 8, Answer::text("application/json", &deep).with_status(201)),
        ("cut", 8, Answer::text("application/json", &good.to_string()[..80]).with_status(201)),
        ("empty", 8, Answer::status(201)),
        ("html", 8, Answer::text("text/html", "<p>Welcome")),
        ("202", 8, created(&good).with_status(202)),
        ("204", 8, Answer::status(204)),
        ("error in 200", 5, Answer::error(200, "invalid_client_metadata", "no")),
        ("redirect", 8, Answer::status(307).header("location", "http://evil.example/")),
        ("400", 5, Answer::error(400, "invalid_redirect_uri", "no")),
        ("400 prose", 5, Answer::json(&json!({"error": "Invalid json representation"})).with_status(400)),
        ("401", 5, Answer::error(401, "invalid_token", "no")),
        ("403", 5, Answer::error(403, "insufficient_scope", "Host not trusted.")),
        ("403 html", 5, Answer::text("text/html", "<p>Forbidden").with_status(403)),
        ("405", 5, Answer::status(405)),
        ("500", 6, Answer::status(500)),
        ("500 json", 6, Answer::error(500, "server_error", "no")),
        ("502", 8, Answer::status(502)),
        ("504", 8, Answer::status(504)),
    ];
    for (name, code, answer) in cases {
        let room = room(&server);
        let accepted = answer.is_success();
        server.expect("POST /register", answer);
        let outcome = room.run("client register -z prod --grant client_credentials --json");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{name}: {outcome}");
        assert_hidden(&outcome);
        assert!(!outcome.stderr.contains('\u{1b}'), "{name}");
        assert_eq!(server.count(), 1, "{name}");
        assert!(!room.config().contains("client_id") && room.kept().is_empty(), "{name}");
        assert_eq!(entries(&room, "unreadable").len(), usize::from(accepted), "{name}: {:?}", journals(&room));
        let doubt = code == 8;
        assert_eq!(outcome.stderr.contains("--replace"), doubt, "{name}: {outcome}");
        assert_eq!(room.run("client list --json").json().as_array().unwrap().len(), usize::from(doubt), "{name}");
        if doubt {
            assert_eq!(room.run("client register -z prod --grant client_credentials").code, 8, "{name}");
            assert_eq!(server.count(), 0, "{name}: a second client was made");
        }
    }
}

#[test]
fn update_reads_changes_and_sends_whole_back() {
    let server = Server::start();
    let room = registered(&server);
    let mut before = remove_members(information(&server), &["client_secret"]);
    before["client_name"] = json!("old");
    before["contacts"] = json!(["a@c.example"]);
    before["registration_access_token"] = json!("canary-token-2");
    let mut after = remove_members(before.clone(), &["contacts"]);
    after["client_name"] = json!("new");
    after["registration_access_token"] = json!("canary-token-3");
    server
        .expect("GET /register/c-1", Answer::json(&before))
        .expect("PUT /register/c-1", Answer::json(&after))
        .expect("GET /register/c-1", Answer::json(&after));
    let outcome = room.run("client update -z prod --name new --unset contacts");
    outcome.assert_hidden("canary");
    assert_snapshot!(outcome, @r#"
    exit 0
    out: client_id␉c-1
    out: zone␉prod
    out: registration_access_token␉stored in the keyring vault
    out: client_name␉new (was old)
    out: contacts␉removed (was ["a@c.example"])
    "#);
    room.run("client show -z prod").ok();
    let received = server.received();
    let tokens: Vec<_> = received.iter().map(|one| one.header("authorization").unwrap()).collect();
    assert_eq!(tokens, [format!("Bearer {TOKEN}").as_str(), "Bearer canary-token-2", "Bearer canary-token-3"]);
    assert_eq!(
        serde_json::from_str::<Value>(&received[1].body).unwrap(),
        json!({"client_id": "c-1", "client_secret": SECRET, "client_name": "new", "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_post"})
    );
    assert!(journals(&room).is_empty());
}

#[test]
fn unsaved_registration_token_is_used_next_time() {
    let server = Server::start();
    let room = registered(&server);
    let mut after = information(&server);
    after["registration_access_token"] = json!("canary-token-2");
    server.expect("GET /register/c-1", Answer::json(&after));
    room.keyring_is(KeyringState::Full);
    let outcome = room.run("client show -z prod");
    outcome.assert_hidden("canary");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (7, ""), "{outcome}");
    assert_eq!(room.run("client list --json").json()[0]["state"], "unsaved");
    room.keyring_is(KeyringState::Fine);
    server.expect("GET /register/c-1", Answer::json(&after));
    room.run("client show -z prod").ok();
    let received = server.received();
    assert_eq!(received[1].header("authorization"), Some("Bearer canary-token-2"));
    assert_eq!(room.run("client list --json").json()[0]["state"], "registered");
}

#[test]
fn rotation_says_when_server_keeps_old_secret() {
    let server = Server::start();
    let room = registered(&server);
    let same = information(&server);
    let mut other = same.clone();
    other["client_secret"] = json!("canary-secret-2");
    for answer in [&same, &remove_members(same.clone(), &["client_secret"])] {
        server.expect("GET /register/c-1", Answer::json(&same)).expect("PUT /register/c-1", Answer::json(answer));
        let outcome = room.run("client rotate -z prod");
        outcome.assert_hidden("canary");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{outcome}");
    }
    server
        .expect("GET /register/c-1", Answer::json(&same))
        .expect("PUT /register/c-1", Answer::json(&other))
        .mints(Answer::token("AT-1"));
    room.run("client rotate -z prod").ok();
    server.received();
    room.run("token -z prod").ok();
    assert!(server.received()[0].body.ends_with("&client_secret=canary-secret-2"));
}

#[test]
fn token_that_is_no_longer_good_can_be_replaced() {
    let server = Server::start();
    let mut room = registered(&server);
    server.expect("GET /register/c-1", Answer::error(401, "invalid_token", &format!("not {TOKEN}")));
    let outcome = room.run("client show -z prod");
    assert_hidden(&outcome);
    assert_snapshot!(outcome, @"
    exit 5
    err: error: the server refused: invalid_token: not [redacted] (HTTP 401 from http://AS/register/c-1)
    err: hint: the registration access token is no longer good; the server's administrator can issue another one: hallpass client show -z prod --token-from SOURCE
    ");
    room.set("NEW", "canary-token-9");
    let quiet = remove_members(information(&server), &["registration_access_token", "client_secret"]);
    server.expect("GET /register/c-1", Answer::json(&quiet)).expect("GET /register/c-1", Answer::json(&quiet));
    room.run("client show -z prod --token-from env:NEW").ok();
    room.run("client show -z prod").ok();
    assert_eq!(server.received()[2].header("authorization"), Some("Bearer canary-token-9"));
}

#[test]
fn response_about_another_client_is_refused() {
    let server = Server::start();
    for (name, value) in [
        ("client_id", json!("c-2")),
        ("registration_client_uri", json!("http://127.0.0.1:1/register/c-1")),
        ("registration_access_token", json!("a b")),
    ] {
        let room = registered(&server);
        let mut bad = information(&server);
        bad[name] = value;
        server.expect("GET /register/c-1", Answer::json(&bad));
        let outcome = room.run("client show -z prod");
        assert_hidden(&outcome);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{name}: {outcome}");
        assert!(room.config().contains("/register/c-1") && !room.config().contains("c-2"), "{name}");
        server.received();
    }
}

#[test]
fn client_is_deleted_at_server_first() {
    let server = Server::start();
    let room = registered(&server);
    assert_eq!(room.run("client delete -z prod").code, 2);
    server.expect("DELETE /register/c-1", Answer::error(403, "access_denied", "no"));
    assert_eq!(room.run("client delete -z prod --yes").code, 5);
    assert!(room.config().contains("c-1"));
    server.expect("DELETE /register/c-1", Answer::status(403));
    assert_snapshot!(room.run("client delete -z prod --yes"), @"
    exit 5
    err: error: the end of the registration: HTTP 403 from http://AS/register/c-1
    err: hint: its administrator can delete it; to remove the zone alone: hallpass zone remove prod
    ");
    server.expect("DELETE /register/c-1", Answer::status(204));
    assert_snapshot!(room.run("client delete -z prod --yes --keep-zone"), @"
    exit 0
    out: client c-1 deleted; zone prod without a client now
    ");
    assert!(room.config().contains("[zones.prod]") && !room.config().contains("c-1") && room.kept().is_empty());
    assert_eq!(room.run("client show -z prod").code, 3);
    server.expect("POST /register", created(&information(&server)));
    room.run("client register -z prod").ok();
    server.expect("DELETE /register/c-1", Answer::status(404));
    room.run("client delete -z prod --yes").ok();
    assert!(!room.config().contains("zones.prod") && room.kept().is_empty());
}

#[test]
fn wrong_calls_are_usage_and_send_nothing() {
    let server = Server::start();
    let mut room = room(&server);
    room.set("PRIVATE", r#"{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"canary"}"#);
    room.set("SECRETS", r#"{"client_secret":"canary"}"#);
    for (line, code) in [
        ("client register -z prod --set a=b", 2),
        ("client register -z prod --set 'client_secret=\"x\"'", 2),
        ("client register -z prod --jwks-from env:PRIVATE", 8),
        ("client register -z prod --metadata-from env:SECRETS", 2),
        ("client register -z prod --metadata-from env:ABSENT", 3),
        ("client register -z prod --generate-key ES256 --jwks-uri https://a.example", 2),
        ("client register -z prod --generate-key HS256", 2),
        ("client register -z prod --generate-key ES256 --no-save", 2),
        ("client register -z prod --save-as a --no-save", 2),
        ("client register http://as.example", 2),
        ("client register https://as.example -z prod", 2),
        ("client register -z prod --save-as ../x", 2),
        ("client show -z prod", 3),
        ("client update -z prod --name x", 3),
        ("client delete -z prod --yes", 3),
        ("client list --dry-run", 2),
    ] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{line}: {outcome}");
        outcome.assert_hidden("canary");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn secret_that_ends_is_told() {
    let server = Server::start();
    let room = room(&server);
    let mut ends = information(&server);
    ends["client_secret_expires_at"] = json!(1_795_345_200);
    server.expect("POST /register", created(&ends));
    assert_snapshot!(room.run("client register -z prod"), @"
    exit 0
    out: client_id␉c-1
    out: zone␉prod
    out: client_secret␉stored in the keyring vault
    out: registration_access_token␉stored in the keyring vault
    err: warning: the client secret expires at 2026-11-22T11:00:00Z
    err: renew it before: hallpass client rotate -z prod
    err: registered; a token: hallpass token -z prod
    ");
}

/// CLI.md: the zone's redirect URI, from its registration, wins over the one on loopback.
#[test]
fn codes_come_back_to_where_it_was_registered() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.run(&format!("zone add app --issuer {}", server.issuer())).ok();
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(format!("{}/register", server.origin()));
    metadata["authorization_endpoint"] = json!(format!("{}/authorize", server.origin()));
    server.serves(&metadata);
    let public = json!({"client_id": "c-1", "token_endpoint_auth_method": "none",
        "redirect_uris": ["http://127.0.0.1:7777/back"], "grant_types": ["authorization_code"]});
    server.expect("POST /register", created(&public));
    room.run("client register -z app --redirect-uri http://127.0.0.1:7777/back --auth-method none").ok();
    let url = room.run("authorize-url -z app").ok().to_owned();
    assert!(
        url.contains("client_id=c-1") && url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A7777%2Fback"),
        "{url}"
    );
    let url = room.run("authorize-url -z app --redirect-uri http://127.0.0.1:1/x").ok().to_owned();
    assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fx"), "{url}");
}

#[test]
fn zone_remove_warns_of_remaining_client() {
    let server = Server::start();
    let room = registered(&server);
    assert_snapshot!(room.run("zone remove prod --yes"), @"
    exit 0
    out: zone prod removed
    err: warning: the client c-1 stays registered at http://AS/register/c-1
    err: `hallpass client delete` would have deleted it as well
    ");
    assert_eq!((server.count(), room.kept().len()), (0, 0));
}

#[test]
fn archived_response_goes_with_zone() {
    let room = Room::new();
    room.run("zone add svc --issuer https://as.example --client-id c").ok();
    for name in ["svc.1.former", "svc.2.answer"] {
        room.write(&format!("home/registration/{name}"), "{}");
    }
    let removed = room.run("zone remove svc --yes");
    assert!(removed.code == 0 && removed.stderr.contains("saved responses and keys are gone now: 2"), "{removed}");
    assert!(!room.files().iter().any(|file| file.contains("registration/svc")), "{:?}", room.files());
}

#[test]
fn zone_is_not_removed_during_registration() {
    let room = Room::new();
    room.run("zone add svc --issuer https://as.example --client-id c").ok();
    let path = room.write("home/lock/svc.registration.lock", "");
    let holder = std::fs::File::open(&path).unwrap();
    holder.lock().unwrap();
    let busy = room.run("zone remove svc --yes --deadline 200ms");
    assert_eq!((busy.code, busy.stdout.as_str()), (6, ""), "{busy}");
    room.run("zone has svc").ok();
    drop(holder);
    room.run("zone remove svc --yes").ok();
}
