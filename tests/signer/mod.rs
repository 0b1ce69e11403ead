//! An issuer's key: signs tokens as an authorization server does, by ES256 (RFC 7518 §3.4).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key with a name.
pub struct Signer {
    pair: EcdsaKeyPair,
    kid: &'static str,
}

impl Signer {
    /// A new key of this name.
    pub fn new(kid: &'static str) -> Self {
        Self { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), kid }
    }

    /// The public half.
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65])})
    }

    /// A key set of this key alone.
    pub fn set(&self) -> Value {
        json!({"keys": [self.jwk()]})
    }

    /// Signs claims, with this `typ` in the header.
    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        self.sign_as(&json!({"alg": "ES256", "typ": typ, "kid": self.kid}), claims)
    }

    /// Signs claims under this header.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
