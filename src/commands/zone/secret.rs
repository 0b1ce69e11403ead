//! Puts a zone's client secret where it shall rest, and takes it back when the zone can't be written.

use crate::config::{Held, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::secret::Secret;
use crate::store::{Backend, Changes, Kind, Record, Vault};

use super::flags::Flags;

/// A client secret on its way into a zone.
pub enum Arrival {
    /// None was named.
    Nothing,
    /// It is read from this source at every use.
    Referenced(String),
    /// It shall rest in this vault.
    Stored(Secret, Backend),
}

impl Arrival {
    /// Proves the vault usable, then reads the secret: nothing is read that could not be kept.
    ///
    /// # Errors
    /// 7 when the vault can't be used, 3 when the source fails.
    pub fn read(cx: &Context, flags: &Flags, zone: &Zone) -> Result<Self, Error> {
        if let Some(source) = &flags.client_secret_ref {
            return Ok(Self::Referenced(source.to_string()));
        }
        let Some(source) = &flags.client_secret_from else { return Ok(Self::Nothing) };
        let backend = cx.backend_of(zone)?;
        cx.vault(backend)?.status()?;
        Ok(Self::Stored(cx.read(source, None)?, backend))
    }

    /// Writes into the zone where its secret is.
    pub fn mark(&self, zone: &mut Zone) {
        match self {
            Self::Nothing => {}
            Self::Referenced(source) => zone.client_secret = Held::Referenced(source.clone()),
            Self::Stored(_, backend) => {
                zone.client_secret = Held::Stored;
                zone.vault = Some(backend.to_string());
            }
        }
    }

    /// Stores the secret, then does `write`; when that fails, what stood in the vault before stands there again. What
    /// the zone kept before in a place that it no longer names goes last.
    ///
    /// # Errors
    /// 7 when the secret can't be stored, else those of `write`.
    pub fn settle(
        &self,
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

    fn store(&self, cx: &Context, zone: &Zone, write: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let Self::Stored(secret, backend) = self else { return write() };
        let vault = cx.vault(*backend)?;
        let record = cx.record(zone, Kind::ClientSecret, secret.clone());
        stored(cx, &*vault, [(zone.name.as_str(), record)], write)
    }
}

/// Stores these records, then does `write`; when one of that fails, what stood in the vault before stands there again.
///
/// # Errors
/// 7 when a record can't be stored, else those of `write`.
pub fn stored<'a>(
    cx: &Context,
    vault: &dyn Vault,
    records: impl IntoIterator<Item = (&'a str, Record)>,
    write: &mut dyn FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let mut changes = Changes::of(vault);
    let all = |changes: &mut Changes<'_>| -> Result<(), Error> {
        records.into_iter().try_for_each(|(zone, record)| Ok(changes.put(zone, &record)?))
    };
    all(&mut changes).and_then(|()| write()).inspect_err(|_| {
        if let Err(fault) = changes.undo() {
            cx.ui.warn(&format!("the vault could not be put back: {fault}"));
        }
    })
}

/// Pins a zone with DPoP to a vault that can be used: its key will rest there.
///
/// # Errors
/// 7 when the vault can't be used.
pub fn make_room(cx: &Context, zone: &mut Zone) -> Result<(), Error> {
    if zone.dpop && zone.vault.is_none() {
        let backend = cx.backend_of(zone)?;
        cx.vault(backend)?.status()?;
        zone.vault = Some(backend.to_string());
    }
    Ok(())
}

/// Takes the former client secret out of its vault, unless the zone looks for one there now. A vault that can't be used
/// is no reason to stay with it: that may be why the zone leaves it.
pub fn retire(cx: &Context, former: &Zone, zone: &Zone) {
    if former.dpop && !zone.dpop {
        let gone =
            cx.backend_of(former).and_then(|backend| Ok(cx.vault(backend)?.delete(&former.name, Kind::DpopKey)?));
        if let Err(error) = gone {
            cx.ui.warn(&format!("the former dpop_key stays in the vault: {}", error.chain()));
        }
    }
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
