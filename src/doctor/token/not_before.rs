//! Whether the token is valid already, and was issued after the realm's not-before time.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::renew;
use crate::edges::Moment;
use crate::oauth::claim;

/// How far the clock of the issuer may be ahead, in seconds.
const LEEWAY: i64 = 5;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let examined = case.examined.as_ref()?;
    let now = case.cx.clock.now().epoch();
    if let Some(nbf) = claim::date(&examined.claims, "nbf")
        && nbf > now.saturating_add(LEEWAY)
    {
        return Some(
            Verdict::fail("the token is not valid yet")
                .because_of(format!(
                    "nbf is {}, {} s ahead",
                    Moment::from_epoch(nbf).rfc3339(),
                    nbf.saturating_sub(now)
                ))
                .fixed_by("wait, or set the clock of the machine that is wrong"),
        );
    }
    let policy = case.realm.as_ref().and_then(|realm| claim::date(realm, "tokens-not-before")).unwrap_or_default();
    let issued_at = claim::date(&examined.claims, "iat").unwrap_or(i64::MAX);
    if policy > issued_at {
        // A new token would be as early.
        let fix = if policy > now {
            format!(
                "Keycloak: Sessions > Action > Revocation > Set to now; until then, or {}, it takes no token",
                Moment::from_epoch(policy).rfc3339()
            )
        } else {
            renew(case)
        };
        return Some(
            Verdict::fail("the realm no longer takes tokens from before its not-before time")
                .because_of(format!(
                    "iat is {}, tokens-not-before of the realm {}",
                    Moment::from_epoch(issued_at).rfc3339(),
                    Moment::from_epoch(policy).rfc3339()
                ))
                .fixed_by(fix),
        );
    }
    Some(Verdict::ok("the token is valid already"))
}
