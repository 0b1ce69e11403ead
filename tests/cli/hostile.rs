//! What a server, a file or a variable says is shown, never obeyed.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

/// Clears the screen, turns the line round, rings, and starts a command of a CI runner on a line of its own.
pub const HOSTILE: &str = "x\u{1b}[2J\u{202e}y\u{7}\r\n::add-mask::z\n##[group]w\u{9b}";

#[track_caller]
pub fn harmless(outcome: &Outcome) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let bad = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        assert!(!text.contains(bad), "{text:?}");
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{text:?}");
        }
    }
}

#[test]
fn in_oauth_error() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for json in ["", " --json"] {
        let answer = json!({"error": "invalid_client", "error_description": HOSTILE, "error_uri": HOSTILE});
        server.mints(Answer::json(&answer).header("x-a", "b"));
        harmless(&room.run(&format!("token{json}")));
        server.mints(Answer::error(400, HOSTILE, HOSTILE));
        harmless(&room.run(&format!("token{json}")));
    }
    server.mints(Answer::error(400, "invalid_client", HOSTILE));
    assert_snapshot!(room.run("token"), @r"
    exit 5
    err: error: the server refused: invalid_client: x\u{1b}[2J\u{202e}y\u{7} ::add-mask::z #\u{23}[group]w\u{9b} (HTTP 400 from http://AS/token)
    err: cause: authenticated with client_secret_basic
    err: hint: check the secret: hallpass zone edit prod --client-secret-from -
    err: hint: or name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn in_error_page() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for line in ["token", "token --json", "token -vv"] {
        server.mints(Answer::text("text/html", HOSTILE));
        let outcome = room.run(line);
        assert_eq!(outcome.code, 8, "{outcome}");
        harmless(&outcome);
    }
}

#[test]
fn in_warning_when_renewal_fails() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::error(400, "invalid_client", HOSTILE));
    room.run("token").ok();
    room.later(250);
    let outcome = room.run("token");
    assert_eq!(outcome.ok(), "AT-1");
    harmless(&outcome);
}

#[test]
fn in_scope_and_type_of_token() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let answer = json!({"access_token": "AT-1", "token_type": HOSTILE, "expires_in": 300, "scope": HOSTILE});
    for line in ["header", "token --json --fresh", "token --explain --fresh -vv"] {
        server.mints(Answer::json(&answer));
        harmless(&room.run(line));
        room.later(1);
    }
}

#[test]
fn in_metadata() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.set("NO_COLOR", "1");
    let mut metadata = server.metadata();
    metadata["scopes_supported"] = json!([HOSTILE, "read"]);
    metadata["service_documentation"] = json!(HOSTILE);
    metadata[HOSTILE] = json!(HOSTILE);
    let issuer = server.issuer();
    for line in
        ["", "--json", "--raw", "--raw --json", "--field scopes_supported", "--field service_documentation", "-vv"]
    {
        server.serves(&metadata);
        let outcome = room.run(&format!("discover {issuer} {line}"));
        outcome.ok();
        harmless(&outcome);
        server.serves(&metadata);
        harmless(&room.call(&format!("discover {issuer} {line}")).person(false).run());
    }
    server.serves(&metadata).serves(&server.metadata());
    harmless(&room.run(&format!("discover {issuer} --diff {issuer}")));
    metadata["issuer"] = json!(format!("{issuer}/{HOSTILE}"));
    server.serves(&metadata);
    let refused = room.run(&format!("discover {issuer}"));
    assert_eq!(refused.code, 8, "{refused}");
    harmless(&refused);
}

#[test]
fn in_merge_warning() {
    let server = Server::start();
    let room = Room::new();
    let (mut one, mut other) = (server.metadata(), server.metadata());
    one[HOSTILE] = json!("a");
    other[HOSTILE] = json!("b");
    one["token_endpoint"] = json!(HOSTILE);
    server
        .expect("GET /.well-known/openid-configuration", Answer::json(&one))
        .expect("GET /.well-known/oauth-authorization-server", Answer::json(&other));
    harmless(&room.run(&format!("discover {}", server.issuer())));
}

#[test]
fn in_variable_and_in_configuration() {
    let mut room = Room::new();
    room.set("HALLPASS_ZONE", HOSTILE);
    harmless(&room.run("token"));
    room.unset("HALLPASS_ZONE");
    room.write(
        "home/config.toml",
        "[zones.a]\nissuer = \"https://a.example\"\nscope = [\"\\u001B[2J\"]\n\"\\u001B[2J\" = 1\n",
    );
    let outcome = room.run("zone show a");
    outcome.ok();
    harmless(&outcome);
    harmless(&room.run("zone show a --json"));
    room.write("home/config.toml", "[zones.a]\nissuer = \u{1b}[2J\n");
    harmless(&room.run("zone list"));
}
