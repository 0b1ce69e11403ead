//! All token caches of a user: what is forgotten, revoked or renamed is in none of them afterwards.

use std::path::{Path, PathBuf};

use crate::secret::Secret;
use crate::store::{Fault, Problem, directory};

use super::directory::Cache;
use super::registry::CacheRegistry;
use super::token::Token;

#[derive(Debug, Clone, Default)]
pub struct TokenCaches {
    known: Vec<PathBuf>,
    registry: Option<CacheRegistry>,
}

impl TokenCaches {
    /// The directories that the environment names, and those of the registry.
    pub fn new(known: Vec<PathBuf>, registry: CacheRegistry) -> Self {
        Self { known, registry: Some(registry) }
    }

    pub fn forget_token(&self, token: &Secret) -> Result<usize, Fault> {
        self.for_each(|cache| cache.forget_token(token))
    }

    pub fn forget_zone(&self, zone: &str) -> Result<usize, Fault> {
        self.for_each(|cache| cache.forget_zone(zone))
    }

    pub fn forget_all(&self) -> Result<usize, Fault> {
        self.for_each(Cache::forget_all)
    }

    pub fn copy_zone(&self, old: &str, new: &str) -> Result<(), Fault> {
        self.for_each(|cache| cache.copy_zone(old, new).map(|()| 0)).map(drop)
    }

    /// What the keys of these tokens are known by elsewhere.
    pub fn fingerprints(&self, is_wanted: &dyn Fn(&Token) -> bool) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        self.for_each(|cache| {
            found.extend(cache.fingerprints(is_wanted)?);
            Ok(0)
        })?;
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The tokens of a zone, each once.
    pub fn of_zone(&self, zone: &str) -> Result<Vec<Token>, Fault> {
        let mut found: Vec<Token> = Vec::new();
        self.for_each(|cache| {
            for token in cache.list()?.into_iter().filter(|token| token.provenance.zone == zone) {
                if !found.iter().any(|known| known.access_token.matches(&token.access_token)) {
                    found.push(token);
                }
            }
            Ok(0)
        })?;
        Ok(found)
    }

    fn for_each(&self, mut act: impl FnMut(&Cache) -> Result<usize, Fault>) -> Result<usize, Fault> {
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

/// Whether a directory contains what we wrote. One that is gone or belongs to another user by now does not.
fn is_ours(directory: &Path) -> Result<bool, Fault> {
    let checked =
        directory.parent().map_or(Ok(()), directory::check_root).and_then(|()| directory::exists_private(directory));
    match checked {
        Err(Fault::Unsafe { problem: Problem::Owner { .. }, .. }) => Ok(false),
        checked => checked,
    }
}
