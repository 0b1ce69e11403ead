//! `hallpass gate` and tokens that are bound to a key (DPoP, RFC 9449): real proofs, made by `hallpass header --dpop`.

use serde_json::json;

use crate::authority::{Answered, ask, authority, bearer, bound_room, proven, start, status};
use crate::fault;

const URL: &str = "https://api.example/orders";
/// What a proxy reports of a GET of [`URL`].
const REPORTED: &str =
    "X-Forwarded-Proto: https\r\nX-Forwarded-Host: api.example\r\nX-Forwarded-Uri: /orders?page=2\r\n";

fn challenge(answer: &Answered) -> (u16, String) {
    (answer.status, answer.field("WWW-Authenticate").unwrap_or_default().to_owned())
}

/// Asserts a refusal with this error code in a challenge for DPoP that names algorithms.
#[track_caller]
fn assert_refused(answer: &Answered, error: &str) {
    let (status, challenge) = challenge(answer);
    assert_eq!(status, 401, "{}", answer.text);
    assert!(challenge.starts_with(&format!("DPoP realm=\"hallpass\", error=\"{error}\", algs=\"")), "{challenge}");
    assert!(challenge.contains("ES256"), "{challenge}");
}

#[test]
fn bound_token_needs_its_proof_for_this_request_once() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = bound_room(&authority);
    let gate = start(&room, "-z z --jwks");
    let [token, proof] = proven(&room, "GET", URL);
    let yes = ask(&gate, "/auth", &format!("{token}{proof}{REPORTED}"));
    assert_eq!((yes.status, yes.field("X-Auth-Request-User")), (200, Some("u-1")), "{}", yes.text);
    assert_refused(&ask(&gate, "/auth", &format!("{token}{proof}{REPORTED}")), "invalid_dpop_proof");
    assert_refused(&ask(&gate, "/auth", &format!("{token}{REPORTED}")), "invalid_dpop_proof");
    let as_bearer = token.replace("DPoP ", "Bearer ");
    let [_, second] = proven(&room, "GET", URL);
    for fields in [as_bearer.clone(), format!("{as_bearer}{second}")] {
        assert_refused(&ask(&gate, "/auth", &format!("{fields}{REPORTED}")), "invalid_token");
    }
    let unbound = bearer(&authority.token(&json!({})));
    assert_eq!(status(&gate, "/auth", &format!("{unbound}{REPORTED}")), 200);
    for unbound in [unbound.clone(), unbound.replace("Bearer ", "DPoP ")] {
        assert_refused(&ask(&gate, "/auth", &format!("{unbound}{second}{REPORTED}")), "invalid_token");
    }
    for fields in [
        format!("{token}{second}{second}{REPORTED}"),
        format!("{token}{second}{REPORTED}X-Forwarded-Method: POST\r\n"),
        format!("{token}{second}{REPORTED}X-Original-URI: /other\r\n"),
        format!("{token}{second}{REPORTED}X-Forwarded-Proto: https\r\n"),
        format!("{token}{second}{}", REPORTED.replace("/orders", "/other")),
        format!("{token}{second}{}", REPORTED.replace("api.example", "other.example")),
        format!("{token}{second}{}", REPORTED.replace("https", "http")),
        format!("{token}{second}"),
        format!("{token}DPoP: abc\r\n{REPORTED}"),
        format!("{token}{}{REPORTED}", proven(&room, "POST", URL)[1]),
    ] {
        assert_refused(&ask(&gate, "/auth", &fields), "invalid_dpop_proof");
    }
    assert_eq!(status(&gate, "/auth", &format!("{token}{second}{REPORTED}")), 200, "no refusal has used it up");
    let [_, third] = proven(&room, "GET", URL);
    let lacks = challenge(&ask(&gate, "/auth?scope=write", &format!("{token}{third}{REPORTED}")));
    assert!(lacks.0 == 403 && lacks.1.contains("DPoP ") && lacks.1.contains("scope=\"write\", algs="), "{lacks:?}");
    let outcome = gate.end();
    assert_eq!(outcome.code(), 0, "{outcome}");
    outcome.assert_hidden(third.trim_start_matches("DPoP: ").trim());
}

#[test]
fn question_itself_is_request_where_proxy_reports_nothing() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = bound_room(&authority);
    let gate = start(&room, "-z z --jwks");
    let [token, proof] = proven(&room, "GET", &format!("{}/orders", gate.url));
    assert_eq!(status(&gate, "/auth/orders?a", &format!("{token}{proof}")), 200);
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn introspected_token_is_bound_by_answer_or_by_itself() {
    let authority = authority(|token| match token {
        "opaque" => fault::json(200, r#"{"active":true,"sub":"u-1","token_type":"DPoP","cnf":{"jkt":"other-key"}}"#),
        // It leaves out what the token is bound to.
        _ => fault::json(200, r#"{"active":true,"sub":"u-1"}"#),
    });
    let room = bound_room(&authority);
    let gate = start(&room, "-z z --introspect");
    let [token, proof] = proven(&room, "GET", URL);
    assert_refused(&ask(&gate, "/auth", &format!("{}{REPORTED}", token.replace("DPoP ", "Bearer "))), "invalid_token");
    assert_eq!(status(&gate, "/auth", &format!("{token}{proof}{REPORTED}")), 200);
    let opaque = "Authorization: DPoP opaque\r\n";
    let [_, proof] = proven(&room, "GET", URL);
    assert_refused(&ask(&gate, "/auth", &format!("{opaque}{proof}{REPORTED}")), "invalid_token");
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn workers_share_used_proofs() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = bound_room(&authority);
    let gate = start(&room, "-z z --jwks --workers 3");
    let [token, proof] = proven(&room, "GET", URL);
    let request = format!("GET /auth HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{token}{proof}{REPORTED}\r\n");
    let callers: Vec<_> = (0..12).map(|_| gate.send(&request)).collect();
    let answers: Vec<_> = callers.into_iter().map(|caller| Answered::parse(caller.rest()).status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 11, "{answers:?}");
    assert_eq!(gate.end().code(), 0);
}

#[test]
fn webhook_of_kubernetes_has_no_proof() {
    let authority = authority(|_| panic!("nobody asks"));
    let room = bound_room(&authority);
    let gate = start(&room, "-z z --jwks --token-review");
    let [token, _] = proven(&room, "GET", URL);
    let review = |token: &str| {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}});
        let body = review.to_string();
        let head = format!("POST /tokenreview HTTP/1.1\r\nHost: HOST\r\nContent-Length: {}\r\n", body.len());
        Answered::parse(gate.ask(&format!("{head}Connection: close\r\n\r\n{body}"))).json()["status"].clone()
    };
    let bound = review(token.trim().rsplit(' ').next().unwrap());
    assert!(bound["authenticated"] == false && bound["error"].as_str().unwrap().contains("bound to a key"), "{bound}");
    assert_eq!(review(&authority.token(&json!({})))["authenticated"], true);
    assert_eq!(gate.end().code(), 0);
}
