use serde_json::json;

use super::Room;
use crate::edges::Moment;
use crate::jose::dpop::{ProofClaims, ProofKey};
use crate::secret::Secret;

const METADATA: &str = "/.well-known/oauth-protected-resource/api";

#[test]
fn api_answers_what_it_received_without_the_credential() {
    let room = Room::new();
    let token = room.token();
    let request = |method: &str, path: &str, more: &str| {
        room.send(&format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n{more}",
            room.authority()
        ))
    };
    let answer = request("POST", "/api/orders?page=2", "x-trace: 7\r\ncontent-length: 5\r\n\r\nhello");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["method"], "POST");
    assert_eq!((&answer.json["path"], &answer.json["query"]), (&json!("/api/orders"), &json!("page=2")));
    assert_eq!((&answer.json["headers"]["x-trace"], &answer.json["body"]), (&json!("7"), &json!("hello")));
    assert_eq!(answer.json["token"]["client_id"], room.client_id());
    assert!(!answer.json.to_string().contains(&token));
    assert_eq!(request("GET", "/api", "\r\n").status, 200);
}

#[test]
fn without_token_api_names_its_metadata() {
    let room = Room::new();
    let refused = room.get("/api/orders");
    let place = format!("scope=\"read\", resource_metadata=\"http://{}{METADATA}\"", room.authority());
    assert_eq!(refused.refusal(), (401, "unauthorized"));
    assert!(refused.has(&format!("www-authenticate: bearer realm=\"sandbox\", {place}")));
    let bad = room.send(&format!(
        "GET /api HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer x\r\n\r\n",
        room.authority()
    ));
    assert_eq!(bad.refusal(), (401, "invalid_token"));
    assert!(bad.has(&format!("www-authenticate: bearer realm=\"sandbox\", error=\"invalid_token\", {place}")));
    let metadata = room.get(METADATA).json;
    assert_eq!(metadata["resource"], format!("http://{}/api", room.authority()));
    assert_eq!(metadata["authorization_servers"], json!([room.sandbox.issuer()]));
}

#[test]
fn silent_api_has_metadata_that_its_challenge_does_not_name() {
    let room = Room::new();
    let refused = room.get("/silent");
    assert_eq!(refused.refusal(), (401, "unauthorized"));
    assert!(refused.has("www-authenticate: bearer realm=\"sandbox\""));
    let metadata = room.get("/.well-known/oauth-protected-resource/silent").json;
    assert_eq!(metadata["resource"], format!("http://{}/silent", room.authority()));
    assert_eq!(metadata["authorization_servers"], json!([room.sandbox.issuer()]));
}

#[test]
fn bound_token_needs_its_key() {
    let room = Room::new();
    let key = ProofKey::generate().unwrap();
    let prove = |method: &str, path: &str, jti: &str, token: Option<&Secret>| {
        let url = format!("http://{}{path}", room.authority());
        let issued_at = super::NOW;
        let claims = ProofClaims { method, url: &url, jti, issued_at, nonce: None, token };
        key.prove(&claims).unwrap().expose().to_owned()
    };
    let proof = prove("POST", "/sandbox/token", "one", None);
    let headers = format!("{}dpop: {proof}\r\n", room.basic());
    let token = room.post("/sandbox/token", &headers, "grant_type=client_credentials").json["access_token"].clone();
    let token = Secret::new(token.as_str().unwrap());
    let ask = |scheme: &str, proof: &str| {
        let token = token.expose();
        room.send(&format!(
            "GET /api HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: {scheme} {token}\r\ndpop: {proof}\r\n\r\n",
            room.authority()
        ))
    };
    let proof = prove("GET", "/api", "two", Some(&token));
    assert_eq!(ask("Bearer", &proof).status, 401);
    assert_eq!(ask("DPoP", &prove("GET", "/api", "three", None)).status, 401);
    assert_eq!(ask("DPoP", &proof).status, 200);
    assert_eq!(ask("DPoP", &proof).status, 401, "a proof is good once");
    let _ = Moment::from_epoch(super::NOW);
}
