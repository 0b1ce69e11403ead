//! What `-v` and `-vv` show of requests and responses, one line at a time, already redacted and sanitized.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;

use super::fault::Fault;
use super::redact::{redact_body, redact_credentials, redact_header, redact_path, redact_sent_json, shown_parameter};
use super::target::Target;
use crate::oauth::message::{Body, Request, Response, Value, Visibility};
use crate::redaction::{REDACTED, Secrets, redact_opaque};
use crate::text::sanitize;

/// Takes a line without its newline.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone, Default)]
pub enum Trace {
    #[default]
    Off,
    /// One line per try, and why there is another.
    Steps(Sink),
    Wire(Sink),
}

impl Trace {
    /// A line about a step; the text is only made when it is wanted.
    pub fn write_step(&self, line: impl FnOnce() -> String) {
        if let Self::Steps(sink) | Self::Wire(sink) = self {
            sink(&line());
        }
    }

    pub fn write_round_trip(
        &self,
        request: &Request,
        target: &Target,
        result: &Result<Response, Fault>,
        took: Duration,
    ) {
        self.write_step(|| {
            let shown = target.without_query();
            let url = if request.visibility == Visibility::Public { shown } else { redact_opaque(&shown) };
            let (method, took) = (request.method, took.as_millis());
            match result {
                Ok(response) => format!("{method} {url} → {} in {took} ms", response.status),
                Err(fault) => format!("{method} {url} → failed in {took} ms: {fault}"),
            }
        });
    }

    /// A request as it goes over the wire: lines that begin with `>`.
    pub fn write_request(&self, request: &Request, target: &Target, headers: &HeaderMap, secrets: &Secrets) {
        let Self::Wire(sink) = self else { return };
        let path = sanitize(&secrets.redact(&redact_path(&target.url, request.visibility)));
        sink(&format!("> {} {path} HTTP/1.1", request.method));
        sink(&format!("> host: {}", sanitize(target.url.authority())));
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            let shown = if value.is_sensitive() {
                redact_credentials(name.as_str(), &text)
            } else {
                sanitize(&secrets.redact(&text))
            };
            sink(&format!("> {name}: {shown}"));
        }
        match &request.body {
            Body::Empty => {}
            Body::Form(pairs) => {
                let shown: Vec<String> = pairs.iter().map(|(name, value)| form_pair(name, value)).collect();
                sink(&format!("> {}", sanitize(&secrets.redact(&shown.join("&")))));
            }
            Body::Json(value) => sink(&format!("> {}", redact_sent_json(secrets, value))),
        }
    }

    /// A response as it came: lines that begin with `<`.
    pub fn write_response(&self, response: &Response, visibility: Visibility, secrets: &Secrets) {
        let Self::Wire(sink) = self else { return };
        sink(&format!("< HTTP/1.1 {}", response.status));
        for (name, value) in &response.headers {
            sink(&format!("< {name}: {}", redact_header(secrets, name, value, visibility)));
        }
        let body = redact_body(secrets, &response.body, visibility);
        if !body.is_empty() {
            sink(&format!("< {body}"));
        }
    }
}

fn form_pair(name: &str, value: &Value) -> String {
    match shown_parameter(name, value) {
        Some(text) => url::form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish(),
        None => format!("{name}={REDACTED}"),
    }
}
