//! The shared cache: its keys, its engine, and what the user knows of its faults.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::{Cmd, FromRedisValue, Value, cmd};

use super::engine::{Engine, Patience};
use super::fault::Fault;
use super::keys::Keys;

/// How far the clocks of two machines may be apart.
pub const SKEW: Duration = Duration::from_secs(600);

/// Writes as well: an engine that is full or a copy of another one is of no use.
const CHECK: &str = "return redis.call('SET', KEYS[1], '', 'PX', '1000')";

pub struct SharedCache {
    pub(super) keys: Keys,
    engine: Engine,
    /// The engine, to name it.
    pub place: String,
    /// Whether an outage was reported since the engine last answered, and whether a forged entry was.
    outage_reported: AtomicBool,
    forgery_reported: AtomicBool,
}

impl SharedCache {
    pub fn new(keys: Keys, engine: Engine, place: String) -> Self {
        Self { keys, engine, place, outage_reported: AtomicBool::new(false), forgery_reported: AtomicBool::new(false) }
    }

    /// Whether the other one has the same key, and the same password for its engine.
    pub fn is_like(&self, other: &Self) -> bool {
        self.keys.sealing == other.keys.sealing && self.engine.has_password_of(&other.engine)
    }

    /// Whether the user does not know of this yet.
    pub fn is_news(&self, fault: &Fault) -> bool {
        let reported = if matches!(fault, Fault::Forged(_)) { &self.forgery_reported } else { &self.outage_reported };
        !reported.swap(true, Ordering::Relaxed)
    }

    /// What is wrong with the engine since it last answered.
    pub fn trouble(&self) -> Option<Fault> {
        self.engine.trouble()
    }

    /// Whether the engine was not asked for a while, or may be asked again after a fault.
    pub fn is_check_due(&self) -> bool {
        self.engine.is_check_due()
    }

    /// Whether the engine answers, and takes what it is given, whatever was met before.
    pub fn check(&self, patience: Patience) -> Result<(), Fault> {
        self.engine.ask_again();
        let command = script(CHECK, &self.keys.name("check", ""), &["check"], |cmd| cmd);
        self.ask::<Value>(&command, patience).map(drop)
    }

    pub(super) fn ask<T: FromRedisValue>(&self, command: &Cmd, patience: Patience) -> Result<T, Fault> {
        self.rearm_warning(self.engine.call(command, patience))
    }

    /// The same. What comes too late to be of use is undone.
    pub(super) fn ask_or_undo<T: FromRedisValue>(
        &self,
        command: &Cmd,
        undo: Cmd,
        patience: Patience,
    ) -> Result<T, Fault> {
        self.rearm_warning(self.engine.call_or_undo(command, undo, patience))
    }

    /// Once it serves again, the next outage is news.
    fn rearm_warning<T>(&self, answer: Result<T, Fault>) -> Result<T, Fault> {
        if answer.is_ok() && self.engine.serves() {
            self.outage_reported.store(false, Ordering::Relaxed);
        }
        answer
    }

    /// The same for who must not block, within this time.
    pub(super) async fn ask_async<T: FromRedisValue>(&self, command: &Cmd, limit: Duration) -> Result<T, Fault> {
        self.engine.call_async(command, limit).await
    }
}

/// A script over the keys of a name, which a cluster keeps together.
pub(super) fn script(text: &str, name: &str, kinds: &[&str], add: impl FnOnce(&mut Cmd) -> &mut Cmd) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(text).arg(kinds.len());
    for kind in kinds {
        command.arg(format!("hallpass:{{{name}}}:{kind}"));
    }
    add(&mut command);
    command
}

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
