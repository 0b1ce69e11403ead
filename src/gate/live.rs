//! What is read again while the gate runs: when one of its files changes, when its time is over, and on HUP. What can't be
//! read leaves the last good one in force.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, UNIX_EPOCH};

use tokio::sync::watch;

use super::log::Log;
use super::reloads::Reloads;
use crate::edges::Clock;
use crate::error::{Error, exit, internal};

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How long after a try nobody can have it read again because something is missing in it.
const MIN_AGE: Duration = Duration::from_secs(10);
/// A file that changed so short a time ago may change again without a new time.
const UNSETTLED_MILLIS: i64 = 1000;

/// What was read, and after which time it is read again.
pub type Read<T> = (Arc<T>, Option<Duration>);

/// Where a value comes from.
pub struct LiveSource<T: ?Sized> {
    pub name: &'static str,
    /// Files whose change counts.
    pub files: Vec<PathBuf>,
    /// Whether it can be read a second time; stdin can't.
    pub repeats: bool,
    /// How long the last good one counts after its time is over; for ever if it has none.
    pub grace: Option<Duration>,
    /// Whether the last good one serves when it can't be read again: that a server could be asked says nothing of now.
    pub lasts: bool,
    pub read: Box<dyn FnMut() -> Result<Read<T>, Error> + Send>,
}

/// A value that is kept up to date.
pub struct Live<T: ?Sized> {
    name: &'static str,
    grace: Option<Duration>,
    lasts: bool,
    state: RwLock<State<T>>,
    /// How often it was tried to read it again.
    tries: watch::Sender<u64>,
}

struct State<T: ?Sized> {
    value: Option<Arc<T>>,
    /// How often it was replaced by another one.
    version: u64,
    read_at: Instant,
    tried_at: Instant,
    trouble: Option<String>,
    again_at: Option<Instant>,
    /// When it no longer counts.
    until: Option<Instant>,
    /// Whether somebody waits for it to be read again.
    is_wanted: bool,
}

/// How a value that is kept up to date is doing.
pub trait Status: Send + Sync {
    fn name(&self) -> &'static str;
    /// Why it was not read the last time, and whether a last good one serves.
    fn trouble(&self) -> Option<(String, bool)>;
    /// How long ago it was read; `None` before the first time.
    fn age(&self) -> Option<Duration>;
}

impl<T: ?Sized + Send + Sync + 'static> Live<T> {
    /// Reads it for the first time. With `waits`, a server that is down is asked again later, and does not fail.
    pub fn read(source: &mut LiveSource<T>, waits: bool) -> Result<Self, Error> {
        let mut state = State::empty();
        match (source.read)() {
            Ok(read) => state.replace(read, source.grace),
            Err(error) if waits && error.exit == exit::RETRY => state.fail(error.chain()),
            Err(error) => return Err(error),
        }
        let (LiveSource { name, grace, lasts, .. }, state) = (source, RwLock::new(state));
        Ok(Self { name, grace: *grace, lasts: *lasts, state, tries: watch::Sender::new(0) })
    }

    /// Keeps it up to date from now on, on a thread of its own.
    pub fn keep(
        self: &Arc<Self>,
        mut source: LiveSource<T>,
        reloads: Arc<Reloads>,
        log: Arc<Log>,
        clock: Arc<dyn Clock>,
    ) -> Result<(), Error> {
        if !source.repeats {
            return Ok(());
        }
        let this = Arc::clone(self);
        reloads.add_value();
        let work = move || {
            let (mut count, mut stamps) = (0, source.stamps(&*clock));
            loop {
                let requested = reloads.wait(count, LOOK);
                let now = source.stamps(&*clock);
                let is_changed = now != stamps || now.iter().any(Stamp::is_unsettled);
                if requested != count || is_changed || this.is_due() {
                    stamps = now;
                    this.renew((source.read)(), &log);
                }
                if requested != count {
                    count = requested;
                    reloads.mark_read(count);
                }
            }
        };
        std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
        Ok(())
    }

    /// The last good one, while it counts.
    pub fn value(&self) -> Option<Arc<T>> {
        self.versioned().0
    }

    /// The same with the number of times that it was replaced: what was concluded from another version counts no more.
    pub fn versioned(&self) -> (Option<Arc<T>>, u64) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let counts = state.until.is_none_or(|until| Instant::now() < until);
        (state.value.clone().filter(|_| counts), state.version)
    }

    /// Has it read again because something is missing in it, unless that was tried a moment ago; says whether it was.
    pub async fn read_again(&self) -> bool {
        let mut tries = self.tries.subscribe();
        {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            if !state.is_wanted && state.tried_at.elapsed() < MIN_AGE {
                return false;
            }
            (state.is_wanted, state.again_at) = (true, Some(Instant::now()));
        }
        tries.changed().await.is_ok()
    }

    fn is_due(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.again_at.is_some_and(|at| at <= Instant::now())
    }

    fn renew(&self, read: Result<Read<T>, Error>, log: &Log) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = state.trouble.take();
        match read {
            Ok(read) => state.replace(read, self.grace),
            Err(error) => {
                state.fail(error.chain());
                state.value = state.value.take().filter(|_| self.lasts);
            }
        }
        if state.trouble != before {
            log.report(self.name, state.trouble.as_deref(), state.value.is_some());
        }
        drop(state);
        self.tries.send_modify(|count| *count += 1);
    }
}

impl<T: ?Sized> State<T> {
    fn empty() -> Self {
        let now = Instant::now();
        let (value, trouble, again_at, until) = (None, None, None, None);
        Self { value, version: 0, read_at: now, tried_at: now, trouble, again_at, until, is_wanted: false }
    }

    fn replace(&mut self, (value, lifetime): Read<T>, grace: Option<Duration>) {
        let now = Instant::now();
        let is_same = self.value.as_ref().is_some_and(|known| Arc::ptr_eq(known, &value));
        self.version += u64::from(!is_same);
        (self.value, self.read_at, self.tried_at, self.is_wanted) = (Some(value), now, now, false);
        self.again_at = lifetime.map(|span| now + span);
        self.until = lifetime.zip(grace).map(|(span, grace)| now + span + grace);
    }

    fn fail(&mut self, trouble: String) {
        let now = Instant::now();
        (self.trouble, self.tried_at, self.is_wanted) = (Some(trouble), now, false);
        self.again_at = Some(now + RETRY);
    }
}

impl<T: ?Sized + Send + Sync> Status for Live<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn trouble(&self) -> Option<(String, bool)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.trouble.clone().map(|trouble| (trouble, state.value.is_some()))
    }

    fn age(&self) -> Option<Duration> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.value.as_ref().map(|_| state.read_at.elapsed())
    }
}

impl<T: ?Sized> LiveSource<T> {
    fn stamps(&self, clock: &dyn Clock) -> Vec<Stamp> {
        self.files.iter().map(|file| Stamp::of(file, clock)).collect()
    }
}

/// By what a change of a file is noticed.
#[derive(Debug, Clone)]
struct Stamp {
    /// Device, inode, size, times of change of content and of anything.
    facts: Option<[i64; 7]>,
    is_unsettled: bool,
}

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        self.facts == other.facts
    }
}

impl Stamp {
    fn of(path: &Path, clock: &dyn Clock) -> Self {
        use std::os::unix::fs::MetadataExt as _;

        let Ok(there) = path.metadata() else { return Self { facts: None, is_unsettled: false } };
        let number = |value: u64| value.cast_signed();
        let facts = [
            number(there.dev()),
            number(there.ino()),
            number(there.size()),
            there.mtime(),
            there.mtime_nsec(),
            there.ctime(),
            there.ctime_nsec(),
        ];
        let changed = there.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let age = changed.and_then(|time| i64::try_from(time.as_millis()).ok()).map(|at| clock.now().millis() - at);
        Self { facts: Some(facts), is_unsettled: age.is_some_and(|age| (0..UNSETTLED_MILLIS).contains(&age)) }
    }

    fn is_unsettled(&self) -> bool {
        self.is_unsettled
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Live, LiveSource, Log, MIN_AGE};
    use crate::edges::SystemClock;
    use crate::error::gate;
    use crate::output::Verbosity;

    fn log() -> Log {
        Log::new(Arc::new(|_| ()), Verbosity::Quiet, Arc::new(SystemClock))
    }

    fn live(value: &Arc<u8>, grace: Duration) -> Live<u8> {
        let value = Arc::clone(value);
        let read = move || Ok((Arc::clone(&value), Some(Duration::ZERO)));
        let (files, repeats) = (Vec::new(), true);
        let (grace, lasts, read) = (Some(grace), true, Box::new(read));
        Live::read(&mut LiveSource { name: "keys", files, repeats, grace, lasts, read }, false).unwrap()
    }

    #[test]
    fn last_good_value_counts_for_its_grace() {
        let value = Arc::new(1);
        assert_eq!(live(&value, Duration::from_secs(3600)).value(), Some(Arc::clone(&value)));
        assert_eq!(live(&value, Duration::ZERO).value(), None);
        let live = live(&value, Duration::from_secs(3600));
        live.renew(Err(gate::overloaded()), &log());
        assert_eq!(live.versioned(), (Some(value), 1), "the last good one stays");
    }

    #[test]
    fn version_changes_with_value() {
        let value = Arc::new(1);
        let live = live(&value, Duration::from_secs(3600));
        live.renew(Ok((Arc::clone(&value), None)), &log());
        assert_eq!(live.versioned().1, 1, "it is the same");
        live.renew(Ok((Arc::new(1), None)), &log());
        assert_eq!(live.versioned().1, 2);
    }

    #[test]
    fn missing_key_has_it_read_again_at_most_every_ten_seconds() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let live = Arc::new(live(&Arc::new(1), Duration::from_secs(3600)));
            assert!(!live.read_again().await, "it was read a moment ago");
            live.state.write().unwrap().tried_at = Instant::now().checked_sub(MIN_AGE).unwrap();
            live.state.write().unwrap().again_at = None;
            let waiting: Vec<_> = (0..3)
                .map(|_| {
                    let live = Arc::clone(&live);
                    tokio::spawn(async move { live.read_again().await })
                })
                .collect();
            tokio::task::yield_now().await;
            assert!(live.is_due());
            live.renew(Err(gate::overloaded()), &log());
            for waits in waiting {
                assert!(waits.await.unwrap(), "all wait for the one try");
            }
            assert!(!live.read_again().await, "it was tried a moment ago");
        });
    }
}
