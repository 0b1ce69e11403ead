//! `hallpass token`, with its `list` and `forget`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, Room};
use super::server::{Answer, Server};
use super::signer::Signer;

#[test]
fn token_stands_alone_on_stdout_and_is_cached() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    ");
    let sent = server.received().remove(0);
    assert_eq!(sent.header("authorization"), Some("Basic Y2k6czNjcjN0LXZhbHVl"));
    assert_eq!(sent.body, "grant_type=client_credentials");
    room.later(1);
    assert_eq!(room.run("token").ok(), "AT-1");
    assert_eq!(server.count(), 0, "the second one comes from the cache");
}

#[test]
fn json_has_promised_members() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let answer = json!({"access_token": "AT-1", "token_type": "bearer", "expires_in": 300, "scope": "read write"});
    server.mints(Answer::json(&answer));
    let mut expected = json!({
        "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "expires_at": "2026-11-22T10:05:00Z",
        "expires_at_epoch": 1_795_341_900, "scope": "read write", "zone": "prod", "source": "grant",
    });
    assert_eq!(room.run("token --json").json(), expected);
    room.later(10);
    expected["source"] = json!("cache");
    expected["expires_in"] = json!(289);
    assert_eq!(room.run("token --format json").json(), expected);
}

#[test]
fn env_and_curl() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token --format env"), @"
    exit 0
    out: export ACCESS_TOKEN='AT-1'
    ");
    assert_snapshot!(room.run("token --format env --name API_TOKEN"), @"
    exit 0
    out: export API_TOKEN='AT-1'
    ");
    assert_snapshot!(room.run("token --format curl"), @r#"
    exit 0
    out: header = "Authorization: Bearer AT-1"
    "#);
    assert_snapshot!(room.run("token --format env --name 'A;rm'"), @"
    exit 2
    err: error: invalid value for --name <VAR>: expected a name such as ACCESS_TOKEN
    ");
    assert_snapshot!(room.run("status --format env"), @"
    exit 2
    err: error: this format is only for `hallpass token`, `hallpass header` and `hallpass exchange`
    err: hint: every subcommand supports text and json
    ");
    room.set("HALLPASS_FORMAT", "env");
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: export ACCESS_TOKEN='AT-1'
    ");
    assert_snapshot!(room.run("zone default"), @"
    exit 0
    out: prod
    ");
}

#[test]
fn cache_that_cannot_be_written_does_not_end_mint() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.set("HALLPASS_HOME", "/proc/hallpass");
    for token in ["AT-1", "AT-2"] {
        server.serves(&server.metadata()).mints(Answer::token(token));
        assert_eq!(room.run("token").ok(), token);
    }
}

#[test]
fn to_private_file() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    let path = room.directory().join("token.txt");
    let line = format!("token -o {}", path.display());
    let other = room.write(".token.txt.tmp", "mine");
    assert_snapshot!(room.run(&line), @"exit 0");
    assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "AT-1\n");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    room.run(&format!("{line} --json")).ok();
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(written["access_token"], "AT-1");
    assert_snapshot!(room.run("token -o -"), @"
    exit 0
    out: AT-1
    ");
    assert!(!room.directory().join("-").exists());
    let aside = room.directory().join("link");
    std::os::unix::fs::symlink(&path, &aside).unwrap();
    // What stands there is a person's own, or the system's.
    for (place, hint) in [
        (aside.to_str().unwrap(), "name the file itself with -o; -o - is stdout"),
        ("/dev/full", "-o takes a regular file; -o - is stdout"),
    ] {
        let outcome = room.run(&format!("token -o {place}"));
        let hints: Vec<&str> = outcome.stderr.lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (7, ""), "{place}: {outcome}");
        assert_eq!(hints, [hint], "{place}");
    }
    assert_snapshot!(room.run("token -o /nonexistent/directory/token"), @"
    exit 7
    err: error: can't write /nonexistent/directory/token
    err: cause: No such file or directory (os error 2)
    err: hint: make its directory first, or name another file with -o
    ");
}

#[test]
fn explain_says_when_and_why_on_stderr() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token --explain"), @"
    exit 0
    out: AT-1
    err: issued_at: 2026-11-22T10:00:00Z
    err: expires_at: 2026-11-22T10:05:00Z
    err: renew_at: 2026-11-22T10:04:00Z
    err: source: grant, because no usable cached token
    ");
    room.later(10);
    assert_snapshot!(room.run("token --explain --min-ttl 100s"), @"
    exit 0
    out: AT-1
    err: issued_at: 2026-11-22T10:00:00Z
    err: expires_at: 2026-11-22T10:05:00Z
    err: renew_at: 2026-11-22T10:03:20Z
    err: source: cache, because it is not due for renewal
    ");
    room.set("HALLPASS_TOKEN", "from-the-environment");
    assert_snapshot!(room.run("token --explain"), @"
    exit 0
    out: from-the-environment
    err: source: environment, because HALLPASS_TOKEN is set
    ");
}

#[test]
fn fresh_asks_again() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::token("AT-2"));
    room.run("token").ok();
    room.later(1);
    assert_eq!(room.run("token --fresh").ok(), "AT-2");
    room.later(1);
    assert_eq!(room.run("token").ok(), "AT-2", "the fresh one is cached");
}

#[test]
fn fresh_is_order() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::error(400, "invalid_client", "gone"));
    room.run("token").ok();
    room.later(1);
    assert_snapshot!(room.run("token --fresh"), @"
    exit 5
    err: error: the server refused: invalid_client: gone (HTTP 400 from http://AS/token)
    err: cause: authenticated with client_secret_basic
    err: hint: check the secret: hallpass zone edit prod --client-secret-from -
    err: hint: or name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::token("AT-2")).mints(Answer::token("AT-3"));
    room.run("token").ok();
    let before = room.files();
    room.later(1);
    assert_eq!(room.run("token --no-cache").ok(), "AT-2");
    room.set("HALLPASS_NO_CACHE", "1");
    assert_eq!(room.run("token").ok(), "AT-3");
    room.unset("HALLPASS_NO_CACHE");
    assert_eq!((room.run("token").ok(), room.files()), ("AT-1", before));
}

#[test]
fn what_is_asked_for_is_part_of_key() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for (line, body) in [
        ("token --scope read", "grant_type=client_credentials&scope=read"),
        ("token --scope 'write read'", "grant_type=client_credentials&scope=write+read"),
        ("token --audience a --audience b", "grant_type=client_credentials&audience=a&audience=b"),
        ("token --resource https://x.example", "grant_type=client_credentials&resource=https%3A%2F%2Fx.example"),
        ("token --param k=v", "grant_type=client_credentials&k=v"),
    ] {
        server.mints(Answer::token(&format!("AT-{}", body.len())));
        room.run(line).ok();
        assert_eq!(server.received()[0].body, body);
    }
    room.run("token --scope read --scope write").ok();
    assert_eq!(server.count(), 0, "the order of scopes does not matter");
}

#[test]
fn headers_and_token_endpoint_are_part_of_key() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for (line, token) in [
        ("token", "AT-1"),
        ("token --header X-Tenant:a", "AT-2"),
        ("token --header X-Tenant:b", "AT-3"),
        ("zone edit prod --header X-Tenant:c", ""),
        ("token", "AT-4"),
        ("token --header x-tenant:c", ""),
    ] {
        if !token.is_empty() {
            server.mints(Answer::token(token));
        }
        assert_eq!(room.run(line).code, 0, "{line}");
    }
    assert_eq!(room.run("token --header X-TENANT:b").ok(), "AT-3", "from the cache");
    assert_eq!(room.run("token").ok(), "AT-4");
    room.run("zone edit prod --token-endpoint /other").ok();
    server.expect("POST /other", Answer::token("AT-5"));
    assert_eq!(room.run("token").ok(), "AT-5");
}

#[test]
fn list_and_forget() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1")).mints(Answer::token("AT-2"));
    room.run("token").ok();
    room.run("token --scope read --audience api").ok();
    assert_snapshot!(room.run("token list"), @"
    exit 0
    out: prod␉client_credentials␉␉␉␉2026-11-22T10:05:00Z
    out: prod␉client_credentials␉read␉api␉␉2026-11-22T10:05:00Z
    ");
    assert_eq!(
        room.run("token list --json").json()[1],
        json!({"zone": "prod", "grant": "client_credentials", "scope": ["read"], "audience": ["api"], "resource": [],
            "expires_at": "2026-11-22T10:05:00Z", "expires_at_epoch": 1_795_341_900})
    );
    room.run("token list -v").assert_hidden("AT-");
    assert_snapshot!(room.run("token forget"), @"
    exit 0
    err: 2 forgotten
    ");
    assert_eq!(room.run("token list").ok(), "");
    server.mints(Answer::token("AT-3"));
    room.run("token").ok();
    assert_snapshot!(room.run("token forget --all --json"), @r#"
    exit 0
    out: {"forgotten":1}
    err: 1 forgotten
    "#);
    assert_snapshot!(room.run("token list -z nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod
    ");
}

#[test]
fn token_of_environment_asks_nobody() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.set("HALLPASS_TOKEN", "e30.e30.c2ln");
    room.set("HALLPASS_ZONE", "nope");
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: e30.e30.c2ln
    ");
    assert_snapshot!(room.run("header"), @"
    exit 0
    out: Authorization: Bearer e30.e30.c2ln
    ");
    assert_snapshot!(room.run("token --json"), @r#"
    exit 0
    out: {"access_token":"e30.e30.c2ln","token_type":"Bearer","expires_in":null,"expires_at":null,"expires_at_epoch":null,"scope":null,"zone":null,"source":"environment"}
    "#);
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token -z prod --fresh").ok(), "AT-1", "only -z beats it");
    assert!(room.keyring_calls() > touched);
    room.set("HALLPASS_TOKEN", "not a token");
    let refused = room.run("token");
    refused.assert_hidden("not a token");
    assert_snapshot!(refused, @"
    exit 8
    err: error: HALLPASS_TOKEN is not a bearer token of at most 16 KiB (RFC 6750 §2.1)
    err: hint: unset it, or name a zone with -z
    ");
    room.set("HALLPASS_TOKEN", "");
    assert_snapshot!(room.run("token -q"), @"
    exit 3
    err: error: HALLPASS_TOKEN is set but empty
    err: hint: set HALLPASS_TOKEN to a value, or unset it
    ");
}

#[test]
fn what_token_of_environment_is_not_is_said() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    // {"alg":"none"} . {"exp":1795341599}: a second ago.
    room.set("HALLPASS_TOKEN", "eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTUzNDE1OTl9.c2ln");
    assert_snapshot!(room.run("token --scope write"), @"
    exit 0
    out: eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTUzNDE1OTl9.c2ln
    err: warning: HALLPASS_TOKEN is used as it is; the flags of a token request have no effect
    err: warning: the token in HALLPASS_TOKEN has expired
    ");
    assert_snapshot!(room.run("header --fresh"), @"
    exit 2
    err: error: --fresh can't be used while HALLPASS_TOKEN is set
    err: hint: unset it, or name a zone with -z
    ");
    assert_snapshot!(room.run("token --id-token"), @"
    exit 2
    err: warning: the token in HALLPASS_TOKEN has expired
    err: error: --id-token can't be used while HALLPASS_TOKEN is set
    err: hint: unset it, or name a zone with -z
    ");
    room.set("HALLPASS_TOKEN", "a".repeat(16 * 1024 + 1));
    for verb in ["token", "header"] {
        assert_eq!(room.run(verb).code, 8, "{verb}");
    }
}

#[test]
fn scope_is_of_its_grammar() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for bad in ["a\"b", "a\\b", "a\u{1b}[31m", "é", "a\u{7f}"] {
        for line in ["token --scope", "exchange --subject-token-from env:X --scope", "zone edit prod --scope"] {
            let refused = room.run(&format!("{line} '{bad}'"));
            assert!(refused.code == 2 && refused.stderr.contains("RFC 6749 §3.3"), "{line} {bad:?}: {refused}");
        }
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn ephemeral_zone_touches_neither_file_nor_keyring() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.set("HALLPASS_NO_CACHE", "1");
    room.set("HALLPASS_SCOPE", "read write");
    room.set("HALLPASS_AUTH", "client_secret_post");
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token --json"), @r#"
    exit 0
    out: {"access_token":"AT-1","token_type":"Bearer","expires_in":300,"expires_at":"2026-11-22T10:05:00Z","expires_at_epoch":1795341900,"scope":null,"zone":"env","source":"grant"}
    "#);
    let sent = server.received().pop().unwrap();
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(sent.body, "grant_type=client_credentials&scope=read+write&client_id=ci&client_secret=s3cr3t-value");
    assert_eq!((room.files(), room.keyring_calls()), (vec![], 0));
}

#[test]
fn metadata_is_cached_so_that_mint_is_one_request() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    server.serves(&server.metadata()).mints(Answer::token("AT-1")).mints(Answer::token("AT-2"));
    room.run("token").ok();
    assert_eq!(server.count(), 3);
    room.later(250);
    assert_eq!(room.run("token").ok(), "AT-2");
    assert_eq!(server.count(), 1);
}

#[test]
fn token_endpoint_that_is_gone_is_looked_up_again() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    room.run("token").ok();
    room.later(301);
    let mut moved = server.metadata();
    moved["token_endpoint"] = json!(format!("{}/token2", server.origin()));
    server.mints(Answer::status(404)).serves(&moved).expect("POST /token2", Answer::token("AT-2"));
    assert_eq!(room.run("token").ok(), "AT-2");
    server.received();
    // One that is where it was is not asked again: what went there may be good for once only.
    room.later(301);
    server.expect("POST /token2", Answer::status(404)).serves(&moved);
    let refused = room.run("token");
    assert_eq!((refused.code, refused.stdout.as_str()), (5, ""), "{refused}");
    assert_eq!(server.received().iter().filter(|request| request.body.contains("grant_type")).count(), 1);
}

#[test]
fn refusal_names_method_and_way_on() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::error(401, "invalid_client", "Invalid client credentials"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: authenticated with client_secret_basic
    err: hint: check the secret: hallpass zone edit prod --client-secret-from -
    err: hint: or name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.mints(Answer::error(400, "invalid_scope", "no such scope"));
    assert_snapshot!(room.run("token --scope nope --json"), @r#"
    exit 5
    err: {"error":{"kind":"protocol","oauth_error":"invalid_scope","message":"the server refused: invalid_scope: no such scope (HTTP 400 from http://AS/token)","hint":"ask for less: ci may not have all of these scopes; the server's scopes: hallpass discover http://AS --field scopes_supported; to find out why: hallpass doctor -z prod --expect-scope nope","retriable":false,"exit":5}}
    "#);
}

#[test]
fn without_lifetime_it_is_handed_out_and_not_cached() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::json(&json!({"access_token": "AT-1", "token_type": "Bearer"})));
    assert_snapshot!(room.run("token --json"), @r#"
    exit 0
    out: {"access_token":"AT-1","token_type":"Bearer","expires_in":null,"expires_at":null,"expires_at_epoch":null,"scope":null,"zone":"prod","source":"grant","warnings":["the answer has no lifetime: the token is not cached"]}
    "#);
    assert_eq!(room.run("token list --json").json(), json!([]));
}

#[test]
fn sooner_of_expires_in_and_exp_counts() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let jwt = |exp: i64| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(json!({"exp": exp}).to_string()));
    let absolute = json!(room.now() + 250);
    for (exp, expires_in, lifetime) in
        [(100, json!(3600), 100), (3600, json!(200), 200), (3600, absolute, 250), (3600, json!("299.9"), 299)]
    {
        let token = jwt(room.now() + exp);
        server.mints(Answer::json(&json!({"access_token": token, "token_type": "Bearer", "expires_in": expires_in})));
        let view = room.run("token --fresh --json").json();
        assert_eq!(view["expires_at_epoch"], room.now() + lifetime, "{exp} {expires_in}");
    }
}

#[test]
fn unusable_answer_is_refused() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for (answer, code) in [
        (Answer::json(&json!({"token_type": "Bearer"})), 8),
        (Answer::json(&json!({"access_token": "a b", "token_type": "Bearer"})), 8),
        (Answer::json(&json!({"access_token": "a"})), 8),
        (Answer::text("application/json", r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#), 8),
        (Answer::text("text/html", "<html>hello</html>"), 8),
        (Answer::status(404), 5),
        (Answer::status(302).header("location", "https://elsewhere.example/token"), 8),
    ] {
        server.mints(answer);
        let outcome = room.run("token");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
    }
    server.mints(Answer::status(500)).mints(Answer::status(500));
    assert_snapshot!(room.run("token --json"), @r#"
    exit 6
    err: {"error":{"kind":"http","oauth_error":null,"message":"the token answer: HTTP 500 from http://AS/token","hint":null,"retriable":true,"exit":6}}
    "#);
}

#[test]
fn id_token_only_when_asked_for() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let signer = Signer::new("k");
    let claims = json!({"iss": server.issuer(), "sub": "u-1", "aud": "ci", "iat": BEGIN, "exp": BEGIN + 300});
    let id_token = signer.sign("JWT", &claims);
    room.run("zone edit prod --jwks-uri /jwks").ok();
    let answer = json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
    server.mints(Answer::json(&answer)).expect("GET /jwks", Answer::json(&signer.set())).mints(Answer::token("AT-2"));
    room.run("token").assert_hidden(&id_token);
    assert_eq!(room.run("token --id-token").ok(), id_token);
    let both = room.run("token --id-token --json").json();
    assert_eq!((&both["access_token"], &both["id_token"]), (&json!("AT-1"), &json!(id_token)));
    assert_snapshot!(room.run("token --id-token --scope read"), @"
    exit 5
    err: error: the server returned no ID token
    err: hint: request the scope openid: --scope openid --fresh
    ");
}

#[test]
fn many_tokens_come_in_order_of_their_lines() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    // Two lines want one token, so it is requested once whoever comes first.
    for _ in 0..3 {
        server.mints(Answer::token("t0ken"));
    }
    let lines = [
        r#"{"id":"a","scope":"read"}"#,
        r#"{"id":2,"zone":"prod","scope":["write","read"]}"#,
        "",
        r#"{"id":null,"zone":"nope"}"#,
        r#"{"id":{"x":[1]},"scope":"read","audience":"api"}"#,
        r#"{"id":5,"scope":"a\"b"}"#,
        r#"{"id":6,"colour":"red"}"#,
        "nonsense",
        r#"{"scope":"read"}"#,
        r#"{"zone":5,"id":"seven"}"#,
        r#"[null,"read",null,null,8]"#,
    ];
    let outcome = room.call("token --many - --jobs 4").stdin(&lines.join("\n")).run();
    let answers: Vec<serde_json::Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&serde_json::Value> = answers.iter().map(|answer| &answer["id"]).collect();
    let null = serde_json::Value::Null;
    assert_eq!(
        ids,
        [&json!("a"), &json!(2), &null, &json!({"x": [1]}), &json!(5), &json!(6), &null, &null, &json!("seven"), &null]
    );
    assert!(answers[2].get("id").is_none() && answers[7].get("id").is_none(), "an absent id stays absent");
    for at in [0, 1, 3, 7] {
        assert_eq!((&answers[at]["access_token"], &answers[at]["zone"]), (&json!("t0ken"), &json!("prod")), "{at}");
    }
    let failures: Vec<_> =
        [2, 4, 5, 6, 8, 9].map(|at| (&answers[at]["error"]["kind"], &answers[at]["error"]["exit"])).into();
    let (usage, config) = ((&json!("usage"), &json!(2)), (&json!("config"), &json!(3)));
    assert_eq!(failures, [config, usage, usage, usage, usage, usage]);
    assert_eq!(outcome.code, 3, "that of the first failure");
    assert_eq!(server.count(), 3);

    let path = room.write("wanted.jsonl", &"{\"scope\":\"read\"}\n".repeat(500));
    let outcome = room.run(&format!("token --many {}", path.display()));
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (0, 500));
    assert!(outcome.stdout.lines().all(|line| line.contains(r#""source":"cache""#)));
    assert_eq!(room.run("token --many nowhere.jsonl").code, 7);
    let broken = room.run(&format!("token --many {}", room.directory().display()));
    assert_eq!(broken.code, 2, "a directory opens and can't be read: {broken}");
    assert_eq!(room.call("token --many -").stdin("").run().code, 0);
    for wrong in ["--scope read", "--id-token", "-o x", "--name X", "--dry-run", "--format env"] {
        assert_eq!(room.call(&format!("token --many - {wrong}")).stdin("{}").run().code, 2, "{wrong}");
    }
}
