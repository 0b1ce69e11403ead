//! What a client is allowed to do, and for whom.

use serde_json::{Value, json};

use super::redirect::Redirect;

/// The scopes that every client may request; the first one is the default.
pub const SCOPES: [&str; 7] = ["read", "write", "admin", "openid", "profile", "email", "offline_access"];
/// The subject identifier and user name of the one person of the sandbox.
pub const PERSON: &str = "ada";

#[derive(Debug, Clone)]
pub struct GrantedAccess {
    pub client_id: String,
    pub subject: String,
    pub scope: String,
    /// `aud` of access tokens: one string, or an array of several.
    pub audience: Value,
    /// The `nonce` of the authorization request (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<String>,
}

/// A valid authorization request: pushed, shown to the person, or behind a code.
pub struct AuthorizationRequest {
    pub access: GrantedAccess,
    pub redirect: Redirect,
    pub challenge: String,
    /// Whether no page may be shown (`prompt=none`).
    pub silent: bool,
}

impl GrantedAccess {
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == name)
    }

    /// The claims about the person that the scopes of OpenID Connect release (Core §5.4).
    pub fn person_claims(&self) -> Vec<(&'static str, Value)> {
        let mut claims = Vec::new();
        if self.has_scope("profile") {
            claims.extend([("preferred_username", json!(PERSON)), ("name", json!("Ada Lovelace"))]);
        }
        if self.has_scope("email") {
            claims.extend([("email", json!("ada@sandbox.example")), ("email_verified", json!(true))]);
        }
        claims
    }
}
