use super::{Options, Response, Room};
use crate::jose::decode;

/// A person who signed in on a device of the public client.
fn signed_in(scope: &str) -> (Room, Response) {
    let room = Room::with(&Options { auto_consent: true, ..Options::default() });
    let (device_code, _) = room.device(&format!("&scope={scope}"));
    let grant = "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=sandbox-public";
    let answer = room.post("/sandbox/token", "", &format!("{grant}&device_code={device_code}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    (room, answer)
}

fn text(answer: &Response, name: &str) -> String {
    answer.json[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_owned()
}

impl Room {
    fn refresh(&self, token: &str, more: &str) -> Response {
        let body = format!("grant_type=refresh_token&client_id=sandbox-public&refresh_token={token}{more}");
        self.post("/sandbox/token", "", &body)
    }

    /// What the resource server hears of a token.
    fn active(&self, token: &str) -> bool {
        let api = super::basic("sandbox-api", self.secret("sandbox-api"));
        self.post("/sandbox/introspect", &api, &format!("token={token}")).json["active"] == true
    }
}

#[test]
fn each_refresh_brings_next_token() {
    let (room, first) = signed_in("openid+profile+read");
    let second = room.refresh(&text(&first, "refresh_token"), "");
    assert_eq!((second.status, &second.json["scope"]), (200, &"openid profile read".into()));
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    let claims = decode(&text(&second, "id_token")).unwrap().claims;
    assert_eq!((&claims["sub"], &claims["preferred_username"]), (&"ada".into(), &"ada".into()));
    let third = room.refresh(&text(&second, "refresh_token"), "&scope=read");
    assert_eq!((third.status, &third.json["scope"]), (200, &"read".into()));
    let fourth = room.refresh(&text(&third, "refresh_token"), "");
    assert_eq!(fourth.json["scope"], "openid profile read", "narrowing one token narrows no right");
}

#[test]
fn spent_token_that_comes_back_ends_session() {
    let (room, first) = signed_in("read");
    let second = room.refresh(&text(&first, "refresh_token"), "");
    assert!(room.active(&text(&second, "access_token")) && room.active(&text(&second, "refresh_token")));
    assert!(!room.active(&text(&first, "refresh_token")), "spent");
    assert_eq!(room.refresh(&text(&first, "refresh_token"), "").refusal(), (400, "invalid_grant"));
    assert_eq!(room.refresh(&text(&second, "refresh_token"), "").refusal(), (400, "invalid_grant"));
    assert!(!room.active(&text(&second, "access_token")) && !room.active(&text(&first, "access_token")));
}

#[test]
fn what_is_refused_spends_nothing() {
    let (room, first) = signed_in("read");
    let token = text(&first, "refresh_token");
    assert_eq!(room.refresh(&token, "&scope=write").refusal(), (400, "invalid_scope"));
    assert_eq!(room.refresh(&token, "&scope=nope").refusal(), (400, "invalid_scope"));
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    assert_eq!(room.post("/sandbox/token", &room.basic(), &body).refusal(), (400, "invalid_grant"), "another client");
    assert_eq!(room.refresh("rt-unknown", "").refusal(), (400, "invalid_grant"));
    assert_eq!(room.refresh(&token, "").status, 200);
}

#[test]
fn session_ends_by_revocation_and_by_logout() {
    let (room, one) = signed_in("openid");
    let token = text(&one, "refresh_token");
    assert_eq!(room.post("/sandbox/revoke", &room.basic(), &format!("token={token}")).status, 400, "another client");
    assert_eq!(room.post("/sandbox/revoke", "", &format!("client_id=sandbox-public&token={token}")).status, 200);
    assert_eq!(room.refresh(&token, "").refusal(), (400, "invalid_grant"));
    assert!(!room.active(&text(&one, "access_token")));
    let (room, two) = signed_in("openid");
    let token = text(&two, "refresh_token");
    assert_eq!(
        room.post("/sandbox/logout", "", &format!("client_id=sandbox-public&refresh_token={token}")).status,
        204
    );
    assert_eq!(room.refresh(&token, "").refusal(), (400, "invalid_grant"));
    let (room, three) = signed_in("openid");
    assert_eq!(room.get("/sandbox/logout?id_token_hint=x").refusal(), (400, "invalid_request"));
    assert_eq!(room.get(&format!("/sandbox/logout?id_token_hint={}", text(&three, "id_token"))).status, 200);
    assert_eq!(room.refresh(&text(&three, "refresh_token"), "").refusal(), (400, "invalid_grant"));
}
