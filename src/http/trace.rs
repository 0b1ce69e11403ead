//! What `-v` and `-vv` show of the exchanges, one line at a time, already redacted and sanitized.

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderMap;

use super::redact::{REDACTED, Redactor, secret_name};
use super::target::Target;
use crate::oauth::message::{Body, Request, Response, Value};
use crate::text::sanitize;

/// Takes a line without its newline.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// How much is shown.
#[derive(Clone, Default)]
pub enum Trace {
    /// Nothing.
    #[default]
    Off,
    /// One line per try, and why there is another.
    Steps(Sink),
    /// Headers and bodies too.
    Wire(Sink),
}

impl Trace {
    /// A line about a step; the text is only made when it is wanted.
    pub fn step(&self, line: impl FnOnce() -> String) {
        if let Self::Steps(sink) | Self::Wire(sink) = self {
            sink(&line());
        }
    }

    /// A request as it goes over the wire: lines that begin with `>`.
    pub fn request(&self, request: &Request, target: &Target, headers: &HeaderMap) {
        let Self::Wire(sink) = self else { return };
        sink(&format!("> {} {} HTTP/1.1", request.method, sanitize(&path(target))));
        sink(&format!("> host: {}", sanitize(target.url.authority())));
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            sink(&format!(
                "> {name}: {}",
                if value.is_sensitive() { veil(name.as_str(), &text) } else { sanitize(&text) }
            ));
        }
        let redactor = Redactor::of(request, []);
        match &request.body {
            Body::Empty => {}
            Body::Form(pairs) => {
                let shown: Vec<String> = pairs.iter().map(|(name, value)| parameter(name, value)).collect();
                sink(&format!("> {}", sanitize(&shown.join("&"))));
            }
            Body::Json(Value::Plain(text)) => sink(&format!("> {}", redactor.body(text.as_bytes()))),
            Body::Json(Value::Hidden(_)) => sink(&format!("> {REDACTED}")),
        }
    }

    /// An answer as it came: lines that begin with `<`.
    pub fn answer(&self, answer: &Response, redactor: &Redactor) {
        let Self::Wire(sink) = self else { return };
        sink(&format!("< HTTP/1.1 {}", answer.status));
        for (name, value) in &answer.headers {
            let shown = match name.as_str() {
                "set-cookie" | "authorization" | "proxy-authorization" => REDACTED.to_owned(),
                // A Location may carry a code.
                "location" | "content-location" | "refresh" => {
                    redactor.text(value.split(['?', '#']).next().unwrap_or_default())
                }
                _ => redactor.text(value),
            };
            sink(&format!("< {name}: {shown}"));
        }
        let body = redactor.body(&answer.body);
        if !body.is_empty() {
            sink(&format!("< {body}"));
        }
    }
}

/// A hidden header: the scheme of credentials may be seen.
pub fn veil(name: &str, value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme @ ("Basic" | "Bearer" | "DPoP"), _)) if name.eq_ignore_ascii_case("authorization") => {
            format!("{scheme} {REDACTED}")
        }
        _ => REDACTED.to_owned(),
    }
}

/// The path with its query, but without the values of parameters that hold secrets.
pub fn path(target: &Target) -> String {
    match target.url.query() {
        Some(query) => format!("{}?{}", target.url.path(), veil_query(query)),
        None => target.url.path().to_owned(),
    }
}

/// A query without the values of parameters that hold secrets.
pub fn veil_query(query: &str) -> String {
    let pieces = query.split('&').map(|piece| match piece.split_once('=') {
        Some((name, _)) if secret_name(name) => format!("{name}={REDACTED}"),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("&")
}

fn parameter(name: &str, value: &Value) -> String {
    match value {
        Value::Plain(text) if !secret_name(name) => {
            url::form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish()
        }
        _ => format!("{name}={REDACTED}"),
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Steps(_) => "Steps",
            Self::Wire(_) => "Wire",
        })
    }
}
