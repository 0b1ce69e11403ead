//! `hallpass doctor` in realms that are broken on purpose, each in one place: the check of that place fails, alone; and when
//! its fix is carried out, nothing fails.

#[path = "doctor/client.rs"]
mod client;
#[path = "doctor/server.rs"]
mod server;
#[path = "doctor/token.rs"]
mod token;

use std::sync::Once;

use serde_json::Value;

use super::admin::{Admin, post_form};
use super::keycloak;
use crate::room::{Outcome, Room};

const REALM: &str = "doctor";

/// Tests change these realms, so that an earlier run has left other ones.
fn make_realms() {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        let realms: Vec<Value> = serde_json::from_str(include_str!("doctor.json")).unwrap();
        realms.iter().for_each(Admin::use_realm);
    });
}

fn realm(name: &str) -> String {
    make_realms();
    format!("{}/realms/{name}", keycloak())
}

/// A room with the zone `z` of a client whose secret is `<client>-secret`.
fn zone(id: &str) -> Room {
    zone_at(&realm(REALM), id, &["--client-secret-from", "-"], &format!("{id}-secret"))
}

/// A room with the zone `z` and these further flags, one of which may read stdin.
fn zone_at(issuer: &str, id: &str, flags: &[&str], stdin: &str) -> Room {
    make_realms();
    let room = Room::sealed();
    let mut args = vec!["zone", "add", "z", "--issuer", issuer, "--client-id", id];
    args.extend(flags);
    room.run_with_stdin(&args, stdin).answer();
    room
}

/// A new token of the zone.
fn token(room: &Room) -> String {
    room.run(&["token", "--no-cache"]).answer().to_owned()
}

/// Ada's access token and refresh token of this client.
fn ada(id: &str) -> (String, String) {
    let form =
        format!("grant_type=password&client_id={id}&client_secret={id}-secret&username=ada&password=ada-password");
    let answer = post_form(&format!("/realms/{REALM}/protocol/openid-connect/token"), &form).json();
    let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (text("access_token"), text("refresh_token"))
}

/// What was found.
struct Examination {
    outcome: Outcome,
    answer: Value,
}

fn examine(room: &Room, flags: &[&str]) -> Examination {
    examine_with(room, flags, "")
}

fn examine_with(room: &Room, flags: &[&str], stdin: &str) -> Examination {
    make_realms();
    let mut args = vec!["doctor", "--json"];
    args.extend(flags);
    let outcome = room.run_with_stdin(&args, stdin);
    assert!([0, 1].contains(&outcome.code()), "{outcome}");
    assert_eq!(outcome.stderr, "", "{outcome}");
    if !stdin.is_empty() {
        outcome.assert_hidden(stdin);
    }
    let answer = serde_json::from_str(&outcome.stdout).unwrap();
    Examination { outcome, answer }
}

impl Examination {
    fn findings(&self) -> &[Value] {
        self.answer["findings"].as_array().unwrap()
    }

    fn finding(&self, id: &str) -> &Value {
        self.findings()
            .iter()
            .find(|finding| finding["id"] == id)
            .unwrap_or_else(|| panic!("no {id}:\n{}", self.outcome))
    }

    /// Nothing fails and nothing is warned of, besides these.
    #[track_caller]
    fn assert_healthy(&self, warnings: &[&str]) {
        for finding in self.findings() {
            let warns = finding["state"] == "warn" && warnings.contains(&finding["id"].as_str().unwrap());
            assert!(warns || finding["state"] == "ok", "{finding}");
        }
        assert_eq!((self.outcome.code(), &self.answer["verdict"]), (0, &"nothing was found".into()));
    }

    /// This check fails and no other one: what can't be judged names it. All of these words are in the finding, those of
    /// its fix in the fix, which is given back.
    #[track_caller]
    fn assert_one(&self, id: &str, words: &[&str], fix: &[&str]) -> String {
        let cause = format!("not judged because of {id}");
        for finding in self.findings() {
            match finding["state"].as_str().unwrap() {
                "ok" => assert!(finding["fix"].is_null(), "{finding}"),
                "skip" => assert_eq!(finding["what"], cause, "{}", self.outcome),
                "fail" => assert_eq!(finding["id"], id, "{}", self.outcome),
                _ => panic!("{finding}\n{}", self.outcome),
            }
        }
        assert_eq!(self.outcome.code(), 1);
        let found = self.finding(id);
        assert_eq!(found["state"], "fail", "{}", self.outcome);
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        if let Some((_, event)) = text("fix").split_once(EVENT) {
            assert_written(event);
        }
        assert_eq!(self.answer["verdict"], format!("{id}: {}", text("what")));
        let said = text("what") + "\n" + &text("because");
        for word in words {
            assert!(said.contains(word), "{word} is not named:\n{found}");
        }
        for word in fix {
            assert!(text("fix").contains(word), "{word} is no part of the fix:\n{found}");
        }
        text("fix")
    }
}

/// The words before the event that a fix names.
const EVENT: &str = "Keycloak: Events > User events, or its log: ";

/// The server wrote this event, such as `CLIENT_LOGIN_ERROR, error client_disabled, client off`.
#[track_caller]
fn assert_written(event: &str) {
    let of = |name: &str| event.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix(' '));
    let (kind, errors) =
        (event.split(", ").next().unwrap(), of("error").unwrap_or_else(|| panic!("no error: {event}")));
    let client = of("client").map(|client| format!("&client={client}")).unwrap_or_default();
    let found = Admin::of(REALM).send("GET", &format!("/events?type={kind}{client}"), &Value::Null);
    let is_named = |found: &Value| errors.split(" or ").any(|error| found["error"] == error);
    assert!(found.as_array().unwrap().iter().any(is_named), "{event} was not written:\n{found:#}");
}

/// Types the command that a fix names, as a person would copy it.
#[track_caller]
fn carry_out(room: &Room, fix: &str, stdin: &str) {
    let command = fix.split("hallpass ").nth(1).unwrap_or_else(|| panic!("no command: {fix}"));
    let words: Vec<&str> = command.split(';').next().unwrap().split_whitespace().collect();
    room.run_with_stdin(&words, stdin).answer();
}
