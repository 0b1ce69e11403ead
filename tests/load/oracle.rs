//! What may be answered: a credential is good from some moment on, and to some moment.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// How much later than promised a busy machine may notice a change.
const SLACK: Duration = Duration::from_secs(3);
/// How many of the last credentials are asked about.
const RECENT: usize = 16;

/// A change that began and ended at these times.
pub type Change = (Instant, Option<Instant>);

pub struct Credential {
    /// The value of `Authorization`.
    pub field: String,
    /// Who it is, where the gate knows.
    name: Option<String>,
    /// Within what time a change counts.
    promise: Duration,
    /// Since when it is good, and until when.
    changes: RwLock<(Option<Change>, Option<Change>)>,
}

impl Credential {
    pub fn new(field: String, name: Option<String>, promise: Duration) -> Arc<Self> {
        Arc::new(Self { field, name, promise, changes: RwLock::default() })
    }

    /// It becomes good by what is done.
    pub fn publish(&self, is_good: impl FnOnce()) {
        self.changes.write().unwrap().0 = Some((Instant::now(), None));
        is_good();
        self.changes.write().unwrap().0.as_mut().unwrap().1 = Some(Instant::now());
    }

    /// It ceases to be good by what is done.
    pub fn remove(&self, is_bad: impl FnOnce()) {
        self.changes.write().unwrap().1 = Some((Instant::now(), None));
        is_bad();
        self.changes.write().unwrap().1.as_mut().unwrap().1 = Some(Instant::now());
    }

    /// Whether this is an answer to a question of this time.
    pub fn judge(&self, answer: &str, sent: Instant, received: Instant) -> Result<(), String> {
        let (published, removed) = *self.changes.read().unwrap();
        let late = self.promise + SLACK;
        let counted = |change: Change| change.1.map(|end| end + late);
        let was_good = published.is_some_and(|published| published.0 <= received)
            && removed.is_none_or(|removed| counted(removed).is_none_or(|end| sent <= end));
        let was_bad = published.is_none_or(|published| counted(published).is_none_or(|end| sent < end))
            || removed.is_some_and(|removed| removed.0 <= received);
        let name = answer.lines().find_map(|line| line.strip_prefix("X-Auth-Request-Preferred-Username: "));
        let is_right = if answer.starts_with("HTTP/1.1 200 ") {
            was_good && name == self.name.as_deref().or(Some(""))
        } else {
            answer.starts_with("HTTP/1.1 401 ") && was_bad
        };
        let since = |change: Option<Change>| change.map(|change| sent.saturating_duration_since(change.0));
        let times = (since(published), since(removed));
        if is_right { Ok(()) } else { Err(format!("{:?} {times:?}\n{}\n{answer}", self.name, self.field)) }
    }
}

/// The credentials that clients present.
#[derive(Default)]
pub struct Credentials(RwLock<Vec<Arc<Credential>>>);

impl Credentials {
    pub fn add(&self, credential: &Arc<Credential>) {
        self.0.write().unwrap().push(Arc::clone(credential));
    }

    /// One of the last ones, each in its turn.
    pub fn pick(&self, turn: usize) -> Arc<Credential> {
        let all = self.0.read().unwrap();
        let recent = all.len().min(RECENT);
        Arc::clone(&all[all.len() - 1 - turn % recent])
    }
}
