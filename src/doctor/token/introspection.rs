//! What the server says of the token, and why it may call one inactive that is valid.

use serde_json::{Map, Value};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::renew;
use crate::error::Error;
use crate::flows::introspection::{explain_inactive, introspect_token};
use crate::jose;
use crate::oauth::claim;
use crate::secret::Secret;
use crate::text::sanitize;

use super::lightweight::is_lightweight;

const OTHER_CLIENT: &str = "introspect it as a client that may: hallpass introspect -z ZONE";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let Some(token) = case.token() else { return Some(no_token()) };
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
        let verdict = Verdict::fail("the server calls the token inactive").with_event(event);
        return Some(if case.questions.token.is_some() {
            verdict
                .because_of("an opaque token may have expired, been revoked, or be one of another server")
                .fixed_by(renew(case))
        } else {
            verdict
                .because_of(format!("the token is new: the server probably answers others than {client} only"))
                .fixed_by(OTHER_CLIENT)
        });
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

/// The claims of the token that is examined. Where there are none, the verdict on what can't be judged then.
pub fn claims(case: &Case<'_>, what: &str) -> Result<Map<String, Value>, Box<Verdict>> {
    let Some(token) = case.token() else { return Err(Box::new(no_token())) };
    claims_of(case, &token).map_err(|why| {
        Box::new(if case.questions.introspect {
            // Its own check fails because of it.
            Verdict::skip_for("introspection")
        } else {
            Verdict::warn(format!("the {what} of an opaque token is shown by introspection only"))
                .because_of(why)
                .fixed_by(OTHER_CLIENT)
        })
    })
}

/// The claims of a token: its own, or those that the server names for an opaque one; else why there are none.
pub fn claims_of(case: &Case<'_>, token: &Secret) -> Result<Map<String, Value>, String> {
    if let Ok(decoded) = jose::decode(token.expose()) {
        return Ok(decoded.claims);
    }
    let zone = case.zone.as_ref().map_err(Error::chain)?;
    let answer = introspect_token(case.cx, zone, token, None, false).map_err(|error| error.chain())?;
    if answer.get("active") == Some(&Value::Bool(true)) {
        Ok(answer)
    } else {
        Err("introspection calls it inactive".to_owned())
    }
}

fn no_token() -> Verdict {
    Verdict::skip("not judged: there is no token").fixed_by("give one: --token-from SOURCE")
}

/// The claims of a lightweight token as the server knows them.
pub fn ask_whole(case: &Case<'_>) -> Option<Map<String, Value>> {
    let examined = case.examined.as_ref().filter(|examined| is_lightweight(&examined.claims))?;
    introspect_token(case.cx, case.zone.as_ref().ok()?, &examined.token, None, false).ok()
}
