//! What a command may touch: zone, settings, network, vault, cache, user interface, edges.
//!
//! Nothing is read before it is needed: `header` from the cache opens two files and no more.

mod ask;
mod breaker;
mod cache;
mod dry_run;
mod http_session;
mod network;
mod options;
mod proof;
mod rename;
mod replica;
mod sealing_key;
mod secret;
mod setting;
mod shared_cache;
mod thread;
mod vault;
mod workload;
mod zone;

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::config::{self, Config, Origin, Paths};
use crate::edges::{Browser, Clock, Deadline, Entropy, Environment, Keyring, Moment, Prompt};
use crate::error::Error;
use crate::http::Record;
use crate::output::Ui;
use crate::secret::Secret;
use crate::shared_cache::SharedCache;
use crate::store::{KeySource, SecretKind, directory, file};

pub use cache::{Caches, LockName};
pub use http_session::HttpSession;
pub use options::Options;
pub use proof::Proofs;
pub use rename::Rename;
pub use replica::Replica;
pub use vault::explain_new;
pub use zone::{Chosen, HostMatch, check_new_name};

/// Everything a command may touch.
pub struct Context {
    pub ui: Ui,
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    pub environment: Environment,
    /// Opens a page for a person.
    pub browser: Arc<dyn Browser>,
    pub prompt: Arc<dyn Prompt>,
    pub options: Options,
    /// Keys and nonces of proofs of possession.
    pub proofs: Arc<Proofs>,
    keyring: Arc<dyn Keyring>,
    started: Cell<Moment>,
    /// Whether a person was asked to unlock the keyring since the deadline was last looked at.
    keyring_dialog: Arc<AtomicBool>,
    deadline: Cell<Option<Deadline>>,
    paths: OnceCell<Option<Paths>>,
    config: OnceCell<Config>,
    sealing_key: RefCell<SealingKey>,
    /// Secrets of zones that are used before they are stored, by zone and kind.
    held_secrets: RefCell<Vec<(String, SecretKind, Secret)>>,
    /// Whether a secret that is referenced is read once, and not at each of its uses.
    holds_references: bool,
    network: OnceCell<network::Network>,
    /// The shared cache; its threads have the same one.
    shared_cache: Arc<Mutex<OnceCell<Option<Arc<SharedCache>>>>>,
    /// With whom questions are answered alike.
    sharing: Option<replica::Sharing>,
    /// The exchanges of this command, with `--har`.
    record: Option<Arc<Record>>,
}

/// The key of the sealed vault, as it was given once in a process.
#[derive(Default)]
struct SealingKey {
    source: Option<KeySource>,
    /// How often a person has typed it; 0 when a variable names it.
    tries: u8,
}

/// The edges without the streams, which the [`Ui`] has.
pub struct ContextEdges {
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    pub environment: Environment,
    /// Opens a page for a person.
    pub browser: Arc<dyn Browser>,
    pub prompt: Arc<dyn Prompt>,
    pub keyring: Arc<dyn Keyring>,
}

impl Context {
    /// Reads nothing yet.
    pub fn new(options: Options, ui: Ui, edges: ContextEdges) -> Self {
        let ContextEdges { clock, entropy, environment, browser, prompt, keyring } = edges;
        let started = Cell::new(clock.now());
        let context = Self {
            ui,
            clock,
            entropy,
            environment,
            browser,
            prompt,
            options,
            proofs: Arc::default(),
            keyring,
            started,
            keyring_dialog: Arc::default(),
            deadline: Cell::new(None),
            paths: OnceCell::new(),
            config: OnceCell::new(),
            sealing_key: RefCell::default(),
            held_secrets: RefCell::default(),
            holds_references: false,
            network: OnceCell::new(),
            shared_cache: Arc::default(),
            sharing: None,
            record: None,
        };
        if let Some(span) = &context.options.deadline {
            context.deadline.set(Some(Deadline::after(span.value)));
        }
        context
    }

    /// Begins the record of `--har`, where it was given: a file that can't be written is reported before anything is sent.
    pub fn begin_record(&mut self) -> Result<(), Error> {
        if self.options.har.is_some() {
            self.record = Some(Arc::default());
        }
        self.write_record()
    }

    /// Writes the record of `--har`, where it was given.
    pub fn write_record(&self) -> Result<(), Error> {
        if let (Some(record), Some(path)) = (&self.record, &self.options.har) {
            file::write_named(path, record.document(&self.ui.secrets()).as_bytes()).map_err(Error::record)?;
        }
        Ok(())
    }

    pub fn paths(&self) -> Result<&Paths, Error> {
        if let Some(Some(paths)) = self.paths.get() {
            return Ok(paths);
        }
        let found = self.find_paths()?.ok_or(config::Fault::NoHome)?;
        found.roots().try_for_each(directory::check_root)?;
        self.paths.get_or_init(|| Some(found)).as_ref().ok_or_else(|| config::Fault::NoHome.into())
    }

    /// As [`Context::paths`]; `None` without a home directory, which the zone of the environment does not need. For that
    /// zone a home where another user's files are counts as none, unless `HALLPASS_HOME` names it.
    pub fn paths_or_none(&self) -> Result<Option<&Paths>, Error> {
        if let Some(paths) = self.paths.get() {
            return Ok(paths.as_ref());
        }
        let Some(found) = self.find_paths()? else { return Ok(None) };
        let checked = found.roots().try_for_each(directory::check_root);
        let found = match checked {
            Ok(()) => Some(found),
            Err(fault) if fault.is_of_another_user() && found.home.is_none() && self.uses_environment_zone() => {
                self.ui.warn(&format!("{}: going on without settings and cache", Error::from(fault).chain()));
                None
            }
            Err(fault) => return Err(fault.into()),
        };
        Ok(self.paths.get_or_init(|| found).as_ref())
    }

    fn find_paths(&self) -> Result<Option<Paths>, Error> {
        let found = match Paths::find(&self.environment) {
            Err(config::Fault::NoHome) => return Ok(None),
            found => found?,
        };
        found.home.as_deref().map_or(Ok(()), directory::check_home)?;
        Ok(Some(found))
    }

    /// Whether the zone is that of the environment, as far as the environment tells.
    fn uses_environment_zone(&self) -> bool {
        let named = self.options.zone.as_deref().or(self.environment.text("HALLPASS_ZONE"));
        named.is_none_or(|name| name == config::EPHEMERAL)
            && config::ephemeral::issuer(&self.environment).is_ok_and(|issuer| issuer.is_some())
    }

    /// The zones and settings; an absent file is an empty one.
    pub fn config(&self) -> Result<&Config, Error> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = self.read_config()?;
        Ok(self.config.get_or_init(|| config))
    }

    fn read_config(&self) -> Result<Config, Error> {
        let path = &self.paths()?.config_file;
        let bytes = file::read_settings(path, config::CONFIG_LIMIT)?.unwrap_or_default();
        let text = String::from_utf8(bytes).map_err(|_| config::Fault::NotUtf8 { path: path.clone() })?;
        Ok(Config::parse(&text, path)?)
    }

    /// When this command began; `--fresh` means a token obtained since.
    pub fn started(&self) -> Moment {
        self.started.get()
    }

    /// When this command must have finished.
    pub fn deadline(&self) -> Deadline {
        if self.keyring_dialog.swap(false, Ordering::SeqCst) {
            self.waited_for_person();
        }
        if let Some(deadline) = self.deadline.get() {
            return deadline;
        }
        let deadline = Deadline::after(self.patience().value);
        self.deadline.set(Some(deadline));
        deadline
    }

    /// Whether a flag or variable set the deadline, which then also limits the time of a person.
    pub fn bounded(&self) -> bool {
        !matches!(self.patience().origin, Origin::Default | Origin::User)
    }

    /// Starts the time of this command again: the time of a person does not count, unless a deadline was set.
    pub fn waited_for_person(&self) {
        if !self.bounded() {
            self.restart_deadline();
        }
    }

    /// Starts the time of this command again for the next of many tasks, unless a deadline was set for all of them.
    pub fn begin_task(&self) {
        self.waited_for_person();
    }

    /// Begins again, for the next task of a command that runs on: another process may have obtained its token since.
    pub fn restart(&self) {
        self.started.set(self.clock.now());
        self.restart_deadline();
        if let Some(sharing) = &self.sharing {
            sharing.restart();
        }
    }

    /// Gives a task half of the time that is left, so that what comes after it has some too.
    pub fn in_half_of_time<T>(&self, task: impl FnOnce() -> T) -> T {
        let whole = self.deadline();
        self.deadline.set(Some(Deadline::after(whole.remaining().unwrap_or_default() / 2)));
        let done = task();
        self.deadline.set(Some(whole));
        done
    }

    fn restart_deadline(&self) {
        self.deadline.set(Some(Deadline::after(self.patience().value)));
    }
}
