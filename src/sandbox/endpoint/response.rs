//! A response before it is sent.

use serde_json::{Value, json};

use crate::sandbox::model::OAuthError;

#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// A response that must not be stored (RFC 6749 §5.1).
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned()), ("cache-control", "no-store".to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub fn json(status: u16, document: &Value) -> Self {
        Self::new(status, "application/json", document.to_string()).with_header("pragma", "no-cache")
    }

    /// A JSON document that may be stored for five minutes.
    pub fn cacheable(document: &Value) -> Self {
        let headers = [("content-type", "application/json"), ("cache-control", "public, max-age=300")];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { status: 200, headers, body: document.to_string().into_bytes() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: vec![("cache-control", "no-store".to_owned())], body: Vec::new() }
    }

    /// Sends a browser elsewhere with a GET, whatever it did here (RFC 9700 §4.12).
    pub fn redirect(location: String) -> Self {
        Self::empty(303).with_header("location", location).with_header("referrer-policy", "no-referrer")
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<OAuthError> for Response {
    fn from(error: OAuthError) -> Self {
        let mut response =
            Self::json(error.status, &json!({"error": error.error, "error_description": error.description}));
        response.headers.extend(error.header);
        match (error.status, error.error) {
            // RFC 9110 §15.5.2: every 401 has a challenge.
            (401, "invalid_token") => {
                response.with_header("www-authenticate", "Bearer realm=\"sandbox\", error=\"invalid_token\"")
            }
            (401, _) => response.with_header("www-authenticate", "Basic realm=\"sandbox\", charset=\"UTF-8\""),
            _ => response,
        }
    }
}
