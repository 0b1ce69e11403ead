//! The secrets that a person gives a zone: read, stored before the zone is written, and taken back when that fails.

use std::path::Path;

use crate::config::{Backend, SecretLocation, Zone};
use crate::context::Context;
use crate::error::Error;
use crate::flows::registration::cleanup;
use crate::http::Identity;
use crate::jose::{SigningKey, select_jwk};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::SecretKind;
use crate::text::sanitize;

/// Where a person says that a secret comes from.
pub struct SecretInput {
    pub kind: SecretKind,
    /// It is read from here once and stored.
    pub copied: Option<Source>,
    /// It is read from here at every use.
    pub referenced: Option<Source>,
    /// Whether a person who is asked for it reads which flag would give it.
    pub names_flag: bool,
}

#[derive(Default)]
pub struct NewSecrets {
    referenced: Vec<(SecretKind, Source)>,
    stored: Vec<(SecretKind, Secret)>,
    backend: Option<Backend>,
}

impl NewSecrets {
    /// Checks the vault, then reads the secrets. A private key must be able to sign.
    pub fn read(cx: &Context, inputs: Vec<SecretInput>, zone: &Zone) -> Result<Self, Error> {
        let mut secrets = Self::default();
        for SecretInput { kind, copied, referenced, names_flag } in inputs {
            if kind == SecretKind::PrivateKey
                && let Some(Source::File(path)) = copied.as_ref().or(referenced.as_ref())
            {
                warn_of_loose_mode(cx, path);
            }
            secrets.referenced.extend(referenced.map(|source| (kind, source)));
            let Some(source) = copied else { continue };
            if secrets.backend.is_none() {
                let vault = cx.usable_vault(zone);
                secrets.backend = Some(if zone.stores(kind.name()) {
                    vault?
                } else {
                    vault.map_err(|error| error.or_reference(kind))?
                });
            }
            // An identity of GitHub's is asked for with the issuer of the zone that is made.
            let flag = if names_flag { format!(" (--{}-from)", kind.name().replace('_', "-")) } else { String::new() };
            let what = format!("{} of zone {}{flag}", kind.name().replace('_', " "), zone.name);
            if let Some(secret) = cx.stand_in() {
                secrets.stored.push((kind, secret));
                continue;
            }
            let mut secret = cx.read(&source, &what, Some(zone).filter(|_| matches!(source, Source::GitHub(_))))?;
            if kind == SecretKind::PrivateKey {
                let algorithm = zone.algorithm;
                SigningKey::from_text(&secret, zone.key_id.as_deref(), algorithm)
                    .map_err(|fault| Error::from(fault).because(format!("read from {}", describe_source(&source))))?;
                // Of a JWK set only the key itself is stored.
                secret = zone.key_id.as_deref().and_then(|id| select_jwk(&secret, id)).unwrap_or(secret);
            }
            if kind == SecretKind::CertKey
                && let Some(file) = &zone.cert
            {
                Identity::load(file, &secret)?;
            }
            secrets.stored.push((kind, secret));
        }
        Ok(secrets)
    }

    pub fn is_empty(&self) -> bool {
        self.referenced.is_empty() && self.stored.is_empty()
    }

    /// Whether a new secret of the kind of this name is stored.
    pub fn has_stored(&self, kind: &str) -> bool {
        self.stored.iter().any(|(stored, _)| stored.name() == kind)
    }

    /// Lets this command use them before the vault has them.
    pub fn hold(&self, cx: &Context, zone: &Zone) {
        self.stored.iter().for_each(|(kind, secret)| cx.hold_secret(zone, *kind, secret));
    }

    /// Writes into the zone where its secrets are.
    pub fn apply_locations(&self, zone: &mut Zone) {
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

    /// Stores the secrets, then writes the zone; if that fails, the vault is restored. Deletes unused secrets last.
    pub fn save(
        &self,
        cx: &Context,
        former: Option<&Zone>,
        zone: &Zone,
        write: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.backend {
            None => write()?,
            Some(backend) => {
                let records = self.stored.iter().map(|(kind, secret)| cx.record(zone, *kind, secret.clone()));
                cx.store_secrets(&*cx.vault(backend)?, records.map(|record| (zone.name.as_str(), record)), write)?;
            }
        }
        cleanup::on_zone_edit(cx, former, zone, &self.stored);
        Ok(())
    }
}

/// Pins a zone with DPoP to a vault that can be used: its key will be stored there.
pub fn pin_vault_for_dpop(cx: &Context, zone: &mut Zone) -> Result<(), Error> {
    if zone.dpop && zone.vault.is_none() {
        zone.vault = Some(cx.usable_vault(zone)?);
    }
    Ok(())
}

/// A key file may belong to other programs too, so loose modes are only a warning.
#[cfg(unix)]
fn warn_of_loose_mode(cx: &Context, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let loose = |metadata: std::fs::Metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
    if std::fs::metadata(path).is_ok_and(loose) {
        let path = sanitize(&path.display().to_string());
        cx.ui.warn(&format!("others on this machine may read the private key {path}: chmod 600 {path}"));
    }
}

#[cfg(not(unix))]
fn warn_of_loose_mode(_cx: &Context, _path: &Path) {}

fn describe_source(source: &Source) -> String {
    match source {
        Source::Stdin => "stdin".to_owned(),
        other => sanitize(&other.to_string()),
    }
}
