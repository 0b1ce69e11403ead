//! Puts a zone's secrets where they shall rest, and takes them back when the zone can't be written.

use std::path::Path;

use crate::config::{Backend, SecretLocation, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::cleanup;
use crate::http::Identity;
use crate::jose::{SigningKey, select_jwk};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::{Changes, Kind, Record, Vault};
use crate::text::sanitize;

use super::flags::Flags;

/// The secrets on their way into a zone.
pub struct Arrival {
    /// They are read from these sources at every use.
    referenced: Vec<(Kind, Source)>,
    /// They shall rest in this vault.
    stored: Vec<(Kind, Secret)>,
    backend: Option<Backend>,
}

impl Arrival {
    /// Proves the vault usable, then reads the secrets: nothing is read that could not be kept. A private key is one.
    ///
    /// # Errors
    /// 7 when the vault can't be used, 3 when a source fails or holds no key that can sign so.
    pub fn read(cx: &Context, flags: &Flags, zone: &Zone) -> Result<Self, Error> {
        let mut arrival = Self { referenced: Vec::new(), stored: Vec::new(), backend: None };
        for kind in Kind::ALL {
            let (from, reference) = (flags.source(kind), flags.reference(kind));
            if kind == Kind::PrivateKey
                && let Some(Source::File(path)) = from.as_ref().or(reference.as_ref())
            {
                warn_of_loose(cx, path);
            }
            if let Some(source) = reference {
                arrival.referenced.push((kind, source));
            }
            let Some(source) = from else { continue };
            if arrival.backend.is_none() {
                let backend = cx.backend_of(zone)?;
                cx.vault(backend)?.status()?;
                arrival.backend = Some(backend);
            }
            // An identity of GitHub's is asked for with the issuer of the zone that is made.
            let mut secret = cx.read(&source, Some(zone).filter(|_| matches!(source, Source::GitHub(_))))?;
            if kind == Kind::PrivateKey {
                let algorithm = zone.algorithm;
                SigningKey::from_text(&secret, zone.key_id.as_deref(), algorithm)
                    .map_err(|fault| Error::from(fault).because(format!("read from {}", place(&source))))?;
                // Of a JWK set only the key itself is stored.
                secret = zone.key_id.as_deref().and_then(|id| select_jwk(&secret, id)).unwrap_or(secret);
            }
            if kind == Kind::CertKey
                && let Some(file) = &zone.cert
            {
                Identity::load(file, &secret)?;
            }
            arrival.stored.push((kind, secret));
        }
        Ok(arrival)
    }

    /// Writes into the zone where its secrets are.
    pub fn mark(&self, zone: &mut Zone) {
        for (kind, source) in &self.referenced {
            zone.set_secret_location(kind.name(), SecretLocation::Referenced(source.clone()));
        }
        for (kind, _) in &self.stored {
            zone.set_secret_location(kind.name(), SecretLocation::Stored);
        }
        if let Some(backend) = self.backend {
            zone.vault = Some(backend);
        }
    }

    /// Stores the secrets, then does `write`; when that fails, what stood in the vault before stands there again. What
    /// the zone kept before in a place that it no longer names goes last.
    ///
    /// # Errors
    /// 7 when a secret can't be stored, else those of `write`.
    pub fn settle(
        &self,
        cx: &Context,
        former: Option<&Zone>,
        zone: &Zone,
        write: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.backend {
            None => write()?,
            Some(backend) => {
                let vault = cx.vault(backend)?;
                let records = self.stored.iter().map(|(kind, secret)| cx.record(zone, *kind, secret.clone()));
                stored(cx, &*vault, records.map(|record| (zone.name.as_str(), record)), write)?;
            }
        }
        if let Some(former) = former {
            retire(cx, former, zone);
            cleanup::warn_replaced(cx, former, zone);
        }
        cleanup::on_zone_edit(cx, former, zone, &self.stored);
        Ok(())
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
        zone.vault = Some(backend);
    }
    Ok(())
}

/// Takes the former secrets out of their vault, unless the zone looks for one there now. A vault that can't be used is
/// no reason to stay with it: that may be why the zone leaves it.
pub fn retire(cx: &Context, former: &Zone, zone: &Zone) {
    if former.dpop && !zone.dpop {
        let gone =
            cx.backend_of(former).and_then(|backend| Ok(cx.vault(backend)?.delete(&former.name, Kind::DpopKey)?));
        if let Err(error) = gone {
            cx.ui.warn(&format!("the former dpop_key stays in the vault: {}", error.chain()));
        }
    }
    if former.registration_client_uri.is_some() && zone.registration_client_uri != former.registration_client_uri {
        let gone = cx
            .backend_of(former)
            .and_then(|backend| Ok(cx.vault(backend)?.delete(&former.name, Kind::RegistrationToken)?));
        if let Err(error) = gone {
            cx.ui.warn(&format!("the former registration_token stays in the vault: {}", error.chain()));
        }
    }
    for kind in Kind::ALL {
        if former.secret_location(kind.name()) != Some(&SecretLocation::Stored) {
            continue;
        }
        let retire = || -> Result<(), Error> {
            let backend = cx.backend_of(former)?;
            if zone.secret_location(kind.name()) != Some(&SecretLocation::Stored) || cx.backend_of(zone)? != backend {
                cx.vault(backend)?.delete(&former.name, kind)?;
            }
            Ok(())
        };
        if let Err(error) = retire() {
            let what = words(kind);
            cx.ui.warn(&format!("a copy of the former {what} stays in the vault: {}", error.chain()));
        }
    }
}

/// A key file is often another program's too, and a mounted one has the modes of its volume: that is told, not refused.
#[cfg(unix)]
fn warn_of_loose(cx: &Context, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let loose = |metadata: std::fs::Metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
    if std::fs::metadata(path).is_ok_and(loose) {
        let path = sanitize(&path.display().to_string());
        cx.ui.warn(&format!("others on this machine may read the private key {path}: chmod 600 {path}"));
    }
}

#[cfg(not(unix))]
fn warn_of_loose(_cx: &Context, _path: &Path) {}

fn place(source: &Source) -> String {
    match source {
        Source::Stdin => "stdin".to_owned(),
        other => sanitize(&other.to_string()),
    }
}

/// A kind of secret in words: `client secret`.
pub fn words(kind: Kind) -> String {
    kind.name().replace('_', " ")
}
