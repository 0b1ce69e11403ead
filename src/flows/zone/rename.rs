//! Renames a zone with its secrets, session, cached tokens and journal, or changes nothing.

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::registration::journal;
use crate::flows::token::session;
use crate::store::SecretKind;

/// Renames a zone: copies the secrets, writes the configuration, then removes the old ones.
pub fn rename(cx: &Context, zone: &Zone, new: &str) -> Result<(), Error> {
    let old = zone.name.as_str();
    let registrations = cx.registrations()?;
    let _registering = journal::lock_registration(cx, zone)?;
    let _lock = session::lock_session(cx, zone)?;
    let keeps = zone.keeps_secrets() || session::may_exist(cx, zone)?;
    let vault = if keeps { Some(cx.vault(cx.backend_of(zone)?)?) } else { None };
    cx.edit_config_with(
        |config| {
            if config.zone(new)?.is_some() {
                return Err(error::zone::exists(new));
            }
            Ok(config.rename_zone(old, new)?)
        },
        |(), write| {
            if registrations.has(new)? {
                return Err(error::zone::has_unsaved_registration(new));
            }
            let mut write = || {
                registrations.rename(old, new)?;
                write().inspect_err(|_| {
                    if let Err(fault) = registrations.rename(new, old) {
                        cx.ui.warn(&format!("the journal of its registrations has the new name: {fault}"));
                    }
                })
            };
            match &vault {
                None => write(),
                Some(vault) => {
                    let mut records = Vec::new();
                    for kind in SecretKind::ALL {
                        records.extend(vault.get(old, kind)?.map(|record| (new, record)));
                    }
                    cx.store_secrets(&**vault, records, &mut write)
                }
            }
        },
    )?;
    if let Some(vault) = &vault {
        for kind in SecretKind::ALL {
            if let Err(fault) = vault.delete(old, kind) {
                cx.ui.warn(&format!("a copy of the {kind} stays under the old name: {fault}"));
            }
        }
    }
    cx.sessions()?.rename(old, new)?;
    cx.token_caches()?.rename_zone(old, new)?;
    Ok(())
}
