//! What a client states about itself in an assertion that it signs (RFC 7523 §2.2 and §3).

use serde_json::{Value, json};

pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion holds, in seconds: one try needs a moment, and a stolen one opens nothing afterwards.
const LIFETIME: i64 = 60;

/// How far `iat` and `nbf` are in the past, for servers whose clock is behind and that allow no difference.
const BACKDATED: i64 = 10;

/// The claims of an assertion. The audience is one string: servers refuse a list, which allows a replay at the second.
pub fn claims(client_id: &str, audience: &str, jti: &str, now: i64) -> Value {
    let issued = now - BACKDATED;
    json!({
        "iss": client_id, "sub": client_id, "aud": audience, "jti": jti, "iat": issued, "nbf": issued,
        "exp": now + LIFETIME,
    })
}

#[cfg(test)]
mod tests {
    use super::claims;

    #[test]
    fn claims_are_those_of_rfc_7523() {
        let claims = claims("ci", "https://as.example/r", "once", 1_795_341_600);
        assert_eq!(
            claims.to_string(),
            r#"{"iss":"ci","sub":"ci","aud":"https://as.example/r","jti":"once","iat":1795341590,"nbf":1795341590,"exp":1795341660}"#
        );
    }
}
