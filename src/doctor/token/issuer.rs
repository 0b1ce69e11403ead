//! Whether the token is one of this issuer, byte for byte.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::{claim, issuer, validity};
use crate::text::sanitize;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let examined = case.examined.as_ref()?;
    let zone = case.zone.as_ref().ok()?;
    let Some(other) = validity::other_issuer(&examined.claims, zone.token_issuer()) else {
        return Some(Verdict::ok(format!("the token is one of {}", zone.token_issuer())));
    };
    let found = claim::text(&examined.claims, "iss").map(sanitize).unwrap_or_default();
    let differs = issuer::difference(zone.token_issuer(), &found).join(" and ");
    let fix = if case.questions.token.is_some() {
        format!("ask its own issuer: hallpass doctor {found}")
    } else {
        "the server issues tokens under another name than its metadata has: clients that verify them refuse them"
            .to_owned()
    };
    Some(
        Verdict::fail("the token is one of another issuer")
            .because_of(format!("{other}; they differ in {differs}"))
            .fixed_by(fix),
    )
}
