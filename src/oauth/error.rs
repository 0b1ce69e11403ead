//! How servers refuse: OAuth error objects (RFC 6749 §5.2), challenges (RFC 6750 §3) and everything else.

use serde_json::{Map, Value};

use super::challenge::challenges;
use super::fault::{ErrorResponse, Fault, bare_url, excerpt, truncate};
use super::json;
use super::message::Response;
use crate::redaction::{REDACTED, is_credential_name, redact_opaque};
use crate::text::sanitize;

/// Judges an answer that is no success, or a success that has an `error`.
///
/// Of a JSON body that has no known form, the beginning is quoted without values that are or look like secrets.
pub fn read(what: &'static str, answer: &Response) -> Fault {
    let members = json::object(&answer.body).ok();
    let in_body = members.as_ref().and_then(|members| refusal(answer, |name| members.get(name)?.as_str()));
    // RFC 6750 §3 for Bearer, RFC 9449 §7.1 for `DPoP`.
    let known = |scheme: &str| ["bearer", "dpop"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let challenges = challenges(answer);
    let mut challenges = challenges.iter().filter(|challenge| known(&challenge.scheme));
    let in_challenge = || challenges.find_map(|challenge| refusal(answer, |name| challenge.parameter(name)));
    if let Some(response) = in_body.or_else(in_challenge) {
        return Fault::Refused(response);
    }
    let is_success = (200..300).contains(&answer.status);
    let excerpt = match members {
        Some(members) if is_success => vendor_message(&members),
        None if is_success => None,
        _ if json_like(&answer.body) => {
            let json = serde_json::from_slice(&answer.body).ok();
            json.and_then(|json| find_message(&json).or_else(|| json_excerpt(json)))
        }
        _ => page_title(&answer.body).or_else(|| excerpt(&answer.body)),
    };
    Fault::Status { what, status: answer.status, url: bare_url(&answer.url), excerpt, retry_after: retry_after(answer) }
}

/// Whether an `error_uri` may be handed to a person as a page to open.
fn is_page(uri: &str) -> bool {
    uri.starts_with("https://") || uri.starts_with("http://")
}

/// Whether an `error` is a code rather than prose: Keycloak answers `{"error":"Realm does not exist"}`.
fn is_code(error: &str) -> bool {
    (1..=100).contains(&error.len()) && error.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn retry_after(answer: &Response) -> Option<String> {
    answer.header("retry-after").map(|text| truncate(&sanitize(text), 80))
}

/// The refusal that these members or parameters name, if they have an error code.
fn refusal<'a>(answer: &Response, text: impl Fn(&str) -> Option<&'a str>) -> Option<ErrorResponse> {
    let shown = |name| text(name).filter(|text| !text.is_empty()).map(show);
    Some(ErrorResponse {
        status: answer.status,
        url: bare_url(&answer.url).into(),
        error: sanitize(text("error").filter(|code| is_code(code))?),
        description: shown("error_description"),
        uri: shown("error_uri").filter(|uri| is_page(uri)),
        retry_after: retry_after(answer),
    })
}

/// The members in which servers say in other words than OAuth's why they refuse, the best ones first.
const MESSAGES: [&str; 14] = [
    "error",
    "error_description",
    "errorMessage",
    "error_message",
    "message",
    "Message",
    "errorSummary",
    "faultstring",
    "detail",
    "title",
    "reason",
    "error_hint",
    "msg",
    "status",
];
/// The members that hold such an object, or a list of them.
const WRAPPERS: [&str; 6] = ["error", "errors", "fault", "Fault", "errorCauses", "error_details"];

/// What an object says in other words than OAuth's: prose, problem details (RFC 9457), the habits of some servers.
fn vendor_message(members: &Map<String, Value>) -> Option<String> {
    let problem = match (string_member(members, "title"), string_member(members, "detail")) {
        (Some(title), Some(detail)) if title != detail => Some(format!("{title}: {detail}")),
        _ => None,
    };
    let sentence = problem
        .or_else(|| MESSAGES.iter().find_map(|name| string_member(members, name)))
        .or_else(|| WRAPPERS.iter().find_map(|name| find_message(members.get(*name)?)));
    sentence.map(|sentence| truncate(&sentence, 500))
}

/// The message in an object, or in the first one of a list.
fn find_message(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => vendor_message(members),
        Value::Array(items) => items.iter().find_map(find_message),
        Value::String(text) if !text.is_empty() => Some(truncate(&show(text), 500)),
        _ => None,
    }
}

fn json_excerpt(mut json: Value) -> Option<String> {
    let empty = json.as_object().is_some_and(Map::is_empty) || json.as_array().is_some_and(Vec::is_empty);
    redact_members(&mut json);
    (!empty && !json.is_string()).then(|| truncate(&sanitize(&json.to_string()), 199))
}

fn redact_members(json: &mut Value) {
    match json {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
            if is_credential_name(name) { *value = REDACTED.into() } else { redact_members(value) }
        }),
        Value::Array(items) => items.iter_mut().for_each(redact_members),
        Value::String(text) => *text = show(text),
        _ => {}
    }
}

fn string_member(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(show)
}

/// What the server says, on one line and without what looks like a secret.
pub fn show(text: &str) -> String {
    let line = text.replace("\r\n", " ").replace(['\r', '\n'], " ");
    sanitize(&redact_opaque(line.trim_start()))
}

fn json_like(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

/// The title of an HTML page: it mostly says more than the page's first characters.
fn page_title(body: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(&body[..body.len().min(4096)]).into_owned();
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let from = start + lower[start..].find('>')? + 1;
    let to = from + lower[from..].find("</")?;
    excerpt(&page.as_bytes()[from..to]).map(|title| format!("an HTML page, \"{title}\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ErrorResponse, Fault, read};
    use crate::oauth::message::Response;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec(), url: "https://a.example/token".to_owned() }
    }

    fn refused(answer: &Response) -> ErrorResponse {
        match read("the token answer", answer) {
            Fault::Refused(response) => response,
            other => panic!("{other:?}"),
        }
    }

    fn excerpt_of(answer: &Response) -> Option<String> {
        match read("the token answer", answer) {
            Fault::Status { excerpt, .. } => excerpt,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn example_of_rfc_6749_5_2_is_read() {
        let response = refused(&answer(400, &[], r#"{"error":"invalid_request"}"#));
        assert_eq!((response.status, response.error.as_str()), (400, "invalid_request"));
        assert_eq!(response.to_string(), "the server refused: invalid_request (HTTP 400 from https://a.example/token)");
    }

    #[test]
    fn every_text_is_washed() {
        let body =
            "{\"error\":\"x\",\"error_description\":\"a\\u001b[2J\\n::set-env\",\"error_uri\":\"https://h\\u202e\"}";
        let response = refused(&answer(401, &[("retry-after", "3\u{9b}")], body));
        assert_eq!(response.description.as_deref(), Some("a\\u{1b}[2J ::set-env"));
        assert_eq!(response.uri.as_deref(), Some("https://h\\u{202e}"));
        let other = refused(&answer(401, &[], r#"{"error":"x","error_uri":"javascript:alert(1)"}"#));
        assert_eq!(other.uri, None);
        assert_eq!(response.retry_after.as_deref(), Some("3\\u{9b}"));
    }

    #[test]
    fn status_outranks_code() {
        for (status, outage) in [(400, false), (401, false), (200, false), (429, true), (500, true), (503, true)] {
            let fault =
                read("the token answer", &answer(status, &[("retry-after", "7")], r#"{"error":"server_error"}"#));
            assert_eq!(fault.is_outage(), outage, "{status}");
            assert_eq!(fault.retry_after(), Some("7"));
            assert_eq!(fault.status(), Some(status));
        }
    }

    #[test]
    fn other_words_than_oauths_are_found() {
        for (body, expected) in [
            (r#"{"error":"Realm does not exist"}"#, Some("Realm does not exist")),
            (r#"{"type":"about:blank","title":"Bad","detail":"No client"}"#, Some("Bad: No client")),
            (r#"{"type":"about:blank","title":"Bad"}"#, Some("Bad")),
            (r#"{"error":{"code":404,"message":"Gone"}}"#, Some("Gone")),
            (r#"{"errorMessage":"User exists"}"#, Some("User exists")),
            (r#"{"errorCode":"E1","errorSummary":"Bad key","errorCauses":[]}"#, Some("Bad key")),
            (r#"{"errorCode":"E1","errorCauses":[{"errorSummary":"Bad\r\nscope"}]}"#, Some("Bad scope")),
            (r#"{"Message":"No such tenant"}"#, Some("No such tenant")),
            (r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"x"}}}"#, Some("Invalid ApiKey")),
            (r#"{"errors":[{"status":"400","title":"Bad","detail":"No client"}]}"#, Some("Bad: No client")),
            (r#"{"errors":["No client"]}"#, Some("No client")),
            (r#"[{"errorCode":"X","message":"No session"}]"#, Some("No session")),
            (r#"{"error_message":"Gone"}"#, Some("Gone")),
            (r#"{"reason":"Gone"}"#, Some("Gone")),
            (r#"{"error_hint":"Gone"}"#, Some("Gone")),
            (r#"{"code":7,"msg":"Gone"}"#, Some("Gone")),
            (r#"{"errors":[{"token":"hunter2"}]}"#, Some(r#"{"errors":[{"token":"[redacted]"}]}"#)),
            (r#"{"access_token":"hunter2"}"#, Some(r#"{"access_token":"[redacted]"}"#)),
            (
                r#"{"code":"AADSTS\r\n7","x":[{"password":{"y":1}}]}"#,
                Some(r#"{"code":"AADSTS 7","x":[{"password":"[redacted]"}]}"#),
            ),
            (r#"{"ok":false,"why":"no\r\nclient \u001b[2J"}"#, Some(r#"{"ok":false,"why":"no client \\u{1b}[2J"}"#)),
            (r#"[{"ref":"eyJhbGciOiJub25lIn0.e30."}]"#, Some(r#"[{"ref":"[redacted]"}]"#)),
            ("{}", None),
            ("[]", None),
            (r#""""#, None),
            (r#"{"access_token":"hunter2""#, None),
            ("<html><head><TITLE lang=en>Bad\nGateway</TITLE>", Some("an HTML page, \"Bad Gateway\"")),
            ("upstream down", Some("upstream down")),
            ("", None),
        ] {
            assert_eq!(excerpt_of(&answer(404, &[], body)).as_deref(), expected, "{body}");
        }
        assert_eq!(excerpt_of(&answer(204, &[], "hunter2")), None);
        assert_eq!(excerpt_of(&answer(200, &[], r#"{"handle":"hunter2"}"#)), None);
        let long = format!("{{\"why\":\"{}\"}}", "no client ".repeat(50));
        assert_eq!(excerpt_of(&answer(400, &[], &long)).unwrap().chars().count(), 200);
    }

    #[test]
    fn challenge_is_read_when_body_has_no_code() {
        let field = r#"Basic realm="x", Bearer error="invalid_token", error_description="The access token expired""#;
        let response = refused(&answer(401, &[("www-authenticate", field)], ""));
        assert_eq!(response.error, "invalid_token");
        assert_eq!(response.description.as_deref(), Some("The access token expired"));
        let both = refused(&answer(401, &[("www-authenticate", field)], r#"{"error":"invalid_client"}"#));
        assert_eq!(both.error, "invalid_client");
        let basic = answer(401, &[("www-authenticate", r#"Basic error="x""#)], "");
        assert_eq!(excerpt_of(&basic), None);
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(status in 100u16..600, field in ".{0,60}", body in r#"(<title|>|</|\{"error":|"|\}|é|\PC|\x00){0,40}"#) {
            let shown = read("the token answer", &answer(status, &[("www-authenticate", &field)], &body)).to_string();
            prop_assert!(!shown.chars().any(crate::text::is_dangerous));
        }
    }
}
