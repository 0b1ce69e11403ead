//! An issuer's key set (RFC 7517 §5): anonymous, kept for a while.

use serde_json::{Value, json};

use super::fault::Fault;
use super::members::Members;
use super::message::{Request, Response};

pub fn request(url: &str) -> Request {
    let mut request = Request { receiver: "keys", ..Request::metadata(url) };
    request.headers = vec![("Accept".to_owned(), "application/jwk-set+json, application/json".into())];
    request
}

/// Reads a key set. Keys that make no sense stay in it: whoever verifies passes over them (RFC 7517 §5).
pub fn read(answer: &Response) -> Result<Value, Fault> {
    let members = Members::read_public("the key set", answer, "keys")?;
    match &members.map["keys"] {
        keys @ Value::Array(_) => Ok(json!({"keys": keys})),
        _ => Err(members.malformed("keys", "is not an array")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, read};
    use crate::oauth::message::Response;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: vec![], body: body.into(), url: "https://a.example/jwks".to_owned() }
    }

    #[test]
    fn keys_are_array_whatever_is_in_it() {
        let keys = read(&answer(200, r#"{"keys":[{"kty":"oct"},1,null],"more":1}"#)).unwrap();
        assert_eq!(keys, json!({"keys": [{"kty": "oct"}, 1, null]}));
        assert!(matches!(read(&answer(200, "{}")), Err(Fault::MissingMember { .. })));
        assert!(matches!(read(&answer(200, r#"{"keys":{}}"#)), Err(Fault::Malformed { .. })));
        assert!(matches!(read(&answer(200, r#"{"keys":[],"keys":[]}"#)), Err(Fault::Malformed { .. })));
        assert!(matches!(read(&answer(200, "<html>")), Err(Fault::NotJson { .. })));
        assert!(matches!(read(&answer(404, "")), Err(Fault::Status { status: 404, .. })));
    }
}
