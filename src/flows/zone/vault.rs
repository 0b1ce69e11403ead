//! A zone's secrets move to another vault.

use crate::config::{Backend, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::token::session;
use crate::store::SecretKind;

/// Moves them: copies all, pins the zone, then removes the old ones. Gives the kinds that were moved.
pub fn move_vault(cx: &Context, zone: &Zone, to: Backend) -> Result<Vec<SecretKind>, Error> {
    let from = cx.backend_of(zone)?;
    // A refresh that is under way would put its token where the zone no longer looks.
    let _lock = session::lock_session(cx, zone)?;
    let (old, new) = (cx.vault(from)?, cx.vault(to)?);
    new.status()?;
    let records = cx.edit_config_with(
        |config| {
            let mut known = config.zone(&zone.name)?.ok_or_else(|| error::zone::removed_meanwhile(&zone.name))?;
            known.vault = Some(to);
            config.set_zone(&known)?;
            let mut records = Vec::new();
            for kind in SecretKind::ALL {
                records.extend(old.get(&zone.name, kind).map_err(|fault| cx.explain_vault(fault, zone))?);
            }
            Ok(records)
        },
        |records, write| {
            cx.store_secrets(&*new, records.iter().map(|record| (zone.name.as_str(), record.clone())), write)
        },
    )?;
    let moved: Vec<SecretKind> = records.iter().map(|record| record.kind).collect();
    for kind in moved.iter().copied() {
        if let Err(fault) = old.delete(&zone.name, kind) {
            cx.ui.warn(&format!("a copy of the {kind} stays in the {from} vault: {fault}"));
        }
    }
    Ok(moved)
}
