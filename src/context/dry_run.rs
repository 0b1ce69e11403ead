//! `--dry-run`: stand-ins for what is sent hidden, so that neither a source nor the vault is opened, and no cached token
//! hides the request that is to be shown.

use crate::config::Zone;
use crate::error::Error;
use crate::jose::{Algorithm, SigningKey};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::{Fault, Vault};

use super::{Caches, Context};

impl Context {
    /// What stands for a secret in a dry run; `None` when requests are sent.
    pub fn stand_in(&self) -> Option<Secret> {
        self.is_dry().then(|| Secret::new("dry-run"))
    }

    /// Whether nothing is sent and nothing is changed.
    pub fn is_dry(&self) -> bool {
        self.options.dry_run
    }

    pub(super) fn key_stand_in(&self) -> Result<Option<SigningKey>, Error> {
        Ok(self.stand_in().map(|_| SigningKey::generate(Algorithm::Es256)).transpose()?)
    }

    /// As [`Context::read`], for a secret that is sent hidden and not looked at.
    pub fn read_hidden(&self, source: &Source, what: &str, zone: Option<&Zone>) -> Result<Secret, Error> {
        self.stand_in().map_or_else(|| self.read(source, what, zone), Ok)
    }

    /// The caches, where a token may come from one.
    pub fn usable_caches(&self, zone: &Zone) -> Result<Option<Caches>, Error> {
        if self.is_dry() { Ok(None) } else { self.caches(zone.ephemeral()) }
    }

    /// Refuses a dry run of what sends no request.
    pub fn require_request(&self, sends: bool) -> Result<(), Error> {
        if sends || !self.is_dry() { Ok(()) } else { Err(Error::nothing_sent()) }
    }
}

/// The vault of a dry run: it holds nothing and stores nothing.
pub struct DryVault;

impl Vault for DryVault {
    fn title(&self) -> &'static str {
        "the vault of a dry run"
    }

    fn status(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn read(&self, _name: &str) -> Result<Option<Secret>, Fault> {
        Ok(None)
    }

    fn write(&self, _name: &str, _json: Secret) -> Result<(), Fault> {
        Ok(())
    }

    fn remove(&self, _name: &str) -> Result<bool, Fault> {
        Ok(false)
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
}
