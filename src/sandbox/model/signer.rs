//! A signing key under the name of its issuer: the server, or a platform that the server trusts.

use serde_json::{Map, Value, json};

use crate::edges::Moment;
use crate::jose::{Algorithm, SigningKey, sign, verify};
use crate::sandbox::Error;
use crate::secret::Secret;

pub struct Signer {
    pub issuer: String,
    key: SigningKey,
    /// The key set that verifies them.
    pub jwks: Value,
}

impl Signer {
    pub fn generate(issuer: String) -> Result<Self, Error> {
        let key = SigningKey::generate(Algorithm::Es256).map_err(Error::Key)?;
        let jwks = json!({"keys": [key.public_jwk()]});
        Ok(Self { issuer, key, jwks })
    }

    pub fn sign(&self, typ: &str, mut claims: Value) -> Result<Secret, Error> {
        claims["iss"] = json!(self.issuer);
        sign(&self.key, &claims, Some(typ)).map_err(Error::Key)
    }

    /// The claims of a JWT that this signer made, whatever its times.
    pub fn verify(&self, token: &str) -> Option<Map<String, Value>> {
        let claims = verify(token, &self.jwks).ok()?.claims;
        (claims.get("iss") == Some(&json!(self.issuer))).then_some(claims)
    }

    /// The assertion that a platform gives to a workload, valid for a day.
    pub fn sign_assertion(&self, audience: &str, now: Moment) -> Result<Secret, Error> {
        let now = now.epoch();
        self.sign("JWT", json!({"sub": "workload", "aud": audience, "iat": now, "exp": now + 86_400}))
    }

    pub fn sign_software_statement(&self, now: Moment) -> Result<Secret, Error> {
        let (id, name) = ("hallpass-sandbox", "Stated by its publisher");
        self.sign("JWT", json!({"iat": now.epoch(), "software_id": id, "client_name": name}))
    }
}
