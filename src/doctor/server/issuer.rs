//! Whether the server calls itself what the zone calls it, byte for byte (RFC 8414 §3.3).

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::edit_issuer;
use crate::flows::discovery::read_document;
use crate::oauth::{Fault, metadata};

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.clone().ok()?;
    let template = zone.issuer_template.as_deref();
    let mut mismatch = None;
    for (_, url) in metadata::well_known(&zone.issuer) {
        let reply = case.get(&url);
        let read = Result::as_ref(&reply).ok().map(|answer| read_document(&zone.issuer, template, answer));
        if let Some(Err(Fault::IssuerMismatch { found, differs, url, .. })) = read {
            mismatch = mismatch.or(Some((found, differs.join(" and "), url)));
        }
    }
    let Some((found, differs, url)) = mismatch else {
        // Without metadata it calls itself nothing.
        case.metadata.as_ref()?;
        return Some(Verdict::ok(format!("the server calls itself {}", zone.issuer)));
    };
    let evidence = format!("{url} names {found}; they differ in {differs}");
    if case.metadata.is_some() {
        return Some(
            Verdict::warn(format!("one of the documents names another issuer: {found}"))
                .because_of(evidence)
                .fixed_by("see what stands before the server: two servers may answer under this host"),
        );
    }
    let edit = edit_issuer(&zone, &found);
    let fix = if case.keycloak_realm().is_some()
        && (differs.contains("scheme") || differs.contains("host") || differs.contains("port"))
    {
        format!(
            "{edit}; or, where {} is the name that clients use, Keycloak: start it with hostname={}, or behind a proxy with \
             proxy-headers=xforwarded",
            zone.issuer,
            case.keycloak_realm().map(|(base, _)| base).unwrap_or_default()
        )
    } else {
        edit.to_string()
    };
    Some(
        Verdict::fail(format!("the server calls itself {found}, the zone {}", zone.issuer))
            .because_of(evidence)
            .fixed_by(fix),
    )
}
