use serde_json::{Value, json};

use super::{Algorithm, SigningKey};
use crate::jose::{Fault, sign, thumbprint, verify};
use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The key of RFC 7515 A.2.
fn rsa() -> Value {
    json!({
        "kty": "RSA",
        "e": "AQAB",
        "n": concat!(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR",
            "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB",
            "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia",
            "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        ),
        "d": concat!(
            "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46su",
            "i395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4",
            "qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB",
            "4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
        ),
        "p": concat!(
            "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8",
            "cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"
        ),
        "q": concat!(
            "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t",
            "62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"
        ),
        "dp": concat!(
            "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCj",
            "n12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"
        ),
        "dq": concat!(
            "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnw",
            "gjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"
        ),
        "qi": concat!(
            "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93",
            "IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"
        ),
    })
}

/// The key of RFC 7515 A.3.
fn p256() -> Value {
    json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    })
}

/// The key of RFC 8037 A.1.
fn ed25519() -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn read(jwk: &Value) -> Result<SigningKey, Fault> {
    SigningKey::from_text(&Secret::new(jwk.to_string()), None, None)
}

fn signature(key: &SigningKey, message: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.signature(message.as_bytes()).unwrap())
}

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_2_is_signed_as_printed() {
    let expected = concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9",
        "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB",
        "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq",
        "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    assert_eq!(signature(&read(&rsa()).unwrap(), &format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}")), expected);
}

#[test]
fn rfc_7515_a3_key_signs_and_verifies() {
    // ECDSA is not deterministic: the printed signature is one of many; jose/verify.rs verifies that one.
    let key = read(&p256()).unwrap();
    let public = key.public_jwk();
    assert_eq!((&public["x"], &public["y"]), (&p256()["x"], &p256()["y"]));
    let token = sign(&key, &json!({"iss": "joe"}), None).unwrap();
    assert_eq!(verify(token.expose(), &json!({"keys": [public]})).unwrap().claims["iss"], "joe");
}

#[test]
fn rfc_7515_a4_curve_is_refused() {
    let mut key = json!({
        "kty": "EC",
        "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
        "d": "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C",
    });
    assert!(read(&key).unwrap_err().to_string().contains("P-256, P-384 and Ed25519"));
    // Nor is what it signed believed, though its public half is in the key set.
    let token = concat!(
        "eyJhbGciOiJFUzUxMiJ9.e30.",
        "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgo",
        "XD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
    );
    key.as_object_mut().unwrap().remove("d");
    assert_eq!(verify(token, &json!({"keys": [key]})), Err(Fault::Algorithm("ES512".to_owned())));
    // As printed its payload is no claims but the word Payload.
    let printed = token.replace(".e30.", ".UGF5bG9hZA.");
    assert!(matches!(verify(&printed, &json!({"keys": []})), Err(Fault::Malformed(_))));
}

#[test]
fn rfc_8037_4_is_signed_as_printed() {
    let key = read(&ed25519()).unwrap();
    assert_eq!(
        signature(&key, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    // RFC 8037 A.3
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rfc_8037_5_verifies_by_public_half() {
    // Its payload is a sentence, no claims: the signature is verified as `verify` does, the token by the same key.
    let key = jsonwebtoken::DecodingKey::from_ed_components(ed25519()["x"].as_str().unwrap()).unwrap();
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    assert!(jsonwebtoken::crypto::verify(signature, message, &key, jsonwebtoken::Algorithm::EdDSA).unwrap());
    let token = sign(&read(&ed25519()).unwrap(), &json!({"iss": "joe"}), None).unwrap();
    let mut public = ed25519();
    public.as_object_mut().unwrap().remove("d");
    public["kid"] = json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(verify(token.expose(), &json!({"keys": [public]})).unwrap().claims["iss"], "joe");
}

#[test]
fn signature_verifies_by_own_public_key_only() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let token = sign(&key, &json!({"sub": "me"}), Some("JWT")).unwrap();
        let public = key.public_jwk();
        assert!(public.get("d").is_none() && public.get("p").is_none());
        assert_eq!(thumbprint(&public).as_deref(), Some(key.kid()));
        let decoded = verify(token.expose(), &json!({"keys": [public]})).unwrap();
        assert_eq!((&decoded.header["alg"], &decoded.header["kid"]), (&json!(algorithm.name()), &json!(key.kid())));
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.kid()));
        let other = SigningKey::generate(algorithm).unwrap();
        let mut impostor = other.public_jwk();
        impostor["kid"] = json!(key.kid());
        assert_eq!(verify(token.expose(), &json!({"keys": [impostor]})), Err(Fault::Signature), "{algorithm}");
    }
}

#[test]
fn what_is_exported_reads_back() {
    for algorithm in [Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let key = SigningKey::generate(algorithm).unwrap();
        let pem = key.private_pem().unwrap();
        assert!(pem.expose().lines().all(|line| line.len() <= 64) && pem.expose().ends_with("-----\n"));
        let back = SigningKey::from_text(&pem, Some(key.kid()), Some(algorithm)).unwrap();
        assert_eq!(back.public_jwk(), key.public_jwk());
        let token = sign(&back, &json!({}), None).unwrap();
        verify(token.expose(), &json!({"keys": [key.public_jwk()]})).unwrap();
        let other = SigningKey::generate(Algorithm::Es256).unwrap().private_jwk().unwrap();
        let jwk = key.private_jwk().unwrap();
        let set = Secret::new(format!(r#"{{"keys":[{},{}]}}"#, other.expose(), jwk.expose()));
        assert!(crate::jose::select_jwk(&set, key.kid()).unwrap().matches(&jwk));
        assert!(crate::jose::select_jwk(&set, "x").is_none() && crate::jose::select_jwk(&jwk, key.kid()).is_none());
        let back = SigningKey::from_text(&set, Some(key.kid()), None).unwrap();
        assert_eq!((back.public_jwk(), back.kid()), (key.public_jwk(), key.kid()));
        verify(sign(&back, &json!({}), None).unwrap().expose(), &json!({"keys": [key.public_jwk()]})).unwrap();
    }
}

#[test]
fn key_names_itself_only_when_it_has_name() {
    let header = |key: &SigningKey| {
        let token = sign(key, &json!({}), None).unwrap();
        crate::jose::decode(token.expose()).unwrap().header
    };
    assert!(!header(&read(&ed25519()).unwrap()).contains_key("kid"));
    let mut named = ed25519();
    named["kid"] = json!("mine");
    assert_eq!(header(&read(&named).unwrap())["kid"], "mine");
    let text = Secret::new(ed25519().to_string());
    assert_eq!(header(&SigningKey::from_text(&text, Some("given"), None).unwrap())["kid"], "given");
}

#[test]
fn algorithm_must_fit_key() {
    let with = |jwk: &Value, algorithm| SigningKey::from_text(&Secret::new(jwk.to_string()), None, Some(algorithm));
    for (jwk, fits) in [
        (rsa(), &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"][..]),
        (p256(), &["ES256"]),
        (ed25519(), &["EdDSA", "Ed25519"]),
    ] {
        assert_eq!(read(&jwk).unwrap().algorithm().name(), fits[0]);
        for algorithm in Algorithm::ALL {
            assert_eq!(with(&jwk, algorithm).is_ok(), fits.contains(&algorithm.name()), "{algorithm}");
        }
    }
    let fault = with(&p256(), Algorithm::Rs256).unwrap_err().to_string();
    assert_eq!(fault, "the key cannot be used: RS256 needs an RSA key, and this is an EC key on P-256");
    let mut stated = rsa();
    stated["alg"] = json!("PS256");
    assert_eq!(read(&stated).unwrap().algorithm(), Algorithm::Ps256);
    let fault = with(&stated, Algorithm::Rs256).unwrap_err().to_string();
    assert_eq!(fault, "the key cannot be used: its alg is PS256, not RS256");
    stated["alg"] = json!("RSA-OAEP");
    assert!(read(&stated).is_err());
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    for (jwk, member, value) in [
        (p256(), "x", p256()["y"].clone()),
        (p256(), "d", json!("AA")),
        (p256(), "d", ed25519()["d"].clone()),
        (ed25519(), "x", ed25519()["d"].clone()),
        (ed25519(), "d", json!("nWGx")),
        (rsa(), "n", json!("AQAB")),
        (rsa(), "q", rsa()["p"].clone()),
        (rsa(), "qi", json!("!")),
        (rsa(), "p", Value::Null),
    ] {
        let mut broken = jwk;
        broken[member] = value;
        let fault = read(&broken).unwrap_err().to_string();
        assert!(!fault.contains("nWGx"), "{member}: {fault}");
    }
    let mut bare = rsa();
    for member in ["p", "q", "dp", "dq", "qi"] {
        bare.as_object_mut().unwrap().remove(member);
    }
    assert!(read(&bare).unwrap_err().to_string().contains("primes are missing"));
}

/// What openssl writes: `genrsa -traditional`, `ecparam -genkey`, `genpkey`, each of them also in the newer form.
#[test]
fn keys_of_openssl_are_read() {
    for (pem, algorithm) in [
        (include_str!("../../../tests/keys/p256.sec1.pem"), "ES256"),
        (include_str!("../../../tests/keys/p384.sec1.pem"), "ES384"),
        (include_str!("../../../tests/keys/p256.pkcs8.pem"), "ES256"),
        (include_str!("../../../tests/keys/p384.pkcs8.pem"), "ES384"),
        (include_str!("../../../tests/keys/rsa.pkcs1.pem"), "RS256"),
        (include_str!("../../../tests/keys/rsa.pkcs8.pem"), "RS256"),
        (include_str!("../../../tests/keys/ed25519.pkcs8.pem"), "EdDSA"),
    ] {
        let key = SigningKey::from_text(&Secret::new(pem), None, None).unwrap();
        assert_eq!(key.algorithm().name(), algorithm);
        let token = sign(&key, &json!({}), None).unwrap();
        verify(token.expose(), &json!({"keys": [key.public_jwk()]})).unwrap();
    }
}

#[test]
fn key_that_must_not_sign_is_refused() {
    for (pem, reason) in [
        (include_str!("../../../tests/keys/weak.pkcs8.pem"), "it has 1024 bits"),
        (include_str!("../../../tests/keys/encrypted.pkcs8.pem"), "it is encrypted"),
        (include_str!("../../../tests/keys/public.pem"), "it is a public key"),
        (include_str!("../../../tests/keys/p521.pkcs8.pem"), "unsupported kind of key"),
        (include_str!("../../../tests/keys/x25519.pkcs8.pem"), "unsupported kind of key"),
    ] {
        let fault = SigningKey::from_text(&Secret::new(pem), None, None).unwrap_err().to_string();
        assert!(fault.contains(reason), "{fault}");
    }
}

/// Nothing of a damaged key panics or shows itself.
#[test]
fn damaged_key_never_panics() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let pem = SigningKey::generate(algorithm).unwrap().private_pem().unwrap();
        let base64: String = pem.expose().lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(&base64).unwrap();
        for at in 0..der.len() {
            for der in [der[..at].to_vec(), [&der[..at], &[der[at] ^ 0x41], &der[at + 1..]].concat()] {
                let base64 = STANDARD.encode(der);
                let text = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
                if let Err(fault) = SigningKey::from_text(&Secret::new(text), None, None) {
                    assert!(fault.to_string().starts_with("the key cannot be used: "), "{fault}");
                }
            }
        }
    }
}
