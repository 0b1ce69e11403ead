//! Verifies signatures.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, crypto};
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Family};
use super::{Decoded, Fault, decode};
use crate::secret::Secret;
use crate::text::sanitize;

/// Verifies the signature of a token with a key set (RFC 7517 §5); times, issuer and audience are up to the caller.
///
/// `none` and shared secrets never pass. Keys come from the key set only: `jku`, `x5u`, `jwk` and `x5c` in the header are
/// ignored.
pub fn verify(token: &str, jwks: &Value) -> Result<Decoded, Fault> {
    let decoded = decode(token)?;
    let name = decoded.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let algorithm: Algorithm = name.parse().map_err(|_| Fault::Algorithm(sanitize(name)))?;
    if decoded.header.contains_key("crit") {
        return Err(Fault::Critical);
    }
    let kid = match decoded.header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(Fault::Malformed("its kid is not a string")),
    };
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    // The library has one name for Ed25519.
    let library_name = if algorithm.family() == Family::Ed25519 { "EdDSA" } else { name };
    let library_algorithm = library_name.parse().map_err(|_| Fault::Algorithm(sanitize(name)))?;
    let mut tried = false;
    for jwk in jwks.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        let Some(key) = public_key(jwk, algorithm.family()).filter(|_| key_fits(jwk, algorithm, kid)) else { continue };
        tried = true;
        if crypto::verify(signature, message.as_bytes(), &key, library_algorithm).unwrap_or(false) {
            return Ok(decoded);
        }
    }
    if tried { Err(Fault::Signature) } else { Err(Fault::NoKey { algorithm: sanitize(name), kid: kid.map(sanitize) }) }
}

/// Verifies a token that was signed with a shared secret by HS256 (RFC 7518 §3.2).
pub fn verify_shared(token: &str, secret: &Secret) -> Result<Decoded, Fault> {
    let decoded = decode(token)?;
    let name = decoded.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    if name != "HS256" {
        return Err(Fault::Algorithm(sanitize(name)));
    }
    if decoded.header.contains_key("crit") {
        return Err(Fault::Critical);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    let signature =
        URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Malformed("its signature is not base64url"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, message.as_bytes(), &signature).map_err(|_| Fault::Signature)?;
    Ok(decoded)
}

/// Whether a key is for signatures by this algorithm (RFC 8725 §3.1) and has this id.
fn key_fits(jwk: &Map<String, Value>, algorithm: Algorithm, kid: Option<&str>) -> bool {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let (kty, crv) = algorithm.family().key_type();
    let is_typed = member("kty") == Some(kty) && (crv.is_none() || member("crv") == crv);
    let may_verify = member("use").is_none_or(|purpose| purpose == "sig")
        && jwk.get("key_ops").and_then(Value::as_array).is_none_or(|all| all.iter().any(|one| one == "verify"));
    // EdDSA and Ed25519 name the same algorithm (RFC 9864 §2.2).
    let is_same = |other: Algorithm| {
        other == algorithm || (other.family() == Family::Ed25519 && algorithm.family() == Family::Ed25519)
    };
    let is_named = member("alg").is_none_or(|name| name.parse().is_ok_and(is_same));
    is_typed && may_verify && is_named && kid.is_none_or(|kid| member("kid") == Some(kid))
}

fn public_key(jwk: &Map<String, Value>, family: Family) -> Option<DecodingKey> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let key = match family {
        Family::Rsa => DecodingKey::from_rsa_components(member("n")?, member("e")?),
        Family::P256 | Family::P384 => DecodingKey::from_ec_components(member("x")?, member("y")?),
        Family::Ed25519 => DecodingKey::from_ed_components(member("x")?),
    };
    key.ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::{Fault, verify};
    use crate::jose::{Algorithm, SigningKey, sign};

    // RFC 7515 A.3
    const TOKEN: &str = concat!(
        "eyJhbGciOiJFUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );

    fn key() -> Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        })
    }

    #[test]
    fn the_example_of_rfc_7515_verifies() {
        assert_eq!(verify(TOKEN, &json!({"keys": [key()]})).unwrap().claims["iss"], "joe");
    }

    #[test]
    fn a_changed_byte_does_not() {
        let (signed, signature) = TOKEN.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"iss":"eve"}"#));
        assert_eq!(verify(&forged, &json!({"keys": [key()]})), Err(Fault::Signature));
        assert_eq!(verify(&format!("{signed}."), &json!({"keys": [key()]})), Err(Fault::Signature));
    }

    #[test]
    fn a_key_of_another_kind_purpose_or_name_is_not_tried() {
        for (member, value) in [("kty", "RSA"), ("crv", "P-384"), ("use", "enc"), ("alg", "ES384")] {
            let mut other = key();
            other[member] = json!(value);
            assert!(matches!(verify(TOKEN, &json!({"keys": [other]})), Err(Fault::NoKey { .. })), "{member}");
        }
        let mut encrypts = key();
        encrypts["key_ops"] = json!(["encrypt"]);
        assert!(matches!(verify(TOKEN, &json!({"keys": [encrypts]})), Err(Fault::NoKey { .. })));
        for empty in [json!({}), json!({"keys": {}}), json!({"keys": [1, null]}), json!([])] {
            assert!(matches!(verify(TOKEN, &empty), Err(Fault::NoKey { .. })));
        }
        let signer = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = sign(&signer, &json!({}), None).unwrap();
        let mut renamed = signer.public_jwk();
        renamed["kid"] = json!("another");
        let fault = verify(token.expose(), &json!({"keys": [renamed]})).unwrap_err();
        assert_eq!(fault, Fault::NoKey { algorithm: "ES256".to_owned(), kid: Some(signer.kid().to_owned()) });
    }

    #[test]
    fn rfc_7515_a_5_is_read_and_never_believed() {
        let (_, claims) = TOKEN.split_once('.').unwrap();
        let token = format!("eyJhbGciOiJub25lIn0.{}.", claims.split_once('.').unwrap().0);
        assert_eq!(crate::jose::decode(&token).unwrap().claims["iss"], "joe");
        assert_eq!(verify(&token, &json!({"keys": [key()]})), Err(Fault::Algorithm("none".to_owned())));
    }

    #[test]
    fn none_shared_secrets_embedded_keys_and_critical_extensions_never_pass() {
        let made = |header: Value| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header.to_string()));
        for alg in ["none", "None", "HS256", "ES256K", ""] {
            let keys = json!({"keys": [key(), {"kty": "oct", "k": "c2VjcmV0"}]});
            assert!(matches!(verify(&made(json!({"alg": alg})), &keys), Err(Fault::Algorithm(_))), "{alg}");
        }
        let embedded = made(json!({"alg": "ES256", "jwk": key()}));
        assert!(matches!(verify(&embedded, &json!({"keys": []})), Err(Fault::NoKey { .. })));
        let critical = made(json!({"alg": "ES256", "crit": ["b64"], "b64": false}));
        assert_eq!(verify(&critical, &json!({"keys": [key()]})), Err(Fault::Critical));
    }
}
