//! Lines of JSON on stderr: one for each question, or one for each reason of a refusal in a second. Never a credential.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::edges::Clock;
use crate::output::{LAST_LINES, LineQueue, Verbosity};
use crate::text::sanitize;

/// How long the same refusal is not reported again.
const PAUSE: Duration = Duration::from_secs(1);
/// The most reasons that are remembered for it.
const MOST: usize = 1000;

pub struct Log {
    lines: Arc<LineQueue>,
    pub verbosity: Verbosity,
    pub clock: Arc<dyn Clock>,
    last: Mutex<HashMap<String, Instant>>,
}

/// What became of a question.
#[derive(Debug, Default)]
pub struct Entry {
    pub status: u16,
    pub decision: &'static str,
    pub how: &'static str,
    pub reason: String,
    /// Who it is, where that is proven.
    pub subject: Option<String>,
    /// Of the original request, where they are known.
    pub method: Option<String>,
    pub path: Option<String>,
}

impl Log {
    pub fn new(sink: Arc<dyn Fn(&str) + Send + Sync>, verbosity: Verbosity, clock: Arc<dyn Clock>) -> Self {
        let own = Arc::clone(&clock);
        let describe_lost = Box::new(move |lost| date(json!({"lost_lines": lost}), &*own));
        Self { lines: LineQueue::start(sink, describe_lost), verbosity, clock, last: Mutex::default() }
    }

    pub fn question(&self, entry: &Entry, took: Duration) {
        let is_wanted = match self.verbosity {
            Verbosity::Quiet => false,
            Verbosity::Normal => entry.status >= 400 && self.is_new(&format!("{} {}", entry.status, entry.reason)),
            Verbosity::Steps | Verbosity::Wire => true,
        };
        if is_wanted {
            let clean = |text: &Option<String>| text.as_deref().map(sanitize);
            self.write(json!({
                "status": entry.status,
                "decision": entry.decision,
                "how": entry.how,
                "reason": entry.reason,
                "subject": clean(&entry.subject),
                "method": clean(&entry.method),
                "path": clean(&entry.path),
                "seconds": took.as_secs_f64(),
            }));
        }
    }

    /// What can't be read, or can again.
    pub fn report(&self, name: &str, trouble: Option<&str>, serves: bool) {
        if self.verbosity > Verbosity::Quiet {
            self.write(json!({"evidence": name, "trouble": trouble, "last_good_serves": serves}));
        }
    }

    /// Whether what this replica knows is shared with the others, and why not.
    pub fn report_sharing(&self, state: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.write(json!({"shared_cache": state}));
        }
    }

    /// A fault of a proxy's configuration, or of an entry of the shared cache.
    pub fn fault(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet && self.is_new(text) {
            self.write(json!({"fault": text}));
        }
    }

    /// Waits for a moment until what was reported is written.
    pub fn flush(&self) {
        self.lines.flush(LAST_LINES);
    }

    fn write(&self, line: Value) {
        self.lines.push(date(line, &*self.clock));
    }

    fn is_new(&self, text: &str) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if last.len() >= MOST {
            last.retain(|_, at| now.duration_since(*at) < PAUSE);
            if last.len() >= MOST {
                return false;
            }
        }
        if last.get(text).is_some_and(|at| now.duration_since(*at) < PAUSE) {
            return false;
        }
        last.insert(text.to_owned(), now);
        true
    }
}

/// The line with the time of now.
fn date(mut line: Value, clock: &dyn Clock) -> String {
    line["time"] = json!(clock.now().rfc3339());
    line.to_string()
}
