//! All token caches of a user at once: what is forgotten, revoked or renamed lies in none of them afterwards.

use std::path::{Path, PathBuf};

use crate::secret::Secret;
use crate::store::{Fault, Problem, directory};

use super::directory::Cache;
use super::registry::CacheRegistry;
use super::token::Token;

/// Every directory where a cached token may lie.
#[derive(Debug, Clone, Default)]
pub struct TokenCaches {
    known: Vec<PathBuf>,
    registry: Option<CacheRegistry>,
}

impl TokenCaches {
    /// The directories that the environment names now, and those that are remembered.
    pub fn new(known: Vec<PathBuf>, registry: CacheRegistry) -> Self {
        Self { known, registry: Some(registry) }
    }

    /// As [`Cache::forget_token`], in every cache.
    pub fn forget_token(&self, token: &Secret) -> Result<usize, Fault> {
        self.sweep(|cache| cache.forget_token(token))
    }

    /// As [`Cache::forget_zone`], in every cache.
    pub fn forget_zone(&self, zone: &str) -> Result<usize, Fault> {
        self.sweep(|cache| cache.forget_zone(zone))
    }

    /// As [`Cache::forget_all`], in every cache.
    pub fn forget_all(&self) -> Result<usize, Fault> {
        self.sweep(Cache::forget_all)
    }

    /// As [`Cache::rename_zone`], in every cache.
    pub fn rename_zone(&self, old: &str, new: &str) -> Result<(), Fault> {
        self.sweep(|cache| cache.rename_zone(old, new).map(|()| 0)).map(drop)
    }

    /// The tokens of a zone in every cache, each once.
    pub fn of_zone(&self, zone: &str) -> Result<Vec<Token>, Fault> {
        let mut found: Vec<Token> = Vec::new();
        self.sweep(|cache| {
            for token in cache.list()?.into_iter().filter(|token| token.provenance.zone == zone) {
                if !found.iter().any(|known| known.access_token.matches(&token.access_token)) {
                    found.push(token);
                }
            }
            Ok(0)
        })?;
        Ok(found)
    }

    fn sweep(&self, mut act: impl FnMut(&Cache) -> Result<usize, Fault>) -> Result<usize, Fault> {
        let (mut count, mut failed) = (0, None);
        for directory in self.directories()? {
            match is_ours(&directory).and_then(|ours| if ours { act(&Cache::new(&*directory)) } else { Ok(0) }) {
                Ok(more) => count += more,
                Err(fault) => failed = failed.or(Some(fault)),
            }
        }
        failed.map_or(Ok(count), Err)
    }

    fn directories(&self) -> Result<Vec<PathBuf>, Fault> {
        let mut all = self.known.clone();
        if let Some(registry) = &self.registry {
            all.extend(registry.directories()?);
        }
        all.sort();
        all.dedup();
        Ok(all)
    }
}

/// Whether a directory holds what we wrote. One that has gone, or now belongs to another user, does not.
fn is_ours(directory: &Path) -> Result<bool, Fault> {
    let checked = directory.parent().map_or(Ok(()), directory::check_root).and_then(|()| directory::check(directory));
    match checked {
        Err(Fault::Unsafe { problem: Problem::Owner { .. }, .. }) => Ok(false),
        checked => checked,
    }
}
