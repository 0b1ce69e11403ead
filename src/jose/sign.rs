//! Makes a token.

use jsonwebtoken::Header;
use serde_json::Value;

use super::{Fault, SigningKey};
use crate::secret::Secret;

/// Signs claims as a JWS in compact form (RFC 7515 §3.1). The header holds `alg`, `kid` and, when given, `typ`
/// (such as `at+jwt`, RFC 9068 §2.1).
///
/// # Errors
/// [`Fault::Key`] when the key cannot sign.
pub fn sign(key: &SigningKey, claims: &Value, typ: Option<&str>) -> Result<Secret, Fault> {
    let mut header = Header::new(key.algorithm);
    header.typ = typ.map(str::to_owned);
    header.kid = Some(key.kid.clone());
    let token = jsonwebtoken::encode(&header, claims, &key.private).map_err(|_| Fault::Key("it does not sign"))?;
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::sign;
    use crate::jose::{SigningKey, decode, verify};

    #[test]
    fn what_is_signed_verifies_with_the_public_half() {
        let key = SigningKey::generate().unwrap();
        let token = sign(&key, &json!({"sub": "me"}), Some("at+jwt")).unwrap();
        let decoded = verify(token.expose(), &json!({"keys": [key.public_jwk()]})).unwrap();
        assert_eq!(decoded.claims["sub"], "me");
        assert_eq!(decoded.header["typ"], "at+jwt");
        assert_eq!(decoded.header["kid"], key.kid());
        let bare = sign(&key, &json!({}), None).unwrap();
        assert!(!decode(bare.expose()).unwrap().header.contains_key("typ"));
    }
}
