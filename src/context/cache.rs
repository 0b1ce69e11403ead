//! The caches of a command: access tokens, metadata, and the locks around them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::Paths;
use crate::error::Error;
use crate::store::{
    Cache, CacheRegistry, Documents, Fault, Lock, LockOutcome, Registrations, Sessions, TokenCaches, TokenKey,
};

use super::Context;

/// How long the state of a breaker is waited for at least: an outage counts also where it took all the time there was.
const COUNTING: Duration = Duration::from_millis(100);

/// What a lock guards. A zone's name is safe in a path.
#[derive(Debug, Clone, Copy)]
pub enum LockName<'a> {
    Config,
    Token(&'a TokenKey),
    /// The sign-in of this zone, and so its refresh token.
    Session(&'a str),
    /// The making of this zone's proof key.
    ProofKey(&'a str),
    /// The registration of this zone's client.
    Registration(&'a str),
    /// The journal of this zone's registrations.
    Journal(&'a str),
    /// The making of the key of shared failures.
    FailureKey,
    /// The breaker whose state is in this file.
    Breaker(&'a Path),
}

impl LockName<'_> {
    fn path_in(&self, paths: &Paths) -> PathBuf {
        paths.lock_dir.join(match self {
            Self::Config => "config.lock".to_owned(),
            Self::Token(_) => "tokens.lock".to_owned(),
            Self::Session(zone) => format!("{zone}.session.lock"),
            Self::ProofKey(zone) => format!("dpop-{zone}.lock"),
            Self::Registration(zone) => format!("{zone}.registration.lock"),
            Self::Journal(zone) => format!("{zone}.journal.lock"),
            Self::FailureKey => "failure.lock".to_owned(),
            Self::Breaker(state) => return state.with_extension("lock"),
        })
    }

    /// What the process that has the lock is doing.
    fn work(&self) -> &'static str {
        match self {
            Self::Config => "changing the configuration",
            Self::Token(_) => "getting this token",
            Self::Session(_) => "using this sign-in",
            Self::ProofKey(_) | Self::FailureKey => "making a key",
            Self::Registration(_) | Self::Journal(_) => "registering this client",
            Self::Breaker(_) => "asking this server",
        }
    }
}

/// The caches, or `None` in them when nothing may be written.
pub struct Caches {
    pub tokens: Cache,
    pub documents: Documents,
}

impl Context {
    /// The caches; `None` with `HALLPASS_NO_CACHE=1`, or when the zone is the environment's and there is no home to
    /// keep them in.
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

    /// Every place where an access token may be, whatever the environment says now: to forget, revoke, rename or remove.
    /// `HALLPASS_NO_CACHE` counts for reading and writing, not for removing.
    pub fn token_caches(&self) -> Result<TokenCaches, Error> {
        let paths = if self.is_dry() { None } else { self.paths_or_none()? };
        let Some(paths) = paths else { return Ok(TokenCaches::default()) };
        let known = vec![paths.usual_tokens_dir.clone(), paths.cache_dir.join("tokens"), paths.tokens_dir.clone()];
        Ok(TokenCaches::new(known, CacheRegistry::new(paths.cache_registry_dir())))
    }

    /// What is known of sign-ins.
    pub fn sessions(&self) -> Result<Sessions, Error> {
        let sessions = Sessions::new(self.paths()?.session_dir());
        Ok(if self.is_dry() { sessions.read_only() } else { sessions })
    }

    /// The journals of registrations; hallpass 0.1.0 kept responses in the runtime directory.
    pub fn registrations(&self) -> Result<Registrations, Error> {
        let paths = self.paths()?;
        let runtime = paths.runtime_dir.as_ref().map(|directory| directory.join("registration"));
        let registrations = Registrations::new(paths.registration_dir(), runtime);
        Ok(if self.is_dry() { registrations.dry() } else { registrations })
    }

    /// Waits for a lock until the deadline; a dry run changes nothing and takes none.
    pub fn lock(&self, name: &LockName<'_>) -> Result<Option<Lock>, Error> {
        if self.is_dry() {
            return Ok(None);
        }
        loop {
            if let LockOutcome::Held(lock) = self.lock_unless(name, &mut || false)? {
                return Ok(Some(lock));
            }
        }
    }

    /// Waits for a lock, or until `superseded` says that it is no longer needed.
    pub fn lock_unless(&self, name: &LockName<'_>, superseded: &mut dyn FnMut() -> bool) -> Result<LockOutcome, Error> {
        self.settings()?;
        self.acquire(name, superseded)?.map_err(Error::from)
    }

    /// As [`Context::lock_unless`], for what goes without a lock as well: `None` where its file can't be written.
    pub fn lock_if_possible(
        &self,
        name: &LockName<'_>,
        superseded: &mut dyn FnMut() -> bool,
    ) -> Result<Option<LockOutcome>, Error> {
        self.settings()?;
        match self.acquire(name, superseded)? {
            Err(fault @ Fault::Io { .. }) => {
                self.ui.debug(&format!("without a lock: {fault}"));
                Ok(None)
            }
            outcome => Ok(Some(outcome?)),
        }
    }

    /// Takes a lock, and shows that another process has it while it waits.
    fn acquire(
        &self,
        name: &LockName<'_>,
        superseded: &mut dyn FnMut() -> bool,
    ) -> Result<Result<LockOutcome, Fault>, Error> {
        let (path, mut shown) = (name.path_in(self.paths()?), None);
        let mut while_waiting = || {
            if shown.is_none() {
                shown = Some(self.ui.waiting().show(|| format!("another hallpass is {}", name.work())));
            }
            superseded()
        };
        let (deadline, clock) = (self.deadline(), &*self.clock);
        let deadline = match name {
            LockName::Breaker(_) => deadline.at_least(COUNTING),
            _ => deadline,
        };
        Ok(match name {
            LockName::Token(key) => Lock::acquire_part(&path, key.number(), deadline, clock, &mut while_waiting),
            _ => Lock::acquire(&path, deadline, clock, &mut while_waiting),
        })
    }
}
