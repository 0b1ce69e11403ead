//! Device authorization (RFC 8628): the request, its answer, and the poll.

use std::time::Duration;

use super::bearer::Grammar;
use super::expiry;
use super::fault::Fault;
use super::grant::Grant;
use super::members::Members;
use super::message::{Replay, Request, Response};
use super::parameters::TokenParameters;
use super::secure_url::{self, UrlFault};
use super::token_request;
use crate::secret::Secret;
use crate::text::is_dangerous;

const WHAT: &str = "the device authorization answer";

/// How long to wait between two polls when the server does not say (RFC 8628 §3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// How much longer `slow_down` wants it to be (RFC 8628 §3.5).
pub const SLOWER: Duration = Duration::from_secs(5);
/// The longest user code that a person could type, and the longest page that they could open.
const LONGEST_CODE: usize = 64;
const LONGEST_URL: usize = 2048;

/// Builds the request (RFC 8628 §3.1). Client authentication is applied to it afterwards. It names its client in any case:
/// some servers look for it in the body only.
pub fn request(endpoint: &str, client_id: &str, parameters: &TokenParameters<'_>) -> Request {
    let mut form = Vec::new();
    if !client_id.is_empty() {
        form.push(("client_id".to_owned(), client_id.into()));
    }
    parameters.append_to(&mut form);
    // A second request only makes another code, which nobody types.
    Request::form("device endpoint", endpoint, form, Replay::RetryOnce)
}

#[derive(Debug, Clone)]
pub struct Authorization {
    pub device_code: Secret,
    pub user_code: String,
    /// The page to type it into; https, or loopback.
    pub verification_uri: String,
    pub verification_uri_complete: Option<String>,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// Reads the answer (RFC 8628 §3.2).
pub fn read(answer: &Response) -> Result<Authorization, Fault> {
    let mut members = Members::read_private(WHAT, answer, None)?;
    let device_code = Grammar::Printable.read("device_code", members.take_required("device_code")?)?;
    let user_code = members.take_required("user_code")?;
    if !(1..=LONGEST_CODE).contains(&user_code.chars().count()) || user_code.chars().any(is_dangerous) {
        return Err(members.malformed("user_code", "is not something that a person could type"));
    }
    // The older name of the page is still served here and there.
    let page = match members.take_string("verification_url")? {
        Some(page) if members.get("verification_uri").is_none() => page,
        _ => members.take_required("verification_uri")?,
    };
    check_page("verification_uri", &page)?;
    let complete = members.take_string("verification_uri_complete")?;
    complete.as_deref().map_or(Ok(()), |page| check_page("verification_uri_complete", page))?;
    let expires_in = read_seconds(&members, "expires_in")?;
    let interval = read_seconds(&members, "interval")?.map_or(INTERVAL, |span| span.max(Duration::from_secs(1)));
    Ok(Authorization {
        device_code,
        user_code,
        verification_uri: page,
        verification_uri_complete: complete,
        expires_in: expires_in.ok_or(Fault::MissingMember { what: WHAT, member: "expires_in" })?,
        interval,
    })
}

/// Builds a poll (RFC 8628 §3.4). The flow decides when the next one is due, so it is not repeated below.
pub fn poll(endpoint: &str, device_code: &Secret, extra: &[(String, String)]) -> Request {
    let parameters = TokenParameters { extra, ..TokenParameters::default() };
    let own = [("device_code", device_code.clone().into())];
    token_request::build(endpoint, Grant::DeviceCode.registered_name(), own, &parameters, Replay::Single)
}

fn read_seconds(members: &Members, name: &str) -> Result<Option<Duration>, Fault> {
    let read = if name == "interval" { expiry::read_seconds } else { expiry::read };
    read(members.get(name)).map_err(|_| members.malformed(name, "is not a number of seconds"))
}

/// Checks a page that a person may be sent to: nothing in it repaints a terminal or hides its host.
fn check_page(name: &'static str, page: &str) -> Result<(), Fault> {
    let refused = |why: &str| Err(Fault::malformed(WHAT, format!("{name} can't be used: {why}")));
    if page.len() > LONGEST_URL || page.chars().any(|c| is_dangerous(c) || c.is_whitespace()) {
        return refused("it is too long or contains characters that no URL has");
    }
    // What a browser makes of less than two slashes, or more, is not what a person reads.
    if page.split_once("://").is_none_or(|(_, rest)| rest.starts_with(['/', '\\'])) {
        return refused(UrlFault::NotAbsolute.reason());
    }
    secure_url::parse(page).map(drop).or_else(|fault| refused(fault.reason()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{poll, read, request};
    use crate::oauth::message::{Body, Replay, Response};
    use crate::oauth::parameters::TokenParameters;
    use crate::secret::Secret;

    /// The answer of RFC 8628 §3.2.
    const EXAMPLE: &str = r#"{"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":1800,"interval":5}"#;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: vec![], body: body.as_bytes().to_vec(), url: "https://a.example/d".to_owned() }
    }

    #[test]
    fn example_is_read() {
        let read = read(&answer(200, EXAMPLE)).unwrap();
        assert_eq!(read.device_code.expose(), "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
        assert_eq!(
            (read.user_code.as_str(), read.verification_uri.as_str()),
            ("WDJB-MJHT", "https://example.com/device")
        );
        assert_eq!(read.verification_uri_complete.as_deref(), Some("https://example.com/device?user_code=WDJB-MJHT"));
        assert_eq!((read.expires_in, read.interval), (Duration::from_secs(1800), Duration::from_secs(5)));
        assert!(!format!("{read:?}").contains("GmRhm"));
    }

    #[test]
    fn what_may_be_left_out_or_written_otherwise() {
        let read = |from: &str, to: &str| read(&answer(200, &EXAMPLE.replace(from, to))).unwrap();
        assert_eq!(read(r#","interval":5"#, "").interval, Duration::from_secs(5), "oidc-provider leaves it out");
        assert_eq!(read(r#""interval":5"#, r#""interval":"7""#).interval, Duration::from_secs(7));
        assert_eq!(read(r#""interval":5"#, r#""interval":0"#).interval, Duration::from_secs(1));
        assert_eq!(read(":1800", ":1800.0").expires_in, Duration::from_secs(1800));
        assert_eq!(read("verification_uri\"", "verification_url\"").verification_uri, "https://example.com/device");
        assert_eq!(
            read("https://example.com/device\"", "http://[::1]:8080/d\"").verification_uri,
            "http://[::1]:8080/d"
        );
        let bare = read(r#""verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","#, "");
        assert_eq!(bare.verification_uri_complete, None);
    }

    #[test]
    fn what_no_person_should_be_shown_is_refused() {
        for (from, to) in [
            (EXAMPLE, ""),
            (EXAMPLE, "[]"),
            (EXAMPLE, "<html>"),
            ("WDJB-MJHT", ""),
            ("WDJB-MJHT", "A\\u001b[2J"),
            ("\"WDJB-MJHT\"", "7"),
            ("user_code\":", "user-code\":"),
            ("device_code\":", "devicecode\":"),
            ("GmRhmhcxhwAzkoEqiMEg", "a\\nb"),
            ("verification_uri\":", "verification\":"),
            ("https://example.com/device\"", "http://example.com/device\""),
            ("https://example.com/device\"", "javascript:alert(1)\""),
            ("https://example.com/device\"", "https://good.example@evil.example/\""),
            ("https://example.com/device\"", "https://example.com/\\u202edevice\""),
            ("https://example.com/device\"", "https://exa mple.com/\""),
            ("https://example.com/device\"", "https:///example.com/\""),
            ("https://example.com/device\"", "https:example.com/\""),
            ("https://example.com/device\"", "/device\""),
            ("https://example.com/device?", "http://example.com/device?"),
            (":1800", ":0"),
            (":1800", ":-1"),
            (":1800", ":\"soon\""),
            (":1800", ":null"),
            ("\"interval\":5", "\"interval\":-5"),
            ("\"interval\":5", "\"interval\":[5]"),
            ("{", "{\"user_code\":\"X\","),
        ] {
            let body = EXAMPLE.replacen(from, to, 1);
            assert_ne!(body, EXAMPLE, "{from}");
            assert!(read(&answer(200, &body)).is_err(), "{body}");
        }
        assert!(read(&answer(400, r#"{"error":"unauthorized_client"}"#)).is_err());
        assert!(read(&answer(200, r#"{"error":"unauthorized_client"}"#)).is_err());
    }

    #[test]
    fn requests_have_their_parameters_in_order() {
        let shown = |body: &Body| match body {
            Body::Form(form) => form.iter().map(|(name, value)| format!("{name}={}", value.wire())).collect::<Vec<_>>(),
            _ => panic!("a form"),
        };
        let (scope, extra) = (["a".to_owned(), "b".to_owned()], [("tenant".to_owned(), "x".to_owned())]);
        let parameters = TokenParameters { scope: &scope, extra: &extra, ..TokenParameters::default() };
        let begin = request("https://a.example/d", "tv", &parameters);
        assert_eq!(shown(&begin.body), ["client_id=tv", "scope=a b", "tenant=x"]);
        let ask = poll("https://a.example/t", &Secret::new("dc"), &extra);
        assert_eq!(
            shown(&ask.body),
            ["grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code=dc", "tenant=x"]
        );
        assert!(ask.replay == Replay::Single && !format!("{ask:?}").contains("\"dc\""));
    }
}
