//! How a context that answers questions asks as one of several replicas, which agree by the shared cache.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::shared_cache::{Fault, Patience, SharedCache};

/// What is done with what comes of asking.
pub type Report = dyn Fn(Option<&Fault>) + Send + Sync;

/// One of several replicas.
#[derive(Clone)]
pub struct Replica {
    /// The shared cache as it is configured now.
    pub cache: Arc<dyn Fn() -> Arc<SharedCache> + Send + Sync>,
    /// How long a question waits for the engine in all.
    pub wait: Duration,
    pub report: Arc<Report>,
}

/// What is left of the time of the present question.
pub(super) struct Sharing {
    replica: Replica,
    left: Cell<Duration>,
}

impl Sharing {
    pub(super) fn new(replica: Replica) -> Self {
        Self { left: Cell::new(replica.wait), replica }
    }

    pub(super) fn restart(&self) {
        self.left.set(self.replica.wait);
    }

    /// What the engine answers; `None` when it does not serve or the question has no more time for it.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&SharedCache, Patience) -> Result<T, Fault>) -> Option<T> {
        let (limit, cache) = (self.left.get(), (self.replica.cache)());
        if limit.is_zero() || cache.trouble().is_some() {
            return None;
        }
        let began = Instant::now();
        let answer = ask(&cache, Patience { limit, counts: false });
        self.left.set(limit.saturating_sub(began.elapsed()));
        (self.replica.report)(answer.as_ref().err());
        answer.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{Replica, Sharing};
    use crate::edges::{Clock as _, SystemClock};
    use crate::secret::Secret;
    use crate::shared_cache::{Engine, Fault, Keys, Patience, SharedCache, Way};

    #[test]
    fn question_waits_so_long_in_all() {
        let address = "redis://127.0.0.1:1/0".parse().unwrap();
        let engine = Engine::new(Way { address, dialer: None, password: None }, None);
        let cache =
            Arc::new(SharedCache::new(Keys::new(&Secret::new("ab".repeat(32))).unwrap(), engine, String::new()));
        let (wait, reports) = (Duration::from_millis(40), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&reports);
        let report = Arc::new(move |_: Option<&Fault>| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let sharing = Sharing::new(Replica { cache: Arc::new(move || Arc::clone(&cache)), wait, report });
        let slow = |_: &SharedCache, patience: Patience| {
            SystemClock.sleep(Duration::from_millis(25));
            Ok(patience.limit)
        };
        for _ in 0..2 {
            assert_eq!(sharing.ask(slow), Some(wait));
            assert!(sharing.ask(slow).is_none_or(|left| left <= Duration::from_millis(15)));
            assert_eq!(sharing.ask(slow), None, "the time of this question is over");
            sharing.restart();
        }
        assert!(reports.load(Ordering::SeqCst) >= 2);
        assert_eq!(sharing.ask(|_, _| Err::<(), _>(Fault::Protocol)), None);
    }
}
