//! The caches of a command: access tokens, metadata, and the locks around them.

use std::path::Path;

use crate::error::Error;
use crate::store::{Acquired, Cache, CacheRegistry, Documents, Lock, Registrations, Sessions, TokenCaches};

use super::Context;

/// What waiting for a lock came to.
pub enum Waited {
    /// The lock is ours until this is dropped.
    Held(Lock),
    /// Meanwhile somebody else brought what was wanted.
    Brought,
}

/// The caches, or `None` in them when nothing may be written.
pub struct Caches {
    /// Access tokens.
    pub tokens: Cache,
    /// Metadata per issuer.
    pub documents: Documents,
}

impl Context {
    /// The caches; `None` with `HALLPASS_NO_CACHE=1`, or when the zone is the environment's and there is no home to
    /// keep them in.
    ///
    /// # Errors
    /// 3 when there is no home directory but the zone comes from one; 7 when the home is not ours alone.
    pub fn caches(&self, ephemeral: bool) -> Result<Option<Caches>, Error> {
        if self.environment.flag("HALLPASS_NO_CACHE") {
            return Ok(None);
        }
        let paths = if ephemeral { self.paths_or_none()? } else { Some(self.paths()?) };
        Ok(paths.map(|paths| {
            let tokens = Cache::new(&paths.tokens_dir);
            let tokens = if paths.tokens_dir == paths.usual_tokens_dir {
                tokens
            } else {
                tokens.remembered_in(CacheRegistry::new(paths.cache_registry_dir()))
            };
            Caches { tokens, documents: Documents::new(&paths.documents_dir) }
        }))
    }

    /// Every place where an access token may lie, whatever the environment says now: for what forgets, revokes, renames
    /// or removes. `HALLPASS_NO_CACHE` counts for reading and writing, not for removing.
    ///
    /// # Errors
    /// 7 when the home is not ours alone.
    pub fn token_caches(&self) -> Result<TokenCaches, Error> {
        let Some(paths) = self.paths_or_none()? else { return Ok(TokenCaches::default()) };
        let known = vec![paths.usual_tokens_dir.clone(), paths.cache_dir.join("tokens"), paths.tokens_dir.clone()];
        Ok(TokenCaches::new(known, CacheRegistry::new(paths.cache_registry_dir())))
    }

    /// What is known of sign-ins.
    ///
    /// # Errors
    /// 3 when there is no home directory.
    pub fn sessions(&self) -> Result<Sessions, Error> {
        Ok(Sessions::new(self.paths()?.session_dir()))
    }

    /// The journals of registrations; hallpass 0.1.0 kept responses in the runtime directory.
    ///
    /// # Errors
    /// 3 when there is no home directory.
    pub fn registrations(&self) -> Result<Registrations, Error> {
        let paths = self.paths()?;
        let runtime = paths.runtime_dir.as_ref().map(|folder| folder.join("registration"));
        Ok(Registrations::new(paths.registration_dir(), runtime))
    }

    /// Waits for a lock until the deadline.
    ///
    /// # Errors
    /// 6 when it stays busy, 7 when it can't be made.
    pub fn lock(&self, path: &Path) -> Result<Lock, Error> {
        match self.lock_unless(path, &mut || false)? {
            Waited::Held(lock) => Ok(lock),
            Waited::Brought => Err(Error::internal("a lock was neither held nor busy")),
        }
    }

    /// Waits for a lock, or until `brought` says that it is no longer needed.
    ///
    /// # Errors
    /// 6 when it stays busy, 7 when it can't be made; those of [`Context::settings`], which say how long to wait.
    pub fn lock_unless(&self, path: &Path, brought: &mut dyn FnMut() -> bool) -> Result<Waited, Error> {
        self.settings()?;
        match Lock::acquire(path, self.deadline(), &*self.clock, brought)? {
            Acquired::Held(lock) => Ok(Waited::Held(lock)),
            Acquired::NotNeeded => Ok(Waited::Brought),
        }
    }
}
