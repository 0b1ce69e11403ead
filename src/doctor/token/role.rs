//! Whether the token has the roles that it must.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::identity::collect_roles;
use crate::oauth::claim;
use crate::text::sanitize;

use super::introspection;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let claims = match introspection::claims(case, "role") {
        Ok(claims) => claims,
        Err(verdict) => return Some(*verdict),
    };
    let has = collect_roles(&claims, &[]);
    let missing: Vec<String> = case.questions.roles.iter().filter(|role| !has.contains(role)).cloned().collect();
    let shown = if has.is_empty() { "none".to_owned() } else { sanitize(&has.join(", ")) };
    if missing.is_empty() {
        return Some(Verdict::ok("the token has its roles").because_of(format!("roles: {shown}")));
    }
    let names = missing.join(", ");
    let verdict = Verdict::fail(format!("the token lacks the role {names}")).because_of(format!("its roles: {shown}"));
    let client = claim::text(&claims, "azp").or(claim::text(&claims, "client_id")).map(sanitize).unwrap_or_default();
    if !case.is_keycloak() {
        return Some(verdict.fixed_by(format!("give the role to {client} or to the user, at the server")));
    }
    if let Some(whole) = introspection::ask_whole(case)
        && missing.iter().all(|role| collect_roles(&whole, &[]).contains(role))
    {
        return Some(verdict.because_of(format!(
            "its roles: {shown}; introspection shows {names}: the token is lightweight and hides it"
        )).fixed_by(format!("introspect it, or Keycloak: Clients > {client} > Advanced > Always use lightweight access token: off")));
    }
    // The list of users does not show those of service accounts.
    let user = claim::text(&claims, "preferred_username").filter(|user| !user.starts_with("service-account-"));
    let place = user.map_or_else(
        || format!("Clients > {client} > Service account roles"),
        |user| format!("Users > {} > Role mapping", sanitize(user)),
    );
    Some(verdict.fixed_by(format!(
        "Keycloak: {place} > Assign role: {names}; if it is there, Clients > {client} > Client scopes > \
         {client}-dedicated > Scope > Full scope allowed: on, or assign it there"
    )))
}
