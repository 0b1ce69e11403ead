//! What `-vv` and errors show: no secret of the command, and nothing from outside that looks like one.

use serde_json::json;

use super::client::{self, created, information};
use super::leak::OUR_WORDS;
use super::room::{Outcome, Room};
use super::server::{Answer, Server};

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
const OPAQUE: &str = "0123456789abcdef0123456789abcdef";
const WIRE: &str = "-vv";

fn assert_hidden(outcome: &Outcome, secrets: &[&str]) {
    for secret in secrets {
        assert!(!outcome.stderr.contains(secret), "{secret}: {}", outcome.stderr);
    }
}

#[test]
fn wire_hides_github_id_token() {
    let server = Server::start();
    let mut room = Room::new();
    room.set("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/{OPAQUE}/token?api-version=2.0", server.origin()));
    room.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t1cket-value");
    for token in [JWT, "short-identity-token"] {
        let asked = format!("GET /{OPAQUE}/token?api-version=2.0&audience=a");
        server.expect(&asked, Answer::json(&json!({"count": 1, "value": token})).header("x-echo", token));
        let outcome = room.run(&format!("header --from github:a {WIRE}"));
        assert_eq!(outcome.ok(), format!("Authorization: Bearer {token}"));
        assert_hidden(&outcome, &[token, "t1cket-value", OPAQUE]);
        assert!(outcome.stderr.contains("> GET /[redacted]/token?api-version=2.0&audience=a HTTP/1.1"), "{outcome}");
    }
}

#[test]
fn wire_hides_values_whatever_their_name() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let nested = json!({"access_token": "AT-nested"}).to_string();
    let answer = json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "api_key": "k-1", "ticket": "t-1",
        "request_uri": "urn:x:r-1", "value": OPAQUE, "deep": [{"x": JWT}], "text": nested, "note": "AT-1 is new",
        "url": "https://as.example/?token=u-1", "scope": "tls_client_certificate_bound_access_tokens",
    });
    server
        .mints(Answer::json(&answer).header("x-echo", "AT-1").header("link", "<https://as.example/?access_token=l-1>"));
    let outcome = room.run(&format!("token {WIRE} --header X-Canary:header-canary"));
    assert!(outcome.ok().starts_with("AT-1"), "{outcome}");
    assert_hidden(
        &outcome,
        &["AT-1", "k-1", "t-1", "r-1", OPAQUE, JWT, "AT-nested", "u-1", "l-1", "header-canary", "s3cr3t-value"],
    );
    for shown in
        ["\"expires_in\":300", "\"scope\":\"tls_client_certificate_bound_access_tokens\"", "< x-echo: [redacted]"]
    {
        assert!(outcome.stderr.contains(shown), "{shown}: {outcome}");
    }
}

#[test]
fn wire_hides_registration_token_in_url() {
    let server = Server::start();
    let room = client::room(&server);
    let mut client = information(&server);
    client["registration_client_uri"] =
        json!(format!("{}/register/{OPAQUE}?token=q-token&id={OPAQUE}", server.origin()));
    server.expect("POST /register", created(&client));
    let statement = room.write("statement.jwt", JWT);
    let line = format!(
        "client register -z prod --grant client_credentials --software-statement-from file:{}",
        statement.display()
    );
    let registered = room.run(&format!("{line} {WIRE}"));
    registered.ok();
    server.expect(&format!("GET /register/{OPAQUE}?token=q-token&id={OPAQUE}"), Answer::json(&client));
    let shown = room.run(&format!("client show -z prod {WIRE}"));
    shown.ok();
    for outcome in [registered, shown] {
        assert_hidden(&outcome, &[OPAQUE, "q-token", client::SECRET, client::TOKEN, JWT]);
    }
    assert_hidden(&room.run(&format!("{line} --replace --dry-run")), &[JWT]);
}

#[test]
fn wire_shows_metadata_and_keys() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    let mut metadata = server.metadata();
    metadata["service_documentation"] = json!(format!("https://as.example/{OPAQUE}"));
    server.serves(&metadata);
    let outcome = room.run(&format!("discover {WIRE}"));
    outcome.ok();
    assert!(outcome.stderr.contains(OPAQUE), "{outcome}");
    assert!(!outcome.stderr.contains("[redacted]"), "{outcome}");
}

#[test]
fn revoke_notes_hide_what_server_repeats() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --revocation-endpoint /revoke").ok();
    let echo = json!({"error": "invalid_token", "error_description": format!("some-token of s3cr3t-value, {JWT}")});
    for flags in ["", "--json", WIRE] {
        server.expect("POST /revoke", Answer::json(&echo));
        let outcome = room.call(&format!("revoke {flags}")).stdin("some-token\n").run();
        assert_eq!(outcome.code, 0, "{outcome}");
        for secret in ["some-token", "s3cr3t-value", JWT] {
            outcome.assert_hidden(secret);
        }
    }
}

#[test]
fn errors_hide_headers_of_user_and_opaque_strings() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::error(400, "invalid_request", &format!("header-canary, {OPAQUE} and {JWT} are not right")));
    let outcome = room.run("token --header X-Canary:header-canary");
    assert_eq!(outcome.code, 5, "{outcome}");
    for secret in ["header-canary", OPAQUE, JWT] {
        outcome.assert_hidden(secret);
    }
    assert!(outcome.stderr.contains("[redacted], [redacted] and [redacted] are not right"), "{outcome}");
}

#[test]
fn what_token_answer_repeats_is_hidden_in_json_and_in_cache() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let answer = |token: &str| {
        Answer::json(&json!({
            "access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "read s3cr3t-value",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "note": {"deep": ["ST-canary", "s3cr3t-value"]},
        }))
    };
    server.mints(answer("AT-1"));
    for _ in ["from the server", "from the cache"] {
        let outcome = room.run("token --json");
        assert_eq!(outcome.json()["scope"], "read [redacted]", "{outcome}");
    }
    for cache in ["", "--cache"] {
        server.mints(answer("AT-2"));
        let outcome = room.call(&format!("exchange --subject-token-from - --json {cache}")).stdin("ST-canary").run();
        outcome.assert_hidden("s3cr3t-value");
        outcome.assert_hidden("ST-canary");
        assert_eq!(outcome.json()["access_token"], "AT-2", "{outcome}");
    }
    server.mints(Answer::json(&json!({"access_token": "AT-3", "token_type": "s3cr3t-value", "expires_in": 300})));
    room.run("token --fresh --json").assert_hidden("s3cr3t-value");
    let busy = || Answer::error(429, "slow_down", "").header("retry-after", "s3cr3t-value");
    server.mints(busy()).mints(busy()).mints(busy());
    room.run("token --fresh --no-breaker").assert_hidden("s3cr3t-value");
}

#[test]
fn error_of_unknown_form_is_quoted_without_secrets() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let body = json!({"ok": false, "why": "client ci\r\nwith s3cr3t-value", "token": "x"});
    server.mints(Answer::json(&body).with_status(400));
    let outcome = room.run("token");
    let quoted = r#"/token: {"ok":false,"why":"client ci with [redacted]","token":"[redacted]"}"#;
    assert!(outcome.code == 5 && outcome.stderr.contains(quoted), "{outcome}");
    assert!(outcome.stderr.contains("HTTP 400 from http://"), "{outcome}");
}

#[test]
fn word_that_is_a_secret_stays_in_our_sentences() {
    let server = Server::start();
    let run = |secret: &str, line: &str, said: &str| {
        let mut room = Room::new();
        room.knows(&server, "AS");
        let issuer = server.issuer();
        let zone = format!("zone add prod --issuer {issuer} --client-id ci --auth client_secret_basic");
        let zone = format!("{zone} --token-endpoint /token --client-secret-from -");
        room.call(&zone).stdin(secret).run().ok();
        if !line.contains("--dry-run") {
            server.mints(Answer::error(401, "invalid_client", said));
        }
        let outcome = room.run(line);
        let took = |line: &str| line.split_once(" in ").map_or(line, |(before, _)| before).to_owned();
        (outcome.code, outcome.stdout, outcome.stderr.lines().map(took).collect::<Vec<_>>())
    };
    for line in ["token -vv", "token --json", "token --dry-run"] {
        let other = run("s3cr3t-value", line, "no");
        for word in OUR_WORDS {
            assert_eq!(run(word, line, "no"), other, "{word}");
        }
    }
    let (.., stderr) = run("client", "token", "the client is not the secret of client ci");
    let echo = "error: the server refused: invalid_client: the [redacted] is not the secret of [redacted] ci (HTTP 401";
    assert!(stderr[0].starts_with(echo), "{}", stderr[0]);
}
