//! The secrets of a test: what its server gave and got, and what its sources hold. No command may show them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;

/// Shorter ones are rather words.
const SHORTEST: usize = 4;
/// Shorter ones are looked for as whole words.
const WHOLE_WORD: usize = 8;

/// Members and parameters that hold a secret.
const SECRETS: [&str; 16] = [
    "access_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "id_token_hint",
    "password",
    "refresh_token",
    "registration_access_token",
    "software_statement",
    "subject_token",
    "token",
];

/// Headers of ours that hold none.
const PLAIN_HEADERS: [&str; 11] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "forwarded",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// The commands whose answer is a secret.
const SECRET_ANSWERS: [&str; 10] = [
    "authorize-url",
    "bearer generate",
    "bearer rotate",
    "exchange",
    "header",
    "helper",
    "kong sign",
    "par",
    "pkce",
    "token",
];

/// Words of our sentences that a test takes as secrets: there nobody can tell them apart.
pub const OUR_WORDS: [&str; 7] = ["client", "refused", "server", "hint", "POST", "token", "client_secret_basic"];

/// The secrets that a test has met so far.
#[derive(Default)]
pub struct KnownSecrets(Mutex<BTreeSet<String>>);

impl KnownSecrets {
    /// One set for all rooms and servers of a test, which live at the same time on one thread.
    pub fn of_this_test() -> Arc<Self> {
        thread_local!(static CURRENT: RefCell<Weak<KnownSecrets>> = const { RefCell::new(Weak::new()) });
        CURRENT.with_borrow_mut(|current| {
            current.upgrade().unwrap_or_else(|| {
                let new = Arc::default();
                *current = Arc::downgrade(&new);
                new
            })
        })
    }

    pub fn add(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() >= SHORTEST && !OUR_WORDS.contains(&secret) {
            self.0.lock().unwrap().insert(secret.to_owned());
        }
    }

    /// Adds what a request carries: credentials, the user's own headers, and parameters that are secrets.
    pub fn add_request(&self, line: &str, headers: &[(String, String)], body: &str) {
        for (name, value) in headers.iter().filter(|(name, _)| !PLAIN_HEADERS.contains(&name.as_str())) {
            match value.split_once(' ').filter(|_| name == "authorization") {
                Some((scheme, credentials)) => {
                    self.add(credentials);
                    if scheme == "Basic" {
                        let pair = STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                        self.add_form(&format!(
                            "password={}",
                            pair.unwrap_or_default().split_once(':').unwrap_or_default().1
                        ));
                    }
                }
                None if value.len() >= WHOLE_WORD => self.add(value),
                None => {}
            }
        }
        self.add_form(line.split_once('?').unwrap_or_default().1);
        match serde_json::from_str(body) {
            Ok(json) => self.add_members(&json),
            Err(_) => self.add_form(body),
        }
    }

    /// Adds the secrets in an answer.
    pub fn add_answer(&self, status: u16, body: &str) {
        if (200..300).contains(&status)
            && let Ok(json) = serde_json::from_str(body)
        {
            self.add_members(&json);
        }
    }

    fn add_form(&self, form: &str) {
        let secrets = form_urlencoded::parse(form.as_bytes()).filter(|(name, _)| SECRETS.contains(&name.as_ref()));
        secrets.for_each(|(_, value)| self.add(&value));
    }

    fn add_members(&self, json: &Value) {
        match json {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                // The code of an error is public.
                Value::String(text) if name != "code" && SECRETS.contains(&name.as_str()) => self.add(text),
                value => self.add_members(value),
            }),
            Value::Array(items) => items.iter().for_each(|item| self.add_members(item)),
            _ => {}
        }
    }

    /// The secrets that a command shows: on stderr, or in an answer that is not a secret itself. A helper answers one
    /// token; a second secret beside it is shown.
    pub fn find_shown(&self, words: &[String], stdout: &str, stderr: &str) -> Vec<String> {
        let is_secret = is_secret_answer(&words[1..]);
        let dry = words.iter().any(|word| word == "--dry-run");
        let known = self.0.lock().unwrap();
        let shows = |secret: &&String| contains(stderr, secret) || ((!is_secret || dry) && contains(stdout, secret));
        let mut found: Vec<String> = known.iter().filter(shows).cloned().collect();
        if words.get(1).is_some_and(|word| word == "helper") {
            found.extend(known.iter().filter(|secret| contains(stdout, secret)).skip(1).cloned());
        }
        found
    }
}

/// Whether the answer of this command is a secret.
pub fn is_secret_answer(words: &[String]) -> bool {
    let names: Vec<&str> = words.iter().map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
    let line = names.join(" ");
    let is_one = |command: &&str| line == *command || line.starts_with(&format!("{command} "));
    (SECRET_ANSWERS.iter().any(is_one) && !["token list", "token forget"].contains(&&*line))
        || words.iter().any(|word| ["--no-save", "--show-secrets", "--show-tokens"].contains(&word.as_str()))
}

fn contains(text: &str, secret: &str) -> bool {
    let of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(secret).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + secret.len()..].chars().next());
        secret.len() >= WHOLE_WORD || ![before, after].into_iter().flatten().any(of_word)
    })
}

#[test]
fn secrets_that_are_shown_are_found() {
    let known = KnownSecrets::default();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let basic = STANDARD.encode("ci:p%2Bword");
    let headers = [header("authorization", &format!("Basic {basic}")), header("accept", "application/json")];
    known.add_request("POST /token?code=c-code", &headers, "client_secret=form+secret&scope=read");
    known.add_answer(200, r#"{"scope":"read","deep":[{"access_token":"AT-1"}]}"#);
    known.add_answer(400, r#"{"access_token":"invalid_request"}"#);
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let all = [basic.as_str(), "AT-1", "c-code", "form secret", "p+word"];
    for secret in all {
        assert_eq!(known.find_shown(&words("hallpass status"), secret, ""), [secret]);
        assert_eq!(known.find_shown(&words("hallpass token --json"), "", secret), [secret]);
        assert_eq!(known.find_shown(&words("hallpass token --dry-run"), secret, ""), [secret]);
        assert_eq!(known.find_shown(&words("hallpass token -q"), secret, ""), [] as [&str; 0]);
    }
    let answer = "quit=1\npassword=AT-1\n";
    assert_eq!(known.find_shown(&words("hallpass helper git get"), answer, ""), [] as [&str; 0]);
    let leak = format!("{answer}oauth_refresh_token=c-code\n");
    assert_eq!(known.find_shown(&words("hallpass helper git get"), &leak, ""), ["c-code"]);
    let harmless = "read AT-10 XAT-1 invalid_request application/json";
    assert_eq!(known.find_shown(&words("hallpass token list"), harmless, harmless), [] as [&str; 0]);
}
