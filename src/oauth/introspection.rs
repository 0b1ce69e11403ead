//! What the server knows of a token: introspection (RFC 7662), plain or signed (RFC 9701).

use std::time::Duration;

use serde_json::{Map, Value};

use super::fault::{Fault, content_type};
use super::members::Members;
use super::message::{Replay, Request, Response};
use super::{claim, error, validity};
use crate::secret::Secret;

const WHAT: &str = "the introspection answer";

/// The media type of a signed answer (RFC 9701 §4), and with the prefix left out its `typ` (§5).
const SIGNED: &str = "application/token-introspection+jwt";

const LEEWAY: Duration = Duration::from_secs(60);
/// How long a signed answer is fresh, in seconds.
const FRESH: i64 = 300;

/// Builds the request (RFC 7662 §2.1), for a signed answer with RFC 9701 §4.
pub fn request(endpoint: &str, token: &Secret, hint: Option<&str>, signed: bool) -> Request {
    let mut parameters = vec![("token".to_owned(), token.clone().into())];
    parameters.extend(hint.map(|hint| ("token_type_hint".to_owned(), hint.into())));
    let mut request = Request::form("introspection endpoint", endpoint, parameters, Replay::Safe);
    if signed {
        request.headers = vec![("Accept".to_owned(), SIGNED.into())];
    }
    request
}

/// Reads a plain answer. All members are optional but `active`, a boolean (RFC 7662 §2.2).
pub fn read(answer: &Response) -> Result<Map<String, Value>, Fault> {
    check_active(read_members(answer)?)
}

/// As [`read`], whatever `active` is.
pub fn read_members(answer: &Response) -> Result<Map<String, Value>, Fault> {
    if answer.status != 200 {
        return Err(error::read(WHAT, answer));
    }
    if content_type(answer).to_ascii_lowercase().contains("html") {
        return Err(Fault::not_json(WHAT, answer, None));
    }
    Ok(Members::read_private(WHAT, answer, Some("active"))?.map)
}

fn check_active(members: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    match members.get("active") {
        Some(Value::Bool(_)) => Ok(members),
        Some(_) => Err(Fault::malformed(WHAT, "active is not a boolean")),
        None => Err(Fault::MissingMember { what: WHAT, member: "active" }),
    }
}

/// Reads the signed answer, which is still to be verified; one that is not signed is refused.
pub fn read_signed(answer: &Response) -> Result<&str, Fault> {
    if answer.status != 200 {
        return Err(error::read(WHAT, answer));
    }
    let kind = answer.header("content-type").unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(SIGNED) {
        let kind = content_type(answer);
        return Err(not_trusted(format!(
            "it is not signed: the server answered with {kind}, not {SIGNED} (RFC 9701 §4)"
        )));
    }
    std::str::from_utf8(&answer.body)
        .map(str::trim_ascii)
        .map_err(|_| Fault::malformed(WHAT, "it is not a JSON Web Token"))
}

/// Judges what a verified answer says, at this second, and gives the members of `token_introspection` (RFC 9701 §5).
pub fn check(
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    (issuer, client_id): (&str, &str),
    now: i64,
) -> Result<Map<String, Value>, Fault> {
    let kind = claim::text(header, "typ").unwrap_or_default().to_ascii_lowercase();
    if kind.strip_prefix("application/").unwrap_or(&kind) != "token-introspection+jwt" {
        return Err(not_trusted("its typ is not token-introspection+jwt"));
    }
    let audiences = [client_id.to_owned()];
    let (issuer, audiences) = (Some(issuer), audiences.as_slice());
    let valid = validity::Expected {
        issuer,
        audiences,
        expires: false,
        issued: true,
        leeway: LEEWAY,
        early: LEEWAY,
        numeric: true,
    };
    validity::check(WHAT, claims, &valid, now)?;
    if claim::date(claims, "iat").is_none_or(|iat| iat < now.saturating_sub(FRESH)) {
        return Err(not_trusted("it is an old answer"));
    }
    match claims.get("token_introspection") {
        Some(Value::Object(members)) => check_active(members.clone()),
        _ => Err(Fault::MissingMember { what: WHAT, member: "token_introspection" }),
    }
}

fn not_trusted(reason: impl Into<String>) -> Fault {
    Fault::NotTrusted { what: WHAT, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Fault, check, read, read_signed, request};
    use crate::oauth::message::{Body, Replay, Response};
    use crate::secret::Secret;

    const NOW: i64 = 1_514_797_942;

    fn answer(kind: &str, body: &str) -> Response {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Response { status: 200, headers, body: body.into(), url: "https://a.example/i".to_owned() }
    }

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn request_hides_token_and_may_be_repeated() {
        let request = request("https://a.example/i", &Secret::new("mF_9.B5f-4.1JqM"), Some("access_token"), true);
        let Body::Form(sent) = &request.body else { panic!("a form") };
        let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
        assert_eq!(sent, [("token", "mF_9.B5f-4.1JqM"), ("token_type_hint", "access_token")]);
        assert_eq!(
            (request.replay, request.headers[0].1.wire()),
            (Replay::Safe, "application/token-introspection+jwt")
        );
        assert!(!format!("{request:?}").contains("mF_9"));
    }

    #[test]
    fn example_of_rfc_7662_2_2_is_read() {
        let body = r#"{"active":true,"client_id":"l238j323ds-23ij4","username":"jdoe","scope":"read write dolphin",
            "sub":"Z5O3upPC88QrAjx00dis","aud":"https://protected.example.net/resource","iss":"https://server.example.com/",
            "exp":1419356238,"iat":1419350238,"extension_field":"twenty-seven"}"#;
        assert_eq!(read(&answer("application/json", body)).unwrap()["extension_field"], "twenty-seven");
        assert_eq!(read(&answer("application/json", r#"{"active":false}"#)).unwrap()["active"], false);
    }

    #[test]
    fn only_boolean_says_whether_it_is_active() {
        for active in ["\"true\"", "1", "null", "\"false\"", "{}", "[]"] {
            let fault = read(&answer("application/json", &format!("{{\"active\":{active}}}"))).unwrap_err();
            assert!(matches!(fault, Fault::Malformed { .. }), "{active}: {fault}");
        }
        assert!(matches!(read(&answer("application/json", "{}")), Err(Fault::MissingMember { .. })));
        for body in ["<p>", r#"{"active":true}"#] {
            assert!(matches!(read(&answer("text/html", body)), Err(Fault::NotJson { .. })), "{body}");
        }
        assert!(matches!(read(&answer("application/json", r#"{"error":"invalid_token"}"#)), Err(Fault::Refused(_))));
    }

    #[test]
    fn signed_answer_is_for_this_client_and_fresh() {
        // RFC 9701 §5
        let header = json!({"typ": "token-introspection+jwt", "alg": "RS256", "kid": "wG6D"});
        let claims = json!({"iss": "https://as.example.com/", "aud": "https://rs.example.com/resource", "iat": NOW,
            "token_introspection": {"active": true, "iss": "https://as.example.com/", "sub": "Z5O3upPC88QrAjx00dis"}});
        let judge = |header: &Value, claims: &Value| {
            let expected = ("https://as.example.com/", "https://rs.example.com/resource");
            check(&map(header.clone()), &map(claims.clone()), expected, NOW).map_err(|fault| fault.to_string())
        };
        assert_eq!(judge(&header, &claims).unwrap()["sub"], "Z5O3upPC88QrAjx00dis");
        let long = json!({"typ": "application/token-introspection+JWT"});
        assert!(judge(&long, &claims).is_ok());
        for typ in [json!({"typ": "JWT"}), json!({}), json!({"typ": "application/é"}), json!({"typ": "at+jwt"})] {
            assert!(judge(&typ, &claims).unwrap_err().contains("typ"), "{typ}");
        }
        for (name, value, reason) in [
            ("iss", json!("https://as.example.com"), "its iss is https://as.example.com,"),
            ("iss", json!(null), "absent"),
            ("aud", json!("other"), "aud"),
            ("iat", json!(null), "no iat"),
            ("iat", json!(NOW + 61), "future"),
            ("iat", json!(NOW - 301), "old"),
            ("exp", json!(NOW - 60), "expired"),
            ("token_introspection", json!([]), "no member token_introspection"),
            ("token_introspection", json!({"active": "yes"}), "active is not a boolean"),
        ] {
            let mut wrong = claims.clone();
            wrong[name] = value;
            assert!(judge(&header, &wrong).unwrap_err().contains(reason), "{name}");
        }
    }

    #[test]
    fn what_is_not_signed_is_not_believed() {
        assert_eq!(read_signed(&answer("application/token-introspection+jwt; x=y", " a.b.c\n")).unwrap(), "a.b.c");
        let fault = read_signed(&answer("application/json", r#"{"active":true}"#)).unwrap_err();
        assert!(matches!(fault, Fault::NotTrusted { .. }));
        assert!(fault.to_string().contains("application/json"), "{fault}");
    }
}
