//! A zone is written in the place of another one: what belonged to the former zone alone goes.

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::cleanup;
use crate::flows::token::session;
use crate::secret::Secret;
use crate::store::SecretKind;

/// A zone was added or changed, and these secrets of it were stored: discards what the former zone stored and this one
/// does not use, says when a client stays registered, and ends a registration that a person has settled.
pub fn discard_former(cx: &Context, former: Option<&Zone>, zone: &Zone, stored: &[(SecretKind, Secret)]) {
    if let Some(former) = former {
        delete_former_secrets(cx, former, zone);
        cleanup::warn_replaced(cx, former, zone);
    }
    cleanup::on_zone_edit(cx, former, zone, stored);
}

/// A zone was replaced as a whole: forgets the sign-in of the former one, unless it is the same client's.
pub fn end_former_session(cx: &Context, former: Option<&Zone>, zone: &Zone) {
    if let Some(former) = former {
        session::retire(cx, former, zone);
    }
}

/// Takes the former secrets out of their vault, unless the zone looks for one there now. A vault that can't be used is
/// no reason to stay with it: that may be why the zone leaves it.
fn delete_former_secrets(cx: &Context, former: &Zone, zone: &Zone) {
    let registered = &former.registration_client_uri;
    let unused = [
        (SecretKind::DpopKey, former.dpop && !zone.dpop),
        (SecretKind::RegistrationToken, registered.is_some() && zone.registration_client_uri != *registered),
    ];
    for (kind, _) in unused.into_iter().filter(|(_, unused)| *unused) {
        let gone = cx.backend_of(former).and_then(|backend| Ok(cx.vault(backend)?.delete(&former.name, kind)?));
        if let Err(error) = gone {
            cx.ui.warn(&format!("the former {kind} stays in the vault: {}", error.chain()));
        }
    }
    for kind in SecretKind::ALL {
        if !former.stores(kind.name()) {
            continue;
        }
        let delete = || -> Result<(), Error> {
            let backend = cx.backend_of(former)?;
            if !zone.stores(kind.name()) || cx.backend_of(zone)? != backend {
                cx.vault(backend)?.delete(&former.name, kind)?;
            }
            Ok(())
        };
        if let Err(error) = delete() {
            let what = kind.name().replace('_', " ");
            cx.ui.warn(&format!("a copy of the former {what} stays in the vault: {}", error.chain()));
        }
    }
}
