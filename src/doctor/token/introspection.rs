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
    let event = case.event("introspection_endpoint", "\"active\":false");
    let Some(claims) = case.examined.as_ref().map(|examined| &examined.claims) else {
        return Some(
            Verdict::fail("the server calls the token inactive")
                .because_of("an opaque token may have expired, been revoked, or be one of another server")
                .fixed_by(renew(case))
                .with_event(event),
        );
    };
    let verdict = Verdict::fail("the server calls the token inactive, though it has not expired");
    if case.is_keycloak() && !claim::list(claims, "aud").contains(&client) {
        let issued_to = claim::text(claims, "azp").map_or_else(|| client.to_owned(), sanitize);
        return Some(
            verdict
                .because_of(format!(
                    "{} name {client}, and Keycloak (26.6.2 and later) answers only clients in aud",
                    if is_lightweight(claims) { "it is lightweight, and its whole aud probably does not" } else { "its aud does not" }
                ))
                .fixed_by(format!(
                    "Keycloak: Clients > {issued_to} > Client scopes > {issued_to}-dedicated > Add mapper > By configuration > \
                     Audience: Included Client Audience {client}; otherwise it was revoked or its session has ended: the reason \
                     in the event tells"
                ))
                .with_event(event),
        );
    }
    let likely = explain_inactive(case.cx, zone, &token).unwrap_or_default();
    Some(verdict.because_of(likely).fixed_by(renew(case)).with_event(event))
}

/// The claims of a lightweight token as the server knows them.
pub fn ask_whole(case: &Case<'_>) -> Option<Map<String, Value>> {
    let examined = case.examined.as_ref().filter(|examined| is_lightweight(&examined.claims))?;
    introspect_token(case.cx, case.zone.as_ref().ok()?, &examined.token, None, false).ok()
}
