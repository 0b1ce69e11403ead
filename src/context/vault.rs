//! The vault of a zone, its key, and the secrets in it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::config::{Backend, SecretLocation, Zone};
use crate::error::{self, Error};
use crate::http::Identity;
use crate::jose::SigningKey;
use crate::secret::Secret;
use crate::store::{self, Changes, KeyringVault, LockOutcome, Record, SealedVault, SecretKind, Vault};

use super::dry_run::DryVault;
use super::{Context, LockName};

impl Context {
    /// The backend for new zones: `--vault`, else `HALLPASS_VAULT`, else the user's setting, else the keyring.
    pub fn backend(&self, flag: Option<Backend>) -> Result<Backend, Error> {
        if let Some(backend) = flag {
            return Ok(backend);
        }
        if let Some(name) = self.environment.read_choice("HALLPASS_VAULT")? {
            return name.parse().map_err(|_| error::vault::invalid_backend());
        }
        Ok(self.config()?.settings()?.vault.unwrap_or(Backend::Keyring))
    }

    /// The backend that a zone is pinned to, else the one for new zones.
    pub fn backend_of(&self, zone: &Zone) -> Result<Backend, Error> {
        zone.vault.map_or_else(|| self.backend(None), Ok)
    }

    /// The backend of a zone whose vault can be used now.
    pub fn usable_vault(&self, zone: &Zone) -> Result<Backend, Error> {
        let backend = self.backend_of(zone)?;
        self.vault(backend)?.unlock().map_err(|fault| self.explain_vault(fault, zone))?;
        Ok(backend)
    }

    /// The way out of an unusable vault that fits this zone, which may not exist yet.
    pub fn explain_vault(&self, fault: store::Fault, zone: &Zone) -> Error {
        let exists = || self.config().is_ok_and(|config| config.zones().contains(&zone.name.as_str()));
        if matches!(fault, store::Fault::Keyring(_)) && exists() {
            return Error::from(fault).or_other_vault(zone);
        }
        explain_new(fault)
    }

    /// A vault of this backend; nothing is opened yet.
    pub fn vault(&self, backend: Backend) -> Result<Box<dyn Vault + '_>, Error> {
        let paths = self.paths()?;
        if self.is_dry() {
            return Ok(Box::new(DryVault));
        }
        Ok(match backend {
            Backend::Keyring => Box::new(self.keyring_vault(paths.home.as_deref())),
            Backend::Sealed => Box::new(SealedVault::new(
                &paths.vault_dir,
                Box::new(|key_use| self.sealing_key(key_use)),
                self.entropy.clone(),
                self.clock.clone(),
                self.deadline(),
            )),
        })
    }

    /// The keyring's vault; a person at a terminal has time to unlock it, and sees that it waits.
    fn keyring_vault(&self, home: Option<&std::path::Path>) -> KeyringVault {
        let vault = KeyringVault::new(self.keyring.clone(), home).until(self.deadline());
        let vault = vault.with_waiting(self.ui.waiting().clone());
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| self.environment.text(name).is_some());
        if !self.may_ask() || !(has_display || cfg!(any(windows, target_os = "macos"))) {
            return vault;
        }
        let (sink, dialog) = (self.ui.sink(), Arc::clone(&self.keyring_dialog));
        vault.attended(self.bounded().then(|| self.deadline()), move || {
            dialog.store(true, Ordering::SeqCst);
            sink("The keyring is locked. Waiting for you to unlock it in its dialog; Ctrl-C cancels");
        })
    }

    /// A secret of this zone from its vault; one that binds another issuer, client or endpoint is refused.
    pub fn stored(&self, zone: &Zone, kind: SecretKind) -> Result<Option<Secret>, Error> {
        if let Some(secret) = self.stand_in().or_else(|| self.held_secret(zone, kind)) {
            return Ok(Some(secret));
        }
        let vault = self.vault(self.backend_of(zone)?)?;
        let record = vault.get(&zone.name, kind).map_err(|fault| self.explain_vault(fault, zone))?;
        let Some(record) = record else { return Ok(None) };
        let client_id = zone.client_id.as_deref().unwrap_or_default();
        let origins = zone.credential_origins();
        if !record.belongs(&zone.issuer, client_id) || !record.fits_origins(&origins) {
            return Err(error::vault::foreign(&zone.name, &record));
        }
        if record.origins.is_none() {
            self.bind_earlier(&*vault, zone, &record, origins);
        }
        self.ui.secrets().add(record.secret.expose());
        Ok(Some(record.secret))
    }

    /// Lets this command use a secret of a zone that is stored only when all else has gone well.
    pub fn hold_secret(&self, zone: &Zone, kind: SecretKind, secret: &Secret) {
        self.held_secrets.borrow_mut().push((zone.name.clone(), kind, secret.clone()));
    }

    fn held_secret(&self, zone: &Zone, kind: SecretKind) -> Option<Secret> {
        let held = self.held_secrets.borrow();
        held.iter().find(|(name, of, _)| *name == zone.name && *of == kind).map(|(.., secret)| secret.clone())
    }

    /// Binds a record of hallpass 0.1.0 to the origins of its zone at its first use. Those that servers rotate are bound
    /// when they are written next: here a newer one could be overwritten.
    fn bind_earlier(&self, vault: &dyn Vault, zone: &Zone, record: &Record, origins: Vec<String>) {
        if matches!(record.kind, SecretKind::RefreshToken | SecretKind::RegistrationToken) || self.is_dry() {
            return;
        }
        // Whoever stores a secret of these kinds holds this lock.
        let Ok(LockOutcome::Held(_lock)) = self.lock_unless(&LockName::Config, &mut || true) else { return };
        let unchanged = |now: &Record| now.origins.is_none() && now.secret.matches(&record.secret);
        if vault.get(&zone.name, record.kind).ok().flatten().is_some_and(|now| unchanged(&now))
            && let Err(fault) = vault.put(&zone.name, &Record { origins: Some(origins), ..record.clone() })
        {
            self.ui.debug(&format!("the stored {} was not bound to its endpoints: {fault}", record.kind));
        }
    }

    /// A secret bound to this zone's issuer, client and endpoints.
    pub fn record(&self, zone: &Zone, kind: SecretKind, secret: Secret) -> Record {
        Record {
            issuer: zone.issuer.clone(),
            client_id: zone.client_id.clone().unwrap_or_default(),
            origins: Some(zone.credential_origins()),
            kind,
            secret,
            created: self.clock.now(),
        }
    }

    /// Stores these records of zones, then does `write`; when one of them fails, the vault is as before.
    pub fn store_secrets<'a>(
        &self,
        vault: &dyn Vault,
        records: impl IntoIterator<Item = (&'a str, Record)>,
        write: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut changes = Changes::of(vault);
        let mut put = |(zone, record): (&str, Record)| changes.put(zone, &record).map_err(explain_new);
        let stored = records.into_iter().try_for_each(&mut put);
        stored.and_then(|()| write()).inspect_err(|_| {
            if let Err(fault) = changes.undo() {
                self.ui.warn(&format!("could not restore the vault: {fault}"));
            }
        })
    }

    /// The client secret of a zone; `None` for a client without one.
    pub fn client_secret(&self, zone: &Zone) -> Result<Option<Secret>, Error> {
        match self.stand_in() {
            Some(secret) => Ok(Some(secret)),
            None => self.read_located(zone, &zone.client_secret, SecretKind::ClientSecret),
        }
    }

    /// The private key of a zone, with the zone's key id and algorithm; `None` for a client without one.
    pub fn private_key(&self, zone: &Zone) -> Result<Option<SigningKey>, Error> {
        if let Some(key) = self.key_stand_in()? {
            return Ok(Some(key));
        }
        let Some(text) = self.read_located(zone, &zone.private_key, SecretKind::PrivateKey)? else { return Ok(None) };
        let key = SigningKey::from_text(&text, zone.key_id.as_deref(), zone.algorithm).map_err(|fault| {
            let place = match &zone.private_key {
                SecretLocation::Referenced(source) => crate::text::sanitize(&source.to_string()),
                _ => "the vault".to_owned(),
            };
            Error::from(fault).because(format!("the private key of zone {}, read from {place}", zone.name))
        })?;
        Ok(Some(key))
    }

    /// The certificate of a zone with its key; `None` for a zone that has none for TLS.
    pub fn client_identity(&self, zone: &Zone) -> Result<Option<Identity>, Error> {
        let Some(file) = zone.cert.as_ref().filter(|_| !zone.has_certificate_of_key()) else { return Ok(None) };
        if self.is_dry() {
            return Ok(Some(Identity::without_key(file)));
        }
        let key = self.read_located(zone, &zone.cert_key, SecretKind::CertKey)?;
        let key = key.ok_or_else(|| error::client::no_certificate_key(&zone.name))?;
        Ok(Some(Identity::load(file, &key)?))
    }

    fn read_located(&self, zone: &Zone, location: &SecretLocation, kind: SecretKind) -> Result<Option<Secret>, Error> {
        match location {
            SecretLocation::None => Ok(None),
            SecretLocation::Stored => {
                self.stored(zone, kind)?.map(Some).ok_or_else(|| error::vault::missing(&zone.name, kind))
            }
            SecretLocation::Referenced(source) => {
                if let Some(secret) = self.held_secret(zone, kind) {
                    return Ok(Some(secret));
                }
                let what = format!("{} of zone {}", kind.name().replace('_', " "), zone.name);
                let secret = self.read_unasked(source, &what, Some(zone))?;
                if self.holds_references {
                    self.hold_secret(zone, kind, &secret);
                }
                Ok(Some(secret))
            }
        }
    }
}

/// A vault that can't be used for a zone that is made now.
pub fn explain_new(fault: store::Fault) -> Error {
    let is_keyring = matches!(fault, store::Fault::Keyring(_));
    let error = Error::from(fault);
    if is_keyring { error.or_sealed_vault() } else { error }
}
