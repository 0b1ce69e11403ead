//! `--dry-run`: stand-ins for what is sent hidden, so that neither a source nor the vault is opened, and no cached token
//! hides the request that is to be shown.

use crate::config::Zone;
use crate::error::Error;
use crate::jose::{Algorithm, SigningKey};
use crate::secret::Secret;
use crate::source::Source;

use super::{Caches, Context};

impl Context {
    /// What stands for a secret; `None` when requests are sent.
    pub fn stand_in(&self) -> Option<Secret> {
        self.options.dry_run.then(|| Secret::new("dry-run"))
    }

    pub(super) fn key_stand_in(&self) -> Result<Option<SigningKey>, Error> {
        Ok(self.stand_in().map(|_| SigningKey::generate(Algorithm::Es256)).transpose()?)
    }

    /// As [`Context::read`], for a secret that is sent hidden and not looked at.
    pub fn read_hidden(&self, source: &Source, zone: Option<&Zone>) -> Result<Secret, Error> {
        self.stand_in().map_or_else(|| self.read(source, zone), Ok)
    }

    /// The caches, where a token may come from one.
    pub fn usable_caches(&self, zone: &Zone) -> Result<Option<Caches>, Error> {
        if self.stand_in().is_some() { Ok(None) } else { self.caches(zone.ephemeral()) }
    }

    /// Refuses a dry run of what sends no request.
    pub fn require_request(&self, sends: bool) -> Result<(), Error> {
        if sends || self.stand_in().is_none() { Ok(()) } else { Err(Error::nothing_sent()) }
    }
}
