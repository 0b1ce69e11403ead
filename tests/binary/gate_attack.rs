//! `hallpass gate` as an attacker sees it: spoofed fields, requirements, caches, and two questions on one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::gate::{room_with_tokens, write};
use crate::authority::{ask, authority, bearer, start, status};
use crate::fault;
use crate::room::await_until;

#[test]
fn credential_that_two_parsers_read_differently_is_none() {
    let room = room_with_tokens();
    let gate = start(&room, "--tokens-file tokens --optional /open");
    let good = "listed-token-1";
    for (value, is_bad) in [
        (format!("Bearer {good}, Bearer {good}"), true),
        (format!("Bearer {good},"), true),
        (format!("Bearer {good} "), false),
        (format!("Bearer\t{good}"), false),
        (format!("Bearer:{good}"), false),
        (format!("Bearer \"{good}\""), true),
        (format!("Bearer {good}\u{a0}"), false),
        (format!("\u{ff22}earer {good}"), false),
        (format!("Bearer {}", "x".repeat(16 * 1024 + 1)), true),
        (format!("Basic {good}"), false),
        (good.to_owned(), false),
        (String::new(), false),
    ] {
        for path in ["/auth", "/auth/open"] {
            let answer = ask(&gate, path, &format!("Authorization: {value}\r\n"));
            // Blanks behind a value are no part of it.
            let expected = if value.ends_with(' ') { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{path} {value:.60}");
            assert_eq!(answer.text.contains("invalid_token"), is_bad, "{path} {value:.60}");
        }
    }
    for fields in [format!("Proxy-Authorization: Bearer {good}\r\n"), format!("X-Authorization: Bearer {good}\r\n")] {
        assert_eq!(status(&gate, "/auth", &fields), 401, "{fields}");
    }
    assert_eq!(status(&gate, &format!("/auth/?access_token={good}"), ""), 401);
    assert_eq!(status(&gate, "/auth", &format!("X: {}\r\n{}", "x".repeat(70_000), bearer(good))), 400);
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn fields_of_client_never_come_back() {
    let room = room_with_tokens();
    for profile in ["oauth2-proxy", "remote-user", "kong", "auth-gate"] {
        let gate = start(&room, &format!("--tokens-file tokens --headers {profile} --exclude /free"));
        let names = [
            "X-Auth-Request-User",
            "X-Auth-Request-Groups",
            "X-Auth-Request-Access-Token",
            "x-auth-request-email",
            "X_Auth_Request_User",
            "Remote-User",
            "Remote_User",
            "Remote-Groups",
            "X-Consumer-Username",
            "X-Authenticated-Userid",
            "X-User-ID",
            "X-Token-Verified",
            "X-Authz-Signature",
        ];
        let spoofed = names.map(|name| format!("{name}: spoofed\r\n")).concat();
        for (path, fields) in [("/auth", bearer("listed-token-1") + &spoofed), ("/auth/free", spoofed.clone())] {
            let answer = ask(&gate, path, &fields);
            assert!(answer.status == 200 && !answer.text.contains("spoofed"), "{}", answer.text);
        }
        assert_eq!(gate.end().code(), 0);
    }
}

#[test]
fn proof_of_one_question_meets_no_requirement_of_another() {
    let authority = authority(|_| fault::json(200, r#"{"active":true,"sub":"u-1","scope":"read","aud":"orders"}"#));
    let room = authority.room();
    let gate = start(&room, "--jwks --introspect --cache-ttl 10m");
    let jwt = authority.token(&json!({"aud": ["orders"], "scope": "read"}));
    for token in [jwt.as_str(), "opaque"] {
        let of = |query: &str| status(&gate, &format!("/auth{query}"), &bearer(token));
        for _ in 0..2 {
            assert_eq!((of(""), of("?scope=read"), of("?audience=orders")), (200, 200, 200), "{token}");
            for query in [
                "?scope=write",
                "?scope=read&scope=write",
                "?scope=read+write",
                "?audience=other",
                "?audience=orders&audience=other",
                "?role=root",
                "?any_scope=write,admin",
                "?kind=service",
                "?client=other",
                "?subject=u-2",
                "?client=a&client=b",
                "?client=web&client=b",
            ] {
                assert_eq!(of(query), 403, "{token} {query}");
            }
            for query in ["?scope=", "?Scope=read", "?admin_role=read", "?scope=read&x=y"] {
                assert_eq!(of(query), 500, "{token} {query}");
            }
        }
    }
    assert_eq!(authority.count("/introspect"), 1);
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn query_takes_no_requirement_of_command_line_away() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = authority.room();
    let gate = start(&room, "--jwks --scope write --audience orders --client-id web --any-role writer,admin");
    let good = json!({"scope": "read write", "aud": "orders", "realm_access": {"roles": ["writer"]}});
    let good = bearer(&authority.token(&good));
    assert_eq!(status(&gate, "/auth?scope=read&client=web", &good), 200);
    for claims in [
        json!({"scope": "read", "aud": "orders", "realm_access": {"roles": ["writer"]}}),
        json!({"scope": "write", "aud": "other", "realm_access": {"roles": ["writer"]}}),
        json!({"scope": "write", "aud": "orders", "realm_access": {"roles": ["reader"]}}),
        json!({"scope": "write", "aud": "orders", "azp": "other", "realm_access": {"roles": ["writer"]}}),
    ] {
        let token = bearer(&authority.token(&claims));
        for query in ["", "?scope=read", "?any_scope=read,write", "?any_role=reader,writer", "?client=web"] {
            assert_eq!(status(&gate, &format!("/auth{query}"), &token), 403, "{claims} {query}");
        }
    }
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn revoked_token_is_refused_when_answer_is_over() {
    let revoked = Arc::new(AtomicBool::new(false));
    let is_revoked = Arc::clone(&revoked);
    let authority = authority(move |_| {
        let active = !is_revoked.load(Ordering::SeqCst);
        fault::json(200, json!({"active": active, "sub": "u-1"}).to_string())
    });
    let gate = start(&authority.room(), "--introspect --cache-ttl 300ms");
    let of = || status(&gate, "/auth", &bearer("t"));
    assert_eq!(of(), 200);
    revoked.store(true, Ordering::SeqCst);
    await_until(|| of() == 401, || "a refusal".to_owned());
    revoked.store(false, Ordering::SeqCst);
    await_until(|| of() == 200, || "the no to be over".to_owned());
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn each_question_of_connection_gets_its_own_answer() {
    let room = room_with_tokens();
    write(&room, "tokens", "#hallpass: label=\"one\"\nlisted-token-1\n#hallpass: label=\"two\"\nlisted-token-2\n");
    let gate = start(&room, "--tokens-file tokens");
    let question = |fields: &str| format!("GET /auth HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n");
    let tokens = ["listed-token-1", "other-token-3", "listed-token-2", "listed-token-1"];
    let questions: String = tokens.iter().map(|token| question(&bearer(token))).collect();
    let answers = gate.ask(&format!("{questions}{}", question("Connection: close\r\n")));
    let statuses: Vec<_> = answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "401", "200", "200", "401"]);
    let names: Vec<_> =
        answers.lines().filter_map(|line| line.strip_prefix("X-Auth-Request-Preferred-Username: ")).collect();
    assert_eq!(names, ["one", "two", "one"]);
    // What follows a body that is not read is no question.
    let hidden = question(&bearer("listed-token-1"));
    let body = format!("POST /auth HTTP/1.1\r\nHost: HOST\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len());
    assert_eq!(gate.ask(&body).matches("HTTP/1.1 ").count(), 1);
    assert_eq!(gate.end().code(), 0);
}

/// The words of a server may repeat the token; what the gate answers and writes has its own.
#[test]
fn words_of_server_about_token_go_nowhere() {
    let token = "opaque-and-long-enough-to-be-secret";
    let authority = authority(move |_| {
        fault::json(400, format!(r#"{{"error":"unsupported_token_type","error_description":"no {token} here"}}"#))
    });
    let gate = start(&authority.room(), "--introspect");
    let answer = ask(&gate, "/auth", &bearer(token));
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(answer.json()["reason"], "the server can't introspect a token of this kind (unsupported_token_type)");
    assert!(!answer.text.contains(token), "{}", answer.text);
    gate.end().assert_hidden(token);
}
