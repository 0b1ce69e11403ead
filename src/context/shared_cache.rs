//! The shared cache of a command: named by the environment or the settings, made when it is first asked, warned of once.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::{Origin, Setting};
use crate::edges::{Moment, host_name};
use crate::error::{self, Error};
use crate::secret::Secret;
use crate::shared_cache::{Address, Engine, Fault, Keys, MEMORY, SharedCache, Way};
use crate::source::Source;
use crate::store::directory;
use crate::store::file::{self, Durability};

use super::Context;

const VARIABLE: &str = "HALLPASS_SHARED_CACHE";
const PASSWORD: &str = "HALLPASS_SHARED_CACHE_PASSWORD_FROM";
const KEY: &str = "HALLPASS_SHARED_CACHE_KEY_FROM";

/// The most bytes that the memory of a fault may have.
const LIMIT: u64 = 4096;

/// What another process met.
#[derive(Serialize, Deserialize)]
struct Memory {
    at: i64,
    /// The whole address: what one user or database meets says nothing of another.
    address: String,
    why: String,
}

impl Context {
    /// The engine that is named, if any.
    pub fn shared_cache_setting(&self) -> Result<Option<Setting<String>>, Error> {
        if let Some(text) = self.environment.read_choice(VARIABLE)? {
            return Ok(Some(Setting::new(text.to_owned(), Origin::Environment(VARIABLE))));
        }
        Ok(self.settings()?.shared_cache.map(|text| Setting::new(text, Origin::User)))
    }

    /// The shared cache; `None` where there is none, in a dry run, and where nothing is cached.
    pub fn shared_cache(&self) -> Result<Option<Arc<SharedCache>>, Error> {
        // Other threads wait: its key may be read only once.
        let known = self.shared_cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get() {
            return Ok(known.clone());
        }
        let off = self.is_dry() || self.environment.flag("HALLPASS_NO_CACHE");
        let made = if off { None } else { self.make_shared_cache()? };
        Ok(known.get_or_init(|| made).clone())
    }

    fn make_shared_cache(&self) -> Result<Option<Arc<SharedCache>>, Error> {
        let Some((address, keys)) = self.shared_cache_keys()? else { return Ok(None) };
        let password = self.read_variable(PASSWORD, "password of the shared cache")?;
        if password.is_some() && address.is_open() {
            self.ui.warn(&error::shared_cache::open_password(&address.to_string()));
        }
        let dialer = self.http_session(None).dialer(&address)?;
        let place = address.to_string();
        let fault = self.remembered_fault();
        let engine = Engine::new(Way { address, dialer, password }, fault);
        Ok(Some(Arc::new(SharedCache::new(keys, engine, place))))
    }

    /// The shared cache with its key and its password as their sources have them now: `known`, if they are the same.
    pub fn renew_shared_cache(&self, known: Arc<SharedCache>) -> Result<Arc<SharedCache>, Error> {
        let made = self.make_shared_cache()?.filter(|made| !made.is_like(&known));
        Ok(made.unwrap_or(known))
    }

    /// Where its key and its password are read from.
    pub fn shared_cache_sources(&self) -> Result<Vec<Source>, Error> {
        let sources = [KEY, PASSWORD].map(|name| self.source_of_variable(name));
        sources.into_iter().filter_map(Result::transpose).collect()
    }

    /// The engine and the keys, as they are configured; sends nothing.
    pub fn shared_cache_keys(&self) -> Result<Option<(Address, Keys)>, Error> {
        let Some(Setting { value, origin }) = self.shared_cache_setting()? else { return Ok(None) };
        let address = value.parse().map_err(|reason| error::shared_cache::unusable(&origin, reason))?;
        let key = self.read_variable(KEY, "key of the shared cache")?.ok_or_else(error::shared_cache::no_key)?;
        let keys = Keys::new(&key).map_err(|reason| error::shared_cache::unusable_key(KEY, &reason))?;
        Ok(Some((address, keys)))
    }

    fn source_of_variable(&self, name: &'static str) -> Result<Option<Source>, Error> {
        let text = self.environment.read_choice(name)?;
        text.map(|text| text.parse().map_err(|reason| Error::config(format!("{name}: {reason}")))).transpose()
    }

    /// The secret of a variable that names its source.
    fn read_variable(&self, name: &'static str, what: &'static str) -> Result<Option<Secret>, Error> {
        self.source_of_variable(name)?.map(|source| self.read(&source, what, None)).transpose()
    }

    /// Warns that the shared cache does not serve, once until it does again, and remembers it for other processes.
    pub fn warn_shared_cache(&self, cache: &SharedCache, fault: &Fault) {
        if !cache.is_news(fault) {
            return;
        }
        self.ui.warn(&error::shared_cache::does_not_serve(&cache.place, fault));
        if !fault.is_outage() {
            return;
        }
        let Ok(Some(Setting { value: address, .. })) = self.shared_cache_setting() else { return };
        let why = self.ui.secrets().redact(&fault.to_string());
        let memory = Memory { at: self.clock.now().millis(), address, why };
        if let (Some(path), Ok(bytes)) = (self.shared_cache_memory(), serde_json::to_vec(&memory)) {
            let parent = path.parent().map(directory::create_private);
            if matches!(parent, Some(Ok(()))) {
                // Others then find out for themselves.
                let _ = file::write(&path, &bytes, Durability::Volatile);
            }
        }
    }

    /// What another process met at the engine less than ten seconds ago.
    pub fn remembered_fault(&self) -> Option<Fault> {
        let address = self.shared_cache_setting().ok()??.value;
        let bytes = file::read(&self.shared_cache_memory()?, LIMIT).ok()??;
        let memory: Memory = serde_json::from_slice(&bytes).ok().filter(|memory: &Memory| memory.address == address)?;
        let (at, now) = (Moment::from_millis(memory.at), self.clock.now());
        let seconds = now.since(at).as_secs();
        let left = MEMORY.as_secs().checked_sub(seconds).filter(|left| *left > 0 && at <= now)?;
        Some(Fault::Remembered { why: memory.why, seconds, left })
    }

    /// Forgets what was met at the engine: it answers again, whatever other processes may have seen.
    pub fn forget_fault(&self) {
        if let Some(path) = self.shared_cache_memory() {
            // Others then ask ten seconds later at most.
            let _ = file::remove(&path);
        }
    }

    fn shared_cache_memory(&self) -> Option<PathBuf> {
        Some(self.paths_or_none().ok()??.breaker_dir.join("shared-cache.json"))
    }

    /// How much earlier this machine renews, so that a fleet does not in the same second: up to a twentieth of a life.
    /// Nothing without a shared cache.
    pub fn renewal_spread(&self, lifetime: Duration) -> Duration {
        if !matches!(self.shared_cache_setting(), Ok(Some(_))) {
            return Duration::ZERO;
        }
        let home = self.paths_or_none().ok().flatten().map(|paths| paths.lock_dir.clone()).unwrap_or_default();
        let digest = Sha256::digest(format!("{} {}", host_name(), home.display()));
        let share = u32::from_be_bytes(std::array::from_fn(|at| digest[at]));
        lifetime.mul_f64(f64::from(share) / f64::from(u32::MAX) / 20.0)
    }
}
