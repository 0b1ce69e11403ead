//! `hallpass doctor`.

use serde_json::Value;

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

/// The answer, whether something failed or not.
pub fn answer(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// The findings that are not ok, as `id state`.
pub fn trouble(outcome: &Outcome) -> Vec<String> {
    let answer = answer(outcome);
    let findings = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] != "ok");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    findings.map(|finding| format!("{} {}", text(finding, "id"), text(finding, "state"))).collect()
}

/// The ids of the findings.
fn ids(outcome: &Outcome) -> Vec<String> {
    let answer = answer(outcome);
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn offline_makes_local_checks_only() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let outcome = room.run("doctor --offline --json");
    assert_eq!(
        ids(&outcome),
        ["config", "state", "vault", "trust", "proxy", "breaker", "cache", "helper"],
        "and the server was not asked"
    );
    assert_eq!(trouble(&outcome), [""; 0]);
    assert_eq!(answer(&outcome)["verdict"], "nothing was found");
    assert_eq!(outcome.code, 0);
}

#[test]
fn broken_configuration_is_the_one_fail() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.write("home/config.toml", "zones = [");
    for line in ["doctor --json", "doctor -z prod --json"] {
        let outcome = room.run(line);
        assert_eq!(outcome.code, 1);
        let trouble = trouble(&outcome);
        assert_eq!(trouble.iter().filter(|one| one.ends_with("fail")).collect::<Vec<_>>(), ["config fail"]);
        assert!(trouble.contains(&"reach skip".to_owned()), "{trouble:?}");
    }
}

#[test]
fn nothing_to_examine_is_configuration() {
    let room = Room::new();
    assert_eq!(room.run("doctor").code, 3, "no zone is named");
    assert_eq!(room.run("doctor -z nope").code, 3);
    assert_eq!(room.run("doctor nonsense").code, 2);
}

#[test]
fn error_that_check_explains_hints_at_it_with_its_flags() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.set("SUBJECT", "subject-token-1");
    let hint = |line: &str, code: &str| {
        server.mints(Answer::error(400, code, "no"));
        let shown = room.run(line).stderr;
        shown.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(hint("token --fresh", "invalid_scope"), "hint: to find out why: hallpass doctor -z prod");
    assert_eq!(
        hint("exchange --subject-token-from env:SUBJECT --audience api", "invalid_grant"),
        "hint: to find out why: hallpass doctor -z prod --subject-token-from env:SUBJECT --exchange-audience api"
    );
    assert_eq!(
        hint("token --fresh --scope 'read write'", "invalid_scope"),
        "hint: to find out why: hallpass doctor -z prod --expect-scope read --expect-scope write"
    );
    // A line of many has no line of stderr.
    server.mints(Answer::error(400, "invalid_scope", "no"));
    let lines = room.call("token --many - --fresh").stdin(r#"{"zone":"prod","scope":"read"}"#).run();
    let answer: Value = serde_json::from_str(&lines.stdout).unwrap();
    let hint = answer["error"]["hint"].as_str().unwrap();
    assert!(hint.ends_with("to find out why: hallpass doctor -z prod --expect-scope read"), "{lines}");
}
