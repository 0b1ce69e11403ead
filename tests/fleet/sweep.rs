//! What is revoked, rejected or removed is served by nobody again.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::engine::Engine;
use super::fault::{self, Server, token};
use super::room::{Outcome, Room};
use super::{SECRET, machine};

/// A server whose every token is another one, and which revokes tokens and registers clients.
pub fn revoking() -> Server {
    let minted = AtomicUsize::new(0);
    Server::start(move |request, base| match (request.method(), request.target()) {
        (_, "/revoke") => fault::json(200, ""),
        (_, "/token") => token(&format!("token-{}", minted.fetch_add(1, Ordering::SeqCst)), 3600),
        ("DELETE", "/register/one") => fault::answer(204, "", ""),
        (_, "/register") => fault::json(
            201,
            format!(
                r#"{{"client_id":"one","client_secret":"{SECRET}","client_secret_expires_at":0,
                "registration_access_token":"rat","registration_client_uri":"{base}/register/one"}}"#
            ),
        ),
        _ => {
            let more = format!(r#"{{"revocation_endpoint":"{base}/revoke","registration_endpoint":"{base}/register","#);
            fault::json(200, fault::metadata_text(base).replacen('{', &more, 1))
        }
    })
}

/// The tokens that the server was asked to revoke.
fn revoked(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter().filter(|request| request.target() == "/revoke");
    let token = |body: &str| body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap().to_owned();
    requests.map(|request| token(&request.body)).collect()
}

/// A machine whose zone `z` is in its configuration.
fn configured(server: &Server, engine: &Engine) -> Room {
    let room = engine.shared_by(Room::sealed()).with("SECRET", SECRET);
    let add = ["zone", "add", "z", "--issuer", &server.base(), "--client-id", "runner", "--client-secret-from"];
    room.run(&[add.as_slice(), &["env:SECRET", "--default"]].concat()).answer();
    room
}

/// The ways to say that a token is of no use, as one machine does of `token-N`.
const REJECTIONS: [(&[&str], &str); 6] = [
    (&["revoke", "-"], "token-N"),
    (
        &["helper", "git", "--allow-host", "api.example", "erase"],
        "protocol=https\nhost=api.example\nusername=oauth2\npassword=token-N\n",
    ),
    (&["helper", "docker", "--allow-host", "api.example", "erase"], "https://api.example"),
    (&["helper", "terraform", "--allow-host", "api.example", "forget", "api.example"], ""),
    (&["helper", "vault", "erase"], ""),
    (&["token", "forget"], ""),
];

fn reject(room: &Room, (args, text): (&[&str], &str), number: usize) -> Outcome {
    let outcome = room.run_with_stdin(args, &text.replace("token-N", &format!("token-{number}")));
    assert_eq!(outcome.code(), 0, "{args:?}: {outcome}");
    outcome
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn rejected_token_is_not_served_again() {
    let (server, engine) = (revoking(), Engine::start());
    let one = machine(&server, &engine);
    for (number, rejection) in REJECTIONS.into_iter().enumerate() {
        assert_eq!(one.run(&["token"]).answer(), format!("token-{number}"), "before {rejection:?}");
        assert_eq!(reject(&one, rejection, number).stderr.matches("warning").count(), 0);
        assert_eq!(engine.keys(":token").len(), 0, "{rejection:?}");
        // Whoever asks next gets another one, which all share.
        let next = format!("token-{}", number + 1);
        assert_eq!(machine(&server, &engine).run(&["token"]).answer(), next, "after {rejection:?}");
        assert_eq!(one.run(&["token"]).answer(), next, "after {rejection:?}");
    }
    assert_eq!(revoked(&server), ["token-0"]);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn newer_token_of_another_machine_stays() {
    for rejection in [REJECTIONS[0], REJECTIONS[1]] {
        let (server, engine) = (revoking(), Engine::start());
        let (one, other) = (machine(&server, &engine), machine(&server, &engine));
        assert_eq!(one.run(&["token"]).answer(), "token-0");
        assert_eq!(other.run(&["token", "--fresh"]).answer(), "token-1");
        reject(&one, rejection, 0);
        assert_eq!(one.run(&["token"]).answer(), "token-1", "{rejection:?}");
    }
    // One that this machine has never had is found by the zone.
    let (server, engine) = (revoking(), Engine::start());
    assert_eq!(machine(&server, &engine).run(&["token"]).answer(), "token-0");
    let other = machine(&server, &engine);
    reject(&other, REJECTIONS[0], 0);
    assert_eq!(other.run(&["token"]).answer(), "token-1");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn removed_zone_or_client_leaves_no_token() {
    let removals: [(&[&str], bool); 3] = [
        (&["zone", "remove", "z", "--yes"], false),
        (&["zone", "remove", "z", "--yes", "--revoke"], true),
        (&["zone", "remove", "z", "--yes", "--forget-unreachable-secrets"], false),
    ];
    for (args, revokes) in removals {
        let (server, engine) = (revoking(), Engine::start());
        let one = configured(&server, &engine);
        one.run(&["token"]).answer();
        one.run(&["token", "--scope", "a"]).answer();
        assert_eq!(engine.keys(":token").len(), 2);
        assert_eq!(one.run(args).code(), 0);
        assert_eq!(engine.keys(":token").len(), 0, "{args:?}");
        assert_eq!(revoked(&server).len(), if revokes { 2 } else { 0 }, "{args:?}");
    }
    for keep in [&[][..], &["--keep-zone"]] {
        let (server, engine) = (revoking(), Engine::start());
        let one = engine.shared_by(Room::sealed());
        one.run(&["client", "register", &server.base(), "--grant", "client_credentials", "--save-as", "z"]).answer();
        one.run(&["token", "-z", "z"]).answer();
        assert_eq!(engine.keys(":token").len(), 1);
        let outcome = one.run(&[&["client", "delete", "-z", "z", "--yes"], keep].concat());
        assert_eq!(outcome.code(), 0, "{outcome}");
        assert_eq!(engine.keys(":token").len(), 0, "{keep:?}");
    }
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn whatever_is_removed_by_revoking_is_revoked() {
    let (server, engine) = (revoking(), Engine::start());
    let (one, other) = (machine(&server, &engine), machine(&server, &engine));
    assert_eq!(one.run(&["token", "--scope", "x"]).answer(), "token-0");
    assert_eq!(other.run(&["token", "--scope", "x", "--fresh"]).answer(), "token-1");
    assert_eq!(other.run(&["token"]).answer(), "token-2");
    let outcome = one.run(&["revoke", "--own", "access", "--json"]);
    assert_eq!((outcome.json()["revoked"].clone(), outcome.json()["forgotten"].clone()), (3.into(), 1.into()));
    let mut gone = revoked(&server);
    gone.sort();
    assert_eq!(gone, ["token-0", "token-1", "token-2"]);
    assert_eq!(engine.keys(":token").len(), 0);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn engine_that_is_down_changes_nothing_here() {
    for rejection in REJECTIONS {
        let (server, mut engine) = (revoking(), Engine::start());
        let one = machine(&server, &engine);
        assert_eq!(one.run(&["token"]).answer(), "token-0");
        assert_eq!(one.run(&["token", "--scope", "a"]).answer(), "token-1");
        engine.kill();
        let outcome = reject(&one, rejection, 0);
        let warnings = outcome.stderr.matches("warning: ").count();
        assert!(warnings == 1 && outcome.stderr.contains(" is not used: "), "{rejection:?}: {outcome}");
        assert_eq!(one.run(&["token"]).answer(), "token-2", "{rejection:?}");
    }
    let (server, mut engine) = (revoking(), Engine::start());
    let one = configured(&server, &engine);
    one.run(&["token"]).answer();
    engine.kill();
    let outcome = one.run(&["zone", "remove", "z", "--yes", "--revoke"]);
    assert_eq!((outcome.code(), outcome.stderr.matches("warning: ").count()), (0, 1), "{outcome}");
    assert_eq!(revoked(&server), ["token-0"]);
    assert_eq!(one.run(&["zone", "has", "z"]).code(), 1);
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn without_shared_tokens_nothing_is_asked() {
    let (server, engine) = (revoking(), Engine::start());
    let commands = engine.monitor();
    let room = machine(&server, &engine);
    assert_eq!(room.run(&["token", "--no-cache"]).answer(), "token-0");
    reject(&room, REJECTIONS[1], 0);
    engine.command(&["PING"]);
    let commands = commands();
    assert!(!commands.contains("EVAL"), "{commands}");
}

#[test]
#[ignore = "needs redis-server: tests/run"]
fn doctor_asks_whatever_was_met_before() {
    let (server, mut engine) = (revoking(), Engine::start());
    let room = machine(&server, &engine);
    engine.kill();
    assert!(room.run(&["token"]).stderr.contains(" is not used: "));
    engine.restart_with("");
    assert!(room.run(&["token", "--scope", "a"]).stderr.contains("and is asked again"));
    let findings = room.run(&["doctor", "--offline", "--json"]).json();
    let finding = findings["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "shared-cache");
    assert_eq!(finding.unwrap()["state"], "ok", "{findings}");
    let shared = room.run(&["token", "--scope", "b"]);
    assert_eq!((shared.code(), shared.stderr.as_str()), (0, ""), "what the doctor found counts: {shared}");
}
