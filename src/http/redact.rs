//! What a trace may show of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::oauth::message::{Body, Request, Value};
use crate::text::sanitize;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Shorter texts are not searched for: they would blot out half of an answer.
const SHORTEST: usize = 4;

/// Knows the secrets of one request, so that a server that repeats them does not make them visible.
pub struct Redactor(Vec<String>);

impl Redactor {
    /// Of a request and the values of the headers besides.
    pub fn of<'a>(request: &'a Request, extra: impl IntoIterator<Item = &'a str>) -> Self {
        let form: &[(String, Value)] = if let Body::Form(pairs) = &request.body { pairs } else { &[] };
        let values = request.headers.iter().chain(form).filter_map(|(_, value)| match value {
            Value::Hidden(secret) => Some(secret.expose()),
            Value::Plain(_) => None,
        });
        let mut secrets: Vec<String> = Vec::new();
        for value in values.chain(extra) {
            // `Basic …` and `Bearer …`: what follows is the secret, and in the former another one is wrapped.
            let bare = value.split_once(' ').map_or(value, |(_, rest)| rest);
            let wrapped = value.strip_prefix("Basic ").and_then(password);
            for text in [value, bare].into_iter().chain(wrapped.as_deref()) {
                secrets.push(text.to_owned());
                secrets.push(url::form_urlencoded::byte_serialize(text.as_bytes()).collect());
            }
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// The text without the request's secrets, sanitized.
    pub fn text(&self, text: &str) -> String {
        sanitize(&self.blot(text))
    }

    fn blot(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTED))
    }

    /// The body of an answer as one line: JSON without the values of members that hold secrets; of anything else the
    /// first 120 characters, or only the size when a token may be in it.
    pub fn body(&self, body: &[u8]) -> String {
        if body.is_empty() {
            return String::new();
        }
        let json = serde_json::from_slice::<Json>(body).ok();
        if let Some(mut json) = json.filter(|json| json.is_object() || json.is_array()) {
            self.cover(&mut json);
            return sanitize(&json.to_string());
        }
        let text = String::from_utf8_lossy(body);
        let lower = text.to_ascii_lowercase();
        if ["token", "secret", "assertion", "passw", "code=", "code\"", "eyj"].iter().any(|hint| lower.contains(hint)) {
            return format!("[{} bytes that may hold a secret]", body.len());
        }
        let cut: String = self.blot(&text).chars().take(120).collect();
        sanitize(&cut)
    }

    fn cover(&self, json: &mut Json) {
        match json {
            Json::Object(members) => {
                for (name, value) in members {
                    if secret_name(name) { *value = REDACTED.into() } else { self.cover(value) }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.cover(item)),
            Json::String(text) => *text = self.blot(text),
            _ => {}
        }
    }
}

/// The secret in Basic credentials, without its form encoding (RFC 6749 §2.3.1).
fn password(credentials: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    let decoded = url::form_urlencoded::parse(password.as_bytes()).next()?.0.into_owned();
    (!decoded.is_empty()).then_some(decoded)
}

/// Whether a member or parameter of that name holds a secret: tokens, secrets, codes, assertions, private key parts.
pub fn secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("token")
        || name.ends_with("secret")
        || name.ends_with("password")
        || name.ends_with("assertion")
        || matches!(name.as_str(), "code" | "device_code" | "code_verifier" | "passphrase" | "private_key")
        || matches!(name.as_str(), "d" | "dp" | "dq" | "k" | "oth" | "p" | "q" | "qi")
}

#[cfg(test)]
mod tests {
    use super::Redactor;
    use crate::oauth::message::{Replay, Request};
    use crate::secret::Secret;

    fn redactor() -> Redactor {
        let secret = Secret::new("hunter2 & co");
        let mut request =
            Request::form("https://as.example/", vec![("client_secret".to_owned(), secret.into())], Replay::RetryOnce);
        request.headers.push(("Authorization".to_owned(), Secret::new("Basic aHVudGVyMg==").into()));
        Redactor::of(&request, ["gateway-key"])
    }

    #[test]
    fn members_that_hold_secrets_are_covered_at_any_depth() {
        let body = br#"{"access_token":"a1","token_type":"Bearer","x":[{"Refresh_Token":{"y":"b2"}}],"code":"c3",
            "client_secret":"d4","registration_access_token":"e5","device_code":"f6","id_token":"g7","expires_in":5}"#;
        assert_eq!(
            redactor().body(body),
            concat!(
                r#"{"access_token":"[redacted]","token_type":"Bearer","x":[{"Refresh_Token":"[redacted]"}],"#,
                r#""code":"[redacted]","client_secret":"[redacted]","registration_access_token":"[redacted]","#,
                r#""device_code":"[redacted]","id_token":"[redacted]","expires_in":5}"#
            )
        );
    }

    #[test]
    fn metadata_stays_readable() {
        let body = br#"{"token_endpoint":"https://as/token","token_endpoint_auth_methods_supported":["none"]}"#;
        assert_eq!(redactor().body(body), std::str::from_utf8(body).unwrap());
    }

    #[test]
    fn what_the_server_repeats_is_covered() {
        let body = br#"{"error_description":"bad secret hunter2 & co, hunter2+%26+co, aHVudGVyMg== or gateway-key"}"#;
        assert_eq!(
            redactor().body(body),
            r#"{"error_description":"bad secret [redacted], [redacted], [redacted] or [redacted]"}"#
        );
        assert_eq!(redactor().body(b"<h1>hunter2 & co</h1>"), "<h1>[redacted]</h1>");
    }

    #[test]
    fn the_secret_inside_basic_credentials_is_covered() {
        // `ci:p%2Bq%2F+hunter2`
        let mut request = Request::form("https://as.example/", Vec::new(), Replay::RetryOnce);
        request.headers.push(("Authorization".to_owned(), Secret::new("Basic Y2k6cCUyQnElMkYraHVudGVyMg==").into()));
        let redactor = Redactor::of(&request, []);
        let said = br#"{"error_description":"p+q/ hunter2 and p%2Bq%2F+hunter2 are not right"}"#;
        assert_eq!(redactor.body(said), r#"{"error_description":"[redacted] and [redacted] are not right"}"#);
    }

    #[test]
    fn other_bodies_are_cut_or_not_shown() {
        let redactor = redactor();
        assert_eq!(redactor.body("é\n".repeat(500).as_bytes()), "é\\u{a}".repeat(60));
        for leak in [
            r#"{"device_code":"abc"#,
            r#"{"access_token":"abc"#,
            "access_token=abc&x=y",
            "eyJhbGciOiJSUzI1NiJ9.e30.x",
            "\"eyJhbGc\"",
        ] {
            assert_eq!(redactor.body(leak.as_bytes()), format!("[{} bytes that may hold a secret]", leak.len()));
        }
    }
}
