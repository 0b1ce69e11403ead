//! The authorization request goes ahead, from us to the server, and the browser only carries a handle (RFC 9126).

use std::time::Duration;

use super::fault::Fault;
use super::message::{Replay, Request, Response, Value};
use super::{error, expiry, json};

const WHAT: &str = "the answer to the pushed request";

/// A request that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Its handle, for the authorization endpoint.
    pub request_uri: String,
    /// How long the server keeps it; `None` when it does not say.
    pub expires_in: Option<Duration>,
}

/// Builds the request (RFC 9126 §2.1) of the parameters that an authorization request has. Client authentication is
/// applied to it afterwards.
pub fn request(endpoint: &str, parameters: &[(String, String)]) -> Request {
    let parameters = parameters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Request::form(endpoint, parameters, Replay::Input)
}

/// Reads the answer (RFC 9126 §2.2): 201, and from some servers 200.
pub fn read(answer: &Response) -> Result<Pushed, Fault> {
    if !matches!(answer.status, 200 | 201) {
        return Err(error::read(WHAT, answer));
    }
    let members = json::body(WHAT, answer, false)?;
    if members.get("error").is_some_and(|error| !error.is_null()) {
        return Err(error::read(WHAT, answer));
    }
    let request_uri = match members.get("request_uri") {
        None | Some(serde_json::Value::Null) => return Err(Fault::MissingMember { what: WHAT, member: "request_uri" }),
        Some(serde_json::Value::String(uri)) if is_handle(uri) => uri.clone(),
        Some(_) => return Err(Fault::malformed(WHAT, "request_uri is no URI")),
    };
    // Only a hint to us: the server decides whether the handle still stands.
    let expires_in = expiry::read(members.get("expires_in")).unwrap_or_default();
    Ok(Pushed { request_uri, expires_in })
}

/// A URI as far as it matters here: it is sent on percent-encoded, and shown.
fn is_handle(uri: &str) -> bool {
    (1..=4096).contains(&uri.len()) && uri.contains(':') && uri.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pushed, read};
    use crate::oauth::fault::Fault;
    use crate::oauth::message::Response;

    fn answer(status: u16, body: &str) -> Response {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Response { status, headers, body: body.as_bytes().to_vec(), url: "https://a.example/par".to_owned() }
    }

    #[test]
    fn the_example_of_rfc_9126_2_2_is_read() {
        let body = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;
        let expected = Pushed {
            request_uri: "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c".to_owned(),
            expires_in: Some(Duration::from_secs(60)),
        };
        assert_eq!(read(&answer(201, body)).unwrap(), expected);
        assert_eq!(read(&answer(200, body)).unwrap(), expected);
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        for body in [
            "{}",
            "[]",
            "",
            r#"{"request_uri":null}"#,
            r#"{"request_uri":7}"#,
            r#"{"request_uri":""}"#,
            r#"{"request_uri":"a b:c"}"#,
            "{\"request_uri\":\"urn:a\\u001b[2J\"}",
            r#"{"request_uri":"urn:a","request_uri":"urn:b"}"#,
        ] {
            assert!(read(&answer(201, body)).is_err(), "{body}");
        }
        for (status, body) in [(201, r#"{"error":"invalid_request"}"#), (400, r#"{"error":"invalid_request"}"#)] {
            assert!(matches!(read(&answer(status, body)), Err(Fault::Refused(_))), "{body}");
        }
        assert!(matches!(read(&answer(204, "")), Err(Fault::Status { .. })));
    }
}
