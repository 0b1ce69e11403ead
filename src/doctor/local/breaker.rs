//! Whether commands are kept from asking the server after a row of outages.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::flows::discovery;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let known = zone.endpoint("token_endpoint").ok().flatten().or_else(|| {
        discovery::cached_metadata(case.cx, zone)?.endpoint("token_endpoint").ok().flatten().map(str::to_owned)
    });
    let open = known.as_ref().and_then(|endpoint| Some((endpoint, case.cx.breaker_open_until(endpoint)?)));
    Some(match open {
        None => Verdict::ok("the breaker is closed"),
        Some((endpoint, until)) => Verdict::warn(format!("the breaker is open until {}", until.rfc3339()))
            .because_of(format!("five commands in a row met an outage of {endpoint}; others ask nothing meanwhile"))
            .fixed_by("wait, or give --no-breaker to one command; what is wrong now is below"),
    })
}
