//! Whether the token names the audiences that it must.

use crate::doctor::case::Case;
use crate::doctor::client::mint;
use crate::doctor::finding::{State, Verdict};
use crate::error::{Error, Finding, Hint};
use crate::flows::token::request::TokenRequest;
use crate::oauth::claim;
use crate::text::{quote_for_shell, sanitize};

use super::introspection;
use super::lightweight::audience_switch;

/// The audiences that were named, or that the zone asks for.
pub fn expected(case: &Case<'_>) -> Vec<String> {
    let own = case.zone.as_ref().map(|zone| zone.audience.clone()).unwrap_or_default();
    if case.questions.audiences.is_empty() { own } else { case.questions.audiences.clone() }
}

pub fn is_asked(case: &Case<'_>) -> bool {
    refusal(case).is_some() || !expected(case).is_empty()
}

/// The error where the server issues no token for what the zone asks for.
fn refusal<'a>(case: &'a Case<'_>) -> Option<&'a Error> {
    let error = case.minted.as_ref()?.as_ref().err()?;
    (error.finding == Some(Finding::Audience)).then_some(error)
}

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    if let Some(error) = refusal(case) {
        return Some(Verdict::of_error(error));
    }
    let expected = expected(case);
    if case.token().is_none() && case.questions.audiences.is_empty() {
        return None;
    }
    let claims = match introspection::claims(case, "audience") {
        Ok(claims) => claims,
        Err(verdict) if verdict.state == State::Warn => return ask_for(case, &expected).or(Some(*verdict)),
        Err(verdict) => return Some(*verdict),
    };
    let named = claim::list(&claims, "aud");
    let missing: Vec<String> = expected.into_iter().filter(|audience| !named.contains(&audience.as_str())).collect();
    let shown = if named.is_empty() { "absent".to_owned() } else { sanitize(&named.join(", ")) };
    if missing.is_empty() {
        return Some(Verdict::ok("the token names its audiences").because_of(format!("aud is {shown}")));
    }
    let lacking = missing.join(", ");
    let verdict =
        Verdict::fail(format!("the token does not name the audience {lacking}")).because_of(format!("aud is {shown}"));
    let client = claim::text(&claims, "azp").or(claim::text(&claims, "client_id")).map(sanitize).unwrap_or_default();
    if !case.is_keycloak() {
        return Some(ask_for(case, &missing).unwrap_or_else(|| {
            verdict.fixed_by("ask for it with --audience or --resource, or let the server add it for this client")
        }));
    }
    if let Some(whole) = introspection::ask_whole(case)
        && missing.iter().all(|audience| claim::list(&whole, "aud").contains(&audience.as_str()))
    {
        return Some(
            verdict
                .because_of(format!("aud is {shown}; introspection shows {lacking}: the token is lightweight and hides it"))
                .fixed_by(format!(
                    "Keycloak: Clients > {client} > Client scopes > {client}-dedicated > the Audience mapper > Add to lightweight \
                     access token: on"
                )),
        );
    }
    Some(verdict.fixed_by(format!(
        "Keycloak: Clients > {client} > Client scopes > {client}-dedicated > Add mapper > By configuration > Audience: Included \
         Client Audience {lacking}, {}: on",
        audience_switch(&claims)
    )))
}

/// What comes of asking for the audiences by name, where the zone does not: a server may refuse them, or add them.
fn ask_for(case: &Case<'_>, missing: &[String]) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    if case.questions.token.is_some() || missing.iter().all(|audience| zone.audience.contains(audience)) {
        return None;
    }
    let wanted: Vec<String> = zone.audience.iter().chain(missing).cloned().collect();
    match mint::request_token(case.cx, &TokenRequest::of(zone).asking_for(&[], &wanted, &[])) {
        Err(error) if error.finding == Some(Finding::Audience) => Some(Verdict::of_error(&error)),
        Ok(token) => {
            let claims = introspection::claims_of(case, &token.access_token).ok()?;
            let named = claim::list(&claims, "aud");
            let lacking = missing.join(", ");
            let flags = wanted.iter().map(|audience| format!("--audience {}", quote_for_shell(audience)));
            let edit = Hint::edit(&zone.name, flags.collect::<Vec<_>>().join(" ")).purpose("ask for it");
            missing.iter().all(|audience| named.contains(&audience.as_str())).then(|| {
                Verdict::fail(format!("the zone does not ask for the audience {lacking}"))
                    .because_of(format!("asked for it, the server names {lacking} in aud"))
                    .fixed_by(edit.to_string())
            })
        }
        Err(_) => None,
    }
}
