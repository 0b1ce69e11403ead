//! Renames a zone with its secrets, session, cached tokens and journal, or changes nothing.

use std::collections::BTreeSet;

use crate::config::Zone;
use crate::context::{Context, LockName, Rename};
use crate::error::{self, Error};
use crate::flows::token::session;
use crate::store::{Record, SecretKind, Vault};

/// Renames a zone: copies everything, writes the configuration, then removes what has the old name.
pub fn rename(cx: &Context, zone: &Zone, new: &str) -> Result<(), Error> {
    let old = zone.name.as_str();
    // Both names, in one order for all: `client register --save-as NEW` may be under way.
    let _registering = BTreeSet::from([old, new])
        .into_iter()
        .map(|name| cx.lock(&LockName::Registration(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let _lock = session::lock_session(cx, zone)?;
    let keeps = zone.keeps_secrets() || session::may_exist(cx, zone)?;
    let backend = if keeps { Some(cx.backend_of(zone)?) } else { None };
    let vault = backend.map(|backend| cx.vault(backend)).transpose()?;
    cx.edit_config_with(
        |config| {
            if config.zone(new)?.is_some() {
                return Err(error::zone::exists(new));
            }
            Ok(config.rename_zone(old, new)?)
        },
        |(), write| {
            if cx.registrations()?.has(new)? {
                return Err(error::zone::has_unsaved_registration(new));
            }
            let records = read_records(vault.as_deref(), old)?;
            let mut journal = cx.registrations()?.open(old)?;
            journal.save()?;
            let rename = Rename::new(old, new, backend, &records, &journal);
            rename.begin(cx)?;
            let done = copy(cx, vault.as_deref(), &records, &rename).and_then(|()| write());
            let left = if done.is_ok() { new } else { old };
            if let Err(error) = rename.end(cx, &[left]) {
                cx.warn_unsettled(&error);
            }
            done
        },
    )
}

fn read_records(vault: Option<&dyn Vault>, zone: &str) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    if let Some(vault) = vault {
        for kind in SecretKind::ALL {
            records.extend(vault.get(zone, kind)?);
        }
    }
    Ok(records)
}

fn copy(cx: &Context, vault: Option<&dyn Vault>, records: &[Record], rename: &Rename) -> Result<(), Error> {
    let (old, new) = (rename.old.as_str(), rename.new.as_str());
    if let Some(vault) = vault {
        for record in records {
            vault.put(new, record)?;
        }
    }
    cx.sessions()?.copy(old, new)?;
    cx.registrations()?.copy(old, new)?;
    Ok(cx.token_caches()?.copy_zone(old, new)?)
}
