//! Whether the token is still valid, and lives long enough to be used.

use std::time::Duration;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::renew;
use crate::edges::Moment;
use crate::oauth::claim;
use crate::output::describe_span;

/// A life that is over before a script has used it.
const SHORT: Duration = Duration::from_secs(30);

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let examined = case.examined.as_ref()?;
    let now = case.cx.clock.now();
    let Some(expires_at) = claim::date(&examined.claims, "exp").map(Moment::from_epoch) else {
        return Some(Verdict::warn("the token does not say when it expires").because_of("it has no exp"));
    };
    let evidence = format!("exp is {}", expires_at.rfc3339());
    if expires_at <= now {
        let ago = describe_span(now.since(expires_at));
        return Some(Verdict::fail(format!("the token expired {ago} ago")).because_of(evidence).fixed_by(renew(case)));
    }
    let left = expires_at.since(now);
    let verdict = if left < SHORT { Verdict::warn } else { Verdict::ok };
    let verdict = verdict(format!("the token is valid for {}", describe_span(left))).because_of(evidence);
    let keycloak = case.is_keycloak().then_some("; Keycloak: Realm settings > Tokens > Access Token Lifespan");
    Some(if left < SHORT {
        verdict.fixed_by(format!("let it live longer{}", keycloak.unwrap_or_default()))
    } else {
        verdict
    })
}
