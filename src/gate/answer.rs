//! What a proxy is answered. Of what it asked nothing is repeated but the realm and the scopes that are required.

use std::fmt::Write as _;

use serde::Serialize;

use crate::jose::Algorithm;

/// An answer: its status, its own fields, its body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(&'static str, String)>,
    pub body: String,
    pub content_type: &'static str,
}

/// The body of a decision.
#[derive(Serialize)]
struct Body<'a> {
    allowed: bool,
    reason: &'a str,
    missing: &'a [String],
}

impl Answer {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, fields: Vec::new(), body: body.into(), content_type: "text/plain; charset=utf-8" }
    }

    /// A decision, as every proxy passes it on or drops it.
    pub fn decision(status: u16, reason: &str, missing: &[String]) -> Self {
        let body = Body { allowed: status == 200, reason, missing };
        let body = serde_json::to_string(&body).unwrap_or_default() + "\n";
        Self { status, fields: Vec::new(), body, content_type: "application/json" }
    }

    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    pub fn into_bytes(self, closes: bool, is_head: bool) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        };
        let mut head = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n",
            self.status,
            self.content_type,
            self.body.len()
        );
        for (name, value) in &self.fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if closes {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        if !is_head {
            head.push_str(&self.body);
        }
        head.into_bytes()
    }
}

/// The challenge of a refusal (RFC 6750 §3, RFC 9449 §7.1): its error code where a credential was offered.
pub struct Challenge<'a> {
    /// Of a credential that was offered with DPoP, or must be.
    pub is_dpop: bool,
    pub realm: &'a str,
    pub error: Option<&'a str>,
    pub scopes: &'a [String],
    pub metadata: Option<&'a str>,
}

impl Challenge<'_> {
    pub fn to_field(&self) -> String {
        let scheme = if self.is_dpop { "DPoP" } else { "Bearer" };
        let mut challenge = format!("{scheme} realm=\"{}\"", escape(self.realm));
        let mut add = |name: &str, value: &str| {
            let _ = write!(challenge, ", {name}=\"{}\"", escape(value));
        };
        if let Some(error) = self.error {
            add("error", error);
        }
        if !self.scopes.is_empty() {
            add("scope", &self.scopes.join(" "));
        }
        if self.is_dpop {
            add("algs", &Algorithm::ALL.map(Algorithm::name).join(" "));
        }
        if let Some(metadata) = self.metadata {
            add("resource_metadata", metadata);
        }
        challenge
    }
}

/// What a quoted string may hold (RFC 9110 §5.6.4).
fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && c.is_ascii())
        .flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] })
        .collect()
}
