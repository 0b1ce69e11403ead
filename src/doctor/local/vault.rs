//! Whether the secrets of the zone that are stored can be read, and belong to this client at this server.

use crate::config::SecretLocation;
use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error;
use crate::store::SecretKind;

/// The kinds in the order of [`crate::config::Zone::secret_locations`].
const KINDS: [SecretKind; 3] = [SecretKind::ClientSecret, SecretKind::PrivateKey, SecretKind::CertKey];

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let locations = zone.secret_locations().into_iter().zip(KINDS);
    let stored: Vec<SecretKind> =
        locations.filter(|((_, location), _)| **location == SecretLocation::Stored).map(|(_, kind)| kind).collect();
    if stored.is_empty() {
        return Some(Verdict::ok("no secret of the zone is in a vault"));
    }
    for kind in &stored {
        let read = case.asker.stored(zone, *kind);
        match read.and_then(|secret| secret.ok_or_else(|| error::vault::missing(&zone.name, *kind))) {
            // The person who may have unlocked the vault is not asked again.
            Ok(secret) => case.cx.hold_secret(zone, *kind, &secret),
            Err(error) => return Some(Verdict::of_error(&error)),
        }
    }
    let names = stored.iter().map(|kind| kind.name().replace('_', " ")).collect::<Vec<_>>().join(" and ");
    let vault = zone.vault.map(|vault| format!(" in the {vault} vault")).unwrap_or_default();
    Some(Verdict::ok(format!("the {names}{vault} can be read")))
}
