//! Whether there are certificates to trust: those of the system, and the files that were named.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok();
    if let Err(fault) = case.cx.http_session(zone).check_roots() {
        return Some(
            Verdict::of_error(&Error::from(fault))
                .or_fixed_by("name a file of PEM certificates with --cacert or SSL_CERT_FILE"),
        );
    }
    let besides = case.cx.cacert(zone).map(|file| format!(" and {}", file.value.display())).unwrap_or_default();
    let system = case.cx.environment.text("SSL_CERT_FILE").unwrap_or("the system");
    Some(Verdict::ok(format!("trusted are the roots of {system}{besides}")))
}
