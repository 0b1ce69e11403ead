//! Whether a signature is one of the issuer's.

use std::str::FromStr as _;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use super::{Decoded, Fault, decode};
use crate::secret::Secret;
use crate::text::sanitize;

/// Checks the signature of a token against a key set (RFC 7517 §5) and returns what it says. Times, issuer and
/// audience are the caller's to judge.
///
/// A key must be of the type and curve that the header's `alg` needs (RFC 8725 §3.1), for signatures, and of the
/// header's `kid` when there is one. `none` and shared secrets never pass; `jku`, `x5u`, `jwk` and `x5c` in the header
/// are not looked at: keys come from the key set only.
pub fn verify(token: &str, jwks: &Value) -> Result<Decoded, Fault> {
    let decoded = decode(token)?;
    let name = decoded.header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let (algorithm, need) = trusted_keys(name).ok_or_else(|| Fault::Algorithm(sanitize(name)))?;
    if decoded.header.contains_key("crit") {
        return Err(Fault::Critical);
    }
    let kid = match decoded.header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(Fault::Malformed("its kid is not a string")),
    };
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed("it has no dots"))?;
    let mut tried = false;
    for jwk in jwks.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        if !key_fits(jwk, name, &need, kid) {
            continue;
        }
        let Some(key) = public_key(jwk, &need) else { continue };
        tried = true;
        if crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap_or(false) {
            return Ok(decoded);
        }
    }
    if tried { Err(Fault::Signature) } else { Err(Fault::NoKey { algorithm: sanitize(name), kid: kid.map(sanitize) }) }
}

/// Checks a token that was signed with a shared secret by HS256 (RFC 7518 §3.2) and returns what it says.
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

/// What a key must be for an algorithm.
#[derive(PartialEq)]
enum Need {
    Rsa,
    Ec(&'static str),
    Okp(&'static str),
}

/// The allow-list: public-key algorithms, each tied to the type of its key.
fn trusted_keys(name: &str) -> Option<(Algorithm, Need)> {
    let need = match name {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => Need::Rsa,
        "ES256" => Need::Ec("P-256"),
        "ES384" => Need::Ec("P-384"),
        // RFC 9864 §2.2 gives EdDSA with this curve a name of its own.
        "EdDSA" | "Ed25519" => return Some((Algorithm::EdDSA, Need::Okp("Ed25519"))),
        _ => return None,
    };
    Some((Algorithm::from_str(name).ok()?, need))
}

fn key_fits(jwk: &Map<String, Value>, algorithm: &str, need: &Need, kid: Option<&str>) -> bool {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let typed = match need {
        Need::Rsa => member("kty") == Some("RSA"),
        Need::Ec(curve) => member("kty") == Some("EC") && member("crv") == Some(curve),
        Need::Okp(curve) => member("kty") == Some("OKP") && member("crv") == Some(curve),
    };
    let signs = member("use").is_none_or(|purpose| purpose == "sig")
        && jwk.get("key_ops").and_then(Value::as_array).is_none_or(|deeds| deeds.iter().any(|deed| deed == "verify"));
    let same = member("alg")
        .is_none_or(|alg| alg == algorithm || (*need == Need::Okp("Ed25519") && matches!(alg, "EdDSA" | "Ed25519")));
    typed && signs && same && kid.is_none_or(|kid| member("kid") == Some(kid))
}

fn public_key(jwk: &Map<String, Value>, need: &Need) -> Option<DecodingKey> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    match need {
        Need::Rsa => DecodingKey::from_rsa_components(member("n")?, member("e")?),
        Need::Ec(_) => DecodingKey::from_ec_components(member("x")?, member("y")?),
        Need::Okp(_) => DecodingKey::from_ed_components(member("x")?),
    }
    .ok()
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
