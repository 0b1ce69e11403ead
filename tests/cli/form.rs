//! Tokens and header lines in the forms of shells, of curl and of a CI runner.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

/// A token with every sign that a b64token may have.
const TOKEN: &str = "aZ09-._~+/==";

fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    server.mints(Answer::token(TOKEN));
    room.run("token").ok();
    room
}

#[test]
fn each_shell_has_its_line() {
    let server = Server::start();
    let room = room(&server);
    for (form, line) in [
        ("text", "aZ09-._~+/=="),
        ("env", "export API='aZ09-._~+/=='"),
        ("env-no-export", "API='aZ09-._~+/=='"),
        ("dotenv", "API=aZ09-._~+/=="),
        ("fish", "set -gx API 'aZ09-._~+/=='"),
        ("powershell", "$env:API = 'aZ09-._~+/=='"),
        ("windows-cmd", "set \"API=aZ09-._~+/==\""),
        ("nu", "$env.API = \"aZ09-._~+/==\""),
        ("curl", "header = \"Authorization: Bearer aZ09-._~+/==\""),
    ] {
        assert_eq!(room.run(&format!("token --name API --format {form}")).ok(), line, "{form}");
    }
    assert_eq!(room.run("token --format fish").ok(), "set -gx ACCESS_TOKEN 'aZ09-._~+/=='");
}

/// Docker reads the value as it is, and other readers of such files interpret some characters.
#[test]
fn dotenv_refuses_what_its_readers_interpret() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for token in ["a$b", "a#b", "it's", "a`b"] {
        server.mints(Answer::token(token));
        let refused = room.run("token --fresh --format dotenv");
        assert_eq!((refused.code, refused.stdout.as_str()), (8, ""), "{token}: {refused}");
        refused.assert_hidden(token);
    }
}

#[test]
fn reserved_variable_is_refused_before_request() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for (form, name) in [
        ("env", "A;rm"),
        ("env", "api-token"),
        ("env", "PPID"),
        ("fish", "status"),
        ("nu", "PWD"),
        ("powershell", "1A"),
        ("windows-cmd", "A%B"),
        ("github-env", "GITHUB_TOKEN"),
        ("github-env", "Runner_X"),
        ("github-env", "NODE_OPTIONS"),
        ("github-output", "a=b"),
    ] {
        let outcome = room.run(&format!("token --format {form} --name {name}"));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{form} {name}: {outcome}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn runner_hides_token_before_it_gets_it() {
    let server = Server::start();
    let mut room = room(&server);
    let file = room.write("github_env", "BEFORE=1");
    room.set("GITHUB_ENV", &file);
    let outcome = room.run("token --format github-env --name API_TOKEN");
    assert_snapshot!(outcome, @"
    exit 0
    out: ::add-mask::aZ09-._~+/==
    ");
    // A line that was left open is not run into.
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("BEFORE=1\nAPI_TOKEN={TOKEN}\n"));
    let file = room.directory().join("github_output");
    room.set("GITHUB_OUTPUT", &file);
    for _ in 0..2 {
        assert_eq!(room.run("token --format github-output --name api-token").ok(), format!("::add-mask::{TOKEN}"));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("api-token={TOKEN}\n").repeat(2));
}

#[test]
fn without_runners_file_nothing_is_asked_or_said() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    assert_snapshot!(room.run("token --format github-env"), @"
    exit 3
    err: error: GITHUB_ENV is not set
    err: hint: this format is for a step of GitHub Actions, which sets it
    ");
    room.set("GITHUB_OUTPUT", "");
    assert_eq!(room.run("token --format github-output").code, 3);
    for bad in [room.directory(), room.directory().join("no/such/directory"), "/dev/full".into(), "/dev/null".into()] {
        room.set("GITHUB_ENV", bad);
        let outcome = room.run("token --format github-env");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (7, ""), "{outcome}");
    }
    assert_eq!(room.run("token --format github-env -o x").code, 7);
    room.set("GITHUB_ENV", room.directory().join("env"));
    assert_eq!(room.run("token --format github-env -o x").code, 2);
    assert_eq!(server.count(), 0);
    // What would be sent is shown without a step of a job.
    room.unset("GITHUB_ENV");
    assert!(room.run("token --dry-run --format github-env").ok().starts_with("curl "));
}

#[test]
fn token_is_in_no_error() {
    let server = Server::start();
    let mut room = room(&server);
    for (name, value) in [("GITHUB_ENV", "/dev/full"), ("GITHUB_OUTPUT", "/no/such/file")] {
        room.set(name, value);
    }
    for line in ["token --format github-env", "token --format github-output", "header --format github-env"] {
        for json in ["", " --json"] {
            let outcome = room.run(&format!("{line}{json}"));
            outcome.assert_hidden(TOKEN);
            outcome.assert_hidden(&TOKEN[..8]);
        }
    }
}

#[test]
fn exchange_and_header_take_them_too() {
    let server = Server::start();
    let mut room = room(&server);
    let file = room.directory().join("github_env");
    room.set("GITHUB_ENV", &file);
    server.mints(Answer::json(&serde_json::json!({
        "access_token": "NEW-1", "token_type": "Bearer", "expires_in": 300,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    })));
    let line = "exchange --subject-token-from - --audience a --format github-env --name NEW";
    assert_eq!(room.call(line).stdin("S").run().ok(), "::add-mask::NEW-1");
    assert_eq!(room.run("header --format github-env").ok(), format!("::add-mask::{TOKEN}"));
    assert_eq!(room.run("header --format github-env --value --name X-Api").ok(), format!("::add-mask::{TOKEN}"));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        format!("NEW=NEW-1\nAUTHORIZATION=Authorization: Bearer {TOKEN}\nX_API=Bearer {TOKEN}\n")
    );
    for (form, line) in [
        ("env", "export AUTHORIZATION='Authorization: Bearer aZ09-._~+/=='"),
        ("env --value", "export AUTHORIZATION='Bearer aZ09-._~+/=='"),
        ("fish --name X-Api-Token", "set -gx X_API_TOKEN 'X-Api-Token: Bearer aZ09-._~+/=='"),
        ("curl", "header = \"Authorization: Bearer aZ09-._~+/==\""),
        ("curl --value", "header = \"Authorization: Bearer aZ09-._~+/==\""),
    ] {
        assert_eq!(room.run(&format!("header --format {form}")).ok(), line, "{form}");
    }
    // The variable is as the flag.
    room.set("HALLPASS_FORMAT", "env");
    assert_eq!(room.run("header").ok(), room.run("header --format env").ok());
    assert_eq!(room.run("token").ok(), format!("export ACCESS_TOKEN='{TOKEN}'"));
    assert_eq!(room.run("zone path --format fish").code, 2);
}

#[test]
fn static_secret_is_quoted_and_masked_whole() {
    let server = Server::start();
    let mut room = room(&server);
    let file = room.directory().join("github_env");
    room.set("GITHUB_ENV", &file);
    let run = |form: &str, room: &Room| {
        let line = format!("header --from - --prefix 'Key ' --name X-Key --format {form}");
        room.call(&line).stdin("it's \"50%\" \\ $x\n").run()
    };
    assert_eq!(run("env", &room).ok(), r#"export X_KEY='X-Key: Key it'\''s "50%" \ $x'"#);
    assert_eq!(run("curl", &room).ok(), r#"header = "X-Key: Key it's \"50%\" \\ $x""#);
    assert_eq!(run("github-env", &room).ok(), r#"::add-mask::it's "50%25" \ $x"#);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "X_KEY=X-Key: Key it's \"50%\" \\ $x\n");
    let refused = run("windows-cmd", &room);
    refused.assert_hidden("50");
    assert_eq!((refused.code, refused.stdout.as_str()), (8, ""), "{refused}");
    assert_eq!(room.run("header --basic --format github-env").ok(), "::add-mask::Y2k6czNjcjN0LXZhbHVl");
}

#[test]
fn header_writes_file_too() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let room = room(&server);
    let path = room.directory().join("header");
    let line = format!("header -o {}", path.display());
    assert_eq!(room.run(&line).ok(), "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("Authorization: Bearer {TOKEN}\n"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    room.run(&format!("{line} --format curl")).ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("header = \"Authorization: Bearer {TOKEN}\"\n"));
    assert_eq!(room.run("header --format dotenv").ok(), format!("AUTHORIZATION=Authorization: Bearer {TOKEN}"));
    assert_eq!(room.run("header --read - --format env").code, 2);
}

#[test]
fn json_has_warnings_as_member_and_not_as_lines() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    // {"alg":"none"} . {"exp":1795341599}: a second ago.
    room.set("HALLPASS_TOKEN", "eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTUzNDE1OTl9.c2ln");
    let expired = json!(["the token in HALLPASS_TOKEN has expired"]);
    let answered = room.run("token --json");
    assert_eq!((&answered.json()["warnings"], answered.stderr.as_str()), (&expired, ""), "{answered}");
    let refused = room.run("token --id-token --json");
    assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr.lines().count()), (2, "", 1), "{refused}");
    let error: Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!((&error["error"]["warnings"], error.as_object().unwrap().len()), (&expired, 1), "{refused}");
    assert_eq!(room.run("token --json -q").json().get("warnings"), None);
    // A list has no members, so the warnings are lines.
    let file = room.write("tokens", "# none\n");
    let listed = room.run(&format!("bearer list {} --json", file.display()));
    assert!(listed.stdout == "[]\n" && listed.stderr.starts_with("warning: ROOM/tokens "), "{listed}");
}
