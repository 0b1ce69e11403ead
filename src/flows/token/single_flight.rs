//! Finds a token in the cache or fetches it, so that N processes that want the same token make one request.
//!
//! While one process holds the lock of a credential the others wait, read the cache again, and share its failure. The
//! kernel releases the lock of a process that dies. If a renewal fails, a token that is still valid serves.

use std::path::PathBuf;

use crate::config::Zone;
use crate::context::{Caches, Context, LockName};
use crate::error::{self, Error};
use crate::store::{Cache, LockOutcome, Token, TokenKey};

use super::cache;
use super::failure;
use super::freshness::Freshness;

/// Where a token came from, as the JSON member `source` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Cache,
    Refresh,
    Grant,
    Environment,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Refresh => "refresh",
            Self::Grant => "grant",
            Self::Environment => "environment",
        }
    }
}

#[derive(Debug, Clone)]
pub struct TokenResult {
    pub token: Token,
    pub source: Source,
    pub because: &'static str,
    /// The file that goes or changes when the token is forgotten or replaced; `None` where no file knows of it.
    pub file: Option<TokenFile>,
}

/// Where a token is found again. Its path is a hash that only those who watch the file need.
#[derive(Debug, Clone)]
pub enum TokenFile {
    Cached(Cache, Box<TokenKey>),
    Session(PathBuf),
}

impl TokenFile {
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Cached(cache, key) => cache.path_of(key),
            Self::Session(path) => path.clone(),
        }
    }
}

pub struct Fetched {
    pub token: Token,
    pub source: Source,
    pub cacheable: bool,
    /// Whether the refresh token that came with it could be stored. The access token is cached either way.
    pub stored: Result<(), Error>,
}

impl Fetched {
    /// The result of a fetch that nothing is cached of.
    pub fn into_result(self, because: &'static str) -> Result<TokenResult, Error> {
        self.stored.map(|()| TokenResult { token: self.token, source: self.source, because, file: None })
    }
}

/// The one request that all who want the token of a key wait for.
pub struct SingleFlight<'a> {
    pub cx: &'a Context,
    pub zone: &'a Zone,
    pub caches: &'a Caches,
    pub key: &'a TokenKey,
    /// What no two processes use at once: a refresh token serves all the tokens of its zone.
    pub lock: LockName<'a>,
    pub freshness: Freshness,
}

impl SingleFlight<'_> {
    /// The cached token if it will do, else a fetched one.
    pub fn get_or_fetch(&self, fetch: impl FnOnce() -> Result<Fetched, Error>) -> Result<TokenResult, Error> {
        if let Some(token) = self.cached()?.filter(|token| self.freshness.serves(self.cx, token)) {
            return Ok(from_cache(token, "it is not due for renewal"));
        }
        let mut superseding = None;
        let mut is_superseded = || {
            superseding =
                self.cached().ok().flatten().filter(|token| self.freshness.serves_while_waiting(self.cx, token));
            superseding.is_some()
        };
        // A refresh token must not be used twice at once; a grant may be.
        let waited = match self.lock {
            LockName::Token(_) => self.cx.lock_if_possible(&self.lock, &mut is_superseded),
            _ => self.cx.lock_unless(&self.lock, &mut is_superseded).map(Some),
        };
        let _held = match waited {
            Ok(Some(LockOutcome::Held(lock))) => Some(lock),
            Ok(Some(LockOutcome::Superseded) | None) => None,
            Err(error) => return self.fall_back(error),
        };
        if let Some(token) = superseding {
            return Ok(from_cache(token, "another process obtained it or is renewing it"));
        }
        // Whoever held the lock before us may have brought it.
        if let Some(token) = self.cached()?.filter(|token| self.freshness.serves(self.cx, token)) {
            return Ok(from_cache(token, "another process obtained it"));
        }
        if let Some(error) = failure::shared_failure(self.cx, self.zone, self.key) {
            return self.fall_back(error);
        }
        match fetch() {
            Ok(fetched) => {
                let shared = fetched.source == Source::Cache;
                let because = if shared { "another machine obtained it" } else { "no usable cached token" };
                self.cache_fetched(fetched)?.into_result(because)
            }
            Err(error) => {
                failure::share_failure(self.cx, self.zone, self.key, &error);
                self.fall_back(error)
            }
        }
    }

    fn cached(&self) -> Result<Option<Token>, Error> {
        Ok(self.caches.tokens.get(self.key)?)
    }

    fn cache_fetched(&self, mut fetched: Fetched) -> Result<Fetched, Error> {
        if fetched.token.id_token.is_none() {
            // A refresh need not bring one; the old one still says who signed in.
            fetched.token.id_token = self.cached()?.and_then(|token| token.id_token);
        }
        if fetched.cacheable {
            cache::put(self.cx, self.caches, self.key, &fetched.token);
        }
        Ok(fetched)
    }

    /// A still valid token is served when a renewal fails, with a warning; never for `--fresh`.
    fn fall_back(&self, error: Error) -> Result<TokenResult, Error> {
        if self.freshness.fresh || error.silent {
            return Err(error);
        }
        match self.cached()? {
            Some(token @ Token { expires_at: Some(until), .. }) if token.left(self.cx.clock.now()).is_some() => {
                self.cx.ui.warn(&error::token::renewal_failed(Some(until), &error));
                Ok(from_cache(token, "renewal failed and it is still valid"))
            }
            _ => Err(error),
        }
    }
}

fn from_cache(token: Token, because: &'static str) -> TokenResult {
    TokenResult { token, source: Source::Cache, because, file: None }
}
