//! Puts a zone's client secret where it shall rest, and takes it back when the zone can't be written.

use crate::config::{Held, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::secret::Secret;
use crate::store::Kind;

use super::flags::Flags;

/// A client secret on its way into a zone.
pub struct Arrival {
    secret: Option<Secret>,
}

impl Arrival {
    /// Proves the vault usable, then reads the secret: nothing is read that could not be kept.
    ///
    /// # Errors
    /// 7 when the vault can't be used, 3 when the source fails.
    pub fn read(cx: &Context, flags: &Flags, zone: &mut Zone) -> Result<Self, Error> {
        if let Some(source) = &flags.client_secret_ref {
            zone.client_secret = Held::Referenced(source.to_string());
            return Ok(Self { secret: None });
        }
        let Some(source) = &flags.client_secret_from else { return Ok(Self { secret: None }) };
        let backend = cx.backend_of(zone)?;
        cx.vault(backend)?.status()?;
        let secret = cx.read(source, None)?;
        zone.client_secret = Held::Stored;
        zone.vault = Some(backend.to_string());
        Ok(Self { secret: Some(secret) })
    }

    /// Stores the secret, then does `write`; when that fails, what stood in the vault before stands there again. What
    /// the zone kept before in a place that it no longer names goes last.
    ///
    /// # Errors
    /// 7 when the secret can't be stored, else those of `write`.
    pub fn settle(
        self,
        cx: &Context,
        former: Option<&Zone>,
        zone: &Zone,
        write: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.store(cx, zone, write)?;
        if let Some(former) = former {
            retire(cx, former, zone);
        }
        Ok(())
    }

    fn store(self, cx: &Context, zone: &Zone, write: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let Some(secret) = self.secret else { return write() };
        let vault = cx.vault(cx.backend_of(zone)?)?;
        let before = vault.get(&zone.name, Kind::ClientSecret)?;
        cx.store(zone, Kind::ClientSecret, secret)?;
        write().inspect_err(|_| {
            let undone = match before {
                Some(record) => vault.put(&zone.name, &record),
                None => vault.delete(&zone.name, Kind::ClientSecret).map(drop),
            };
            if let Err(fault) = undone {
                cx.ui.warn(&format!("the vault could not be put back: {fault}"));
            }
        })
    }
}

/// Takes the former client secret out of its vault, unless the zone looks for one there now. A vault that can't be used
/// is no reason to stay with it: that may be why the zone leaves it.
pub fn retire(cx: &Context, former: &Zone, zone: &Zone) {
    if former.client_secret != Held::Stored {
        return;
    }
    let retire = || -> Result<(), Error> {
        let backend = cx.backend_of(former)?;
        if zone.client_secret != Held::Stored || cx.backend_of(zone)? != backend {
            cx.vault(backend)?.delete(&former.name, Kind::ClientSecret)?;
        }
        Ok(())
    };
    if let Err(error) = retire() {
        cx.ui.warn(&format!("a copy of the former client secret stays in the vault: {}", error.chain()));
    }
}
