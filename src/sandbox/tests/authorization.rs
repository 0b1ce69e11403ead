use std::collections::HashMap;

use serde_json::json;

use super::{Options, Response, Room, basic};
use crate::jose::decode;

// RFC 7636 appendix B
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "http://127.0.0.1:9/callback";

fn auto() -> Room {
    Room::with(&Options { auto_consent: true, ..Options::default() })
}

fn asked(room: &Room, more: &str) -> String {
    let id = room.client_id();
    format!(
        "response_type=code&client_id={id}&redirect_uri={BACK}&state=s1&code_challenge={CHALLENGE}\
         &code_challenge_method=S256{more}"
    )
}

fn authorize(room: &Room, query: &str) -> Response {
    room.get(&format!("/sandbox/authorize?{query}"))
}

/// Where the browser is sent, and what it carries there.
fn sent(reply: &Response) -> (String, HashMap<String, String>) {
    assert_eq!(reply.status, 303, "{}", reply.head);
    let location = reply.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let (target, query) = location.split_once('?').unwrap();
    (target.to_owned(), url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

fn code(room: &Room, more: &str) -> String {
    sent(&authorize(room, &asked(room, more))).1["code"].clone()
}

fn redeem(room: &Room, code: &str, verifier: &str, back: &str) -> Response {
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={back}&code_verifier={verifier}");
    room.post("/sandbox/token", &room.basic(), &body)
}

fn ticket(reply: &Response) -> String {
    let page = String::from_utf8(reply.body.clone()).unwrap();
    page.split_once("name=\"ticket\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

#[test]
fn code_is_redeemed_once() {
    let room = auto();
    let (target, back) = sent(&authorize(&room, &asked(&room, "&scope=openid+email&nonce=n1")));
    assert_eq!((target.as_str(), back["state"].as_str(), back["iss"].as_str()), (BACK, "s1", room.sandbox.issuer()));
    let answer = redeem(&room, &back["code"], VERIFIER, BACK);
    assert_eq!((answer.status, &answer.json["scope"]), (200, &json!("openid email")));
    assert!(answer.json["refresh_token"].is_string());
    let claims = decode(answer.json["id_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!(
        (&claims["nonce"], &claims["aud"], &claims["sub"]),
        (&json!("n1"), &json!(room.client_id()), &json!("ada"))
    );
    assert_eq!(
        claims["at_hash"],
        crate::sandbox::endpoint::token_response::at_hash(answer.json["access_token"].as_str().unwrap())
    );
    assert_eq!(redeem(&room, &back["code"], VERIFIER, BACK).refusal(), (400, "invalid_grant"));
}

#[test]
fn wrong_redemption_spends_code() {
    let room = auto();
    for (verifier, back) in [("", BACK), (CHALLENGE, BACK), (VERIFIER, "http://127.0.0.1:10/callback"), (VERIFIER, "")]
    {
        let code = code(&room, "");
        assert_eq!(redeem(&room, &code, verifier, back).refusal(), (400, "invalid_grant"), "{verifier} {back}");
        assert_eq!(redeem(&room, &code, VERIFIER, BACK).refusal(), (400, "invalid_grant"));
    }
    let (other, code) = (basic("sandbox-basic", room.secret("sandbox-basic")), code(&room, ""));
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}");
    assert_eq!(room.post("/sandbox/token", &other, &body).refusal(), (400, "invalid_grant"));
    let late = self::code(&room, "");
    room.clock.0.fetch_add(60, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(redeem(&room, &late, VERIFIER, BACK).refusal(), (400, "invalid_grant"));
}

#[test]
fn person_is_asked_and_answers_once() {
    let room = Room::new();
    for (decision, member) in [("allow", "code"), ("deny", "error")] {
        let page = authorize(&room, &asked(&room, "&scope=read+write"));
        assert!(page.status == 200 && page.has("content-type: text/html; charset=utf-8"), "{}", page.head);
        assert!(page.has("referrer-policy: no-referrer") && !page.head.contains("script"), "{}", page.head);
        let body = format!("ticket={}&decision={decision}", ticket(&page));
        let (target, back) = sent(&room.post("/sandbox/authorize", "", &body));
        assert!(target == BACK && back.contains_key(member) && back["state"] == "s1", "{back:?}");
        assert_eq!(room.post("/sandbox/authorize", "", &body).status, 400, "a ticket is good once");
    }
    assert_eq!(room.post("/sandbox/authorize", "", "decision=allow").status, 400);
    let (_, back) = sent(&authorize(&room, &asked(&room, "&prompt=none")));
    assert_eq!(back["error"], "consent_required");
}

#[test]
fn who_cannot_be_trusted_with_answer_gets_page() {
    let room = auto();
    let id = room.client_id();
    let challenge = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    for query in [
        String::new(),
        format!("response_type=code&client_id={id}&{challenge}"),
        format!("response_type=code&client_id=nobody&redirect_uri={BACK}&{challenge}"),
        format!("response_type=code&client_id={id}&redirect_uri=http://127.0.0.1:9/other&{challenge}"),
        format!("response_type=code&client_id={id}&redirect_uri=https://evil.example/callback&{challenge}"),
        asked(&room, "&state=twice"),
        format!("client_id={id}&request_uri=urn:ietf:params:oauth:request_uri:unknown"),
    ] {
        let reply = authorize(&room, &query);
        assert!(reply.status == 400 && reply.has("content-type: text/html; charset=utf-8"), "{query}: {}", reply.head);
    }
}

#[test]
fn what_is_wrong_with_request_comes_back() {
    let room = auto();
    let id = room.client_id();
    let start = format!("client_id={id}&redirect_uri={BACK}&state=s1");
    for (query, error) in [
        (format!("{start}&response_type=token"), "unsupported_response_type"),
        (start.clone(), "invalid_request"),
        (format!("{start}&response_type=code"), "invalid_request"),
        (format!("{start}&response_type=code&code_challenge={CHALLENGE}"), "invalid_request"),
        (
            format!("{start}&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=plain"),
            "invalid_request",
        ),
        (asked(&room, "&scope=nope"), "invalid_scope"),
        (asked(&room, "&resource=nowhere"), "invalid_target"),
        (asked(&room, "&request=x"), "request_not_supported"),
        (asked(&room, "&response_mode=form_post"), "invalid_request"),
    ] {
        let (target, back) = sent(&authorize(&room, &query));
        assert_eq!((target.as_str(), back["error"].as_str(), back["state"].as_str()), (BACK, error, "s1"), "{query}");
    }
}

#[test]
fn pushed_request_is_good_once_and_for_its_client() {
    let room = auto();
    let push = |more: &str| room.post("/sandbox/par", &room.basic(), &asked(&room, more));
    let pushed = push("");
    assert_eq!((pushed.status, &pushed.json["expires_in"]), (201, &json!(60)));
    let open = |id: &str, handle: &Response| {
        authorize(&room, &format!("client_id={id}&request_uri={}", handle.json["request_uri"].as_str().unwrap()))
    };
    let id = room.client_id();
    assert!(sent(&open(id, &pushed)).1.contains_key("code"));
    assert_eq!(open(id, &pushed).status, 400, "used");
    assert_eq!(open("sandbox-public", &push("")).status, 400, "another client's");
    let late = push("");
    room.clock.0.fetch_add(60, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(open(id, &late).status, 400, "expired");
    assert_eq!(push("&scope=nope").refusal(), (400, "invalid_scope"));
    assert_eq!(push("&request_uri=urn:x").refusal(), (400, "invalid_request"));
    assert_eq!(room.post("/sandbox/par", "", &asked(&room, "")).refusal(), (401, "invalid_client"));
    let elsewhere = asked(&room, "").replace("callback", "elsewhere");
    assert_eq!(room.post("/sandbox/par", &room.basic(), &elsewhere).refusal(), (400, "invalid_request"));
}
