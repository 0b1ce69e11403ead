//! Makes a token.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Fault, SigningKey};
use crate::secret::Secret;

/// Signs claims as a JWS (RFC 7515 §3.1) with `typ`, `alg`, and the key's id when it has a name.
pub fn sign(key: &SigningKey, claims: &Value, typ: Option<&str>) -> Result<Secret, Fault> {
    sign_with_header(key, header(key, typ), claims)
}

/// As [`sign`], with both thumbprints of the key's certificate in DER, by which some servers find the key (RFC 7515
/// §4.1.7, §4.1.8).
pub fn sign_with_certificate(
    key: &SigningKey,
    certificate: &[u8],
    claims: &Value,
    typ: Option<&str>,
) -> Result<Secret, Fault> {
    let mut header = header(key, typ);
    for (name, hash) in [("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY), ("x5t#S256", &digest::SHA256)] {
        header[name] = json!(URL_SAFE_NO_PAD.encode(digest::digest(hash, certificate)));
    }
    sign_with_header(key, header, claims)
}

fn header(key: &SigningKey, typ: Option<&str>) -> Value {
    let mut header = json!({});
    if let Some(typ) = typ {
        header["typ"] = json!(typ);
    }
    if key.named {
        header["kid"] = json!(key.kid());
    }
    header
}

/// Adds only `alg` to the header.
pub fn sign_with_header(key: &SigningKey, mut header: Value, claims: &Value) -> Result<Secret, Fault> {
    header["alg"] = json!(key.algorithm().name());
    let message = message(&header, claims);
    let signature = key.signature(message.as_bytes())?;
    Ok(compact(message, &signature))
}

/// Signs by HS256 (RFC 7518 §3.2), as `client_secret_jwt` does.
pub fn sign_shared(secret: &Secret, claims: &Value, typ: Option<&str>) -> Secret {
    let mut header = json!({"alg": "HS256"});
    if let Some(typ) = typ {
        header["typ"] = json!(typ);
    }
    shared(message(&header, claims), secret.expose().as_bytes())
}

fn shared(message: String, key: &[u8]) -> Secret {
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    compact(message, signature.as_ref())
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn compact(message: String, signature: &[u8]) -> Secret {
    Secret::new(message + "." + &URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::{shared, sign, sign_shared, sign_with_header};
    use crate::jose::{Algorithm, Fault, SigningKey, decode, verify, verify_shared};
    use crate::secret::Secret;

    #[test]
    fn rfc_7515_1_is_signed_as_printed() {
        // Its key is no text.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let message = concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        );
        let token = shared(message.to_owned(), &key);
        assert!(token.expose().ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    }

    #[test]
    fn shared_secret_signs_by_hs256() {
        let token = sign_shared(&Secret::new("Jefe"), &json!({"sub": "me"}), Some("JWT"));
        let decoded = decode(token.expose()).unwrap();
        assert_eq!((&decoded.header["alg"], &decoded.header["typ"]), (&json!("HS256"), &json!("JWT")));
        assert_eq!(verify_shared(token.expose(), &Secret::new("Jefe")).unwrap().claims["sub"], "me");
        assert_eq!(verify_shared(token.expose(), &Secret::new("jefe")), Err(Fault::Signature));
        let (message, _) = token.expose().rsplit_once('.').unwrap();
        assert_eq!(verify_shared(&format!("{message}."), &Secret::new("Jefe")), Err(Fault::Signature));
        // RFC 8725 §3.1: the public half of a key is no shared secret.
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let other = sign(&key, &json!({}), None).unwrap();
        assert!(matches!(verify_shared(other.expose(), &Secret::new("Jefe")), Err(Fault::Algorithm(_))));
    }

    #[test]
    fn what_is_signed_verifies_with_public_half() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = sign(&key, &json!({"sub": "me"}), Some("at+jwt")).unwrap();
        let decoded = verify(token.expose(), &json!({"keys": [key.public_jwk()]})).unwrap();
        assert_eq!(decoded.claims["sub"], "me");
        assert_eq!(decoded.header["typ"], "at+jwt");
        assert_eq!(decoded.header["kid"], key.kid());
        let bare = sign(&key, &json!({}), None).unwrap();
        assert!(!decode(bare.expose()).unwrap().header.contains_key("typ"));
        let own = sign_with_header(&key, json!({"typ": "dpop+jwt", "jwk": key.public_jwk()}), &json!({})).unwrap();
        let header = decode(own.expose()).unwrap().header;
        assert_eq!((&header["alg"], &header["jwk"]), (&json!("ES256"), &key.public_jwk()));
    }
}
