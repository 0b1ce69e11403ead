//! `hallpass gate`: what it answers to a proxy, over raw sockets, and what it asks of a server that misbehaves.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::authority::{Answered, ask, authority, bearer, start, status, token};
use crate::fault;
use crate::room::{Room, await_until, finish};
use crate::running::Running;
use crate::signer::Signer;

const DEAD: &str = "http://127.0.0.1:1";

pub fn write(room: &Room, name: &str, content: &str) {
    fs::write(room.directory().join(name), content).unwrap();
}

/// A room with a token file, and no server.
pub fn room_with_tokens() -> Room {
    let room = Room::new();
    write(&room, "tokens", "#hallpass: label=\"ci\"\nlisted-token-1\n");
    room
}

#[test]
fn token_file_decides_and_challenge_says_why() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --realm a\"b --resource-metadata https://r.example/m");
    let yes = ask(&gate, "/auth", &bearer("listed-token-1"));
    assert_eq!((yes.status, yes.json()["allowed"].clone()), (200, json!(true)));
    assert_eq!(yes.field("X-Auth-Request-Preferred-Username"), Some("ci"));
    assert_eq!(yes.field("Cache-Control"), Some("no-store"));
    let none = ask(&gate, "/auth", "");
    let challenge = "Bearer realm=\"a\\\"b\", resource_metadata=\"https://r.example/m\"";
    assert_eq!((none.status, none.field("WWW-Authenticate")), (401, Some(challenge)));
    let bad = ask(&gate, "/auth?scope=read", &bearer("other-token-2"));
    let challenge =
        "Bearer realm=\"a\\\"b\", error=\"invalid_token\", scope=\"read\", resource_metadata=\"https://r.example/m\"";
    assert_eq!((bad.status, bad.field("WWW-Authenticate")), (401, Some(challenge)));
    assert_eq!(bad.json(), json!({"allowed": false, "reason": "it is not in tokens", "missing": []}));
    let lacks = ask(&gate, "/auth?scope=read%20write&role=x", &bearer("listed-token-1"));
    assert_eq!((lacks.status, &lacks.json()["missing"]), (403, &json!(["role:x", "scope:read", "scope:write"])));
    assert!(lacks.field("WWW-Authenticate").unwrap().contains("error=\"insufficient_scope\", scope=\"read write\""));
    for fields in ["Authorization: Basic YTpi\r\n", &bearer("listed-token-1").repeat(2)] {
        let odd = ask(&gate, "/auth", fields);
        assert_eq!(odd.status, 401, "{fields}");
        assert!(!odd.text.contains("error="), "{}", odd.text);
    }
    assert_eq!(ask(&gate, "/auth?scopes=a", &bearer("listed-token-1")).status, 500);
    // What contradicts itself is met by nobody, and is a refusal like others.
    for contradiction in ["client=a&client=b", "subject=a&subject=b", "kind=user&kind=service"] {
        let lacks = ask(&gate, &format!("/auth?{contradiction}"), &bearer("listed-token-1"));
        assert_eq!((lacks.status, lacks.json()["missing"].as_array().map(Vec::len)), (403, Some(2)), "{contradiction}");
    }
    assert_eq!(ask(&gate, "/auth/a?scopes=a", &bearer("listed-token-1")).status, 200, "it is the original's query");
    assert_eq!((status(&gate, "/", ""), status(&gate, "/authx", ""), status(&gate, "/-/metrics", "")), (404, 404, 404));
    let head = gate.ask("HEAD /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 401 ") && head.ends_with("\r\n\r\n"), "{head}");
    let outcome = gate.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    outcome.assert_hidden("other-token-2").assert_hidden("listed-token-1");
    assert!(outcome.stderr.contains("it is not in tokens"), "{outcome}");
}

#[test]
fn excluded_and_optional_paths_have_one_spelling() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --exclude GET:/pub --optional /open --headers kong");
    let of = |field: &str, path: &str| format!("{field}: {path}\r\n");
    for (fields, expected) in [
        (of("X-Forwarded-Uri", "/pub/a?b"), 200),
        (of("X-Original-URI", "/pub"), 200),
        (of("X-Original-URL", "https://h.example/pub/x"), 200),
        (of("X-Forwarded-Uri", "/pub") + "X-Forwarded-Method: HEAD\r\n", 401),
        (of("X-Forwarded-Uri", "/Pub"), 401),
        (of("X-Forwarded-Uri", "/public"), 401),
        (of("X-Forwarded-Uri", "/pub/../x"), 401),
        (of("X-Forwarded-Uri", "/pub/%2e%2e/x"), 401),
        (of("X-Forwarded-Uri", "/pub%2fx"), 401),
        (of("X-Forwarded-Uri", "/pub/..;/x"), 401),
        (of("X-Forwarded-Uri", "//pub"), 401),
        (of("X-Forwarded-Uri", "/pub") + &of("X-Original-URI", "/x"), 401),
        (of("X-Forwarded-Uri", "/pub") + &of("X-Forwarded-Uri", "/pub"), 401),
        (of("X-Forwarded-Uri", "/open"), 200),
        (of("X-Forwarded-Uri", "/open") + &bearer("other-token-2"), 401),
        (of("X-Forwarded-Uri", "/open") + "Authorization: Basic YTpi\r\n", 401),
    ] {
        assert_eq!(status(&gate, "/auth", &fields), expected, "{fields}");
    }
    assert_eq!((status(&gate, "/auth/pub/x", ""), status(&gate, "/auth/x", "")), (200, 401));
    let nobody = ask(&gate, "/auth/open", "X-Anonymous-Consumer: false\r\n");
    assert_eq!(nobody.field("X-Anonymous-Consumer"), Some("true"));
    assert_eq!(nobody.field("X-Consumer-Username"), Some(""));
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn identity_fields_of_each_profile_are_all_there() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = authority.room();
    let token = bearer(&authority.token(&json!({})));
    let fields = |flags: &str, names: &[&str]| -> Vec<Option<String>> {
        let gate = start(&room, &format!("--jwks {flags}"));
        let answer = ask(&gate, "/auth", &token);
        assert_eq!(answer.status, 200, "{}", answer.text);
        let outcome = gate.end();
        // Kong has no field of roles.
        assert_eq!(outcome.stderr.contains("contains a comma"), !flags.ends_with("kong"), "{outcome}");
        names.iter().map(|name| answer.field(name).map(str::to_owned)).collect()
    };
    let some =
        |values: &[&str]| -> Vec<Option<String>> { values.iter().map(|value| Some((*value).to_owned())).collect() };
    assert_eq!(
        fields(
            "--forward-token",
            &[
                "X-Auth-Request-User",
                "X-Auth-Request-Email",
                "X-Auth-Request-Preferred-Username",
                "X-Auth-Request-Groups",
                "X-Auth-Request-Scopes",
                "X-Auth-Request-Client-Id"
            ]
        ),
        some(&["u-1", "alice@a.example", "alice", "admin", "openid read", "web"])
    );
    assert_eq!(
        fields("--headers remote-user", &["Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email"]),
        some(&["alice", "admin", "alice", "alice@a.example"])
    );
    assert_eq!(
        fields(
            "--headers kong",
            &[
                "X-Consumer-ID",
                "X-Consumer-Username",
                "X-Authenticated-Scope",
                "X-Authenticated-Userid",
                "X-Anonymous-Consumer"
            ]
        ),
        some(&["web", "alice", "openid read", "u-1", ""])
    );
}

#[test]
fn signed_fields_pass_check_of_kong() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = authority.room().with("KEY", "shared-key-of-gateway");
    let user = bearer(&authority.token(&json!({})));
    let service = bearer(&authority.token(&json!({"typ": "service", "sub": "s", "azp": "jobs"})));
    for (version, credential) in [("v1", &user), ("v2", &user), ("v1", &service), ("v2", &service)] {
        let gate = start(&room, &format!("--jwks --headers auth-gate --sign-key-from env:KEY --sign-hmac {version}"));
        let answer =
            ask(&gate, "/auth", &format!("{credential}X-Forwarded-Uri: /orders?x\r\nX-Forwarded-Method: POST\r\n"));
        let lines: Vec<_> = answer.fields.iter().filter(|(name, _)| name.starts_with("X-")).collect();
        let lines = lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<Vec<_>>().concat();
        let mut args = vec!["check", "--kong", "--hmac-key-from", "env:KEY", "--hmac", version];
        if version == "v1" {
            args.extend(["--method", "POST", "--path", "/orders"]);
        }
        let checked = room.run_with_stdin(&args, &lines);
        assert_eq!(checked.code(), 0, "{version} {lines}\n{checked}");
        let spoofed = room.run_with_stdin(&args, &lines.replace("u-1", "u-2").replace("jobs", "root"));
        assert_eq!(spoofed.code(), 1, "{version}\n{spoofed}");
        let unknown = ask(&gate, "/auth", &format!("{credential}X-Forwarded-Uri: /a\r\nX-Original-URI: /b\r\n"));
        assert_eq!(unknown.field("X-Authz-Signature").is_some_and(str::is_empty), version == "v1", "{}", unknown.text);
        assert_eq!(gate.end().code(), 0);
    }
}

/// The gate behind a gateway: its fields are the credential, and v1 is bound to the original request.
#[test]
fn fields_of_gateway_are_credential() {
    let room = Room::new().with("KEY", "shared-key-of-gateway");
    let signed = |path: &str| {
        let args = ["kong", "sign", "--key-from", "env:KEY", "--user", "u-1", "--method", "GET", "--path", path];
        let lines = room.run(&args).answer().replace('\n', "\r\n") + "\r\n";
        format!("X-Token-Verified: true\r\nX-User-ID: u-1\r\n{lines}")
    };
    let gate = start(&room, "--kong --hmac v1 --hmac-key-from env:KEY");
    let fields = signed("/orders");
    assert_eq!(status(&gate, "/auth/orders?a=b", &fields), 200);
    assert_eq!(status(&gate, "/auth/other", &fields), 401);
    assert_eq!(status(&gate, "/auth/orders", &format!("{fields}X-User-ID: u-2\r\n")), 401);
    assert_eq!(
        status(&gate, "/auth/orders", &format!("{fields}X-Forwarded-Uri: /orders\r\nX-Original-URI: /b\r\n")),
        401
    );
    assert_eq!(status(&gate, "/auth/orders", ""), 401);
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn shared_secret_of_other_scheme_is_whole_field() {
    let room = Room::new();
    write(&room, "secret", "first-secret-1");
    let gate = Running::of(room.hallpass(&[
        "gate",
        "--listen",
        "127.0.0.1:0",
        "--secret-from",
        "file:secret",
        "--prefix",
        "Key ",
    ]));
    assert_eq!(status(&gate, "/auth", "Authorization: Key first-secret-1\r\n"), 200);
    for other in ["Key second-secret-2", "first-secret-1", "Bearer first-secret-1"] {
        assert_eq!(status(&gate, "/auth", &format!("Authorization: {other}\r\n")), 401, "{other}");
    }
    write(&room, "secret", "second-secret-2");
    let second = "Authorization: Key second-secret-2\r\n";
    await_until(|| status(&gate, "/auth", second) == 200, || "the new secret never counted".to_owned());
    await_until(
        || status(&gate, "/auth", "Authorization: Key first-secret-1\r\n") == 401,
        || "the old secret still counts".to_owned(),
    );
    gate.end().assert_hidden("second-secret-2");
}

#[test]
fn token_file_counts_within_second_and_last_good_one_stays() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens");
    assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    write(&room, "tokens", "listed-token-2\n");
    let begun = std::time::Instant::now();
    await_until(|| status(&gate, "/auth", &bearer("listed-token-1")) == 401, || "it is let in".to_owned());
    assert_eq!(status(&gate, "/auth", &bearer("listed-token-2")), 200);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    fs::write(room.directory().join("tokens"), [0xff, b'\n']).unwrap();
    await_until(|| ask(&gate, "/-/ready", "").body.contains("last good"), || "nothing is wrong".to_owned());
    assert_eq!((status(&gate, "/-/ready", ""), status(&gate, "/auth", &bearer("listed-token-2"))), (200, 200));
    write(&room, "tokens", "");
    await_until(|| status(&gate, "/auth", &bearer("listed-token-2")) == 401, || "an empty file lets in".to_owned());
    assert_eq!(ask(&gate, "/-/ready", "").body, "ready\nshared_cache: this replica stands alone\n");
    let outcome = gate.end();
    assert!(outcome.stderr.contains("\"evidence\":\"token_file\""), "{outcome}");
}

#[test]
fn keys_rotate_and_unknown_key_asks_rarely() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = authority.room();
    let gate = start(&room, "--jwks");
    let remembered = bearer(&authority.token(&json!({})));
    assert_eq!(status(&gate, "/auth", &remembered), 200);
    assert_eq!(authority.count("/jwks"), 1);
    let next = Signer::new("k-2");
    let of_next = bearer(&token(&next, &authority.server.base(), &json!({})));
    assert_eq!((status(&gate, "/auth", &of_next), authority.count("/jwks")), (401, 1), "asked a moment ago");
    *authority.keys.lock().unwrap() = next.set();
    gate.signal(Signal::HUP);
    await_until(|| status(&gate, "/auth", &of_next) == 200, || "the new key never counted".to_owned());
    assert_eq!(status(&gate, "/auth", &remembered), 401, "its key is gone");
    for claims in [json!({"iss": "https://other.example"}), json!({"exp": 1}), json!({"cnf": {"jkt": "x"}})] {
        let token = token(&next, &authority.server.base(), &claims);
        assert_eq!(status(&gate, "/auth", &bearer(&token)), 401, "{claims}");
    }
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn introspection_is_one_request_and_only_true_is_yes() {
    let authority = authority(|token| match token {
        "good" => fault::json(200, r#"{"active":true,"sub":"u-1","scope":"read"}"#),
        "text" => fault::json(200, r#"{"active":"true","sub":"u-1"}"#),
        "refused" => fault::oauth_error(401, "invalid_client"),
        "page" => fault::answer(200, "text/html", "<p>active"),
        "down" => fault::answer(503, "text/plain", "down"),
        _ => fault::json(200, r#"{"active":false}"#),
    });
    let room = authority.room();
    let gate = start(&room, "--introspect --scope read --metrics");
    let askers: Vec<_> = (0..10)
        .map(|_| gate.send(&format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{}\r\n", bearer("good"))))
        .collect();
    for asker in askers {
        assert!(asker.rest().starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(authority.count("/introspect"), 1, "one request for all");
    assert!(ask(&gate, "/-/metrics", "").text.contains("hallpass_gate_cache_entries 1\n"), "it is remembered");
    for (token, expected) in [("bad", 401), ("text", 401), ("refused", 503), ("page", 503), ("down", 503)] {
        let answer = ask(&gate, "/auth", &bearer(token));
        assert_eq!((answer.status, answer.field("Retry-After").is_some()), (expected, expected == 503), "{token}");
        assert!(!answer.text.contains("u-1"), "{}", answer.text);
    }
    let outcome = gate.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    outcome.assert_hidden("s3cret-of-gate");
}

#[test]
fn issuer_that_is_down_is_503_until_it_is_there() {
    let room = Room::ephemeral(DEAD, "gate", "s3cret-of-gate");
    for method in ["--jwks", "--introspect"] {
        let gate = start(&room, method);
        let ready = ask(&gate, "/-/ready", "");
        assert_eq!((ready.status, status(&gate, "/-/healthy", "")), (503, 200), "{}", ready.text);
        assert!(ready.body.contains("missing"), "{}", ready.body);
        assert_eq!(status(&gate, "/auth", &bearer("opaque")), if method == "--jwks" { 401 } else { 503 });
        let claims = json!({"iss": DEAD, "sub": "u", "exp": 4_000_000_000_i64});
        let answer = ask(&gate, "/auth", &bearer(&Signer::new("k").sign("at+jwt", &claims)));
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(gate.end().code(), 0);
        room.run(&["gate", method, "--test"]).refused(6);
    }
}

#[test]
fn http_that_is_read_in_two_ways_is_400_and_closed() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens");
    let next = "GET /-/healthy HTTP/1.1\r\nHost: HOST\r\n\r\n";
    let many = "X: 1\r\n".repeat(101);
    for (fields, expected) in [
        ("Host: HOST\r\nContent-Length: 0\r\nContent-Length: 0\r\n", 400),
        ("Host: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Host: HOST\r\nTransfer-Encoding: xchunked\r\n", 400),
        ("Host: HOST\r\nTransfer-Encoding: gzip, chunked\r\n", 400),
        ("", 400),
        ("Host: HOST\r\nHost: HOST\r\n", 400),
        (&format!("Host: HOST\r\n{many}"), 400),
        ("Host: HOST\r\nX: 1\r\n continued\r\n", 400),
        ("Host: HOST\r\nX: 1\nY: 2\r\n", 400),
        ("Host: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 401),
        ("Host: HOST\r\nTransfer-Encoding: chunked\r\n", 401),
        ("Host: HOST\r\nContent-Length: 50\r\n", 401),
    ] {
        let answer = gate.ask(&format!("POST /auth HTTP/1.1\r\n{fields}\r\n{next}"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{fields}\n{answer}");
        assert!(
            answer.contains("Connection: close\r\n") && answer.matches("HTTP/1.1 ").count() == 1,
            "{fields}\n{answer}"
        );
    }
    let two = gate.ask(&format!("{next}GET /-/ready HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"));
    assert_eq!(two.matches("HTTP/1.1 200 ").count(), 2, "a connection is kept: {two}");
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn workers_share_socket_metrics_and_end() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --workers 3 --metrics -v");
    for _ in 0..20 {
        assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    }
    let metrics = ask(&gate, "/-/metrics", "").body;
    for line in [
        "hallpass_gate_decisions_total{decision=\"allow\",how=\"token_file\"} 20\n",
        "hallpass_gate_decision_seconds_count 20\n",
        "hallpass_gate_evidence_age_seconds{how=\"token_file\"} ",
        "hallpass_gate_connections ",
        "hallpass_gate_cache_entries 0\n",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let outcome = gate.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    let line: Value =
        serde_json::from_str(outcome.stderr.lines().find(|line| line.contains("token_file")).unwrap()).unwrap();
    assert_eq!((&line["status"], &line["how"], &line["path"]), (&json!(200), &json!("token_file"), &json!("/")));
    outcome.assert_hidden("listed-token-1");
    let child = room.hallpass(&["gate", "--tokens-file", "tokens", "--socket", "s", "--socket-mode", "0600"]);
    let gate = Running::of(child);
    assert_eq!(gate.url, format!("unix:{}", "s"));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(room.directory().join("s")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(gate.end().code(), 0);
    assert!(!room.directory().join("s").exists());
}

#[test]
fn kubernetes_webhook_gets_user_of_token() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --token-review");
    let ask = |framing: &str, body: &str| {
        let head = "POST /tokenreview?timeout=30s HTTP/1.1\r\nHost: HOST\r\nConnection: close";
        Answered::parse(gate.ask(&format!("{head}\r\n{framing}\r\n\r\n{body}")))
    };
    let review = |token: &str| {
        let spec = json!({"token": token});
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}).to_string();
        ask(&format!("Content-Length: {}", body.len()), &body)
    };
    let yes = review("listed-token-1");
    assert_eq!((yes.status, &yes.json()["apiVersion"]), (200, &json!("authentication.k8s.io/v1")));
    let user = json!({"authenticated": true, "user": {"username": "ci", "uid": "", "groups": []}});
    assert_eq!(yes.json()["status"], user);
    for other in ["other-token-2", "not a token", ""] {
        let no = review(other);
        assert_eq!((no.status, &no.json()["status"]["authenticated"]), (200, &json!(false)), "{other}");
    }
    assert_eq!(ask("Content-Length: 2", "{}").status, 400);
    assert_eq!(ask("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n").status, 400);
    assert_eq!(ask("Content-Length: 70000", &"x".repeat(70_000)).status, 400);
    gate.end().assert_hidden("other-token-2");
    let gate = start(&room, "--tokens-file tokens");
    assert_eq!(status(&gate, "/tokenreview", ""), 404);
}

#[test]
fn systemd_gives_socket_and_hears_state() {
    let room = room_with_tokens();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let path = room.directory().join("notify");
    let heard = UnixDatagram::bind(&path).unwrap();
    heard.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut bytes = [0; 200];
        let count = heard.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    };
    let mut command = room.program("/bin/sh");
    command.args(["-c", "exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" gate --tokens-file tokens"]);
    command.arg(env!("CARGO_BIN_EXE_hallpass")).stdin(OwnedFd::from(listener));
    command.env("LISTEN_FDS", "1").env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let gate = Running::of(command);
    assert_eq!(gate.url, format!("http://{address}"));
    assert_eq!(status(&gate, "/auth", &bearer("listed-token-1")), 200);
    assert_eq!((hear(), hear()), ("READY=1".to_owned(), "WATCHDOG=1".to_owned()));
    gate.signal(Signal::HUP);
    let reloading = std::iter::repeat_with(hear).find(|state| state != "WATCHDOG=1").unwrap();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(std::iter::repeat_with(hear).find(|state| state != "WATCHDOG=1").unwrap(), "READY=1");
    assert_eq!(gate.end().code(), 0);
    assert_eq!(std::iter::repeat_with(hear).find(|state| state != "WATCHDOG=1").unwrap(), "STOPPING=1");
}

/// A socket of systemd that others than this machine reach needs the same word as an address of our own.
#[test]
fn socket_of_systemd_off_loopback_needs_its_flag() {
    let room = room_with_tokens();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let run = |flag: &str| {
        let mut command = room.program("/bin/sh");
        let script = format!("exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" gate --tokens-file tokens {flag}");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_hallpass")]);
        command.env("LISTEN_FDS", "1").stdin(OwnedFd::from(listener.try_clone().unwrap()));
        command
    };
    let refused = finish(run("").spawn().unwrap());
    assert!(refused.refused(2).contains("--listen-anywhere"));
    assert_eq!(Running::of(run("--listen-anywhere")).end().code(), 0);
}
