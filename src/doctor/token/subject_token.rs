//! Whether a token can be exchanged, as far as it says so itself.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::edges::Moment;
use crate::jose;
use crate::oauth::grant::Grant;
use crate::oauth::{claim, validity};
use crate::text::sanitize;

use super::lightweight::audience_switch;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let token = case.questions.subject_token.as_ref()?;
    let event = |sentence: &str| case.event(Grant::TokenExchange.registered_name(), sentence);
    let Ok(decoded) = jose::decode(token.expose()) else {
        return Some(if case.is_keycloak() {
            Verdict::fail(
                "the subject token is opaque, and Keycloak exchanges only access tokens of its realm, which are JWTs",
            )
            .because_of("it is not three parts of base64url with dots between them")
            .fixed_by("give an access token of the realm, whole, as the server issued it")
            .with_event(event("Invalid token"))
        } else {
            Verdict::ok("the subject token is opaque: only the server can judge it")
        });
    };
    let claims = decoded.claims;
    let now = case.cx.clock.now();
    if let Some(expires_at) = claim::date(&claims, "exp").map(Moment::from_epoch).filter(|at| *at <= now) {
        return Some(
            Verdict::fail("the subject token has expired")
                .because_of(format!("exp is {}", expires_at.rfc3339()))
                .fixed_by("give a new one")
                .with_event(event("Invalid token")),
        );
    }
    if let Some(other) = validity::other_issuer(&claims, zone.token_issuer()) {
        return Some(
            Verdict::fail("the subject token is one of another issuer")
                .because_of(other)
                .fixed_by("exchange it at its own issuer, or get one of this issuer")
                .with_event(event("Invalid token")),
        );
    }
    if !case.is_keycloak() {
        return Some(Verdict::ok("the subject token is valid and one of this issuer"));
    }
    let kind = claim::text(&claims, "typ").unwrap_or_default();
    if matches!(kind, "ID" | "Refresh" | "Offline") {
        return Some(
            Verdict::fail("the subject token is no access token")
                .because_of(format!("its typ is {}", sanitize(kind)))
                .fixed_by("give an access token: Keycloak exchanges no others")
                .with_event(event("Invalid token")),
        );
    }
    let client = zone.client_id.as_deref().unwrap_or_default();
    let issued_to = claim::text(&claims, "azp").map(sanitize).unwrap_or_default();
    let aud = claim::list(&claims, "aud");
    if aud.contains(&client) || issued_to == client {
        return Some(Verdict::ok("the subject token is meant for this client"));
    }
    Some(
        Verdict::fail(format!("the subject token is not meant for {client}"))
            .because_of(format!(
                "aud is {}, azp {issued_to}",
                if aud.is_empty() { "absent".to_owned() } else { sanitize(&aud.join(", ")) }
            ))
            .fixed_by(format!(
                "Keycloak: Clients > {issued_to} > Client scopes > {issued_to}-dedicated > Add mapper > By configuration > Audience: \
                 Included Client Audience {client}, {}: on; then get a new subject token",
                audience_switch(&claims)
            ))
            .with_event(event("Client is not within the token audience")),
    )
}
