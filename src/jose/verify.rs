//! Verifies signatures.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use serde_json::Value;

use super::algorithm::{Algorithm, Family};
use super::public_key::{check_purpose, read_public_key};
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
    refuse_extensions(&decoded)?;
    let kid = match decoded.header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(Fault::Malformed("its kid is not a string")),
    };
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    // The library has one name for Ed25519.
    let library_name = if algorithm.family() == Family::Ed25519 { "EdDSA" } else { name };
    let library_algorithm = library_name.parse().map_err(|_| Fault::Algorithm(sanitize(name)))?;
    let mut fault = Fault::NoKey { algorithm: sanitize(name), kid: kid.map(sanitize) };
    for jwk in jwks.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        let own = jwk.get("kid").and_then(Value::as_str);
        if kid.is_some_and(|kid| own != Some(kid)) {
            continue;
        }
        let purpose = check_purpose(jwk, algorithm);
        // Without a key id it is a key for something else, which is no fault.
        if kid.is_none() && purpose.is_err() {
            continue;
        }
        match purpose.and_then(|()| read_public_key(jwk, algorithm)) {
            Ok(key) if crypto::verify(signature, message.as_bytes(), &key, library_algorithm).unwrap_or(false) => {
                return Ok(decoded);
            }
            Ok(_) => fault = Fault::Signature,
            Err(why) if fault != Fault::Signature => fault = Fault::UnusableKey { kid: kid.map(sanitize), why },
            Err(_) => {}
        }
    }
    Err(fault)
}

/// `b64` is an extension that a token has to mark as critical (RFC 7797 §6); one that does not is not read either.
fn refuse_extensions(token: &Decoded) -> Result<(), Fault> {
    let known =
        !token.header.contains_key("crit") && token.header.get("b64").is_none_or(|b64| *b64 == Value::Bool(true));
    if known { Ok(()) } else { Err(Fault::Critical) }
}

/// Verifies a token that was signed with a shared secret by HS256 (RFC 7518 §3.2).
pub fn verify_shared(token: &str, secret: &Secret) -> Result<Decoded, Fault> {
    let decoded = decode(token)?;
    let name = decoded.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    if name != "HS256" {
        return Err(Fault::Algorithm(sanitize(name)));
    }
    refuse_extensions(&decoded)?;
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    let signature =
        URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Malformed("its signature is not base64url"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, message.as_bytes(), &signature).map_err(|_| Fault::Signature)?;
    Ok(decoded)
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
    fn example_of_rfc_7515_verifies() {
        assert_eq!(verify(TOKEN, &json!({"keys": [key()]})).unwrap().claims["iss"], "joe");
    }

    #[test]
    fn changed_byte_does_not() {
        let (signed, signature) = TOKEN.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"iss":"eve"}"#));
        assert_eq!(verify(&forged, &json!({"keys": [key()]})), Err(Fault::Signature));
        assert_eq!(verify(&format!("{signed}."), &json!({"keys": [key()]})), Err(Fault::Signature));
    }

    #[test]
    fn unfit_key_is_not_tried() {
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
    fn key_of_token_that_is_malformed_says_why() {
        let signer = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = sign(&signer, &json!({}), None).unwrap();
        let good = signer.public_jwk();
        let x = good["x"].as_str().unwrap();
        let short = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(x).unwrap()[1..]);
        for (member, value, why) in [
            ("x", short, "its x has 31 octets in place of 32"),
            ("x", format!("{x}="), "its x is not base64url without padding"),
            ("alg", "ES384".to_owned(), "it is for ES384, not ES256"),
            ("use", "enc".to_owned(), "it is not for signatures"),
        ] {
            let mut bad = good.clone();
            bad[member] = json!(value);
            let fault = verify(token.expose(), &json!({"keys": [bad]})).unwrap_err();
            assert!(matches!(&fault, Fault::UnusableKey { .. }) && fault.to_string().contains(why), "{fault}");
        }
    }

    #[test]
    fn rsa_integers_may_have_leading_zeros() {
        let signer = SigningKey::generate(Algorithm::Rs256).unwrap();
        let token = sign(&signer, &json!({}), None).unwrap();
        let mut padded = signer.public_jwk();
        for name in ["n", "e"] {
            let octets = URL_SAFE_NO_PAD.decode(padded[name].as_str().unwrap()).unwrap();
            padded[name] = json!(URL_SAFE_NO_PAD.encode([vec![0], octets].concat()));
        }
        assert!(verify(token.expose(), &json!({"keys": [padded]})).is_ok());
    }

    #[test]
    fn ed25519_key_of_small_order_never_verifies() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"k"}"#);
        // R is the identity and S is 0: this verifies for the identity as a key, whatever the message.
        let identity: Vec<u8> = std::iter::once(1).chain([0; 31]).collect();
        let signature = URL_SAFE_NO_PAD.encode([identity.clone(), vec![0; 32]].concat());
        for point in [identity, vec![0; 32], [vec![0xee], vec![0xff; 31]].concat()] {
            let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": URL_SAFE_NO_PAD.encode(point)});
            let fault = verify(&format!("{header}.e30.{signature}"), &json!({"keys": [key]})).unwrap_err();
            assert!(fault.to_string().contains("small order"), "{fault}");
        }
    }

    #[test]
    fn rfc_7515_5_is_read_and_never_believed() {
        let (_, claims) = TOKEN.split_once('.').unwrap();
        let token = format!("eyJhbGciOiJub25lIn0.{}.", claims.split_once('.').unwrap().0);
        assert_eq!(crate::jose::decode(&token).unwrap().claims["iss"], "joe");
        assert_eq!(verify(&token, &json!({"keys": [key()]})), Err(Fault::Algorithm("none".to_owned())));
    }

    #[test]
    fn forged_headers_never_pass() {
        let made = |header: Value| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header.to_string()));
        for alg in ["none", "None", "HS256", "ES256K", ""] {
            let keys = json!({"keys": [key(), {"kty": "oct", "k": "c2VjcmV0"}]});
            assert!(matches!(verify(&made(json!({"alg": alg})), &keys), Err(Fault::Algorithm(_))), "{alg}");
        }
        let embedded = made(json!({"alg": "ES256", "jwk": key()}));
        assert!(matches!(verify(&embedded, &json!({"keys": []})), Err(Fault::NoKey { .. })));
        let critical = made(json!({"alg": "ES256", "crit": ["b64"], "b64": false}));
        assert_eq!(verify(&critical, &json!({"keys": [key()]})), Err(Fault::Critical));
        let unmarked = made(json!({"alg": "ES256", "b64": false}));
        assert_eq!(verify(&unmarked, &json!({"keys": [key()]})), Err(Fault::Critical));
    }
}
