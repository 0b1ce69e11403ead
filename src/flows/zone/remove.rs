//! Removes a zone with everything that belongs to it.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::{cleanup, journal};
use crate::flows::token::session;
use crate::store::{SecretKind, file};

/// As [`remove_locked`], and warns that the client stays registered.
pub fn remove(cx: &Context, zone: &Zone) -> Result<Option<String>, Error> {
    if let (Some(client_id), Some(uri)) = (&zone.client_id, &zone.registration_client_uri) {
        cleanup::warn_still_registered(cx, client_id, uri);
    }
    // A registration that is under way would come back without its zone.
    let _registering = journal::lock_registration(cx, zone)?;
    remove_locked(cx, zone)
}

/// Removes a zone, its secrets first. Returns the default zone that is left. The caller holds the registration's lock.
pub fn remove_locked(cx: &Context, zone: &Zone) -> Result<Option<String>, Error> {
    // A sign-in that is under way would leave a refresh token without a zone.
    let _lock = session::lock_session(cx, zone)?;
    let (default, orphaned) = cx.edit_config_with(
        |config| {
            let was_default = config.default_zone() == Some(zone.name.as_str());
            config.remove_zone(&zone.name)?;
            Ok((config.default_zone().map(str::to_owned), was_default && !config.zones().is_empty()))
        },
        |_, write| {
            // A secret can't be brought back where its vault gives none out: the write is proven first.
            file::check_writable(&cx.paths()?.config_dir)?;
            if zone.keeps_secrets() || session::may_exist(cx, zone)? {
                let vault = cx.vault(cx.backend_of(zone)?)?;
                for kind in SecretKind::ALL {
                    vault.delete(&zone.name, kind)?;
                }
            }
            cx.sessions()?.remove(&zone.name)?;
            cleanup::forget(cx, zone)?;
            cx.token_caches()?.forget_zone(&zone.name)?;
            write()
        },
    )?;
    if orphaned {
        cx.ui.info("there is no default zone now: hallpass zone default NAME");
    }
    Ok(default)
}
