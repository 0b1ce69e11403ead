//! The copies of cached tokens in the shared cache, which go with those here.

use std::sync::Arc;

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::oauth::grant::Grant;
use crate::secret::Secret;
use crate::shared_cache::{Fault, FoundEntry, Patience, SharedCache};
use crate::store::Token;

use super::cache;
use super::request::TokenRequest;

/// Where copies may be, found before anything is removed here. An engine that does not answer keeps them, which is a
/// warning.
pub struct SharedCopies {
    cache: Option<Arc<SharedCache>>,
    fingerprints: Vec<String>,
}

impl SharedCopies {
    /// Those of all tokens that are cached here.
    pub fn of_all(cx: &Context) -> Result<Self, Error> {
        Self::find(cx, None, &|_| true)
    }

    /// Those of a zone's tokens that are cached here, and of its usual one, which another machine may have brought.
    pub fn of_zone(cx: &Context, zone: &Zone) -> Result<Self, Error> {
        Self::find(cx, Some(zone), &|token| token.provenance.zone == zone.name)
    }

    /// Those under the keys of this token here, and under the keys of a zone.
    pub fn of_token(cx: &Context, token: &Secret, zone: Option<&Zone>) -> Result<Self, Error> {
        Self::find(cx, zone, &|cached| {
            cached.access_token.matches(token) || zone.is_some_and(|zone| cached.provenance.zone == zone.name)
        })
    }

    fn find(cx: &Context, zone: Option<&Zone>, is_wanted: &dyn Fn(&Token) -> bool) -> Result<Self, Error> {
        let mut found = Self { cache: None, fingerprints: Vec::new() };
        if cx.shared_cache_setting()?.is_none() {
            return Ok(found);
        }
        let is_shared = |token: &Token| Grant::by_name(&token.provenance.grant) == Some(Grant::ClientCredentials);
        found.fingerprints = cx.token_caches()?.fingerprints(&|token| is_shared(token) && is_wanted(token))?;
        let usual = zone.filter(|zone| zone.grant() == Grant::ClientCredentials);
        let usual = usual.and_then(|zone| cache::token_key(cx, &TokenRequest::of(zone)).ok());
        found.fingerprints.extend(usual.map(|key| key.fingerprint()));
        found.fingerprints.sort();
        found.fingerprints.dedup();
        // Where nothing is shared, its key is not read.
        found.cache = if found.fingerprints.is_empty() { None } else { cx.shared_cache()? };
        Ok(found)
    }

    /// What is there under their keys, which may be newer than what is here.
    pub fn find_entries(&self, cx: &Context) -> Vec<FoundEntry> {
        let found = self
            .for_each(cx, &self.fingerprints, |cache, fingerprint, patience| cache.find_entry(fingerprint, patience));
        found.into_iter().flatten().collect()
    }

    /// Removes them all.
    pub fn forget(&self, cx: &Context) {
        self.for_each(cx, &self.fingerprints, |cache, fingerprint, patience| cache.forget(fingerprint, patience));
    }

    /// Removes those of these entries that are this token.
    pub fn forget_token(&self, cx: &Context, entries: &[FoundEntry], token: &Secret) {
        let copies = entries.iter().filter(|entry| entry.is_of(token));
        self.for_each(cx, copies, SharedCache::forget_entry);
    }

    /// Does this with each, as long as the engine answers.
    fn for_each<I, T>(
        &self,
        cx: &Context,
        items: impl IntoIterator<Item = I>,
        act: impl Fn(&SharedCache, I, Patience) -> Result<T, Fault>,
    ) -> Vec<T> {
        let Some(cache) = &self.cache else { return Vec::new() };
        let mut done = Vec::new();
        for item in items {
            let limit = cx.deadline().remaining().unwrap_or_default() / 4;
            match act(cache, item, Patience { limit, counts: true }) {
                Ok(value) => done.push(value),
                Err(fault) => {
                    cx.warn_shared_cache(cache, &fault);
                    if !matches!(fault, Fault::Forged(_)) {
                        break;
                    }
                }
            }
        }
        done
    }
}
