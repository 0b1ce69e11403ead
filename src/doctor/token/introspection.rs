//! What the server says of the token, and why it may call one inactive that is valid.

use serde_json::{Map, Value};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::renew;
use crate::flows::introspection::{explain_inactive, introspect_token};
use crate::oauth::claim;
use crate::text::sanitize;

use super::lightweight::is_lightweight;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let token = case.examined.as_ref().map(|examined| examined.token.clone()).or(case.questions.token.clone())?;
    let answer = match introspect_token(case.cx, zone, &token, None, false) {
        Ok(answer) => answer,
        Err(error) => return Some(Verdict::of_error(&error)),
    };
    if answer.get("active") == Some(&Value::Bool(true)) {
        return Some(Verdict::ok("the server says that the token is active"));
    }
    let client = zone.client_id.as_deref().unwrap_or_default();
    let aud = case.examined.as_ref().map(|examined| claim::list(&examined.claims, "aud")).unwrap_or_default();
    let verdict = Verdict::fail("the server calls the token inactive, though it has not expired");
    if case.is_keycloak() && !aud.contains(&client) {
        let issued_to = case.examined.as_ref().and_then(|examined| claim::text(&examined.claims, "azp"));
        let issued_to = issued_to.map_or_else(|| client.to_owned(), sanitize);
        return Some(
            verdict
                .because_of(format!("its aud does not name {client}, and Keycloak (26.6.2 and later) answers only clients in aud"))
                .fixed_by(format!(
                    "Keycloak: Clients > {issued_to} > Client scopes > {issued_to}-dedicated > Add mapper > By configuration > \
                     Audience: Included Client Audience {client}; otherwise it was revoked or its session has ended (the server's \
                     event INTROSPECT_TOKEN_ERROR tells)"
                )),
        );
    }
    let likely = explain_inactive(case.cx, zone, &token).unwrap_or_default();
    Some(verdict.because_of(likely).fixed_by(renew(case)))
}

/// The claims of a lightweight token as the server knows them.
pub fn ask_whole(case: &Case<'_>) -> Option<Map<String, Value>> {
    let examined = case.examined.as_ref().filter(|examined| is_lightweight(&examined.claims))?;
    introspect_token(case.cx, case.zone.as_ref().ok()?, &examined.token, None, false).ok()
}
