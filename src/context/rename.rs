//! A rename of a zone as the disk knows it: its journal says which copies are half made, and a killed rename is taken
//! back or finished by the next command that changes zones or asks for a token.
//!
//! Everything is copied to the new name, then the configuration is written, then the old name is cleared. At every point
//! the name that the configuration has is whole; what lies under the other one may go.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::{Backend, Config};
use crate::error::Error;
use crate::store::file::{self, Durability};
use crate::store::registration::Journal;
use crate::store::{Record, SecretKind};

use super::{Context, LockName};

/// The most bytes of the journal.
const LIMIT: u64 = 4096;

#[derive(Serialize, Deserialize)]
pub struct Rename {
    pub old: String,
    pub new: String,
    /// The vault that has secrets of it, by its name.
    vault: Option<String>,
    /// The secrets that are copied: their kinds, and when they were stored.
    secrets: Vec<(String, i64)>,
    /// The registrations that are copied: their numbers and times.
    registrations: Vec<(u64, i64)>,
}

impl Rename {
    pub fn new(old: &str, new: &str, vault: Option<Backend>, records: &[Record], journal: &Journal) -> Self {
        Self {
            old: old.to_owned(),
            new: new.to_owned(),
            vault: vault.map(|vault| vault.to_string()),
            secrets: records.iter().map(|record| (record.kind.name().to_owned(), record.created.epoch())).collect(),
            registrations: journal.entries.iter().map(|entry| (entry.id, entry.at_ms)).collect(),
        }
    }

    /// Says on the disk that it begins. The caller holds the lock of the configuration.
    pub fn begin(&self, cx: &Context) -> Result<(), Error> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Ok(file::write(&cx.rename_journal()?, &json, Durability::Synced)?)
    }

    /// Removes what was copied from under the names that are no zone now, then the journal. What another command stored
    /// there meanwhile stays: `client register --save-as` has a journal before there is a zone.
    pub fn end(&self, cx: &Context, zones: &[&str]) -> Result<(), Error> {
        for name in [&self.old, &self.new].into_iter().filter(|name| !zones.contains(&name.as_str())) {
            self.delete_secrets(cx, name)?;
            cx.sessions()?.remove(name)?;
            self.discard_registrations(cx, name)?;
            cx.token_caches()?.forget_zone(name)?;
        }
        file::remove(&cx.rename_journal()?)?;
        Ok(())
    }

    fn delete_secrets(&self, cx: &Context, name: &str) -> Result<(), Error> {
        let Some(vault) = self.vault.as_deref().and_then(|vault| vault.parse().ok()) else { return Ok(()) };
        let vault = cx.vault(vault)?;
        for (kind, created) in &self.secrets {
            if let Some(kind) = SecretKind::from_name(kind)
                && vault.get(name, kind)?.is_some_and(|record| record.created.epoch() == *created)
            {
                vault.delete(name, kind)?;
            }
        }
        Ok(())
    }

    fn discard_registrations(&self, cx: &Context, name: &str) -> Result<(), Error> {
        if self.registrations.is_empty() {
            return Ok(());
        }
        let _lock = cx.lock(&LockName::Journal(name))?;
        let mut journal = cx.registrations()?.open(name)?;
        journal.entries.retain(|entry| !self.registrations.contains(&(entry.id, entry.at_ms)));
        Ok(journal.save()?)
    }
}

impl Context {
    fn rename_journal(&self) -> Result<PathBuf, Error> {
        Ok(self.paths()?.rename_journal())
    }

    /// Takes back or finishes a rename that was killed. It is never a reason to fail.
    pub fn settle_rename(&self) {
        let journal = self.paths_or_none().ok().flatten().map(crate::config::Paths::rename_journal);
        if journal.is_some_and(|journal| journal.symlink_metadata().is_ok())
            && !self.options.dry_run
            && let Err(error) = self.edit_config(|_| Ok(()))
        {
            self.warn_unsettled(&error);
        }
    }

    /// As [`Context::settle_rename`], for who holds the lock of the configuration.
    pub(super) fn settle_rename_locked(&self, config: &Config) {
        let settle = || -> Result<(), Error> {
            let path = self.rename_journal()?;
            let Some(bytes) = file::read(&path, LIMIT)? else { return Ok(()) };
            match serde_json::from_slice::<Rename>(&bytes) {
                Ok(rename) => rename.end(self, &config.zones()),
                Err(_) => Ok(file::remove(&path).map(drop)?),
            }
        };
        if let Err(error) = settle() {
            self.warn_unsettled(&error);
        }
    }

    pub fn warn_unsettled(&self, error: &Error) {
        let cause = error.chain();
        self.ui.warn(&format!("copies of an interrupted zone rename stay until the next command: {cause}"));
    }
}
