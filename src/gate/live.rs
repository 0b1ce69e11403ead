//! What is read again while the gate runs: when one of its files changes, when its time is over, and on HUP. What can't be
//! read leaves the last good one in force.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::log::Log;
use crate::edges::Clock;
use crate::error::{Error, exit, internal};

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(2);
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
    pub read: Box<dyn FnMut() -> Result<Read<T>, Error> + Send>,
}

/// A value that is kept up to date.
pub struct Live<T: ?Sized> {
    name: &'static str,
    state: RwLock<State<T>>,
}

struct State<T: ?Sized> {
    value: Option<Arc<T>>,
    read_at: Instant,
    trouble: Option<String>,
    again_at: Option<Instant>,
}

/// Counts the times that everything is to be read again.
#[derive(Default)]
pub struct Reloads {
    count: Mutex<u64>,
    changed: Condvar,
}

/// How a value that is kept up to date is doing.
pub trait Status: Send + Sync {
    fn name(&self) -> &'static str;
    /// Why it was not read the last time, and whether a last good one serves.
    fn trouble(&self) -> Option<(String, bool)>;
    /// How long ago it was read; `None` before the first time.
    fn age(&self) -> Option<Duration>;
}

impl Reloads {
    pub fn request(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// Waits until the count is another one, but no longer than it takes to look at the files again.
    fn wait(&self, known: u64) -> u64 {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(count, LOOK, |count| *count == known);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl<T: ?Sized + Send + Sync + 'static> Live<T> {
    /// Reads it for the first time. With `waits`, a server that is down is asked again later, and does not fail.
    pub fn read(source: &mut LiveSource<T>, waits: bool) -> Result<Self, Error> {
        let state = match (source.read)() {
            Ok(read) => State::good(read),
            Err(error) if waits && error.exit == exit::RETRY => State {
                value: None,
                read_at: Instant::now(),
                trouble: Some(error.chain()),
                again_at: Some(Instant::now() + RETRY),
            },
            Err(error) => return Err(error),
        };
        Ok(Self { name: source.name, state: RwLock::new(state) })
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
        let work = move || {
            let (mut count, mut stamps) = (0, source.stamps(&*clock));
            loop {
                let requested = reloads.wait(count);
                let now = source.stamps(&*clock);
                let is_changed = now != stamps || now.iter().any(Stamp::is_unsettled);
                if requested != count || is_changed || this.is_due() {
                    (count, stamps) = (requested, now);
                    this.renew((source.read)(), &log);
                }
            }
        };
        std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
        Ok(())
    }

    pub fn value(&self) -> Option<Arc<T>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).value.clone()
    }

    fn is_due(&self) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.again_at.is_some_and(|at| at <= Instant::now())
    }

    fn renew(&self, read: Result<Read<T>, Error>, log: &Log) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = state.trouble.take();
        match read {
            Ok(read) => *state = State::good(read),
            Err(error) => {
                state.trouble = Some(error.chain());
                state.again_at = Some(Instant::now() + RETRY);
            }
        }
        if state.trouble != before {
            log.report(self.name, state.trouble.as_deref(), state.value.is_some());
        }
    }
}

impl<T: ?Sized> State<T> {
    fn good((value, again_in): Read<T>) -> Self {
        let now = Instant::now();
        Self { value: Some(value), read_at: now, trouble: None, again_at: again_in.map(|span| now + span) }
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
