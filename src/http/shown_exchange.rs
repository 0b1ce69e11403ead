//! What may be shown of a request and its response: redacted and sanitized, for a trace and for a record alike.

use reqwest::header::HeaderMap;

use super::redact::{redact_body, redact_credentials, redact_header, redact_path, redact_sent_json, shown_parameter};
use super::target::Target;
use crate::oauth::message::{Body, Request, Response, Value, Visibility};
use crate::redaction::{REDACTED, Secrets};
use crate::text::sanitize;

pub struct ShownRequest {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

pub struct ShownResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// Empty when there was none.
    pub body: String,
}

/// A request as it goes over the wire.
pub fn show_request(request: &Request, target: &Target, headers: &HeaderMap, secrets: &Secrets) -> ShownRequest {
    let host = ("host".to_owned(), sanitize(target.url.authority()));
    let fields = headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let shown = if value.is_sensitive() {
            redact_credentials(name.as_str(), &text)
        } else {
            sanitize(&secrets.redact(&text))
        };
        (name.as_str().to_owned(), shown)
    });
    let body = match &request.body {
        Body::Empty => None,
        Body::Form(pairs) => {
            let shown: Vec<String> = pairs.iter().map(|(name, value)| form_pair(name, value)).collect();
            Some(sanitize(&secrets.redact(&shown.join("&"))))
        }
        Body::Json(value) => Some(redact_sent_json(secrets, value)),
    };
    ShownRequest {
        method: request.method.to_string(),
        path: sanitize(&secrets.redact(&redact_path(&target.url, request.visibility))),
        headers: std::iter::once(host).chain(fields).collect(),
        body,
    }
}

/// A response as it came.
pub fn show_response(response: &Response, visibility: Visibility, secrets: &Secrets) -> ShownResponse {
    let fields = response.headers.iter();
    let fields = fields.map(|(name, value)| (name.clone(), redact_header(secrets, name, value, visibility)));
    let body = redact_body(secrets, &response.body, visibility);
    ShownResponse { status: response.status, headers: fields.collect(), body }
}

fn form_pair(name: &str, value: &Value) -> String {
    match shown_parameter(name, value) {
        Some(text) => url::form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish(),
        None => format!("{name}={REDACTED}"),
    }
}
