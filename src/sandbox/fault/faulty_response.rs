//! Responses with faults.

use serde_json::{Map, Value, json};

use super::gzip::compress_padded;
use crate::jose::{Algorithm, SigningKey};
use crate::sandbox::endpoint::response::Response;
use crate::sandbox::model::OAuthError;

const DESCRIPTION: &str = "requested by --fault";

pub fn error_response(status: u16, retry_after: Option<u32>) -> Response {
    let error = if status == 503 { "temporarily_unavailable" } else { "server_error" };
    let response = Response::from(OAuthError::new(error, DESCRIPTION).with_status(status));
    match retry_after {
        Some(seconds) => response.with_header("retry-after", seconds.to_string()),
        None => response,
    }
}

pub fn huge_header(response: &mut Response) {
    response.headers.push(("x-padding", "x".repeat(128 * 1024)));
}

pub fn gzip(response: &mut Response) {
    if let Ok(bomb) = compress_padded(&response.body, 16 * 1024 * 1024) {
        response.body = bomb;
    }
    response.headers.push(("content-encoding", "gzip".to_owned()));
}

pub fn deep(response: &mut Response) {
    append_member(response, format!(r#""deep":{}{}"#, "[".repeat(10_000), "]".repeat(10_000)).as_bytes());
}

pub fn duplicate(response: &mut Response) {
    let document: Map<String, Value> = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(first) = document.keys().next() {
        append_member(response, format!("{}:\"again\"", json!(first)).as_bytes());
    }
}

pub fn array(response: &mut Response) {
    response.body.insert(0, b'[');
    response.body.push(b']');
}

pub fn not_utf8(response: &mut Response) {
    append_member(response, b"\"odd\":\"\xff\xfe\"");
}

pub fn empty(response: &mut Response) {
    response.status = 200;
    response.body.clear();
}

pub fn redirect(response: &mut Response) {
    *response =
        Response { status: 307, headers: vec![("location", "/sandbox/elsewhere".to_owned())], body: Vec::new() };
}

pub fn hostile_error(response: &mut Response) {
    let description = "\u{1b}[2J\u{1b}]0;title\u{7}wiped\r\n::add-mask::x\r\n##vso[task.complete]\u{202e}dne";
    *response = OAuthError::invalid_request(description).into();
}

pub fn invalid_client(response: &mut Response) {
    *response = OAuthError::invalid_client(DESCRIPTION).into();
}

pub fn wrong_issuer(response: &mut Response) {
    edit_success(response, |document| {
        let issuer = document["issuer"].as_str().unwrap_or_default().replace("/sandbox", "/other");
        document.insert("issuer".to_owned(), json!(issuer));
    });
}

pub fn long_token(response: &mut Response) {
    edit_success(response, |document| drop(document.insert("access_token".to_owned(), json!("a".repeat(20 * 1024)))));
}

pub fn wrong_key(response: &mut Response) {
    let Ok(other) = SigningKey::generate(Algorithm::Es256) else { return };
    edit_success(response, |document| {
        let mut key = other.public_jwk();
        key["kid"] = document["keys"][0]["kid"].take();
        document.insert("keys".to_owned(), json!([key]));
    });
}

/// Changes the JSON object of a success.
pub fn edit_success(response: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    if response.status == 200
        && let Ok(Value::Object(mut document)) = serde_json::from_slice(&response.body)
    {
        change(&mut document);
        response.body = Value::Object(document).to_string().into_bytes();
    }
}

/// Writes a member after the last one of an object.
fn append_member(response: &mut Response, member: &[u8]) {
    if response.body.last() == Some(&b'}') {
        response.body.pop();
        response.body.extend_from_slice(&[b",", member, b"}"].concat());
    }
}
