//! The one person of the sandbox.

use serde_json::{Value, json};

/// Who consents.
pub const SUBJECT: &str = "ada";

/// What the scopes of `OpenID` Connect tell of the person (Core §5.4).
pub fn claims(scope: &str) -> Vec<(&'static str, Value)> {
    let asked = |name: &str| scope.split(' ').any(|scope| scope == name);
    let mut claims = Vec::new();
    if asked("profile") {
        claims.extend([("preferred_username", json!("ada")), ("name", json!("Ada Lovelace"))]);
    }
    if asked("email") {
        claims.extend([("email", json!("ada@sandbox.example")), ("email_verified", json!(true))]);
    }
    claims
}
