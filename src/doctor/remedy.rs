//! Commands that more than one check names.

use crate::config::{SecretLocation, Zone};
use crate::error::Hint;

use super::case::Case;

/// What helps where nothing more is known: on this machine, and at the server.
pub const CORRECT_SETTING: &str = "correct what is named, or the setting that names it";
pub const LOOK_AT_LOG: &str = "look at the log of the server, and of what stands before it, at this time";

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

/// Names an endpoint that the metadata leaves out, by this flag.
pub fn name_endpoint(case: &Case<'_>, flag: &str) -> String {
    let purpose = "if the server has one, name it as its documentation does";
    match case.zone.as_ref().map_or("", |zone| &zone.name) {
        "" => format!("{purpose}: hallpass zone add NAME --issuer {} {flag} URL", case.issuer()),
        zone => Hint::edit(zone, format!("{flag} URL")).purpose(purpose).to_string(),
    }
}

/// To get another token than the examined one.
pub fn renew(case: &Case<'_>) -> String {
    match case.zone.as_ref().map_or("", |zone| &zone.name) {
        "" => "get a new one".to_owned(),
        zone => format!("get a new one: hallpass token -z {zone} --fresh"),
    }
}
