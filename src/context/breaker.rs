//! The breaker of a token endpoint, whose state processes share: one small file for each endpoint. Replicas of a gate share it
//! in the engine of their cache; while that does not serve, the file counts.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::edges::Moment;
use crate::error::{Error, breaker};
use crate::http::{self, Admission, Breaker, Fault};
use crate::oauth::message::Response;
use crate::store::directory;
use crate::store::file::{self, Durability};

use super::{Context, LockName};

/// The most bytes that a breaker's state may have.
const LIMIT: u64 = 4096;
/// How often a change is tried while other replicas change the state too.
const TRIES: usize = 3;

pub struct EndpointBreaker<'a> {
    context: &'a Context,
    endpoint: &'a str,
    file: PathBuf,
    /// Whether replicas had a state of it when a command was admitted.
    is_shared: Cell<bool>,
}

impl Context {
    /// The breaker of a token endpoint; `None` where it is switched off, and without a home directory.
    pub(super) fn endpoint_breaker<'a>(&'a self, endpoint: &'a str) -> Result<Option<EndpointBreaker<'a>>, Error> {
        if self.options.no_breaker || self.is_dry() || self.environment.flag("HALLPASS_NO_CACHE") {
            return Ok(None);
        }
        Ok(self.breaker_file(endpoint)?.map(|file| EndpointBreaker {
            context: self,
            endpoint,
            file,
            is_shared: Cell::new(false),
        }))
    }

    fn breaker_file(&self, endpoint: &str) -> Result<Option<PathBuf>, Error> {
        let name = u128::from_be_bytes(std::array::from_fn(|at| Sha256::digest(endpoint.as_bytes())[at]));
        Ok(self.paths_or_none()?.map(|paths| paths.breaker_dir.join(format!("{name:032x}.json"))))
    }

    /// Until when the breaker of this endpoint is open; only read, for `status`.
    pub fn breaker_open_until(&self, endpoint: &str) -> Option<Moment> {
        let path = self.breaker_file(endpoint).ok()??;
        let bytes = file::read(&path, LIMIT).ok()??;
        Breaker::parse(&String::from_utf8_lossy(&bytes)).open_until(self.clock.now())
    }
}

impl EndpointBreaker<'_> {
    /// Refuses while the breaker is open; gives whether retries are allowed.
    pub fn admit(&self) -> Result<bool, Error> {
        let admission = match self.update_shared_state(Breaker::admit) {
            Some(admission) => admission,
            None if has_state(&self.file) => self.update_file(Breaker::admit)?,
            None => return Ok(true),
        };
        match admission {
            Admission::Closed => Ok(true),
            Admission::Probe => {
                self.context.ui.debug("the circuit breaker allows one attempt");
                Ok(false)
            }
            Admission::Open { until } => Err(breaker::is_open(crate::oauth::issuer::origin(self.endpoint), until)),
        }
    }

    /// Records how a command ended; a refusal of our own (an untrusted certificate, a redirect) does not count.
    pub fn record(&self, result: &Result<Response, Fault>) -> Result<(), Error> {
        let succeed = |breaker: &mut Breaker, _| breaker.record_success();
        if http::is_outage(result) {
            if self.update_shared_state(Breaker::record_failure).is_none() {
                self.update_file(Breaker::record_failure)?;
            }
        } else if result.is_ok() {
            // One that another replica has begun since says more of the server than this answer does.
            if self.is_shared.get() {
                self.update_shared_state(succeed);
            }
            if has_state(&self.file) {
                self.update_file(succeed)?;
            }
        }
        Ok(())
    }

    /// Changes the state that replicas share; `None` where there are none, and where the engine does not serve.
    fn update_shared_state<T>(&self, change: impl Fn(&mut Breaker, Moment) -> T) -> Option<T> {
        let (context, endpoint) = (self.context, self.endpoint);
        for _ in 0..TRIES {
            let now = context.clock.now();
            let state = context.ask_replicas(|cache, patience| cache.breaker_state(endpoint, now, patience))?;
            self.is_shared.set(!state.text.is_empty());
            let mut breaker = Breaker::parse(&state.text);
            let result = change(&mut breaker, state.now);
            let after = if breaker == Breaker::default() { String::new() } else { breaker.to_json() };
            let is_done = after == state.text
                || context.ask_replicas(|cache, patience| {
                    cache.replace_breaker_state(endpoint, &state, &after, &*context.entropy, patience)
                })?;
            if is_done {
                return Some(result);
            }
        }
        None
    }

    /// Reads, changes and writes the state under its lock. A state that can't be read or saved is no reason to fail.
    fn update_file<T>(&self, change: impl FnOnce(&mut Breaker, Moment) -> T) -> Result<T, Error> {
        let context = self.context;
        let now = context.clock.now();
        let kept = directory::create_private(&context.paths()?.breaker_dir)
            .map_err(Error::from)
            .and_then(|()| context.lock(&LockName::Breaker(&self.file)));
        let bytes = file::read(&self.file, LIMIT).unwrap_or_else(|fault| {
            context.ui.debug(&format!("could not read the state of the breaker: {fault}"));
            None
        });
        let bytes = bytes.unwrap_or_default();
        let before = String::from_utf8_lossy(&bytes).into_owned();
        let mut breaker = Breaker::parse(&before);
        let result = change(&mut breaker, now);
        let after = breaker.to_json();
        if after != before
            && let Err(error) =
                kept.and_then(|_lock| Ok(file::write(&self.file, after.as_bytes(), Durability::Volatile)?))
        {
            context.ui.debug(&format!("could not save the state of the breaker: {}", error.message));
        }
        Ok(result)
    }
}

/// Whether a breaker has any state; most never do.
fn has_state(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}
