//! `login` with a real browser: headless Chromium, from the command to a stored refresh token, against the sandbox and
//! against Keycloak.
//!
//! `tests/run` installs Chromium and its driver, starts Keycloak, and runs these.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

mod room;
mod webdriver;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use std::time::Instant;

use room::{Outcome, Room, finish};
use webdriver::Chromium;

/// A login that waits for a browser.
struct Login {
    child: Child,
    stderr: BufReader<ChildStderr>,
    url: String,
}

impl Login {
    /// Starts it without a browser of its own, and reads the address that it shows.
    fn start(room: &Room, args: &[&str]) -> Self {
        let mut child =
            room.hallpass(&[&["login", "--no-browser"], args].concat()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (mut said, mut line) = (String::new(), String::new());
        while !line.starts_with("http://") {
            said += &line;
            line.clear();
            if stderr.read_line(&mut line).unwrap() == 0 {
                let _ = child.wait();
                panic!("it ended before it showed an address:\n{said}");
            }
        }
        Self { child, stderr, url: line.trim_end().to_owned() }
    }

    fn end(mut self) -> Outcome {
        let mut outcome = finish(self.child);
        self.stderr.read_to_string(&mut outcome.stderr).unwrap();
        outcome
    }
}

/// A sandbox in a process of its own.
struct Sandbox {
    child: Child,
    issuer: String,
}

impl Sandbox {
    fn start(flags: &[&str]) -> Self {
        let mut child = Room::new().hallpass(&[&["sandbox", "-q"], flags].concat()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("HALLPASS_ISSUER=")).unwrap();
        let issuer = line.split('\'').nth(1).unwrap().to_owned();
        Self { child, issuer }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keycloak() -> String {
    match std::env::var("HALLPASS_TEST_KEYCLOAK") {
        Ok(base) if !base.is_empty() => base.trim_end_matches('/').to_owned() + "/realms/login",
        _ => panic!("HALLPASS_TEST_KEYCLOAK is not set: tests/run starts Keycloak and sets it"),
    }
}

/// Asserts that the zone of this room has what a sign-in brings, and that its refresh token renews.
#[track_caller]
fn signed_in(room: &Room, zone: &str, who: &str) {
    let status = room.run(&["status", "-z", zone, "--json"]).json();
    assert_eq!((&status[0]["who"], &status[0]["refresh_token"]), (&who.into(), &true.into()), "{status}");
    assert_eq!(room.run(&["token", "-z", zone, "--json"]).json()["source"], "cache");
    let renewed = room.run(&["token", "-z", zone, "--fresh", "--json"]).json();
    assert_eq!(renewed["source"], "refresh");
    let vault = room.run(&["vault", "list", "--json"]).json().to_string();
    assert!(vault.contains("refresh_token"), "{vault}");
}

#[test]
#[ignore = "needs Chromium; tests/run installs it"]
fn person_allows_it_on_sandboxs_page() {
    let (sandbox, room) = (Sandbox::start(&[]), Room::sealed());
    let login = Login::start(
        &room,
        &[&sandbox.issuer, "-z", "me", "--client-id", "sandbox-public", "--scope", "openid profile"],
    );
    // Neither the page that asks nor the one that thanks needs a script.
    let browser = Chromium::start(false);
    browser.open(&login.url);
    browser.await_title("Allow access?");
    assert!(browser.source().contains("sandbox-public") && !browser.source().contains("<script"));
    browser.click("button[value=allow]");
    browser.await_title("Signed in");
    let page = browser.source();
    assert!(page.contains("You can close this tab.") && !page.contains("code-"), "{page}");
    let outcome = login.end();
    assert!(
        outcome.answer().starts_with("signed in to zone me as ada; the refresh token is stored in the sealed vault")
    );
    signed_in(&room, "me", "ada");
}

#[test]
#[ignore = "needs Chromium; tests/run installs it"]
fn person_denies_it_on_sandboxs_page() {
    let (sandbox, room) = (Sandbox::start(&[]), Room::sealed());
    let login = Login::start(&room, &[&sandbox.issuer, "-z", "me", "--client-id", "sandbox-public"]);
    let browser = Chromium::start(false);
    browser.open(&login.url);
    browser.click("button[value=deny]");
    browser.await_title("The sign-in did not work");
    assert!(login.end().refused(5).contains("access_denied"));
    assert_eq!(room.run(&["zone", "has", "me"]).code(), 1);
}

/// The program starts the browser itself, as `BROWSER` says.
#[test]
#[ignore = "needs Chromium; tests/run installs it"]
fn program_opens_browser() {
    let (sandbox, room) = (Sandbox::start(&["--auto-consent"]), Room::sealed());
    let profile = room.directory().join("profile");
    let command = format!("chromium {} --dump-dom %s", webdriver::arguments(&profile).join(" "));
    let path = std::env::var("PATH").unwrap();
    let room = room.with("BROWSER", command).with("PATH", path).with("HOME", room_home());
    room.run(&["login", &sandbox.issuer, "-z", "me", "--client-id", "sandbox-public", "--scope", "profile"]).answer();
    signed_in(&room, "me", "ada");
}

fn room_home() -> String {
    std::env::var("HOME").unwrap_or_else(|_| "/".to_owned())
}

#[test]
#[ignore = "needs Chromium and Keycloak; tests/run has them"]
fn person_signs_in_to_keycloak() {
    let (issuer, room) = (keycloak(), Room::sealed());
    let login = Login::start(&room, &[&issuer, "--client-id", "cli", "--scope", "openid"]);
    assert!(login.url.contains("request_uri="), "Keycloak offers pushed requests: {}", login.url);
    let browser = Chromium::start(true);
    browser.open(&login.url);
    browser.type_into("#username", "ada");
    browser.type_into("#password", "ada-password");
    let begun = Instant::now();
    browser.click("#kc-login");
    browser.await_title("Signed in");
    let outcome = login.end();
    assert!(begun.elapsed().as_secs() < 30);
    assert!(outcome.answer().starts_with("signed in to zone login as ada; "), "{outcome}");
    signed_in(&room, "login", "ada");
}

#[test]
#[ignore = "needs Chromium and Keycloak; tests/run has them"]
fn confidential_client_of_keycloak_pushes_and_asks_for_consent() {
    let (issuer, room) = (keycloak(), Room::sealed());
    let add = ["zone", "add", "work", "--issuer", &issuer, "--client-id", "pushing", "--client-secret-from", "-"];
    room.run_with_stdin(&[&add[..], &["--grant", "authorization_code"]].concat(), "pushing-secret").answer();
    // This client may not do without a pushed request. Consent that was given before is asked for again.
    let login = Login::start(&room, &["-z", "work", "--prompt", "consent"]);
    let browser = Chromium::start(true);
    browser.open(&login.url);
    browser.type_into("#username", "ada");
    browser.type_into("#password", "ada-password");
    browser.click("#kc-login");
    browser.click("[name=accept]");
    browser.await_title("Signed in");
    login.end().answer();
    signed_in(&room, "work", "ada");
}

#[test]
#[ignore = "needs Chromium and Keycloak; tests/run has them"]
fn keycloak_sends_refusal_back() {
    let (issuer, room) = (keycloak(), Room::sealed());
    let login = Login::start(&room, &[&issuer, "--client-id", "cli", "--prompt", "none"]);
    let browser = Chromium::start(true);
    browser.open(&login.url);
    browser.await_title("The sign-in did not work");
    assert!(login.end().refused(4).contains("login_required"));
}
