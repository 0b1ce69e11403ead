//! Tokens of the in-process server, signed by its key or by a shared secret.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::room::BEGIN;
use super::server::Server;

#[path = "../signer/mod.rs"]
mod key;

pub use key::Signer;

impl Signer {
    /// An access token of a person that lives five minutes.
    pub fn token(&self, server: &Server) -> String {
        self.sign("at+jwt", &claims(server))
    }
}

/// Signs claims by HS256 with a shared secret.
pub fn sign_shared(secret: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "HS256"})), part(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// The claims of that token.
pub fn claims(server: &Server) -> Value {
    json!({"iss": server.issuer(), "sub": "u-1", "aud": ["api", "ci"], "exp": BEGIN + 300, "iat": BEGIN, "jti": "j",
        "azp": "web", "sid": "s-1", "preferred_username": "alice", "email": "alice@a.example", "scope": "openid read",
        "realm_access": {"roles": ["admin"]}, "resource_access": {"api": {"roles": ["writer"]}}})
}
