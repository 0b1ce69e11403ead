//! A key that signs.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{Fault, thumbprint};

/// A private key with its algorithm and its id, the RFC 7638 thumbprint of its public half.
#[derive(Clone)]
pub struct SigningKey {
    pub(super) private: EncodingKey,
    pub(super) algorithm: Algorithm,
    pub(super) kid: String,
    public: Value,
}

impl SigningKey {
    /// Makes a new key for ES256 (P-256, RFC 7518 §3.4), with the random numbers of the cryptographic library.
    ///
    /// # Errors
    /// [`Fault::Key`] when the library cannot make one.
    pub fn generate() -> Result<Self, Fault> {
        let broken = |_| Fault::Key("the cryptographic library made none");
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(broken)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
            .map_err(|_| Fault::Key("the cryptographic library refused its own key"))?;
        // SEC 1 §2.3.3: 0x04, then both coordinates.
        let point = pair.public_key().as_ref();
        let (Some(x), Some(y)) = (point.get(1..33), point.get(33..65)) else {
            return Err(Fault::Key("its public point is not uncompressed"));
        };
        let mut public =
            json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)});
        let kid = thumbprint(&public).ok_or(Fault::Key("it has no thumbprint"))?;
        public["kid"] = json!(kid);
        public["use"] = json!("sig");
        public["alg"] = json!("ES256");
        Ok(Self { private: EncodingKey::from_ec_der(document.as_ref()), algorithm: Algorithm::ES256, kid, public })
    }

    /// The public half as a JWK (RFC 7517) with `kid`, `use` = `sig` and `alg`.
    pub fn public_jwk(&self) -> Value {
        self.public.clone()
    }

    /// The id of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::SigningKey;
    use crate::jose::thumbprint;

    #[test]
    fn a_key_names_itself_and_shows_only_its_public_half() {
        let key = SigningKey::generate().unwrap();
        let public = key.public_jwk();
        assert_eq!(thumbprint(&public).as_deref(), Some(key.kid()));
        assert_eq!((&public["use"], &public["alg"]), (&"sig".into(), &"ES256".into()));
        assert!(public.get("d").is_none());
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.kid()));
        assert_ne!(SigningKey::generate().unwrap().kid(), key.kid());
    }
}
