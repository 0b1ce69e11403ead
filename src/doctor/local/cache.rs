//! Whether tokens are cached, and which there are.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let caches = match case.cx.caches(zone.ephemeral()) {
        Ok(Some(caches)) => caches,
        Ok(None) => return Some(Verdict::ok("nothing is cached here")),
        Err(error) => return Some(Verdict::of_error(&error)),
    };
    let tokens = match caches.tokens.list() {
        Ok(tokens) => tokens,
        Err(fault) => return Some(Verdict::of_error(&Error::from(fault))),
    };
    let now = case.cx.clock.now();
    let of_zone: Vec<_> = tokens.iter().filter(|token| token.provenance.zone == zone.name).collect();
    let valid = of_zone.iter().filter(|token| token.left(now).is_some()).count();
    Some(Verdict::ok(format!("{} cached tokens of the zone, {valid} of them valid", of_zone.len())))
}
