//! What a proxy is answered. Of what it asked nothing is repeated but the realm and the scopes that are required.

use std::fmt::Write as _;

use serde_json::json;

/// An answer: its status, its own fields, its body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(&'static str, String)>,
    pub body: String,
    pub content_type: &'static str,
}

impl Answer {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, fields: Vec::new(), body: body.into(), content_type: "text/plain; charset=utf-8" }
    }

    /// A decision, as every proxy passes it on or drops it.
    pub fn decision(status: u16, reason: &str, missing: &[String]) -> Self {
        let body = json!({"allowed": status == 200, "reason": reason, "missing": missing}).to_string() + "\n";
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

/// The challenge of a refusal (RFC 6750 §3): its error code where a credential was offered.
pub fn challenge(realm: &str, error: Option<&str>, scopes: &[String], metadata: Option<&str>) -> String {
    let mut challenge = format!("Bearer realm=\"{}\"", escape(realm));
    let mut add = |name: &str, value: &str| {
        let _ = write!(challenge, ", {name}=\"{}\"", escape(value));
    };
    if let Some(error) = error {
        add("error", error);
    }
    if !scopes.is_empty() {
        add("scope", &scopes.join(" "));
    }
    if let Some(metadata) = metadata {
        add("resource_metadata", metadata);
    }
    challenge
}

/// What a quoted string may hold (RFC 9110 §5.6.4).
fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && c.is_ascii())
        .flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] })
        .collect()
}
