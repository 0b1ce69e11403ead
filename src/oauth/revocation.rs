//! Revocation (RFC 7009).

use super::error;
use super::fault::{ErrorResponse, Fault};
use super::message::{Replay, Request, Response};
use crate::secret::Secret;

/// Builds the request (RFC 7009 §2.1).
pub fn request(endpoint: &str, token: &Secret, hint: Option<&str>) -> Request {
    let mut parameters = vec![("token".to_owned(), token.clone().into())];
    parameters.extend(hint.map(|hint| ("token_type_hint".to_owned(), hint.into())));
    Request::form("revocation endpoint", endpoint, parameters, Replay::Safe)
}

/// Reads the answer: 200 is done, whatever the body contains (RFC 7009 §2.2). That the token was not known is as good as
/// revoked; the sentence about it is returned.
pub fn read(answer: &Response) -> Result<Option<String>, Fault> {
    let fault = error::read("the revocation request", answer);
    match (answer.status, fault) {
        (200..=299, Fault::Refused(ErrorResponse { error, description, .. })) => Ok(Some(description.unwrap_or(error))),
        (200..=299, _) => Ok(None),
        // RFC 7009 §2.2: an unknown token is no error, and what older servers say instead means the same.
        (400, Fault::Refused(ErrorResponse { error, description, .. })) if error == "invalid_token" => {
            Ok(Some(description.unwrap_or(error)))
        }
        (_, fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, read};
    use crate::oauth::message::Response;

    fn answer(status: u16, body: &str) -> Result<Option<String>, Fault> {
        read(&Response { status, headers: vec![], body: body.into(), url: "https://a.example/r".to_owned() })
    }

    #[test]
    fn status_decides_and_body_is_note() {
        for body in ["", "{}", "<p>ok</p>", "true"] {
            assert_eq!(answer(200, body).unwrap(), None, "{body}");
        }
        let keycloak = r#"{"error":"invalid_token","error_description":"Invalid token"}"#;
        assert_eq!(answer(200, keycloak).unwrap().as_deref(), Some("Invalid token"));
        assert_eq!(answer(400, r#"{"error":"invalid_token"}"#).unwrap().as_deref(), Some("invalid_token"));
        assert!(matches!(answer(400, r#"{"error":"unsupported_token_type"}"#), Err(Fault::Refused(_))));
        assert!(matches!(answer(404, "gone"), Err(Fault::Status { status: 404, .. })));
        assert!(answer(503, "").unwrap_err().is_outage());
    }
}
