//! Registrations whose outcome is not known: nothing is done twice unseen, no key is lost, and each hint works as it is.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{SECRET, assert_hidden, created, entries, information, journals, registered, remove_members, room};
use super::room::{KeyringState, Outcome, Room};
use super::server::{Answer, Server};

const SIGNED: &str = "--grant client_credentials --auth-method private_key_jwt --generate-key ES256";

/// What the server says of a client that signs.
fn signing(server: &Server) -> Value {
    let mut client = remove_members(information(server), &["client_secret", "client_secret_expires_at"]);
    client["token_endpoint_auth_method"] = json!("private_key_jwt");
    client
}

/// A room whose zone `prod` has the client `c-1`, which signs.
fn signer(server: &Server) -> Room {
    let room = room(server);
    server.expect("POST /register", created(&signing(server)));
    room.run(&format!("client register -z prod {SIGNED}")).ok();
    server.received();
    room
}

/// The ids of the private keys in the journal that a server may have; the journal is for us alone.
fn keys(room: &Room) -> Vec<String> {
    for path in journals(room) {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let live = ["intended", "answered", "unreadable"].into_iter().flat_map(|state| entries(room, state));
    live.filter_map(|entry| Some(entry["kid"].as_str()?.to_owned())).collect()
}

/// The id of the only key in what was sent.
fn sent_kid(body: &str) -> String {
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(sent["jwks"]["keys"].as_array().unwrap().len(), 1);
    sent["jwks"]["keys"][0]["kid"].as_str().unwrap().to_owned()
}

/// The command of the hint that begins so, word for word; pictures show the room's directory and the server by a name.
fn command(room: &Room, outcome: &Outcome, begin: &str) -> String {
    let line = outcome.stderr.lines().find_map(|line| line.strip_prefix("hint: ")?.strip_prefix(begin)).unwrap();
    line.strip_prefix("hallpass ").unwrap().replace("ROOM", room.directory().to_str().unwrap())
}

/// A path as pictures show it.
fn shown(room: &Room, path: &std::path::Path) -> String {
    format!("ROOM/{}", path.strip_prefix(room.directory()).unwrap().display())
}

/// With which key a mint of `prod` signs.
fn signs_with(room: &Room, server: &Server) -> String {
    server.mints(Answer::token("AT-1"));
    room.run("token -z prod --fresh").ok();
    let body = server.received().pop().unwrap().body;
    let assertion = body.split('&').find_map(|pair| pair.strip_prefix("client_assertion=")).unwrap();
    let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

/// Answers after which the server may have what was sent, and the exit code.
fn unproven(good: &Value) -> Vec<(&'static str, u8, Answer)> {
    vec![
        ("lost", 8, Answer::lost_response()),
        ("502", 8, Answer::text("text/html", "<h1>Bad Gateway</h1>").with_status(502)),
        ("504", 8, Answer::status(504)),
        ("303", 8, Answer::status(303).header("location", "/elsewhere")),
        ("garbled", 8, Answer::text("application/json", &good.to_string()[..60])),
        ("202", 8, Answer::json(good).with_status(202)),
        ("500", 6, Answer::error(500, "server_error", "no")),
        ("501", 6, Answer::status(501)),
        ("503", 6, Answer::status(503).header("retry-after", "3600")),
        ("505", 6, Answer::status(505)),
        ("520", 8, Answer::status(520)),
    ]
}

/// The state of a registration after such an answer, unless it may be sent again.
fn state_of(name: &str) -> &'static str {
    if ["garbled", "202"].contains(&name) { "unreadable" } else { "intended" }
}

/// Answers that prove that the server has nothing.
fn refusals() -> Vec<(&'static str, u8, Answer)> {
    vec![
        ("400", 5, Answer::error(400, "invalid_client_metadata", "no")),
        ("401", 5, Answer::status(401)),
        ("429", 6, Answer::status(429).header("retry-after", "3600")),
        ("an error in 200", 5, Answer::error(200, "invalid_client_metadata", "no")),
    ]
}

#[test]
fn registration_key_stays_until_useless() {
    let server = Server::start();
    for (name, code, answer) in unproven(&signing(&server)) {
        let room = room(&server);
        server.expect("POST /register", answer);
        let outcome = room.run(&format!("client register -z prod {SIGNED}"));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{name}: {outcome}");
        let kid = sent_kid(&server.received().pop().unwrap().body);
        // After a failure of the server (6) it may be registered again: the key is kept, but nothing is in doubt.
        let [entry] = &entries(&room, if code == 6 { "superseded" } else { state_of(name) })[..] else {
            panic!("{name}: {outcome}")
        };
        assert_eq!(entry["kid"], kid.as_str(), "{name}");
        // The hint, word for word, with the id that a person found out.
        let hint = command(&room, &outcome, "if it was created, use it: ");
        room.run(&hint.replace("--client-id ID", "--client-id c-1")).ok();
        assert_eq!(signs_with(&room, &server), kid, "{name}");
        let (lines, keys) = (room.run("client list --json").json(), keys(&room).len());
        assert_eq!(
            (lines, keys + entries(&room, "superseded").iter().filter(|it| it["kid"].is_string()).count()),
            (json!([]), 0),
            "{name}: {hint}"
        );
    }
    for (name, code, answer) in refusals() {
        let room = room(&server);
        server.expect("POST /register", answer);
        let outcome = room.run(&format!("client register -z prod {SIGNED}"));
        assert_eq!((outcome.code, journals(&room).len()), (code, 0), "{name}: {outcome}");
        server.received();
    }
}

#[test]
fn update_key_stays_until_useless() {
    let server = Server::start();
    for deed in ["client rotate -z prod", "client update -z prod --generate-key EdDSA"] {
        for (name, code, answer) in unproven(&signing(&server)) {
            let room = signer(&server);
            let former = signs_with(&room, &server);
            server.expect("GET /register/c-1", Answer::json(&signing(&server))).expect("PUT /register/c-1", answer);
            let outcome = room.run(deed);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{deed} {name}: {outcome}");
            let kid = sent_kid(&server.received().pop().unwrap().body);
            assert_eq!(keys(&room).len(), 1, "{deed} {name}: {outcome}");
            assert_eq!(signs_with(&room, &server), former, "{deed} {name}: the old key serves as long as nobody knows");
            room.run(&command(&room, &outcome, "if the server took the new key: ")).ok();
            assert_eq!(signs_with(&room, &server), kid, "{deed} {name}");
            assert!(keys(&room).is_empty(), "{deed} {name}");
        }
        for (name, code, answer) in refusals() {
            let room = signer(&server);
            server.expect("GET /register/c-1", Answer::json(&signing(&server))).expect("PUT /register/c-1", answer);
            let outcome = room.run(deed);
            assert_eq!((outcome.code, journals(&room).len()), (code, 0), "{deed} {name}: {outcome}");
            server.received();
        }
    }
}

#[test]
fn second_rotation_does_not_touch_key_of_first() {
    let server = Server::start();
    let room = signer(&server);
    let good = signing(&server);
    server.expect("GET /register/c-1", Answer::json(&good)).expect("PUT /register/c-1", Answer::lost_response());
    assert_eq!(room.run("client rotate -z prod").code, 8);
    let first = keys(&room);
    server
        .expect("GET /register/c-1", Answer::json(&good))
        .expect("PUT /register/c-1", Answer::error(400, "invalid_client_metadata", "no"));
    assert_eq!(room.run("client rotate -z prod").code, 5);
    assert_eq!(keys(&room), first, "the server may have it");
    server.expect("GET /register/c-1", Answer::json(&good)).expect("PUT /register/c-1", Answer::lost_response());
    let twice = room.run("client rotate -z prod");
    assert_eq!((twice.code, keys(&room).len()), (8, 2));
    let earlier = format!("an earlier one, {}, is in ROOM/home/registration/prod.json", first[0]);
    assert!(twice.stderr.contains(&earlier), "{twice}");
    // An update that the server takes ends it: it has no other key now.
    server.expect("GET /register/c-1", Answer::json(&good)).expect("PUT /register/c-1", Answer::json(&good));
    room.run("client rotate -z prod").ok();
    assert!(journals(&room).is_empty());
}

#[test]
fn doubtful_update_hints_check() {
    let server = Server::start();
    for deed in ["client update -z prod --name n", "client rotate -z prod"] {
        for status in [502, 504] {
            let room = registered(&server);
            server
                .expect("GET /register/c-1", Answer::json(&information(&server)))
                .expect("PUT /register/c-1", Answer::status(status));
            let outcome = room.run(deed);
            assert_hidden(&outcome);
            assert_eq!((outcome.code, outcome.stdout.as_str(), server.count()), (8, "", 2), "{deed}: {outcome}");
            assert!(outcome.stderr.contains("in doubt"), "{outcome}");
            assert!(outcome.stderr.contains("still good: hallpass client show -z prod\n"), "{deed}: {outcome}");
        }
    }
    let room = registered(&server);
    server
        .expect("GET /register/c-1", Answer::json(&information(&server)))
        .expect("PUT /register/c-1", Answer::status(500));
    assert_snapshot!(room.run("client update -z prod --name n"), @"
    exit 6
    err: error: the registration answer: HTTP 500 from http://AS/register/c-1
    err: hint: check whether the change was applied: hallpass client show -z prod
    ");
}

#[test]
fn outage_during_register_warns_of_second_client() {
    let server = Server::start();
    let room = room(&server);
    server.expect("POST /register", Answer::status(500));
    assert_snapshot!(room.run("client register -z prod --grant authorization_code --auth-method none"), @"
    exit 6
    err: error: the registration answer: HTTP 500 from http://AS/register
    err: hint: check at the server for a client with this name, created at that time
    err: hint: if it was created, use it: hallpass zone edit prod --client-id ID --auth none --grant authorization_code
    err: hint: if no client was created, run the command again; otherwise you get a second one
    ");
    server.expect("POST /register", Answer::status(500));
    assert_eq!(room.run(&format!("client register -z prod {SIGNED}")).code, 6);
    server.expect("POST /register", created(&signing(&server)));
    let made = room.run(&format!("client register -z prod {SIGNED}"));
    made.ok();
    let kept: Vec<PathBuf> = journals(&room);
    assert!(kept.len() == 1 && made.stderr.contains(&shown(&room, &kept[0])), "the first client's: {made}");
    server
        .expect("GET /register/c-1", Answer::json(&signing(&server)))
        .expect("PUT /register/c-1", Answer::json(&signing(&server)));
    room.run("client rotate -z prod").ok();
    assert_eq!(journals(&room), kept);
}

#[test]
fn what_was_not_sent_is_not_in_doubt() {
    let server = Server::start();
    let room = Room::new();
    let mut metadata = server.metadata();
    metadata["registration_endpoint"] = json!(7);
    server.serves(&metadata);
    let outcome = room.run(&format!("client register {} {SIGNED} --save-as svc", server.issuer()));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{outcome}");
    assert!(!outcome.stderr.contains("doubt") && !outcome.stderr.contains("--replace"), "{outcome}");
    assert!(journals(&room).is_empty() && room.run("client list --json").json() == json!([]));
}

#[test]
fn answer_that_person_has_read_goes() {
    let server = Server::start();
    let room = room(&server);
    let garbled = information(&server).to_string().replace("\"grant_types\":[", "\"grant_types\":[7,");
    server.expect("POST /register", Answer::text("application/json", &garbled).with_status(201));
    let outcome = room.run("client register -z prod --grant client_credentials");
    assert_hidden(&outcome);
    assert_eq!(outcome.code, 8);
    let hint = command(&room, &outcome, "if it was created, use it: ");
    assert_eq!(room.call(&hint.replace("--client-id ID", "--client-id other")).stdin("another").run().code, 0);
    assert_eq!(journals(&room).len(), 1, "it is not that one's");
    room.call("zone edit prod --client-id c-1 --client-secret-from -").stdin(SECRET).run().ok();
    assert!(journals(&room).is_empty());
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token -z prod").ok(), "AT-1");
}

/// A room whose zone `prod` has an answer that is not saved: the token in it is the only good one.
fn unsaved(server: &Server) -> Room {
    let room = registered(server);
    let mut after = information(server);
    after["registration_access_token"] = json!("canary-token-2");
    server.expect("GET /register/c-1", Answer::json(&after));
    room.keyring_is(KeyringState::Full);
    assert_eq!(room.run("client show -z prod").code, 7);
    room.keyring_is(KeyringState::Fine);
    server.received();
    room
}

#[test]
fn renamed_zone_takes_what_is_not_saved_along() {
    let server = Server::start();
    let room = unsaved(&server);
    room.run("zone rename prod new").ok();
    server.expect("GET /register/c-1", Answer::json(&information(&server)));
    room.run("client show -z new").ok();
    assert_eq!(server.received()[0].header("authorization"), Some("Bearer canary-token-2"));
    assert!(journals(&room).is_empty());
}

#[test]
fn failed_rename_keeps_unsaved_registration() {
    let server = Server::start();
    let room = unsaved(&server);
    let before = journals(&room);
    // The configuration can't be written: a directory stands where its next version would.
    let next = room.home().join(".config.toml.tmp");
    let _ = std::fs::remove_file(&next);
    std::fs::create_dir(&next).unwrap();
    assert_eq!(room.run("zone rename prod new").code, 7);
    assert_eq!(journals(&room), before);
    std::fs::remove_dir(&next).unwrap();
    assert!(room.kept().iter().all(|(place, _)| place.starts_with("prod/")));
    room.run("zone rename prod new").ok();
}

#[test]
fn nothing_is_renamed_over_another_registration() {
    let server = Server::start();
    let room = unsaved(&server);
    server
        .serves(&json!({"issuer": server.issuer(), "registration_endpoint": format!("{}/register", server.origin())}));
    server.expect("POST /register", Answer::lost_response());
    assert_eq!(room.run(&format!("client register {} --save-as new", server.issuer())).code, 8);
    let before = journals(&room);
    assert_eq!(room.run("zone rename prod new").code, 2);
    assert_eq!((journals(&room), room.run("zone has prod").code), (before, 0));
}

/// A rename of `prod` to `new` was killed, and is taken back by the next command.
#[test]
fn interrupted_rename_removes_its_own_copies_only() {
    let server = Server::start();
    let room = unsaved(&server);
    let (old, new) = (room.home().join("registration/prod.json"), room.home().join("registration/new.json"));
    let entry = &entries(&room, "answered")[0];
    let rename = json!({
        "old": "prod", "new": "new", "vault": "keyring", "secrets": [["client_secret", 1]],
        "registrations": [[entry["id"], entry["at_ms"]]],
    });
    room.write("home/rename.json", &rename.to_string());
    std::fs::copy(&old, &new).unwrap();
    room.run("vault list").ok();
    assert_eq!((journals(&room), room.home().join("rename.json").exists()), (vec![old.clone()], false));

    // A registration under the new name is in progress: its response was lost.
    server
        .serves(&json!({"issuer": server.issuer(), "registration_endpoint": format!("{}/register", server.origin())}));
    server.expect("POST /register", Answer::lost_response());
    room.later(1);
    assert_eq!(room.run(&format!("client register {} --save-as new", server.issuer())).code, 8);
    let (before, kept) = (std::fs::read(&new).unwrap(), room.kept());
    room.write("home/rename.json", &rename.to_string());
    room.run("vault list").ok();
    assert_eq!((std::fs::read(&new).unwrap(), room.kept()), (before, kept));
    assert!(!room.home().join("rename.json").exists());
}

#[test]
fn removed_zone_leaves_nothing_that_answers_for_another_client() {
    let server = Server::start();
    let room = unsaved(&server);
    let removed = room.run("zone remove prod --yes");
    removed.assert_hidden("canary");
    assert_snapshot!(removed, @"
    exit 0
    out: zone prod removed
    err: warning: the client c-1 stays registered at http://AS/register/c-1
    err: `hallpass client delete` would have deleted it as well
    err: warning: a response about c-1 at http://AS was not saved and is gone now
    ");
    assert!(journals(&room).is_empty());
}

#[test]
fn answer_is_never_taken_for_one_to_another_registration() {
    let server = Server::start();
    let room = room(&server);
    room.keyring_is(KeyringState::Full);
    server.expect("POST /register", created(&information(&server)));
    assert_eq!(room.run("client register -z prod --grant client_credentials --name a").code, 7);
    room.keyring_is(KeyringState::Fine);
    let other = room.run("client register -z prod --grant client_credentials --name b");
    assert_hidden(&other);
    assert_snapshot!(other, @"
    exit 8
    err: error: an earlier response for zone prod is not saved yet
    err: cause: it is about the client c-1 at http://AS
    err: hint: to save that client: hallpass client register -z prod
    err: hint: to register another one, and keep that response in a file: --replace
    ");
    let second = json!({"client_id": "c-2", "token_endpoint_auth_method": "none"});
    server.expect("POST /register", created(&second));
    let replaced = room.run("client register -z prod --grant client_credentials --name b --replace");
    assert!(replaced.ok().contains("c-2"), "{replaced}");
    let [aside] = &journals(&room)[..] else { panic!("{replaced}") };
    assert!(replaced.stderr.contains(&shown(&room, aside)), "{replaced}");
    assert!(std::fs::read_to_string(aside).unwrap().contains(SECRET), "it stays");
}

#[test]
fn same_registration_again_saves_what_waits() {
    let server = Server::start();
    for again in ["client register -z prod", "client register -z prod --grant client_credentials --name a"] {
        let room = room(&server);
        room.keyring_is(KeyringState::Full);
        server.expect("POST /register", created(&information(&server)));
        assert_eq!(room.run("client register -z prod --grant client_credentials --name a").code, 7);
        room.keyring_is(KeyringState::Fine);
        assert!(room.run(again).ok().contains("c-1"));
        assert!(journals(&room).is_empty() && server.received().len() == 1);
    }
}

#[test]
fn client_that_loses_its_zone_is_told() {
    let server = Server::start();
    let warning = "warning: the client c-1 stays registered at http://AS/register/c-1";
    let add = format!("zone add prod --issuer {} --client-id other --replace", server.issuer());
    for deed in ["zone edit prod --client-id other", &add, "zone edit prod --unset client_id"] {
        let room = registered(&server);
        let outcome = room.run(deed);
        outcome.ok();
        assert!(outcome.stderr.contains(warning), "{deed}: {outcome}");
        assert!(!room.config().contains("registration_client_uri"), "{deed}: {}", room.config());
        assert!(!room.kept().iter().any(|(place, _)| place == "prod/registration_token"), "{deed}");
        assert_eq!(
            (room.run("client list --json").json(), room.run("client show -z prod").code),
            (json!([]), 3),
            "{deed}"
        );
    }
    let room = registered(&server);
    let toml = format!("[zones.prod]\nissuer = \"{}\"\nclient_id = \"other\"\n", server.issuer());
    let outcome = room.call("zone import - --replace").stdin(&toml).run();
    assert!(outcome.ok().contains("prod") && outcome.stderr.contains(warning), "{outcome}");
    assert_eq!(room.run("client list --json").json(), json!([]));
    let room = registered(&server);
    server.expect("POST /register", created(&json!({"client_id": "c-2", "token_endpoint_auth_method": "none"})));
    let outcome = room.run("client register -z prod --replace");
    assert!(outcome.ok().contains("c-2") && outcome.stderr.contains(warning), "{outcome}");
    assert_eq!(room.kept(), []);
    for deed in ["zone edit prod --scope read", "zone edit prod --client-id c-1"] {
        let room = registered(&server);
        let outcome = room.run(deed);
        assert!(outcome.ok().contains("prod") && !outcome.stderr.contains("stays registered"), "{deed}: {outcome}");
        assert!(room.config().contains("registration_client_uri"), "{deed}");
    }
}

#[test]
fn next_command_is_one_that_works() {
    let server = Server::start();
    for (grant, next) in [
        ("client_credentials", "hallpass token -z prod"),
        ("authorization_code", "hallpass login -z prod"),
        ("urn:ietf:params:oauth:grant-type:device_code", "hallpass login -z prod"),
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "hallpass token -z prod --assertion-from SOURCE"),
        ("urn:ietf:params:oauth:grant-type:token-exchange", "hallpass exchange -z prod --subject-token-from SOURCE"),
    ] {
        let room = room(&server);
        let mut client = information(&server);
        client["grant_types"] = json!([grant]);
        server.expect("POST /register", created(&client));
        let outcome = room.run(&format!("client register -z prod --grant {grant}"));
        assert!(outcome.ok().contains("c-1") && outcome.stderr.trim_end().ends_with(next), "{grant}: {outcome}");
    }
}
