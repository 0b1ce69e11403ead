//! In which of the three well-known forms the metadata is served.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::metadata;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    case.metadata.as_ref()?;
    let issuer = case.issuer().to_owned();
    let mut served = Vec::new();
    let mut absent = Vec::new();
    for (kind, url) in metadata::well_known(&issuer) {
        let reply = case.get(&url);
        match Result::as_ref(&reply) {
            Ok(answer) if answer.status == 200 => served.push(kind.to_string()),
            Ok(answer) => absent.push(format!("{kind}: {}", answer.status)),
            Err(_) => absent.push(format!("{kind}: no answer")),
        }
    }
    Some(Verdict::ok(format!("served as {}", served.join(", "))).because_of(absent.join(", ")))
}
