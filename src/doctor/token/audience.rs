//! Whether the token names the audiences that it must.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::claim;
use crate::text::sanitize;

use super::introspection;

/// The audiences that were named, or that the zone asks for.
pub fn expected(case: &Case<'_>) -> Vec<String> {
    let own = case.zone.as_ref().map(|zone| zone.audience.clone()).unwrap_or_default();
    if case.questions.audiences.is_empty() { own } else { case.questions.audiences.clone() }
}

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let expected = expected(case);
    let claims = case.examined.as_ref()?.claims.clone();
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
        return Some(
            verdict.fixed_by("ask for it with --audience or --resource, or let the server add it for this client"),
        );
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
         Client Audience {lacking}, Add to access token: on"
    )))
}
