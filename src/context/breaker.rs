//! The breaker of a token endpoint, whose state processes share: one small file for each endpoint.

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

pub struct EndpointBreaker<'a> {
    context: &'a Context,
    endpoint: &'a str,
    file: PathBuf,
}

impl Context {
    /// The breaker of a token endpoint; `None` where it is switched off, and without a home directory.
    pub(super) fn endpoint_breaker<'a>(&'a self, endpoint: &'a str) -> Result<Option<EndpointBreaker<'a>>, Error> {
        if self.options.no_breaker || self.is_dry() || self.environment.flag("HALLPASS_NO_CACHE") {
            return Ok(None);
        }
        Ok(self.breaker_file(endpoint)?.map(|file| EndpointBreaker { context: self, endpoint, file }))
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
        if !has_state(&self.file) {
            return Ok(true);
        }
        match self.update_state(Breaker::admit)? {
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
        if http::is_outage(result) {
            self.update_state(Breaker::record_failure)?;
        } else if result.is_ok() && has_state(&self.file) {
            self.update_state(|breaker, _| breaker.record_success())?;
        }
        Ok(())
    }

    /// Reads, changes and writes the state under its lock. A state that can't be read or saved is no reason to fail.
    fn update_state<T>(&self, change: impl FnOnce(&mut Breaker, Moment) -> T) -> Result<T, Error> {
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
