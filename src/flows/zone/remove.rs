//! Removes a zone with everything that belongs to it.

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::registration::{cleanup, journal};
use crate::flows::token::session;
use crate::flows::token::shared_copy::SharedCopies;
use crate::store::{SecretKind, file};

/// As [`remove_locked`], and warns that the client stays registered.
pub fn remove(cx: &Context, zone: &Zone, forget_unreachable: bool) -> Result<Option<String>, Error> {
    if let (Some(client_id), Some(uri)) = (&zone.client_id, &zone.registration_client_uri) {
        cleanup::warn_still_registered(cx, client_id, uri);
    }
    // A registration that is under way would come back without its zone.
    let _registering = journal::lock_registration(cx, zone)?;
    remove_locked(cx, zone, forget_unreachable)
}

/// Removes a zone, its secrets first. Returns the default zone that is left. The caller holds the registration's lock.
/// Secrets in a vault that can't be used are an error, unless they may be forgotten.
pub fn remove_locked(cx: &Context, zone: &Zone, forget_unreachable: bool) -> Result<Option<String>, Error> {
    // A sign-in that is under way would leave a refresh token without a zone.
    let _lock = session::lock_session(cx, zone)?;
    let copies = SharedCopies::of_zone(cx, zone);
    let (default, orphaned) = cx.edit_config_with(
        |config| {
            let was_default = config.default_zone() == Some(zone.name.as_str());
            config.remove_zone(&zone.name)?;
            Ok((config.default_zone().map(str::to_owned), was_default && !config.zones().is_empty()))
        },
        |_, write| {
            // A secret can't be brought back where its vault gives none out: the write is proven first.
            file::check_writable(&cx.paths()?.config_dir)?;
            if let Err(error) = delete_secrets(cx, zone) {
                if !forget_unreachable {
                    return Err(error::vault::keeps_zone(error, &zone.name));
                }
                cx.ui.warn(&format!("the secrets of zone {} may stay in their vault: {}", zone.name, error.chain()));
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
    copies?.forget(cx);
    Ok(default)
}

fn delete_secrets(cx: &Context, zone: &Zone) -> Result<(), Error> {
    if zone.keeps_secrets() || session::may_exist(cx, zone)? {
        let vault = cx.vault(cx.backend_of(zone)?)?;
        for kind in SecretKind::ALL {
            vault.delete(&zone.name, kind)?;
        }
    }
    Ok(())
}
