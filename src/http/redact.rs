//! What a trace may show of a request and its response, and which of their values are secrets of this command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use url::{Url, form_urlencoded};

use crate::oauth::message::{Body, Request, Response, Value, Visibility};
use crate::redaction::{REDACTED, Secrets, is_credential_name, is_secret_name, redact_opaque};
use crate::text::sanitize;

/// Strings of an answer that is a secret as a whole are secrets from this length on.
const SHORTEST_IN_SECRET: usize = 16;
/// Values of headers of the user's are secrets from this length on.
const SHORTEST_HEADER: usize = 8;
const EXCERPT: usize = 120;

/// Parameters that are public, however they look.
const PUBLIC_PARAMETERS: [&str; 9] =
    ["audience", "client_id", "code_challenge", "dpop_jkt", "nonce", "redirect_uri", "resource", "scope", "state"];

/// Members that are public, however they look: names and thumbprints of keys.
const PUBLIC_MEMBERS: [&str; 5] = ["client_id", "jkt", "kid", "x5t", "x5t#S256"];

/// The same within a JWK (RFC 7518 §6): the parts of a public key, and its certificates.
const PUBLIC_KEY_PARTS: [&str; 5] = ["e", "n", "x", "x5c", "y"];

/// Adds what a request carries hidden, and the longer values of headers besides: a short one is rather a word.
pub fn add_sent<'a>(secrets: &Secrets, request: &'a Request, extra: impl IntoIterator<Item = &'a str>) {
    let form: &[(String, Value)] = if let Body::Form(pairs) = &request.body { pairs } else { &[] };
    let hidden = request.headers.iter().chain(form).filter_map(|(_, value)| match value {
        Value::Hidden(secret) => Some(secret.expose()),
        Value::Plain(_) => None,
    });
    for value in hidden.chain(extra.into_iter().filter(|value| value.len() >= SHORTEST_HEADER)) {
        secrets.add_passing(value);
        // `Basic …` and `Bearer …`: what follows is the secret, and in the former another one is wrapped.
        if let Some((scheme, rest)) = value.split_once(' ') {
            secrets.add_passing(rest);
            let password = (scheme == "Basic").then(|| password(rest)).flatten();
            password.inspect(|password| secrets.add_passing(password));
        }
    }
    if let Body::Json(body) = &request.body
        && let Ok(json) = serde_json::from_str(body.wire())
    {
        add_members(secrets, &json, false);
    }
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    add_pairs(secrets, query.as_bytes());
}

/// Adds the secrets that a server gave: tokens, secrets, assertions. An error gives none, whatever its members are named.
pub fn add_received(secrets: &Secrets, response: &Response, visibility: Visibility) {
    if matches!(visibility, Visibility::Public | Visibility::Foreign) || !(200..300).contains(&response.status) {
        return;
    }
    match serde_json::from_slice(&response.body) {
        Ok(json) => add_members(secrets, &json, visibility == Visibility::Hidden),
        Err(_) => add_pairs(secrets, &response.body),
    }
}

fn add_members(secrets: &Secrets, json: &Json, all: bool) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::String(text) if is_credential_name(name) || (all && text.len() >= SHORTEST_IN_SECRET) => {
                        secrets.add_passing(text);
                    }
                    value => add_members(secrets, value, all),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| add_members(secrets, item, all)),
        _ => {}
    }
}

fn add_pairs(secrets: &Secrets, form: &[u8]) {
    let pairs = form_urlencoded::parse(form).filter(|(name, _)| is_credential_name(name));
    pairs.for_each(|(_, value)| secrets.add_passing(&value));
}

/// A hidden header of a request: the scheme of credentials may be seen.
pub fn redact_credentials(name: &str, value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme @ ("Basic" | "Bearer" | "DPoP"), _)) if name.eq_ignore_ascii_case("authorization") => {
            format!("{scheme} {REDACTED}")
        }
        _ => REDACTED.to_owned(),
    }
}

pub fn redact_header(secrets: &Secrets, name: &str, value: &str, visibility: Visibility) -> String {
    match name {
        "set-cookie" | "authorization" | "proxy-authorization" => REDACTED.to_owned(),
        _ if is_secret_name(&name.replace('-', "_")) => REDACTED.to_owned(),
        // A Location may carry a code.
        "location" | "content-location" | "refresh" => {
            let url = hide_user(value.split(['?', '#']).next().unwrap_or_default());
            sanitize(&redact_text(secrets, &url, visibility))
        }
        _ => sanitize(&redact_text(secrets, value, visibility)),
    }
}

/// A URL without its user, who may come with a password.
fn hide_user(url: &str) -> String {
    let has_authority = |(scheme, _): &(&str, &str)| scheme.is_empty() || scheme.ends_with(':');
    let (scheme, rest) = url.split_once("//").filter(has_authority).unwrap_or_default();
    match rest.split('/').next().and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}//{REDACTED}{}", &rest[at..]),
        None => url.to_owned(),
    }
}

pub fn redact_path(url: &Url, visibility: Visibility) -> String {
    let path = match visibility {
        Visibility::Public => url.path().to_owned(),
        _ => url.path().split('/').map(redact_opaque).collect::<Vec<_>>().join("/"),
    };
    url.query().map_or_else(|| path.clone(), |query| format!("{path}?{}", redact_query(query)))
}

/// A query without the values of parameters that hold secrets, or look so, and without values that have no name.
pub fn redact_query(query: &str) -> String {
    let pieces = query.split('&').map(|piece| match piece.split_once('=') {
        Some((name, _)) if is_secret_name(name) => format!("{name}={REDACTED}"),
        Some((name, value)) if !PUBLIC_PARAMETERS.contains(&name) => format!("{name}={}", redact_opaque(value)),
        None if !piece.is_empty() => REDACTED.to_owned(),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("&")
}

/// The value of a form parameter; `None` when it must not be shown.
pub fn shown_parameter<'a>(name: &str, value: &'a Value) -> Option<&'a str> {
    match value {
        Value::Plain(_) if is_secret_name(name) => None,
        Value::Plain(text) if PUBLIC_PARAMETERS.contains(&name) || redact_opaque(text) == *text => Some(text),
        _ => None,
    }
}

/// A body as one line: redacted JSON, else the first 120 characters, or only the size when a token may be in it.
pub fn redact_body(secrets: &Secrets, body: &[u8], visibility: Visibility) -> String {
    if body.is_empty() {
        return String::new();
    }
    if matches!(visibility, Visibility::Hidden | Visibility::Foreign) {
        return REDACTED.to_owned();
    }
    let json = serde_json::from_slice::<Json>(body).ok();
    if let Some(mut json) = json.filter(|json| json.is_object() || json.is_array()) {
        redact_json(secrets, &mut json, visibility);
        return sanitize(&json.to_string());
    }
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    if ["token", "secret", "assertion", "passw", "code=", "code\"", "eyj"].iter().any(|hint| lower.contains(hint)) {
        return format!("[{} bytes that may hold a secret]", body.len());
    }
    let cut: String = redact_text(secrets, &text, visibility).chars().take(EXCERPT).collect();
    sanitize(&cut)
}

pub fn redact_sent_json(secrets: &Secrets, json: &Value) -> String {
    match json {
        Value::Plain(text) => redact_body(secrets, text.as_bytes(), Visibility::Redacted),
        Value::Hidden(_) => REDACTED.to_owned(),
    }
}

fn redact_json(secrets: &Secrets, json: &mut Json, visibility: Visibility) {
    match json {
        Json::Object(members) => {
            let is_key = members.contains_key("kty");
            for (name, value) in &mut *members {
                let name = name.as_str();
                let public = PUBLIC_MEMBERS.contains(&name) || (is_key && PUBLIC_KEY_PARTS.contains(&name));
                if is_secret_name(name) {
                    *value = REDACTED.into();
                } else {
                    redact_json(secrets, value, if public { Visibility::Public } else { visibility });
                }
            }
            let renamed = std::mem::take(members).into_iter();
            *members = renamed.map(|(name, value)| (redact_text(secrets, &name, visibility), value)).collect();
        }
        Json::Array(items) => items.iter_mut().for_each(|item| redact_json(secrets, item, visibility)),
        Json::String(text) => *text = redact_text(secrets, text, visibility),
        _ => {}
    }
}

/// A string without known secrets, and without what looks like one unless it is public; also in URLs and JSON.
fn redact_text(secrets: &Secrets, text: &str, visibility: Visibility) -> String {
    if text.starts_with(['{', '['])
        && let Ok(mut json) = serde_json::from_str(text)
    {
        redact_json(secrets, &mut json, visibility);
        return json.to_string();
    }
    let known = secrets.redact_foreign(text);
    let shown = match known.split_once('?') {
        Some((before, query)) if before.contains("://") => format!("{before}?{}", redact_query(query)),
        _ => known,
    };
    if visibility == Visibility::Public { shown } else { redact_opaque(&shown) }
}

/// The secret in Basic credentials, without its form encoding (RFC 6749 §2.3.1).
fn password(credentials: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    let decoded = form_urlencoded::parse(password.as_bytes()).next()?.0.into_owned();
    (!decoded.is_empty()).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{add_received, add_sent, redact_body, redact_header, redact_path};
    use crate::oauth::message::{Replay, Request, Response, Visibility};
    use crate::redaction::Secrets;
    use crate::secret::Secret;

    struct Redactor(Secrets);

    impl Redactor {
        fn of(request: &Request, extra: &[&str]) -> Self {
            let secrets = Secrets::default();
            add_sent(&secrets, request, extra.iter().copied());
            Self(secrets)
        }

        fn body(&self, body: &[u8]) -> String {
            redact_body(&self.0, body, Visibility::Redacted)
        }
    }

    fn redactor() -> Redactor {
        let secret = Secret::new("hunter2 & co");
        let mut request = Request::form(
            "token endpoint",
            "https://as.example/",
            vec![("client_secret".to_owned(), secret.into())],
            Replay::RetryOnce,
        );
        request.headers.push(("Authorization".to_owned(), Secret::new("Basic aHVudGVyMg==").into()));
        Redactor::of(&request, &["gateway-key"])
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
    fn what_server_repeats_is_covered() {
        let body = br#"{"error_description":"bad secret hunter2 & co, hunter2+%26+co, aHVudGVyMg== or gateway-key"}"#;
        assert_eq!(
            redactor().body(body),
            r#"{"error_description":"bad secret [redacted], [redacted], [redacted] or [redacted]"}"#
        );
        assert_eq!(redactor().body(b"<h1>hunter2 & co</h1>"), "<h1>[redacted]</h1>");
    }

    #[test]
    fn secret_inside_basic_credentials_is_covered() {
        // `ci:p%2Bq%2F+hunter2`
        let mut request = Request::form("token endpoint", "https://as.example/", Vec::new(), Replay::RetryOnce);
        request.headers.push(("Authorization".to_owned(), Secret::new("Basic Y2k6cCUyQnElMkYraHVudGVyMg==").into()));
        let redactor = Redactor::of(&request, &[]);
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

    #[test]
    fn secret_like_values_are_redacted_under_any_name() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
        let opaque = "0123456789abcdef0123456789abcdef";
        for value in [jwt, opaque] {
            let body =
                format!(r#"{{"value":"{value}","nested":{{"x":["a {value} b"]}},"text":"{{\"y\":\"{value}\"}}"}}"#);
            let shown = redactor().body(body.as_bytes());
            assert_eq!(
                shown,
                r#"{"value":"[redacted]","nested":{"x":["a [redacted] b"]},"text":"{\"y\":\"[redacted]\"}"}"#
            );
        }
        let body = br#"{"api_key":"k1","ticket":"t2","request_uri":"urn:x:3","registration_client_uri":"https://a/r?token=s4&id=5"}"#;
        assert_eq!(
            redactor().body(body),
            concat!(
                r#"{"api_key":"[redacted]","ticket":"[redacted]","request_uri":"[redacted]","#,
                r#""registration_client_uri":"https://a/r?token=[redacted]&id=5"}"#
            )
        );
    }

    #[test]
    fn public_keys_stay_readable_and_private_ones_do_not() {
        let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
        let body =
            format!(r#"{{"keys":[{{"kty":"RSA","kid":"{long}","n":"{long}","e":"AQAB","d":"{long}","x":"{long}"}}]}}"#);
        let shown = body.replace(&format!(r#""d":"{long}""#), r#""d":"[redacted]""#);
        for visibility in [Visibility::Public, Visibility::Redacted] {
            assert_eq!(redact_body(&Secrets::default(), body.as_bytes(), visibility), shown);
        }
    }

    #[test]
    fn response_token_is_redacted_in_headers_and_later() {
        let secrets = Secrets::default();
        let body = br#"{"access_token":"AT-1","error_description":"AT-1 is new"}"#.to_vec();
        let response = Response { status: 200, headers: Vec::new(), body, url: String::new() };
        add_received(&secrets, &response, Visibility::Redacted);
        assert_eq!(redact_header(&secrets, "x-echo", "token AT-1", Visibility::Redacted), "token [redacted]");
        assert_eq!(redact_header(&secrets, "x-auth-token", "other", Visibility::Redacted), "[redacted]");
        for (location, shown) in [
            ("https://u:p@w@as.example/a@b?code=c", "https://[redacted]@as.example/a@b"),
            ("//u:pw@as.example", "//[redacted]@as.example"),
            ("/a//b@c#code=c", "/a//b@c"),
            ("0; url=https://as.example/a", "0; url=https://as.example/a"),
        ] {
            assert_eq!(redact_header(&secrets, "location", location, Visibility::Redacted), shown);
        }
        assert_eq!(secrets.redact_foreign("https://as.example/x?y=AT-1"), "https://as.example/x?y=[redacted]");
    }

    #[test]
    fn answer_that_is_secret_as_whole_is_not_shown() {
        let secrets = Secrets::default();
        let body = br#"{"value":"an-identity-token"}"#.to_vec();
        assert_eq!(redact_body(&secrets, &body, Visibility::Hidden), "[redacted]");
        let response = Response { status: 200, headers: Vec::new(), body, url: String::new() };
        add_received(&secrets, &response, Visibility::Hidden);
        assert_eq!(secrets.redact_foreign("it is an-identity-token"), "it is [redacted]");
    }

    #[test]
    fn error_is_no_secret() {
        let secrets = Secrets::default();
        let body = br#"{"error":"invalid_token","token":"invalid_token"}"#.to_vec();
        add_received(
            &secrets,
            &Response { status: 400, headers: Vec::new(), body, url: String::new() },
            Visibility::Redacted,
        );
        assert_eq!(secrets.redact_foreign("invalid_token"), "invalid_token");
    }

    #[test]
    fn path_shows_no_opaque_segment_unless_it_is_public() {
        let url = url::Url::parse("https://as/0123456789abcdef0123456789abcdef/x?id=0123456789abcdef0123456789abcdef&client_id=0123456789abcdef0123456789abcdef").unwrap();
        let query = "id=[redacted]&client_id=0123456789abcdef0123456789abcdef";
        assert_eq!(redact_path(&url, Visibility::Redacted), format!("/[redacted]/x?{query}"));
        assert_eq!(redact_path(&url, Visibility::Public), format!("/0123456789abcdef0123456789abcdef/x?{query}"));
    }
}
