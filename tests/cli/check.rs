//! `check`: may this credential pass? Each way to prove it, what must never let in, and what is no answer at all.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, KeyringState, Outcome, Room};
use super::server::{Answer, Server};
use super::signer::{Signer, claims};

const ASKED: &str = "POST /introspect";
const KEYS: &str = "GET /jwks";

/// A room whose zone knows the endpoints, so that a question is one request.
fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --introspection-endpoint /introspect --jwks-uri /jwks").ok();
    room
}

fn check(room: &Room, flags: &str, offered: &str) -> Outcome {
    room.call(&format!("check {flags}")).stdin(&format!("{offered}\n")).run()
}

/// What a no looks like on the streams: the answer is on stdout, and there is no error.
#[track_caller]
fn no(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(!outcome.stderr.contains("error:"), "{outcome}");
    let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(json["allowed"], false, "{outcome}");
    json
}

/// Asserts that there is no answer: this code, nothing on stdout.
#[track_caller]
fn failed(outcome: &Outcome, code: u8) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
}

#[test]
fn check_with_wrong_flags_exits_2() {
    let mut room = Room::new();
    room.set("T", "one,two");
    for line in [
        "check",
        "check -",
        "check --scope read",
        "check --field",
        "check --prefix x",
        "check --alternate-from env:T",
        "check --tokens-env T --prefix x",
        "check --tokens-env T --alternate-from env:T",
        "check --tokens-env T --issuer https://a.example",
        "check --claims --kong",
        "check --claims --tokens-env T",
        "check --kong --introspect",
        "check --kong --jwks",
        "check --claims --secret-from env:T",
        "check --claims --prefix x",
        "check --claims --alternate-from env:T",
        "check --kong --issuer https://a.example",
        "check --claims --hmac v2",
        "check --claims --field",
        "check --kong --field",
        "check --tokens-env T --kind unknown",
        "check --tokens-env T --at tomorrow",
        "check --tokens-env T --leeway 1",
        "check --tokens-env A=B",
        "check --tokens-env ''",
        "check one --tokens-env T",
    ] {
        failed(&room.call(line).stdin("one").run(), 2);
    }
    room.call("check one-secret-token --tokens-env T").run().assert_hidden("one-secret-token");
    // Nothing is read before it is known that there is something to judge.
    for line in ["check --secret-from env:NOTHING", "check --introspect"] {
        failed(&room.call(line).person(true).run(), 2);
    }
    let asked = room.call("check --tokens-env T").person(true).run();
    assert!(asked.code == 2 && asked.stderr.contains("file:PATH"), "{asked}");
}

#[test]
fn empty_requirement_exits_2() {
    let mut room = Room::new();
    room.set("T", "one");
    for flag in [
        "--role",
        "--any-role",
        "--scope",
        "--any-scope",
        "--audience",
        "--client-id",
        "--subject",
        "--kind",
        "--service-role",
        "--admin-role",
        "--role-claim",
    ] {
        for nothing in ["", " ", "  "] {
            failed(&check(&room, &format!("--tokens-env T {flag} '{nothing}'"), "one"), 2);
        }
    }
    for holey in ["a,", ",a", "a,,b", ","] {
        failed(&check(&room, &format!("--tokens-env T --any-role {holey}"), "one"), 2);
        failed(&check(&room, &format!("--tokens-env T --any-scope {holey}"), "one"), 2);
    }
}

#[test]
fn stdin_is_read_by_one() {
    let room = Room::new();
    assert_snapshot!(check(&room, "--secret-from -", "x"), @"
    exit 2
    err: error: both --secret-from and SOURCE would read stdin
    err: hint: use another source for one of them: file:PATH, env:NAME, cmd:COMMAND or fd:N
    ");
    for (line, both) in [
        ("check - --secret-from -", "--secret-from and SOURCE"),
        ("check - --secret-from fd:0", "--secret-from and SOURCE"),
        ("check fd:0 --secret-from -", "--secret-from and SOURCE"),
        ("check --secret-from env:A --alternate-from -", "--alternate-from and SOURCE"),
        ("check env:A --secret-from - --alternate-from fd:0", "--secret-from and --alternate-from"),
    ] {
        let outcome = room.call(line).stdin("x").run();
        assert!(outcome.code == 2 && outcome.stderr.contains(both), "{line}: {outcome}");
    }
    let good = room.call("check env:HALLPASS_HOME --secret-from -").stdin("x\n").run();
    assert_eq!(good.code, 1, "{good}");
}

#[test]
fn tokens_of_variable_let_in() {
    let mut room = Room::new();
    room.set("API_TOKENS", " one-token,two-token ,, ");
    assert_snapshot!(check(&room, "--tokens-env API_TOKENS", "two-token"), @"
    exit 0
    out: yes: proven by tokens_env
    ");
    let json = check(&room, "--tokens-env API_TOKENS --json", "one-token").json();
    assert_eq!(
        (&json["allowed"], &json["matched"], &json["missing"]),
        (&json!(true), &json!("tokens_env"), &json!([]))
    );
    assert_eq!((&json["identity"]["kind"], &json["identity"]["source"]), (&json!("unknown"), &json!("static_secret")));
    // The first 12 hexadecimal digits of the SHA-256 of `one-token`.
    assert!(json["identity"]["reason"].as_str().unwrap().contains("4c135fb168d8"), "{json}");
    assert_snapshot!(check(&room, "--tokens-env API_TOKENS --kind service --role a --scope b", "one-token"), @"
    exit 1
    out: no: proven by tokens_env, lacks kind:service role:a scope:b
    ");
    for wrong in
        ["one", "one-token,two-token", "ONE-TOKEN", " one-token", "one-token ", "one-token\n", ",", "\"", "three-token"]
    {
        let outcome = check(&room, "--tokens-env API_TOKENS --json", wrong);
        let json = no(&outcome);
        assert_eq!((&json["matched"], &json["identity"]), (&Value::Null, &Value::Null), "{wrong:?}");
        assert!(wrong.trim().len() < 4 || !outcome.stdout.contains(wrong), "{outcome}");
    }
    // Nothing to compare with is a configuration, and neither a match nor a no.
    failed(&check(&room, "--tokens-env NOTHING", "one-token"), 3);
    for nothing in ["", " ", ",", " , ,"] {
        room.set("API_TOKENS", nothing);
        failed(&check(&room, "--tokens-env API_TOKENS", "one-token"), 3);
    }
    failed(&room.call("check --tokens-env API_TOKENS").stdin("").run(), 3);
}

#[test]
fn tokens_of_file_let_in() {
    let mut room = Room::new();
    room.set("T", "other-token");
    let file = room.write(
        "tokens",
        "# for the build\n#hallpass: label=\"ci\" expires=2026-11-22T11:00:00Z\none-token\r\n\ntwo-token\n#hallpass-off: off-token\n",
    );
    let flags = format!("--tokens-file {}", file.display());
    assert_snapshot!(check(&room, &flags, "one-token"), @"
    exit 0
    out: yes: ci, proven by token_file
    ");
    let json = check(&room, &format!("{flags} --json"), "one-token");
    json.assert_hidden("one-token");
    let json = json.json();
    let who = &json["identity"];
    assert_eq!((&json["matched"], &who["source"]), (&json!("token_file"), &json!("token_file")));
    assert_eq!((&who["kind"], &who["name"]), (&json!("unknown"), &json!("ci")));
    assert!(who["reason"].as_str().unwrap().contains("4c135fb168d8"), "{who}");
    assert_eq!(check(&room, &format!("{flags} --field"), "bearer two-token").code, 0);
    for lacks in [
        "--kind user",
        "--kind service",
        "--role ci",
        "--scope ci",
        "--audience ci",
        "--client-id ci",
        "--subject ci",
        "--role a --admin-role ci",
    ] {
        assert_eq!(check(&room, &format!("{flags} {lacks}"), "one-token").code, 1, "{lacks}");
    }
    for wrong in [
        "one",
        "one-token2",
        "ONE-TOKEN",
        "off-token",
        "# for the build",
        "#hallpass-off: off-token",
        "one-token two-token",
        " one-token",
    ] {
        no(&check(&room, &format!("{flags} --json"), wrong));
    }
    // It has its time, and --at is that clock as well.
    assert_eq!(check(&room, &format!("{flags} --at 2026-11-22T11:00:00Z"), "one-token").code, 1);
    room.later(3600);
    assert_snapshot!(check(&room, &flags, "one-token"), @"
    exit 1
    out: no: it is in ROOM/tokens, but expired
    ");
    assert_eq!(check(&room, &format!("{flags} --at 2026-11-22T10:59:59Z"), "one-token").code, 0);
    // A file that is not there: 7, one that is no text: 8; unless something else proves it.
    let nowhere = "--tokens-file /nowhere/tokens";
    failed(&check(&room, nowhere, "one-token"), 7);
    failed(&check(&room, &format!("{nowhere} --field"), "Basic x"), 7);
    failed(&check(&room, &format!("{nowhere} --tokens-env T"), "one-token"), 7);
    assert_eq!(check(&room, &format!("{nowhere} --tokens-env T"), "other-token").code, 0);
    failed(&check(&room, &format!("--tokens-file {}", room.directory().display()), "one-token"), 7);
}

#[test]
fn empty_token_file_lets_nobody_in() {
    let room = Room::new();
    for text in ["", "\n\n", "# one-token\n", "\u{feff}", "#hallpass: label=\"a\"\n"] {
        let file = room.write("tokens", text);
        for offered in ["one-token", "#", "# one-token", "\u{feff}"] {
            let outcome = check(&room, &format!("--tokens-file {}", file.display()), offered);
            assert_eq!(outcome.code, 1, "{text:?} {offered:?}: {outcome}");
            assert!(outcome.stderr.contains("has no token: it lets nobody in"), "{outcome}");
        }
    }
    let file = room.write("tokens", "Bearer abc\nabc # trailing\n\u{a0}def\u{a0}\nsub\n");
    for offered in ["Bearer abc", "abc", "abc # trailing", "trailing", "su", "subb", "\u{a0}def"] {
        assert_eq!(check(&room, &format!("--tokens-file {}", file.display()), offered).code, 1, "{offered}");
    }
}

#[test]
fn field_is_read_by_its_grammar() {
    let mut room = Room::new();
    room.set("T", "one");
    for good in ["Bearer one", "bearer one", "BEARER   one", " Bearer one", "Bearer one \t"] {
        assert_eq!(check(&room, "--tokens-env T --field", good).code, 0, "{good}");
    }
    for bad in [
        "one",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer\tone",
        "Bearer one, one",
        "Bearer Bearer one",
        "Basic one",
        "Bearerone",
        "Bearer\u{a0}one",
        "\"Bearer one\"",
        "\u{0}\u{1b}[2J",
    ] {
        assert_eq!(check(&room, "--tokens-env T --field", bad).code, 1, "{bad:?}");
    }
    assert_snapshot!(check(&room, "--tokens-env T --field", "Authorization: Bearer one"), @"
    exit 1
    out: no: there is no bearer token in it
    err: warning: expected a field value, not a whole header line
    ");
    // A bare token is no field, and a field is no bare token.
    assert_eq!(check(&room, "--tokens-env T", "Bearer one").code, 1);
}

/// Whoever offers it is refused; the configuration is sound.
#[test]
fn credential_that_is_not_text_or_too_long_is_no() {
    let mut room = Room::new();
    room.set("T", "one");
    let huge = "a".repeat(70_000);
    for bad in [huge.as_bytes(), b"one\0", b"one\xff"] {
        let file = room.write("offered", "");
        std::fs::write(&file, bad).unwrap();
        for flags in ["--tokens-env T", "--tokens-env T --field", "--secret-from env:T"] {
            let outcome = room.run(&format!("check {flags} file:{}", file.display()));
            assert_eq!(
                (outcome.code, &*outcome.stdout),
                (1, "no: the credential is too long or not text\n"),
                "{flags}"
            );
        }
    }
}

#[test]
fn shared_secret_is_compared_whole() {
    let mut room = Room::new();
    room.set("S", "hunter2-secret");
    assert_snapshot!(check(&room, "--secret-from env:S --prefix 'Key '", "key hunter2-secret"), @"
    exit 0
    out: yes: proven by primary
    ");
    for (prefix, value, code) in [
        ("", "hunter2-secret", 0),
        ("", "Hunter2-secret", 1),
        ("", "Bearer hunter2-secret", 1),
        ("", " hunter2-secret", 1),
        ("", "hunter2-secret ", 1),
        ("", "hunter2-secre", 1),
        ("", "hunter2-secrett", 1),
        ("Bearer", "bearerhunter2-secret", 0),
        ("Bearer", "Bearer hunter2-secret", 1),
        ("Bearer ", "BEARER hunter2-secret", 0),
        ("Bearer ", "Bearer  hunter2-secret", 1),
        ("Bearer ", "Bearer ", 1),
        ("Bearer ", "Bearer", 1),
        ("-x ", "-X hunter2-secret", 0),
    ] {
        let outcome = check(&room, &format!("--secret-from env:S --prefix '{prefix}'"), value);
        assert_eq!(outcome.code, code, "{prefix:?} {value:?}: {outcome}");
        outcome.assert_hidden("hunter2-secret");
    }
    let letter = check(&room, "--secret-from env:S --prefix Bearer", "Bearer hunter2-secret");
    assert!(letter.stderr.contains("include the space"), "{letter}");
    // The SOURCE is the whole field value then: others look for a bearer token in it.
    room.set("T", "one");
    for (value, matched) in [("Bearer one", json!("tokens_env")), ("hunter2-secret", json!("primary"))] {
        assert_eq!(check(&room, "--secret-from env:S --tokens-env T --json", value).json()["matched"], matched);
    }
    no(&check(&room, "--secret-from env:S --tokens-env T --json", "one"));
}

#[test]
fn secret_that_is_not_there_is_configuration() {
    let mut room = Room::new();
    let empty = room.write("empty", "\n");
    room.set("EMPTY", "");
    for source in
        ["env:NOTHING", "env:EMPTY", "cmd:true", "cmd:false", "file:/nowhere", &format!("file:{}", empty.display())]
    {
        for offered in ["", "x", "Bearer ", "Bearer x"] {
            let line = format!("check --secret-from '{source}' --prefix 'Bearer '");
            failed(&room.call(&line).stdin(&format!("{offered}\n")).run(), 3);
        }
    }
    // Also when something else would let in: what is broken is broken for everybody.
    room.set("T", "one");
    failed(&check(&room, "--tokens-env T --secret-from env:NOTHING --field", "Bearer one"), 3);
    failed(&check(&room, "--tokens-env T --introspect", "one"), 3);
    failed(&check(&room, "--tokens-env T --jwks", "one"), 3);
}

#[test]
fn alternate_lets_in_as_well() {
    let mut room = Room::new();
    room.set("OLD", "old-secret");
    room.set("NEW", "new-secret");
    let both = "--secret-from env:NEW --alternate-from env:OLD --json";
    assert_eq!(check(&room, both, "new-secret").json()["matched"], "primary");
    assert_eq!(check(&room, both, "old-secret").json()["matched"], "alternate");
    no(&check(&room, both, "other"));
    no(&check(&room, both, "old-secretnew-secret"));
    // An alternate that is not there: the primary decides, and a no says so.
    room.set("EMPTY", "");
    for gone in ["env:NOTHING", "env:EMPTY"] {
        let flags = format!("--secret-from env:NEW --alternate-from {gone}");
        assert_eq!(check(&room, &flags, "new-secret").code, 0);
        let outcome = check(&room, &flags, "old-secret");
        assert_eq!(outcome.code, 1, "{outcome}");
        assert!(outcome.stderr.contains(&format!("warning: could not read the alternate secret: {gone}")), "{outcome}");
        assert_eq!(check(&room, &flags, "x").code, 1);
    }
    // The primary alone counts as the primary.
    failed(&check(&room, "--secret-from env:NOTHING --alternate-from env:OLD", "old-secret"), 3);
}

#[test]
fn vault_that_is_locked_is_no_no() {
    let server = Server::start();
    let mut room = room(&server);
    assert_eq!(check(&room, "--secret-from vault", "s3cr3t-value").code, 0);
    assert_eq!(check(&room, "--secret-from vault", "other").code, 1);
    room.set("S", "mine");
    room.keyring_is(KeyringState::Locked);
    failed(&check(&room, "--secret-from vault", "s3cr3t-value"), 7);
    let alternate = "--secret-from env:S --alternate-from vault";
    assert_eq!(check(&room, alternate, "mine").code, 0);
    failed(&check(&room, alternate, "s3cr3t-value"), 7);
}

#[test]
fn server_is_asked() {
    let server = Server::start();
    let room = room(&server);
    let yes = json!({"active": true, "sub": "u", "username": "alice", "exp": BEGIN + 60, "scope": "read write",
        "aud": ["api"], "client_id": "web", "realm_access": {"roles": ["writer"]}});
    server.expect(ASKED, Answer::json(&yes));
    assert_snapshot!(check(&room, "--introspect --scope 'read write' --role writer --kind user --audience api --client-id web --subject u", "opaque-token"), @"
    exit 0
    out: yes: the user alice, proven by introspection
    ");
    assert_eq!(server.received()[0].body, "token=opaque-token");
    server.expect(ASKED, Answer::json(&yes));
    let lacks = check(
        &room,
        "--introspect --json --scope read --scope admin --any-scope a,b --role root --any-role c,d --audience x --kind service --client-id y --subject z",
        "opaque-token",
    );
    lacks.assert_hidden("opaque-token");
    let json = no(&lacks);
    assert_eq!(
        json["missing"],
        json!([
            "kind:service",
            "role:root",
            "any-role:c,d",
            "scope:admin",
            "any-scope:a,b",
            "audience:x",
            "client-id:y",
            "subject:z"
        ])
    );
    assert_eq!((&json["matched"], &json["identity"]["name"]), (&json!("introspection"), &json!("alice")));
    server.expect(ASKED, Answer::json(&json!({"active": false})));
    assert_snapshot!(check(&room, "--introspect", "opaque-token"), @"
    exit 1
    out: no: the server says it is inactive
    ");
    for (name, value) in
        [("exp", json!(BEGIN)), ("exp", json!("soon")), ("nbf", json!(BEGIN + 60)), ("cnf", json!({"jkt": "k"}))]
    {
        let mut answer = yes.clone();
        answer[name] = value;
        server.expect(ASKED, Answer::json(&answer));
        assert_eq!(check(&room, "--introspect", "opaque-token").code, 1, "{answer}");
    }
}

#[test]
fn active_counts_only_as_value_true() {
    let server = Server::start();
    let room = room(&server);
    for body in [
        r#"{"active":"true","sub":"u"}"#,
        r#"{"active":1,"sub":"u"}"#,
        r#"{"active":null,"sub":"u"}"#,
        r#"{"active":[true]}"#,
        r#"{"sub":"u"}"#,
        r#"{"active":false,"active":true}"#,
        "true",
        "",
    ] {
        server.expect(ASKED, Answer::text("application/json", body));
        failed(&check(&room, "--introspect", "opaque-token"), 8);
    }
    for page in ["<p>active: true</p>", r#"{"active":true,"sub":"u"}"#] {
        server.expect(ASKED, Answer::text("text/html; charset=utf-8", page));
        failed(&check(&room, "--introspect", "opaque-token"), 8);
    }
}

#[test]
fn failing_introspection_opens_breaker() {
    let server = Server::start();
    let room = room(&server);
    for _ in 0..5 {
        let down = || Answer::status(503);
        server.expect(ASKED, down()).expect(ASKED, down()).expect(ASKED, down());
        failed(&check(&room, "--introspect", "opaque-token"), 6);
    }
    assert_eq!(server.count(), 15);
    let refused = check(&room, "--introspect", "opaque-token");
    failed(&refused, 6);
    assert!(refused.stderr.contains("the circuit breaker is open"), "{refused}");
    assert_eq!(server.count(), 0);
    room.later(120);
    server.expect(ASKED, Answer::json(&json!({"active": true, "sub": "u"})));
    assert_eq!(check(&room, "--introspect", "opaque-token").code, 0);
}

#[test]
fn unreachable_server_is_an_error() {
    let server = Server::start();
    let mut room = room(&server);
    room.set("T", "one");
    let down = |server: &Server| {
        server.expect(ASKED, Answer::status(503)).expect(ASKED, Answer::status(500)).expect(ASKED, Answer::status(503));
    };
    down(&server);
    failed(&check(&room, "--introspect", "opaque-token"), 6);
    down(&server);
    failed(&check(&room, "--tokens-env T --introspect", "opaque-token"), 6);
    // Something else proves it: yes, with a word.
    down(&server);
    let outcome = check(&room, "--introspect --tokens-env T", "one");
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("an earlier check failed"), "{outcome}");
    // The first method that succeeds decides who it is, so no request follows, whatever is required.
    assert_eq!(check(&room, "--tokens-env T --introspect", "one").code, 0);
    assert_eq!(check(&room, "--tokens-env T --introspect --scope read", "one").code, 1);
    for (answer, code) in [
        (Answer::error(401, "invalid_client", "opaque-token"), 5),
        (Answer::status(404), 5),
        (Answer::status(302).header("location", "https://a.example/"), 8),
    ] {
        server.expect(ASKED, answer);
        let outcome = check(&room, "--introspect", "opaque-token");
        failed(&outcome, code);
        outcome.assert_hidden("opaque-token");
    }
}

/// A server that can't introspect JWTs can't prove one either, so an expired one is a no, as by its signature alone.
#[test]
fn token_that_server_can_not_introspect_is_a_no() {
    let server = Server::start();
    let room = room(&server);
    server.expect(ASKED, Answer::error(400, "unsupported_token_type", "some.jwt.token can't be introspected"));
    assert_snapshot!(check(&room, "--introspect", "some.jwt.token"), @"
    exit 1
    out: no: the server can't introspect a token of this kind (unsupported_token_type)
    ");
}

#[test]
fn signature_proves_it() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k-1");
    let token = signer.token(&server);
    server.expect(KEYS, Answer::json(&signer.set()));
    assert_snapshot!(check(&room, "--jwks --audience api --kind user --role admin --role api:writer --scope read", &token), @"
    exit 0
    out: yes: the user alice, proven by jwks
    ");
    let json = check(&room, "--jwks --json --scope write", &token);
    json.assert_hidden(&token);
    let json = no(&json);
    assert_eq!((&json["missing"], &json["matched"]), (&json!(["scope:write"]), &json!("jwks")));
    assert!(json["warnings"].to_string().contains("the audience was not checked"), "{json}");
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&server);
        claims[name] = value;
        signer.sign("at+jwt", &claims)
    };
    let (start, _) = token.rsplit_once('.').unwrap();
    for (bad, why) in [
        (changed("iss", json!("https://evil.example")), "its iss is https://evil.example"),
        (changed("iss", json!(null)), "its iss is absent"),
        (changed("exp", json!(BEGIN)), "it has expired"),
        (changed("exp", json!(null)), "it has no exp"),
        (changed("exp", json!("never")), "its exp is no time"),
        (changed("nbf", json!(BEGIN + 60)), "not valid yet"),
        (changed("nbf", json!([])), "its nbf is no time"),
        (changed("typ", json!("Refresh")), "refresh token"),
        (changed("events", json!({})), "security event token"),
        (changed("cnf", json!({"jkt": "x"})), "bound to a key"),
        (changed("cnf", json!({"x5t#S256": "x"})), "bound to a certificate"),
        (Signer::new("k-1").token(&server), "signature is invalid"),
        (format!("{start}."), "signature is invalid"),
        (signer.sign("logout+jwt", &claims(&server)), "its typ is logout+jwt"),
        (signer.sign_as(&json!({"alg": "none"}), &claims(&server)), "none"),
        (signer.sign_as(&json!({"alg": "HS256", "kid": "k-1"}), &claims(&server)), "HS256"),
        ("opaque-token".to_owned(), "not a JSON Web Token"),
        ("e30.e30.e30.e30.e30".to_owned(), "encrypted"),
        ("Bearer x".to_owned(), "not a JSON Web Token"),
    ] {
        let outcome = check(&room, "--jwks --json", &bad);
        outcome.assert_hidden(&bad);
        let json = no(&outcome);
        assert!(json["reason"].as_str().unwrap().contains(why), "{why}: {json}");
        assert_eq!((&json["identity"], &json["matched"]), (&Value::Null, &Value::Null), "nobody is proven");
    }
    assert_eq!(check(&room, "--jwks --leeway 10s", &changed("exp", json!(BEGIN - 5))).code, 0);
}

#[test]
fn keys_that_cannot_be_had_are_no_answer() {
    let server = Server::start();
    let mut room = room(&server);
    let signer = Signer::new("k");
    let token = signer.token(&server);
    for (answer, code) in
        [(Answer::status(404), 5), (Answer::text("text/html", "<p>"), 8), (Answer::json(&json!([])), 8)]
    {
        server.expect(KEYS, answer);
        failed(&check(&room, "--jwks", &token), code);
    }
    server.expect(KEYS, Answer::status(500)).expect(KEYS, Answer::status(503)).expect(KEYS, Answer::status(500));
    failed(&check(&room, "--jwks", &token), 6);
    // The server itself may know it.
    server.expect(KEYS, Answer::status(404)).expect(ASKED, Answer::json(&json!({"active": true})));
    assert_eq!(check(&room, "--jwks --introspect", &token).code, 0);
    // An opaque token is not one that is signed; the other way is tried.
    server.expect(ASKED, Answer::json(&json!({"active": true})));
    assert_eq!(check(&room, "--jwks --introspect --json", "opaque").json()["matched"], "introspection");
    // In the order in which they are given.
    server.expect(ASKED, Answer::json(&json!({"active": true})));
    assert_eq!(check(&room, "--introspect --jwks --json", &token).json()["matched"], "introspection");
    server.expect(KEYS, Answer::json(&signer.set()));
    assert_eq!(check(&room, "--jwks --introspect --json", &token).json()["matched"], "jwks");
    // Without a zone the issuer may be named.
    room.run("zone remove prod --yes").ok();
    let nobody = check(&room, "--jwks", &token);
    assert!(nobody.code == 3 && nobody.stderr.contains("--issuer URL"), "{nobody}");
    failed(&check(&room, "--jwks --issuer nonsense", &token), 3);
    server.serves(&server.metadata());
    room.set("T", "one");
    let flags = format!("--tokens-env T --jwks --issuer {} --json", server.issuer());
    assert_eq!(check(&room, &flags, &token).json()["matched"], "jwks");
}

#[test]
fn clock_can_be_fixed() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k");
    let token = signer.token(&server);
    server.expect(KEYS, Answer::json(&signer.set()));
    for (at, code) in [
        ("2026-11-22T10:04:59Z", 0),
        ("2026-11-22T10:05:00Z", 1),
        ("2026-11-22T11:04:59+01:00", 0),
        ("1795341899", 0),
        ("1795341900", 1),
        ("0", 0),
    ] {
        assert_eq!(check(&room, &format!("--jwks --at {at}"), &token).code, code, "{at}");
    }
    room.later(3600);
    assert_eq!(check(&room, "--claims", &json!({"sub": "u", "exp": BEGIN + 300}).to_string()).code, 1);
    assert_eq!(
        check(&room, "--claims --at 2026-11-22T10:00:00Z", &json!({"sub": "u", "exp": BEGIN + 300}).to_string()).code,
        0
    );
}

#[test]
fn claims_are_believed_when_they_name_somebody() {
    let room = Room::new();
    let with = |flags: &str, claims: &Value| check(&room, &format!("--claims --json {flags}"), &claims.to_string());
    let service = json!({"active": true, "client_id": "ci", "scope": "a b", "exp": BEGIN + 9, "aud": "api"});
    let json = with("--kind service --scope a --any-scope x,b --audience api --client-id ci", &service).json();
    assert_eq!(
        (&json["allowed"], &json["matched"], &json["identity"]["scopes"]),
        (&json!(true), &json!("claims"), &json!(["a", "b"]))
    );
    assert!(json["warnings"].to_string().contains("these claims were not verified"), "{json}");
    for claims in [
        json!({}),
        json!({"active": false, "sub": "u"}),
        json!({"active": "true", "sub": "u"}),
        json!({"active": 1, "sub": "u"}),
        json!({"active": null, "sub": "u"}),
        json!({"error": "invalid_token"}),
        json!({"sub": null}),
        json!({"sub": 5}),
        json!({"sub": [], "scope": "admin", "realm_access": {"roles": ["admin"]}}),
        json!({"sub": "u", "exp": BEGIN - 1}),
        json!({"sub": "u", "nbf": "x"}),
        json!({"sub": "u", "cnf": {"jkt": "x"}}),
    ] {
        no(&with("", &claims));
    }
    for bad in
        ["", "[]", "null", "\"x\"", "{", "e30.e30.e30", r#"{"sub":"a","sub":"b"}"#, r#"{"active":false,"active":true}"#]
    {
        let outcome = check(&room, "--claims", bad);
        assert!(outcome.stdout.is_empty() && matches!(outcome.code, 3 | 8), "{bad}: {outcome}");
    }
}

#[test]
fn wrong_types_grant_nothing() {
    let room = Room::new();
    let wants = "--claims --json --role admin --scope write --audience api --client-id c --kind user --any-role admin,root --any-scope write,all";
    for wrong in [
        json!(null),
        json!(true),
        json!(1),
        json!({}),
        json!([]),
        json!([[]]),
        json!([null, 1, {"roles": ["admin"]}]),
        json!({"roles": null}),
        json!({"roles": {"admin": true}}),
        json!({"admin": {"roles": "x"}}),
        json!({"write": true}),
    ] {
        let mut claims = json!({"active": true});
        for name in [
            "sub",
            "client_id",
            "azp",
            "scope",
            "scp",
            "aud",
            "realm_access",
            "resource_access",
            "typ",
            "token_type",
            "username",
            "preferred_username",
            "email",
            "name",
            "sid",
            "groups",
            "roles",
            "iss",
        ] {
            claims[name] = wrong.clone();
        }
        let outcome = check(&room, &format!("{wants} --role-claim groups --role-claim roles"), &claims.to_string());
        let json = no(&outcome);
        assert_eq!(
            json["missing"],
            json!([
                "kind:user",
                "role:admin",
                "any-role:admin,root",
                "scope:write",
                "any-scope:write,all",
                "audience:api",
                "client-id:c"
            ]),
            "{wrong}"
        );
    }
}

#[test]
fn no_role_is_skeleton_key_unless_it_is_named() {
    let room = Room::new();
    let admin = json!({"sub": "u", "email": "a@b", "realm_access": {"roles": ["admin"]}, "resource_access": {"api": {"roles": ["root"]}}});
    let with = |flags: &str| check(&room, &format!("--claims --json {flags}"), &admin.to_string());
    no(&with("--role writer"));
    no(&with("--any-role a,b"));
    let keyed = with("--role writer --any-role a,b --admin-role admin").json();
    assert!(keyed["reason"].as_str().unwrap().ends_with("; its role admin counts as every role"), "{keyed}");
    // It opens roles, and nothing else.
    for (flags, missing) in [
        ("--scope write", "scope:write"),
        ("--any-scope a,b", "any-scope:a,b"),
        ("--audience api", "audience:api"),
        ("--kind service", "kind:service"),
        ("--client-id c", "client-id:c"),
        ("--subject s", "subject:s"),
    ] {
        let json = no(&with(&format!("{flags} --role writer --admin-role admin")));
        assert_eq!(json["missing"], json!([missing]));
    }
    // Another's role of that name is another role.
    no(&with("--role writer --admin-role root"));
    no(&with("--role writer --admin-role ADMIN"));
    assert_eq!(with("--role writer --admin-role api:root").code, 0);
    assert_eq!(with("--role admin").code, 0);
    assert_eq!(with("--role api:root").code, 0);
    no(&with("--role root"));
}

#[test]
fn service_of_keycloak_is_service_and_keeps_its_scopes() {
    let room = Room::new();
    let account = json!({"active": true, "sub": "x", "azp": "front", "client_id": "front", "typ": "Bearer",
        "preferred_username": "service-account-front", "username": "service-account-front", "scope": "profile read"});
    let flags = "--claims --kind service --scope read --client-id front";
    assert_eq!(check(&room, flags, &account.to_string()).code, 0);
    assert_eq!(check(&room, "--claims --kind user", &account.to_string()).code, 1);
    let role = json!({"active": true, "email": "a@b", "realm_access": {"roles": ["service-account"]}});
    assert_eq!(check(&room, "--claims --kind service", &role.to_string()).code, 0);
    assert_eq!(check(&room, "--claims --kind service --service-role machine", &role.to_string()).code, 1);
    let masked = json!({"active": true, "typ": "Bearer", "token_type": "service", "email": "a@b"});
    assert_eq!(check(&room, "--claims --kind service", &masked.to_string()).code, 0);
    let nobody = json!({"active": true});
    assert_eq!(check(&room, "--claims --kind user", &nobody.to_string()).code, 1);
    assert_eq!(check(&room, "--claims --kind service", &nobody.to_string()).code, 1);
    let groups = json!({"sub": "u", "groups": ["writer"], "a": {"b": ["c"]}});
    assert_eq!(check(&room, "--claims --role writer", &groups.to_string()).code, 1);
    assert_eq!(
        check(&room, "--claims --role writer --role c --role-claim groups --role-claim a.b", &groups.to_string()).code,
        0
    );
}

#[test]
fn gateways_headers_are_believed() {
    let room = Room::new();
    let user = "X-Token-Verified: true\nX-User-ID: u-1\nX-Username: alice\nX-User-Roles: editor, ,x\nX-User-Scopes: read  write";
    assert_snapshot!(check(&room, "--kong --kind user --role editor --scope write --subject u-1", user), @"
    exit 0
    out: yes: the user alice, proven by kong
    err: warning: these fields are not signed: trust them only where no one but the gateway can send them
    ");
    let more = format!("{user}\nAuthorization: Bearer hunter2\nCookie: hunter2");
    let json = check(&room, "--kong --json --role admin --audience api", &more);
    json.assert_hidden("hunter2");
    assert_eq!(no(&json)["missing"], json!(["role:admin", "audience:api"]));
    let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Service-Roles: a";
    assert_eq!(check(&room, "--kong --kind service --client-id jobs --role a", service).code, 0);
    for bad in [
        "X-User-ID: u-1",
        "X-User-ID: u-1\nX-Token-Verified: True",
        "X-User-ID: u-1\nX-Token-Verified: 1",
        "X-Token-Verified: true",
        "X-Token-Verified: true\nX-User-ID:",
        "X-Auth-Source: service\nX-Token-Verified: true\nX-User-ID: u",
        "X-Service-Name: jobs\nX-Service-Authenticated: false\nX-Token-Verified: true\nX-User-ID: u",
        "X-Service-Name: jobs\nX-Service-Authenticated: yes",
        "Host: a",
    ] {
        no(&check(&room, "--kong --json", bad));
    }
    for bad in ["no header", "X-User-ID: a\nX-User-Id: b", ": x", "X-User-ID: u\n folded: x"] {
        failed(&check(&room, "--kong", bad), 8);
    }
}

/// Header lines and, below them, those of their signature.
fn signed(room: &Room, flags: &str, fields: &str) -> String {
    let line = format!("kong sign {flags}");
    format!("{fields}\n{}", room.call(&line).stdin(fields).run().ok())
}

const USER: &str =
    "X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: u-1\nX-User-Roles: reader\nX-User-Scopes: read";

#[test]
fn gateways_signature_proves_its_headers() {
    let mut room = Room::new();
    room.set("KEY", "gateway-key");
    room.set("OLD", "old-key");
    let v1 = signed(&room, "--key-from env:KEY --user u-1 --method GET --path /orders", USER);
    let v2 = signed(&room, "--key-from env:KEY --hmac v2", USER);
    let one = "--kong --hmac-key-from env:KEY --method GET --path /orders";
    let two = "--kong --hmac-key-from env:KEY --hmac v2";
    assert_snapshot!(check(&room, &format!("{one} --subject u-1"), &v1), @"
    exit 0
    out: yes: u-1, proven by kong
    err: warning: v1 does not sign X-User-Roles, X-User-Scopes: ignored
    ");
    assert_snapshot!(check(&room, &format!("{one} --role reader"), &v1), @"
    exit 1
    out: no: u-1, proven by kong, lacks role:reader: a v1 signature proves the user or service, session, method and path and nothing else
    err: warning: v1 does not sign X-User-Roles, X-User-Scopes: ignored
    ");
    for flags in ["--kind user", "--role reader", "--any-role reader", "--scope read", "--any-scope read"] {
        let unproven = no(&check(&room, &format!("{one} --json {flags}"), &v1));
        assert_eq!(unproven["missing"].as_array().unwrap().len(), 1, "{flags}");
        assert_eq!((&unproven["identity"]["kind"], &unproven["identity"]["roles"]), (&json!("unknown"), &json!([])));
    }
    assert_snapshot!(check(&room, &format!("{two} --role reader --scope read --subject u-1"), &v2), @"
    exit 0
    out: yes: the user u-1, proven by kong
    ");
    let rotating = |flags: &str| format!("{flags} --hmac-alternate-from env:KEY").replacen("env:KEY", "env:OLD", 1);
    for (flags, lines) in [(one, &v1), (two, &v2)] {
        let old = check(&room, &rotating(flags), lines);
        assert!(old.code == 0 && old.stderr.contains("the alternate key made the signature"), "{old}");
        assert_eq!(check(&room, &flags.replace("KEY", "OLD"), lines).code, 1);
        // The time counts both ways.
        for (at, code) in [(BEGIN - 60, 0), (BEGIN - 61, 1), (BEGIN + 60, 0), (BEGIN + 61, 1)] {
            assert_eq!(check(&room, &format!("{flags} --at {at}"), lines).code, code, "{at}");
        }
        assert_eq!(check(&room, &format!("{flags} --at {} --skew 5m", BEGIN + 300), lines).code, 0);
        // Without a signature, with half of one, with another's.
        let without = |name: &str| lines.lines().filter(|line| !line.starts_with(name)).collect::<Vec<_>>().join("\n");
        for bad in [
            USER.to_owned(),
            without("X-Authz-Ts"),
            without("X-Authz-Sig"),
            lines.replace("u-1", "u-2"),
            lines.replace("X-Authz-Ts: 1795341600", "X-Authz-Ts: 1795341601"),
            lines.replace("X-Authz-Ts: 1795341600", "X-Authz-Ts: 1_795_341_600"),
            lines.replace("X-Authz-Ts: 1795341600", "X-Authz-Ts: \u{ff11}795341600"),
            lines.replace("X-Authz-Signature: ", "X-Authz-Signature: AAAA"),
            lines.replace("X-Token-Verified: true", "X-Token-Verified: false"),
            lines.replace("X-Token-Verified: true\n", ""),
        ] {
            let outcome = check(&room, &format!("{flags} --json"), &bad);
            outcome.assert_hidden("gateway-key");
            let json = no(&outcome);
            assert_eq!((&json["matched"], &json["identity"]), (&Value::Null, &Value::Null), "{bad}");
        }
        failed(&check(&room, flags, &format!("{lines}\nX-Authz-Ts: 1795341600")), 8);
        failed(&check(&room, flags, &format!("{lines}\nx-user-id: u-2")), 8);
    }
    // A form is demanded and never chosen by who offers it.
    no(&check(&room, &format!("{one} --json"), &v2));
    no(&check(&room, &format!("{two} --json"), &v1));
    let forged = |lines: &str| lines.replace("reader", "admin");
    assert_eq!(check(&room, &format!("{one} --role admin"), &forged(&v1)).code, 1);
    assert_eq!(check(&room, &format!("{two} --role admin"), &forged(&v2)).code, 1);
    // What v2 does not sign counts for nothing.
    let more = format!("{v2}\nX-Client-ID: admin-cli\nX-Username: root");
    let json = check(&room, &format!("{two} --json"), &more).json();
    assert_eq!((&json["identity"]["client_id"], &json["identity"]["name"]), (&Value::Null, &Value::Null));
    assert_eq!(check(&room, &format!("{two} --client-id admin-cli"), &more).code, 1);
    // Another request under v1.
    for other in ["--method POST --path /orders", "--method GET --path /orders/", "--method GET --path /"] {
        assert_eq!(check(&room, &format!("--kong --hmac-key-from env:KEY {other}"), &v1).code, 1, "{other}");
    }
    assert_eq!(check(&room, &one.replace("GET", "get"), &v1).code, 1, "get is not GET");
    let unseen = check(&room, "--kong", &v1);
    assert!(unseen.code == 0 && unseen.stderr.contains("the signature was not checked"), "{unseen}");
    let service = "X-Service-Name: jobs\nX-Service-Authenticated: true\nX-Service-Roles: a";
    let lines = signed(&room, "--key-from env:KEY --hmac v2", service);
    assert_eq!(check(&room, &format!("{two} --kind service --client-id jobs --role a"), &lines).code, 0);
    assert_eq!(check(&room, two, &lines.replace("Authenticated: true", "Authenticated: yes")).code, 1);
}

#[test]
fn key_that_is_not_there_is_configuration() {
    let mut room = Room::new();
    room.set("KEY", "gateway-key");
    room.set("EMPTY", "");
    let v2 = signed(&room, "--key-from env:KEY --hmac v2", USER);
    for key in ["env:NOTHING", "env:EMPTY", "cmd:true", "file:/nowhere"] {
        failed(&check(&room, &format!("--kong --hmac v2 --hmac-key-from {key}"), &v2), 3);
        failed(&check(&room, &format!("--kong --hmac v2 --hmac-key-from {key} --hmac-alternate-from env:KEY"), &v2), 3);
        // The primary key decides without its alternate.
        let alternate = format!("--kong --hmac v2 --hmac-key-from env:KEY --hmac-alternate-from {key}");
        assert_eq!(check(&room, &alternate, &v2).code, 0);
        let forged = check(&room, &alternate, &v2.replace("reader", "admin"));
        assert!(forged.code == 1 && forged.stderr.contains("could not read the alternate HMAC key"), "{forged}");
    }
    for line in [
        "--kong --hmac v2",
        "--kong --skew 5s",
        "--kong --method GET",
        "--kong --hmac-alternate-from env:KEY",
        "--kong --hmac-key-from env:KEY",
        "--kong --hmac-key-from env:KEY --method GET",
        "--kong --hmac-key-from env:KEY --path /",
        "--kong --hmac-key-from env:KEY --method GET --path orders",
        "--kong --hmac-key-from env:KEY --method GET --path /orders?x",
        "--kong --hmac-key-from env:KEY --method GET --path '/a|b'",
        "--kong --hmac-key-from env:KEY --method 'G T' --path /",
        "--kong --hmac-key-from env:KEY --hmac v3",
        "--kong --hmac-key-from env:KEY --hmac v2 --skew 1",
        "--tokens-env KEY --hmac-key-from env:KEY",
        "--claims --skew 5s",
        "--kong --hmac v2 --hmac-key-from -",
    ] {
        failed(&check(&room, line, &v2), 2);
    }
    let useless = check(&room, "--kong --hmac v2 --hmac-key-from env:KEY --method GET --path / --json", &v2);
    assert!(useless.code == 0 && useless.stdout.contains("v2 signs neither the method nor the path"), "{useless}");
}

#[test]
fn hostile_words_are_shown_and_not_obeyed() {
    let room = Room::new();
    let hostile = "x\u{1b}[2J\u{202e}\r\n::add-mask::y";
    let claims = json!({"sub": hostile, "email": hostile, "preferred_username": hostile, "scope": hostile, "client_id": hostile,
        "realm_access": {"roles": [hostile]}, "aud": hostile, "active": true});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.AAAA", part(&json!({"alg": hostile, "kid": hostile, "typ": hostile})), part(&claims));
    for (flags, offered) in [
        ("--claims", claims.to_string()),
        ("--claims --json", claims.to_string()),
        ("--claims --scope y --role z", claims.to_string()),
        ("--jwks --issuer https://a.example", token.clone()),
        ("--jwks --issuer https://a.example --json", token),
        ("--kong", "X-User-ID: \u{202e}::x\nX-Token-Verified: true".to_owned()),
    ] {
        let outcome = check(&room, flags, &offered);
        assert!(outcome.code < 2, "{outcome}");
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text:?}");
        assert!(flags.contains("json") || outcome.stdout.lines().count() == 1, "{text:?}");
    }
}

#[test]
fn dry_run_shows_what_would_be_asked() {
    let server = Server::start();
    let mut room = room(&server);
    room.set("T", "one");
    for local in ["--tokens-env T", "--claims", "--kong", "--secret-from env:T"] {
        failed(&check(&room, &format!("{local} --dry-run"), "one"), 2);
    }
    assert_snapshot!(check(&room, "--tokens-env T --introspect --dry-run", "one"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' --data-urlencode 'token=[redacted]' http://AS/introspect
    ");
    let token = Signer::new("k").token(&server);
    assert!(check(&room, "--jwks --dry-run", &token).ok().contains("http://AS/jwks"));
    assert_eq!(server.count(), 0);
}

#[test]
fn answer_has_its_members_in_every_case() {
    let mut room = Room::new();
    room.set("T", "one");
    assert_snapshot!(check(&room, "--tokens-env T --json", "two"), @r#"
    exit 1
    out: {"allowed":false,"reason":"it is not in env:T","missing":[],"matched":null,"identity":null,"warnings":[]}
    "#);
    assert_snapshot!(check(&room, "--tokens-env T --json --scope a", "one"), @r#"
    exit 1
    out: {"allowed":false,"reason":"proven by tokens_env, lacks scope:a","missing":["scope:a"],"matched":"tokens_env","identity":{"kind":"unknown","reason":"a token of env:T (7692c3ad3540) does not identify a user or service","subject":null,"name":null,"email":null,"client_id":null,"session_id":null,"roles":[],"scopes":[],"source":"static_secret"},"warnings":[]}
    "#);
    assert_snapshot!(check(&room, "--tokens-env T --secret-from env:T", "Bearer two"), @"
    exit 1
    out: no: tokens_env: it is not in env:T; secret: it is not the secret
    ");
}
