use std::sync::atomic::Ordering;

use super::{Options, Response, Room};

const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=sandbox-public";

impl Room {
    /// A device that asks for a code, as the public client.
    pub fn device(&self, more: &str) -> (String, String) {
        let reply = self.post("/sandbox/device_authorization", "", &format!("client_id=sandbox-public{more}"));
        assert_eq!(reply.status, 200, "{reply:?}");
        let text = |name: &str| reply.json[name].as_str().unwrap().to_owned();
        assert_eq!(text("verification_uri"), format!("{}/device", self.sandbox.issuer()));
        assert!(text("verification_uri_complete").ends_with(&format!("?user_code={}", text("user_code"))));
        (text("device_code"), text("user_code"))
    }

    fn poll(&self, device_code: &str) -> Response {
        self.post("/sandbox/token", "", &format!("{GRANT}&device_code={device_code}"))
    }

    /// The person types the code and presses a button.
    fn says(&self, user_code: &str, decision: &str) -> u16 {
        self.post("/sandbox/device", "", &format!("user_code={user_code}&decision={decision}")).status
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[test]
fn device_gets_tokens_once_after_consent() {
    let room = Room::new();
    let (device_code, user_code) = room.device("&scope=openid+profile");
    assert_eq!(room.poll(&device_code).refusal(), (400, "authorization_pending"));
    assert_eq!(room.says("wrong", "allow"), 400);
    // People type as they like.
    assert_eq!(room.says(&user_code.to_lowercase().replace('-', "+"), "allow"), 200);
    room.later(5);
    let answer = room.poll(&device_code);
    assert_eq!((answer.status, &answer.json["scope"]), (200, &"openid profile".into()), "{answer:?}");
    assert!(answer.json["refresh_token"].is_string() && answer.json["id_token"].is_string());
    assert_eq!(room.poll(&device_code).refusal(), (400, "invalid_grant"));
}

#[test]
fn who_polls_too_often_is_slowed_down() {
    let room = Room::new();
    let (device_code, user_code) = room.device("");
    assert_eq!(room.poll(&device_code).refusal(), (400, "authorization_pending"));
    room.later(4);
    assert_eq!(room.poll(&device_code).refusal(), (400, "slow_down"));
    room.says(&user_code, "allow");
    room.later(9);
    assert_eq!(room.poll(&device_code).refusal(), (400, "slow_down"), "ten seconds are wanted now");
    room.later(15);
    assert_eq!(room.poll(&device_code).status, 200);
}

#[test]
fn no_and_too_late_are_told_apart() {
    let room = Room::new();
    let (denied, code) = room.device("");
    let (late, _) = room.device("");
    assert_eq!(room.says(&code, "deny"), 200);
    assert_eq!(room.poll(&denied).refusal(), (400, "access_denied"));
    room.later(600);
    assert_eq!(room.poll(&late).refusal(), (400, "expired_token"));
    let other = format!("{}&device_code={late}", GRANT.replace("&client_id=sandbox-public", ""));
    assert_eq!(room.post("/sandbox/token", &room.basic(), &other).refusal(), (400, "invalid_grant"), "not its code");
}

#[test]
fn page_shows_what_was_typed_as_text() {
    let room = Room::new();
    let page = room.get("/sandbox/device?user_code=%22%3E%3Cscript%3E");
    assert!(page.has("content-type: text/html; charset=utf-8"));
    let body = String::from_utf8(page.body).unwrap();
    assert!(body.contains("value=\"&quot;&gt;&lt;script&gt;\"") && !body.contains("<script"), "{body}");
}

#[test]
fn with_auto_consent_first_poll_brings_tokens() {
    let room = Room::with(&Options { auto_consent: true, ..Options::default() });
    let (device_code, _) = room.device("");
    assert_eq!(room.poll(&device_code).status, 200);
}
