//! Whether the token says what it allows, or only introspection does (Keycloak's lightweight tokens).

use serde_json::{Map, Value};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::claim;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let examined = case.examined.as_ref()?;
    if !case.is_keycloak() {
        return None;
    }
    if !is_lightweight(&examined.claims) {
        return Some(Verdict::ok("the token is a whole one"));
    }
    let client = claim::text(&examined.claims, "azp").unwrap_or("the client");
    Some(
        Verdict::warn("the token is lightweight: its roles and audience are shown by introspection only")
            .because_of(format!("its jti begins with {}", prefix(&examined.claims)))
            .fixed_by(format!(
                "introspect it, or Keycloak: Clients > {} > Advanced > Always use lightweight access token: off",
                crate::text::sanitize(client)
            )),
    )
}

fn prefix(claims: &Map<String, Value>) -> &str {
    claim::text(claims, "jti").and_then(|jti| jti.split_once(':')).map_or("", |(prefix, _)| prefix)
}

/// The third and fourth letters of Keycloak's jti say how whole the token is.
pub fn is_lightweight(claims: &Map<String, Value>) -> bool {
    prefix(claims).get(2..4) == Some("lt")
}

/// The switch of an Audience mapper for a token like this.
pub fn audience_switch(claims: &Map<String, Value>) -> &'static str {
    if is_lightweight(claims) { "Add to lightweight access token" } else { "Add to access token" }
}
