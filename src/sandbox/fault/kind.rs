//! The list of faults.

use serde_json::json;

use super::delivery::{Delivery, FailureMode};
use crate::sandbox::endpoint::response::Response;
use crate::sandbox::model::OAuthError;

const HTML: &str = "text/html; charset=utf-8";
const ERROR: &str = r#"{"error":"invalid_request","error_description":"requested by --fault"}"#;
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;title\u{7}wiped\r\n::add-mask::x\r\n##vso[task.complete]\u{202e}dne";
/// The target that is meant when none is named.
pub const TOKEN: &str = "token";
/// The endpoints at which faults can be applied.
pub const TARGETS: [&str; 9] =
    [TOKEN, "metadata", "jwks", "introspection", "revocation", "registration", "par", "device", "authorize"];

#[derive(Debug, Clone, Copy)]
pub struct FaultKind {
    pub name: &'static str,
    pub what: &'static str,
    /// The one target where it makes sense; `None` when it does everywhere.
    pub only: Option<&'static str>,
    pub apply: Apply,
}

type Apply = fn(&mut Delivery);

const fn any(name: &'static str, what: &'static str, apply: Apply) -> FaultKind {
    FaultKind { name, what, only: None, apply }
}

const fn only(target: &'static str, name: &'static str, what: &'static str, apply: Apply) -> FaultKind {
    FaultKind { name, what, only: Some(target), apply }
}

const fn token(name: &'static str, what: &'static str, apply: Apply) -> FaultKind {
    only(TOKEN, name, what, apply)
}

/// All kinds. The request is carried out first, so a token exists even when its response is lost.
pub const KINDS: &[FaultKind] = &[
    any("404", "404 with an OAuth error", |it| it.fail(404, "server_error")),
    any("500", "500 with an OAuth error", |it| it.fail(500, "server_error")),
    any("502", "502 with an HTML page", |it| {
        it.replace(502, HTML, "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
    }),
    any("503", "503 without Retry-After", |it| it.fail(503, "temporarily_unavailable")),
    any("503-hour", "503 with Retry-After: 3600", |it| it.fail_temporarily(503, "3600")),
    any("429", "429 with Retry-After: 1", |it| it.fail_temporarily(429, "1")),
    any("slow", "the body comes a byte each 100 ms", |it| it.mode = FailureMode::Slow),
    any("stall", "half the body, then silence", |it| it.mode = FailureMode::Stall),
    any("silence", "no response, the connection stays open", |it| it.mode = FailureMode::Silence),
    any("reset", "no response, the connection is reset", |it| it.mode = FailureMode::Reset),
    any("truncate", "half the body, then the connection ends", |it| it.mode = FailureMode::Truncate),
    any("not-http", "a line that is not HTTP", |it| it.mode = FailureMode::NotHttp),
    any("huge-header", "a header of 128 KiB", |it| it.add_header("x-padding", "x".repeat(128 * 1024))),
    any("huge", "the JSON, then 8 MiB of spaces, without a length", |it| it.mode = FailureMode::Huge),
    any("gzip", "unrequested gzip that decompresses to 16 MiB", Delivery::compress),
    any("deep", "JSON with a member nested 10000 deep", |it| {
        it.append(format!(r#""deep":{}{}"#, "[".repeat(10_000), "]".repeat(10_000)).as_bytes());
    }),
    any("duplicate", "JSON with a duplicate member", Delivery::repeat_first_member),
    any("array", "the JSON inside an array", |it| it.response.body = [b"[", &it.response.body[..], b"]"].concat()),
    any("not-json", "a form instead of JSON", |it| {
        it.replace(200, "application/x-www-form-urlencoded", "access_token=abc&token_type=bearer");
    }),
    any("not-utf8", "JSON with a byte that is not UTF-8", |it| it.append(b"\"odd\":\"\xff\xfe\"")),
    any("html", "200 with an HTML page", |it| {
        it.replace(200, HTML, "<!DOCTYPE html><title>Sign in</title><h1>Please sign in</h1>\n");
    }),
    any("empty", "200 with an empty body", |it| (it.response.status, it.response.body) = (200, Vec::new())),
    any("redirect", "307 to another path of the same server", |it| {
        let headers = vec![("location", "/sandbox/elsewhere".to_owned())];
        it.response = Response { status: 307, headers, body: Vec::new() };
    }),
    any("hostile-error", "400 with terminal controls and CI runner commands in it", |it| {
        it.response = OAuthError::invalid_request(HOSTILE).into();
    }),
    token("invalid-client", "401 invalid_client", |it| it.fail(401, "invalid_client")),
    token("error-200", "an OAuth error with status 200", |it| it.replace(200, "application/json", ERROR)),
    token("bad-type", "token_type is mac", |it| it.set("token_type", "mac")),
    token("lower-type", "token_type is bearer, which is allowed", |it| it.set("token_type", "bearer")),
    token("no-type", "token_type is missing", |it| it.remove("token_type")),
    token("no-expiry", "expires_in is missing, which is allowed", |it| it.remove("expires_in")),
    token("string-expiry", "expires_in is the string 300", |it| it.set("expires_in", "300")),
    token("negative-expiry", "expires_in is -300", |it| it.set("expires_in", -300)),
    token("huge-expiry", "expires_in is 1e30", |it| it.set("expires_in", 1e30)),
    token("token-missing", "access_token is missing", |it| it.remove("access_token")),
    token("token-empty", "access_token is empty", |it| it.set("access_token", "")),
    token("token-number", "access_token is a number", |it| it.set("access_token", 12_345)),
    token("token-crlf", "access_token contains a line break and a header", |it| {
        it.set("access_token", "abc\r\nX-Injected: yes");
    }),
    token("token-long", "access_token has 20 KiB", |it| it.set("access_token", "a".repeat(20 * 1024))),
    only("metadata", "wrong-issuer", "the document is another issuer's", |it| {
        it.edit_success(|document| {
            document["issuer"] = json!(document["issuer"].as_str().unwrap_or_default().replace("/sandbox", "/other"));
        });
    }),
    only("metadata", "no-token-endpoint", "token_endpoint is missing", |it| it.remove("token_endpoint")),
    only("jwks", "wrong-key", "another key under the same kid", Delivery::replace_key),
    only("jwks", "no-keys", "an empty key set", |it| it.set("keys", json!([]))),
    only("introspection", "no-active", "active is missing", |it| it.remove("active")),
    only("introspection", "string-active", "active is the string true", |it| it.set("active", "true")),
];
