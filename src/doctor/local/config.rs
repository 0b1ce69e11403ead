//! Whether the settings can be read, and say which client asks which server.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = match &case.zone {
        Ok(zone) => zone,
        Err(error) => return Some(explain(error)),
    };
    // The zone of the environment needs no configuration, so it can be there although that is broken.
    let warnings = match case.cx.paths_or_none().and_then(|paths| paths.map(|_| case.cx.config()).transpose()) {
        Ok(config) => config.map(|config| config.warnings().clone()).unwrap_or_default(),
        Err(error) => return Some(explain(&error)),
    };
    let who = match &zone.client_id {
        Some(client) => format!("zone {}: client {client} at {}", zone.name, zone.issuer),
        None => format!("the issuer {}, without a client", zone.issuer),
    };
    Some(match warnings.first() {
        Some(_) => Verdict::warn(who).because_of(warnings.join("; ")).fixed_by("hallpass zone path names the file"),
        None => Verdict::ok(who),
    })
}

fn explain(error: &Error) -> Verdict {
    Verdict::of_error(error).or_fixed_by("correct the file or the variable that is named")
}
