//! Where the token of a zone may not go.

use crate::config::EPHEMERAL;

use super::{Error, Hint};

pub fn plain_http(host: &str) -> Error {
    Error::refused(format!("plain http would show the token to the network on the way to {host}")).hint("use https")
}

pub fn foreign_host(host: &str, zone: Option<&str>) -> Error {
    let owner = zone.map_or("HALLPASS_TOKEN".to_owned(), |zone| format!("zone {zone}"));
    let error = Error::refused(format!("the token of {owner} may not go to {host}"))
        .hint(format!("to allow it once: --allow-host {host}"));
    match zone.filter(|zone| *zone != EPHEMERAL) {
        Some(zone) => error.hint(Hint::edit(zone, format!("--host {host}")).purpose("to allow it always")),
        None => error,
    }
}
