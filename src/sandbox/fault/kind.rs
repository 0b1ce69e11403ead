//! The list of faults.

use super::action::Action::{self, Change, Mode, Remove, Replace, Set, Status};
use super::action::FailureMode;
use super::faulty_response as faulty;

const HTML: &str = "text/html; charset=utf-8";
const ERROR: &str = r#"{"error":"invalid_request","error_description":"requested by --fault"}"#;
/// The target that is meant when none is named.
pub const TOKEN: &str = "token";
/// The endpoints at which faults can be applied.
pub const TARGETS: [&str; 9] =
    [TOKEN, "metadata", "jwks", "introspection", "revocation", "registration", "par", "device", "authorize"];

#[derive(Debug, Clone, Copy)]
pub struct FaultKind {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// The one target where it makes sense; `None` when it does everywhere.
    pub only: Option<&'static str>,
    pub action: Action,
}

const fn any(name: &'static str, what: &'static str, action: Action) -> FaultKind {
    FaultKind { name, what, only: None, action }
}

const fn only(target: &'static str, name: &'static str, what: &'static str, action: Action) -> FaultKind {
    FaultKind { name, what, only: Some(target), action }
}

const fn token(name: &'static str, what: &'static str, action: Action) -> FaultKind {
    only(TOKEN, name, what, action)
}

/// All kinds. The request is carried out first, so a token exists even when its response is lost.
pub const KINDS: &[FaultKind] = &[
    any("404", "404 with an OAuth error", Status(404, None)),
    any("500", "500 with an OAuth error", Status(500, None)),
    any("502", "502 with an HTML page", Replace(502, HTML, "<html><body><h1>502 Bad Gateway</h1></body></html>\n")),
    any("503", "503 without Retry-After", Status(503, None)),
    any("503-hour", "503 with Retry-After: 3600", Status(503, Some(3600))),
    any("429", "429 with Retry-After: 1", Status(429, Some(1))),
    any("slow", "the body comes a byte each 100 ms", Mode(FailureMode::Slow)),
    any("stall", "half the body, then silence", Mode(FailureMode::Stall)),
    any("silence", "no response, the connection stays open", Mode(FailureMode::Silence)),
    any("reset", "no response, the connection is reset", Mode(FailureMode::Reset)),
    any("truncate", "half the body, then the connection ends", Mode(FailureMode::Truncate)),
    any("not-http", "a line that is not HTTP", Mode(FailureMode::NotHttp)),
    any("huge-header", "a header of 128 KiB", Change(faulty::huge_header)),
    any("huge", "the JSON, then 8 MiB of spaces, without a length", Mode(FailureMode::Huge)),
    any("gzip", "unrequested gzip that decompresses to 16 MiB", Change(faulty::gzip)),
    any("deep", "JSON with a member nested 10000 deep", Change(faulty::deep)),
    any("duplicate", "JSON with a duplicate member", Change(faulty::duplicate)),
    any("array", "the JSON inside an array", Change(faulty::array)),
    any(
        "not-json",
        "a form instead of JSON",
        Replace(200, "application/x-www-form-urlencoded", "access_token=abc&token_type=bearer"),
    ),
    any("not-utf8", "JSON with a byte that is not UTF-8", Change(faulty::not_utf8)),
    any(
        "html",
        "200 with an HTML page",
        Replace(200, HTML, "<!DOCTYPE html><title>Sign in</title><h1>Please sign in</h1>\n"),
    ),
    any("empty", "200 with an empty body", Change(faulty::empty)),
    any("redirect", "307 to another path of the same server", Change(faulty::redirect)),
    any("hostile-error", "400 with terminal controls and CI runner commands in it", Change(faulty::hostile_error)),
    token("invalid-client", "401 invalid_client", Change(faulty::invalid_client)),
    token("error-200", "an OAuth error with status 200", Replace(200, "application/json", ERROR)),
    token("bad-type", "token_type is mac", Set("token_type", r#""mac""#)),
    token("lower-type", "token_type is bearer, which is allowed", Set("token_type", r#""bearer""#)),
    token("no-type", "token_type is missing", Remove("token_type")),
    token("no-expiry", "expires_in is missing, which is allowed", Remove("expires_in")),
    token("string-expiry", "expires_in is the string 300", Set("expires_in", r#""300""#)),
    token("negative-expiry", "expires_in is -300", Set("expires_in", "-300")),
    token("huge-expiry", "expires_in is 1e30", Set("expires_in", "1e30")),
    token("token-missing", "access_token is missing", Remove("access_token")),
    token("token-empty", "access_token is empty", Set("access_token", r#""""#)),
    token("token-number", "access_token is a number", Set("access_token", "12345")),
    token(
        "token-crlf",
        "access_token contains a line break and a header",
        Set("access_token", r#""abc\r\nX-Injected: yes""#),
    ),
    token("token-long", "access_token has 20 KiB", Change(faulty::long_token)),
    only("metadata", "wrong-issuer", "the document is another issuer's", Change(faulty::wrong_issuer)),
    only("metadata", "no-token-endpoint", "token_endpoint is missing", Remove("token_endpoint")),
    only("jwks", "wrong-key", "another key under the same kid", Change(faulty::wrong_key)),
    only("jwks", "no-keys", "an empty key set", Set("keys", "[]")),
    only("introspection", "no-active", "active is missing", Remove("active")),
    only("introspection", "string-active", "active is the string true", Set("active", r#""true""#)),
];
