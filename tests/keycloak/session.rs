//! A person's session: signed in on a device, renewed by refresh tokens that rotate, ended. curl plays the browser.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::{keycloak, part};
use crate::room::{Outcome, Room, finish};

fn issuer() -> String {
    keycloak() + "/realms/session"
}

/// Keycloak writes two consents of one person for one client if they come at once, and refuses every later one.
static CONSENT: Mutex<()> = Mutex::new(());

/// A person at a browser with cookies of its own.
struct Person {
    jar: PathBuf,
}

impl Person {
    fn at(room: &Room) -> Self {
        Self { jar: room.directory().join("cookies") }
    }

    /// Opens a page, with a form's fields as a POST.
    fn opens(&self, url: &str, fields: &[&str]) -> String {
        let mut curl = Command::new("curl");
        curl.args(["--disable", "--silent", "--show-error", "--location", "--noproxy", "*", "--cookie-jar"]);
        curl.arg(&self.jar).arg("--cookie").arg(&self.jar);
        for field in fields {
            curl.args(["--data-urlencode", field]);
        }
        let outcome = curl.arg(url).output().unwrap();
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
        String::from_utf8(outcome.stdout).unwrap()
    }

    /// Signs in on the page and presses a button of the consent.
    fn answers(&self, page: &str, button: &str) -> String {
        let action = |page: &str| {
            let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("no form: {page}"));
            let action = action.split('"').next().unwrap().replace("&amp;", "&");
            if action.starts_with('/') { keycloak() + &action } else { action }
        };
        let sign_in = self.opens(page, &[]);
        let consent = self.opens(&action(&sign_in), &["username=ada", "password=ada-password"]);
        let code = consent.split("name=\"code\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let code = format!("code={}", code.unwrap_or_default());
        self.opens(&action(&consent), &[&code, button])
    }
}

/// `login --device`; a person answers on the page that it shows.
fn login(room: &Room, more: &[&str], button: &str) -> Outcome {
    let issuer = issuer();
    let mut args = vec!["login", &issuer, "-z", "me", "--device", "--json"];
    args.extend(more);
    let mut child = room.hallpass(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let page = loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "no page was shown: {said}");
        said.push_str(&line);
        if line.contains("user_code=") {
            break line.trim().to_owned();
        }
    };
    {
        let _one = CONSENT.lock().unwrap_or_else(PoisonError::into_inner);
        Person::at(room).answers(&page, button);
    }
    let mut outcome = finish(child);
    std::io::Read::read_to_string(&mut lines, &mut said).unwrap();
    outcome.stderr = said;
    outcome
}

fn signed_in(more: &[&str]) -> Room {
    let room = Room::sealed();
    let view = login(&room, more, "accept=Yes").json();
    assert_eq!((&view["who"], &view["refresh_token"], &view["vault"]), (&"ada".into(), &true.into(), &"sealed".into()));
    room
}

/// Keycloak counts in seconds when it compares refresh tokens.
fn later() {
    std::thread::sleep(Duration::from_millis(1100));
}

fn status(room: &Room) -> Value {
    room.run(&["status", "--json"]).json()[0].clone()
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn device_signs_in_and_its_refresh_token_rotates() {
    let room = signed_in(&["--client-id", "tv", "--scope", "openid"]);
    let first = room.run(&["token", "--json"]).json();
    assert_eq!((&first["source"], &status(&room)["who"]), (&"cache".into(), &"ada".into()));
    let id_token = room.run(&["token", "--id-token"]);
    assert_eq!(part(id_token.answer(), 1)["preferred_username"], "ada");
    let mut seen = vec![first["access_token"].as_str().unwrap().to_owned()];
    for _ in 0..3 {
        later();
        let fresh = room.run(&["token", "--json", "--fresh"]).json();
        assert_eq!(fresh["source"], "refresh");
        let token = fresh["access_token"].as_str().unwrap().to_owned();
        assert_eq!(part(&token, 1)["azp"], "tv");
        assert!(!seen.contains(&token));
        seen.push(token);
    }
    // Processes that ask at the same time share one refresh: a second one of the same token would end the session.
    later();
    let children: Vec<_> = (0..6).map(|_| room.hallpass(&["token", "--fresh"]).spawn().unwrap()).collect();
    for child in children {
        finish(child).answer();
    }
    later();
    room.run(&["token", "--fresh"]).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn spent_refresh_token_ends_session() {
    let room = signed_in(&["--client-id", "tv", "--scope", "openid"]);
    let vault = room.home().join("vault/sealed.json");
    let old = fs::read(&vault).unwrap();
    later();
    room.run(&["token", "--fresh"]).answer();
    later();
    // Somebody puts a backup back.
    fs::write(&vault, old).unwrap();
    let ended = room.run(&["token", "--fresh"]);
    let said = ended.refused(4);
    assert!(
        said.contains("Maximum allowed refresh token reuse exceeded") && said.contains("hallpass login -z me"),
        "{ended}"
    );
    assert_eq!(status(&room)["refresh_token"], false);
    let again = room.run(&["token", "--fresh"]);
    assert!(again.refused(4).contains("there is no refresh token"), "{again}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn lost_answer_is_settled_by_keycloaks_own_word() {
    let room = Room::sealed();
    let issuer = issuer();
    let add = ["zone", "add", "me", "--issuer", &issuer, "--client-id", "desk", "--grant", "device_code", "--scope"];
    let add = [&add[..], &["openid", "--client-secret-from", "-"]].concat();
    room.run_with_stdin(&add, "desk-secret").answer();
    login(&room, &[], "accept=Yes").answer();
    let (vault, session) = (room.home().join("vault/sealed.json"), room.home().join("session/me.json"));
    // What a process that was killed after sending leaves behind: its mark.
    let doubt = || {
        let header = room.run(&["header", "--from", "vault:refresh_token", "--prefix", "", "--value"]);
        let digest = Command::new("sha256sum")
            .arg(room_file(&room, header.answer()))
            .output()
            .map(|outcome| String::from_utf8(outcome.stdout).unwrap())
            .unwrap();
        let mut state: Value = serde_json::from_slice(&fs::read(&session).unwrap()).unwrap();
        state["sent"] = serde_json::json!({"fingerprint": &digest[..16], "at_ms": 1_795_341_600_000_i64});
        fs::write(&session, state.to_string()).unwrap();
    };
    let old = fs::read(&vault).unwrap();
    doubt();
    later();
    let fresh = room.run(&["token", "--fresh", "--json", "-v"]);
    assert_eq!(fresh.json()["source"], "refresh", "it was still good: {fresh}");
    assert!(fresh.stderr.contains("in doubt"), "{fresh}");
    let new = fs::read(&vault).unwrap();
    later();
    // The same with one that is spent: Keycloak says so, it is not sent, and the session lives on.
    fs::write(&vault, old).unwrap();
    doubt();
    let ended = room.run(&["token", "--fresh"]);
    assert!(ended.refused(4).contains("no longer good"), "{ended}");
    fs::write(&vault, new).unwrap();
    room.run(&["token", "--fresh"]).answer();
}

/// A private file with this content.
fn room_file(room: &Room, content: &str) -> PathBuf {
    let path = room.directory().join("content");
    fs::write(&path, content).unwrap();
    path
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn person_says_no() {
    let room = Room::sealed();
    let denied = login(&room, &["--client-id", "tv", "--scope", "openid"], "cancel=No");
    assert!(denied.refused(5).contains("access_denied"), "{denied}");
    assert_eq!(room.run(&["zone", "has", "me"]).code(), 1, "nothing is left of it");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_without_flow_is_told_so() {
    let room = Room::sealed();
    let issuer = keycloak() + "/realms/hp";
    let refused = room.run(&["login", &issuer, "-z", "me", "--device", "--client-id", "nobody"]);
    assert_eq!((refused.code(), refused.stdout.as_str()), (5, ""), "{refused}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn logout_ends_session_and_revoke_tokens() {
    for revoke in [false, true] {
        let room = signed_in(&["--client-id", "tv", "--scope", "openid"]);
        let (vault, session) = (room.home().join("vault/sealed.json"), room.home().join("session/me.json"));
        let (secrets, state) = (fs::read(&vault).unwrap(), fs::read(&session).unwrap());
        let mut args = vec!["logout", "--json"];
        args.extend(revoke.then_some("--revoke"));
        let view = room.run(&args).json();
        assert_eq!((&view[0]["signed_in"], &view[0]["session_ended"]), (&true.into(), &true.into()));
        assert!(!session.exists());
        room.run(&["token"]).refused(4);
        // With a copy of what was forgotten, nobody gets in.
        for (path, content) in [(&vault, &secrets), (&session, &state)] {
            fs::write(path, content).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let dead = room.run(&["token"]);
        assert!(dead.refused(4).contains("invalid_grant"), "{dead}");
    }
}
