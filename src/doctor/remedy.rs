//! Commands that more than one check names.

use crate::config::{SecretLocation, Zone};
use crate::error::Hint;

use super::case::Case;

/// Gives the zone this issuer. What the vault stores for it is bound to the old one, and is stored again.
pub fn edit_issuer(zone: &Zone, issuer: &str) -> Hint {
    if zone.name.is_empty() {
        return format!("hallpass doctor {issuer}").into();
    }
    let again = match (&zone.client_secret, &zone.private_key) {
        _ if zone.ephemeral() => "",
        (SecretLocation::Stored, _) => " --client-secret-from -",
        (_, SecretLocation::Stored) => " --private-key-from -",
        _ => "",
    };
    Hint::edit(&zone.name, format!("--issuer {issuer}{again}"))
}

/// To get another token than the examined one.
pub fn renew(case: &Case<'_>) -> String {
    match case.zone.as_ref().map_or("", |zone| &zone.name) {
        "" => "get a new one".to_owned(),
        zone => format!("get a new one: hallpass token -z {zone} --fresh"),
    }
}
