//! The replicas of a gate, which agree by a shared cache. Whatever goes wrong with its engine, each goes on alone.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use crate::context::Replica;
use crate::edges::{Clock, Entropy, Moment};
use crate::error::{Error, internal, shared_cache};
use crate::guard::UsedProof;
use crate::shared_cache::{Fault, Patience, SharedCache};

use super::log::Log;

/// What `/-/ready` shows of a gate without a shared cache.
pub const ALONE: &str = "this replica stands alone";
const SHARED: &str = "shared with other replicas";

/// How long a question waits for the engine.
const WAIT: Duration = Duration::from_millis(250);
/// How often it is looked whether the engine should be asked without a question.
const LOOK: Duration = Duration::from_secs(1);
/// How far the clocks of two replicas may be apart: for so long a proof may still count elsewhere.
const SKEW: i64 = 300;

pub struct Replicas {
    cache: RwLock<Arc<SharedCache>>,
    entropy: Arc<dyn Entropy>,
    log: Arc<Log>,
    /// Whether the log says that this replica stands alone.
    is_alone: Mutex<bool>,
}

impl Replicas {
    /// Asks the engine now, and again when no question has for a while. After a fault only this finds out whether it is back.
    pub fn start(
        cache: Arc<SharedCache>,
        entropy: Arc<dyn Entropy>,
        log: Arc<Log>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, Error> {
        let this = Arc::new(Self { cache: RwLock::new(cache), entropy, log, is_alone: Mutex::new(false) });
        let keeper = Arc::clone(&this);
        this.check();
        let work = move || {
            loop {
                clock.sleep(LOOK);
                if keeper.cache().is_check_due() {
                    keeper.check();
                }
            }
        };
        std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
        Ok(this)
    }

    /// How a context asks as this replica.
    pub fn share(self: &Arc<Self>) -> Replica {
        let (this, reporter) = (Arc::clone(self), Arc::clone(self));
        Replica {
            cache: Arc::new(move || this.cache()),
            wait: WAIT,
            report: Arc::new(move |fault| reporter.report(fault)),
        }
    }

    /// The shared cache as it is configured now.
    pub fn cache(&self) -> Arc<SharedCache> {
        Arc::clone(&self.cache.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses this one from now on: its key or its password may be another one.
    pub fn use_cache(&self, cache: Arc<SharedCache>) {
        let is_same = Arc::ptr_eq(&cache, &self.cache());
        *self.cache.write().unwrap_or_else(PoisonError::into_inner) = cache;
        if !is_same {
            self.check();
        }
    }

    /// Whether a proof that is new here is new to the other replicas as well, as far as they can be asked.
    pub async fn is_first_use(&self, used: &UsedProof, now: Moment) -> bool {
        let cache = self.cache();
        if cache.trouble().is_some() {
            return true;
        }
        let life = used.end.saturating_sub(now.epoch()).saturating_add(SKEW);
        let life = Duration::from_secs(u64::try_from(life).unwrap_or_default());
        let first = cache.use_proof((&used.key, &used.jti), life, &*self.entropy, WAIT).await;
        self.report(first.as_ref().err());
        first.unwrap_or(true)
    }

    /// For `/-/ready` and the log.
    pub fn state(&self) -> String {
        self.cache().trouble().map_or_else(|| SHARED.to_owned(), |trouble| format!("{ALONE}: {trouble}"))
    }

    fn check(&self) {
        self.report(self.cache().check(Patience { limit: WAIT, counts: false }).err().as_ref());
    }

    /// Reports a forged entry, and once that the engine no longer serves, or does again.
    fn report(&self, fault: Option<&Fault>) {
        if let Some(fault @ Fault::Forged(_)) = fault {
            self.log.fault(&shared_cache::does_not_serve(&self.cache().place, fault));
        }
        let mut is_alone = self.is_alone.lock().unwrap_or_else(PoisonError::into_inner);
        if self.cache().trouble().is_some() != *is_alone {
            *is_alone = !*is_alone;
            self.log.report_sharing(&self.state());
        }
    }
}
