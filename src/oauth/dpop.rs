//! What an answer says of proofs of possession (DPoP, RFC 9449): nonces, and how a token is bound.

use serde_json::Value;

use super::challenge::challenges;
use super::json;
use super::message::Response;

/// The error code that asks for a nonce (RFC 9449 §8 and §9).
const USE_NONCE: &str = "use_dpop_nonce";
const LONGEST: usize = 2048;

/// The nonce of an answer, for the next proof to this server (RFC 9449 §8.2), if it fits the grammar (§8.1).
pub fn nonce(answer: &Response) -> Option<&str> {
    let fits = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    answer.header("dpop-nonce").filter(|nonce| (1..=LONGEST).contains(&nonce.len()) && nonce.bytes().all(fits))
}

/// The nonce that a refused request must be made again with: the answer says `use_dpop_nonce` and brings one.
pub fn wanted_nonce(answer: &Response) -> Option<&str> {
    if !matches!(answer.status, 400 | 401) {
        return None;
    }
    let asks = |code: Option<&str>| code == Some(USE_NONCE);
    let body = json::object(&answer.body).ok();
    let asked = asks(body.as_ref().and_then(|members| members.get("error")).and_then(Value::as_str))
        || challenges(answer).iter().any(|challenge| asks(challenge.parameter("error")));
    nonce(answer).filter(|_| asked)
}

#[cfg(test)]
mod tests {
    use super::{nonce, wanted_nonce};
    use crate::oauth::message::Response;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec(), url: String::new() }
    }

    #[test]
    fn challenge_of_rfc_9449_is_read() {
        // RFC 9449 §8
        let body =
            r#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce in DPoP proof"}"#;
        let challenge = answer(400, &[("dpop-nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v")], body);
        assert_eq!(wanted_nonce(&challenge), Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
        // RFC 9449 §9
        let field = r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;
        let challenge = answer(401, &[("www-authenticate", field), ("dpop-nonce", "eyJ7S_zG.eyJbYu3.xV3L-9k")], "");
        assert_eq!(wanted_nonce(&challenge), Some("eyJ7S_zG.eyJbYu3.xV3L-9k"));
    }

    #[test]
    fn other_answers_ask_for_nothing() {
        let body = r#"{"error":"use_dpop_nonce"}"#;
        for none in [
            answer(400, &[], body),
            answer(500, &[("dpop-nonce", "n")], body),
            answer(200, &[("dpop-nonce", "n")], body),
            answer(400, &[("dpop-nonce", "n")], r#"{"error":"invalid_grant"}"#),
            answer(400, &[("dpop-nonce", "n")], "use_dpop_nonce"),
            answer(400, &[("dpop-nonce", "")], body),
            answer(400, &[("dpop-nonce", "a b")], body),
            answer(400, &[("dpop-nonce", "a\"b")], body),
            answer(400, &[("dpop-nonce", &"n".repeat(2049))], body),
        ] {
            assert_eq!(wanted_nonce(&none), None, "{none:?}");
        }
        assert_eq!(nonce(&answer(200, &[("dpop-nonce", "n")], "")), Some("n"));
    }
}
