//! The authorization request goes ahead, from us to the server, and the browser only carries a handle (RFC 9126).

use std::time::Duration;

use super::expiry;
use super::fault::Fault;
use super::members::Members;
use super::message::{Replay, Request, Response, Value};

/// A request that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub request_uri: String,
    /// How long the server keeps it; `None` when it does not say.
    pub expires_in: Option<Duration>,
}

/// Builds the request (RFC 9126 §2.1) of the parameters of an authorization request.
pub fn request(endpoint: &str, parameters: &[(String, String)]) -> Request {
    let parameters = parameters.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Request::form("PAR endpoint", endpoint, parameters, Replay::Input)
}

/// Reads the answer (RFC 9126 §2.2): 201, and from some servers 200.
pub fn read(answer: &Response) -> Result<Pushed, Fault> {
    let mut members = Members::read_private("the answer to the pushed request", answer, None)?;
    let request_uri = members.take_required("request_uri")?;
    // It is sent on percent-encoded, and shown.
    let fits = |b: u8| b.is_ascii_graphic();
    if request_uri.len() > 4096 || !request_uri.contains(':') || !request_uri.bytes().all(fits) {
        return Err(members.malformed("request_uri", "is not a URI"));
    }
    // Only a hint to us: the server decides whether it still knows the handle.
    let expires_in = expiry::read(members.get("expires_in")).unwrap_or_default();
    Ok(Pushed { request_uri, expires_in })
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
    fn example_of_rfc_9126_2_2_is_read() {
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
