use serde_json::json;

use super::{Response, Room, basic};
use crate::jose::decode;

const GRANT: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchange(room: &Room, rest: &str) -> Response {
    room.post("/sandbox/token", &room.basic(), &format!("{GRANT}&{rest}"))
}

fn subject(room: &Room) -> String {
    format!("subject_token={}&subject_token_type={ACCESS}", room.token())
}

#[test]
fn token_becomes_one_for_another_audience() {
    let room = Room::new();
    let answer = exchange(&room, &format!("{}&audience=orders&audience=mail", subject(&room)));
    assert_eq!((answer.status, &answer.json["issued_token_type"]), (200, &json!(ACCESS)));
    assert_eq!((&answer.json["token_type"], &answer.json["scope"]), (&json!("Bearer"), &json!("read")));
    let claims = decode(answer.json["access_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(["orders", "mail"]), &json!(room.client_id())));
    assert!(!claims.contains_key("act"));
}

#[test]
fn who_acts_stands_in_token() {
    let room = Room::new();
    let actor = format!("actor_token={}&actor_token_type={ACCESS}", room.token());
    let first = exchange(&room, &format!("{}&{actor}", subject(&room)));
    let token = first.json["access_token"].as_str().unwrap();
    let me = json!({"sub": room.client_id(), "client_id": room.client_id()});
    assert_eq!(decode(token).unwrap().claims["act"], me);
    let second = exchange(&room, &format!("subject_token={token}&subject_token_type={ACCESS}&{actor}"));
    let claims = decode(second.json["access_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!(claims["act"]["act"], me);
}

#[test]
fn id_token_is_no_access_token() {
    let room = Room::new();
    let kind = "urn:ietf:params:oauth:token-type:id_token";
    let answer = exchange(&room, &format!("{}&requested_token_type={kind}", subject(&room))).json;
    assert_eq!((&answer["token_type"], &answer["issued_token_type"]), (&json!("N_A"), &json!(kind)));
    assert_eq!(decode(answer["access_token"].as_str().unwrap()).unwrap().claims["aud"], room.client_id());
}

#[test]
fn what_is_not_right_is_refused() {
    let room = Room::new();
    let (token, good) = (room.token(), subject(&room));
    for (rest, error) in [
        (String::new(), "invalid_request"),
        (format!("subject_token={token}"), "invalid_request"),
        (format!("subject_token_type={ACCESS}"), "invalid_request"),
        (format!("subject_token=x&subject_token_type={ACCESS}"), "invalid_request"),
        (format!("subject_token={token}&subject_token_type=urn:ietf:params:oauth:token-type:saml2"), "invalid_request"),
        (format!("{good}&actor_token={token}"), "invalid_request"),
        (format!("{good}&actor_token_type={ACCESS}"), "invalid_request"),
        (format!("{good}&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token"), "invalid_request"),
        (format!("{good}&scope=read+write"), "invalid_scope"),
        (format!("{good}&resource=nowhere"), "invalid_target"),
    ] {
        assert_eq!(exchange(&room, &rest).refusal(), (400, error), "{rest}");
    }
    let other = basic("sandbox-basic", room.secret("sandbox-basic"));
    assert_eq!(room.post("/sandbox/token", &other, &format!("{GRANT}&{good}")).refusal(), (400, "invalid_request"));
    let meant = basic("sandbox-api", room.secret("sandbox-api"));
    assert_eq!(room.post("/sandbox/token", &meant, &format!("{GRANT}&{good}")).status, 200, "it is in the aud");
    let public = format!("{GRANT}&{good}&client_id=sandbox-public");
    assert_eq!(room.post("/sandbox/token", "", &public).refusal(), (400, "unauthorized_client"));
    room.post("/sandbox/revoke", &room.basic(), &format!("token={token}"));
    let gone = format!("subject_token={token}&subject_token_type={ACCESS}");
    assert_eq!(exchange(&room, &gone).refusal(), (400, "invalid_request"));
}
