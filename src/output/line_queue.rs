//! Lines that wait to be written, so that whoever does not read them holds up no server.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most lines that wait.
const MOST: usize = 1000;
/// How long a line waits for its turn when there are so many, once: then they are lost until one was written.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long a process that ends waits for its last lines to be written.
pub const LAST_LINES: Duration = Duration::from_secs(3);

pub struct LineQueue {
    state: Mutex<State>,
    changed: Condvar,
    /// The line that says how many were lost.
    describe_lost: Box<dyn Fn(u64) -> String + Send + Sync>,
}

#[derive(Default)]
struct State {
    lines: VecDeque<String>,
    is_writing: bool,
    /// Whether somebody waited in vain since the last line was written.
    is_stalled: bool,
    /// How many lines were lost since the last one that was not.
    lost: u64,
}

impl LineQueue {
    /// Writes what is pushed, on a thread of its own.
    pub fn start(
        write: Arc<dyn Fn(&str) + Send + Sync>,
        describe_lost: Box<dyn Fn(u64) -> String + Send + Sync>,
    ) -> Arc<Self> {
        let this = Arc::new(Self { state: Mutex::default(), changed: Condvar::new(), describe_lost });
        let queue = Arc::clone(&this);
        // Without a thread there is no log, and a server can't serve either.
        let _ = std::thread::Builder::new().spawn(move || queue.write_each(&*write));
        this
    }

    /// Has a line written; one that is lost is counted.
    pub fn push(&self, line: String) {
        let is_full = |state: &mut State| state.lines.len() >= MOST && !state.is_stalled;
        let waited = self.changed.wait_timeout_while(self.state(), PATIENCE, is_full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_stalled = state.lines.len() >= MOST;
        if state.is_stalled {
            state.lost += 1;
        } else {
            self.report_lost(&mut state);
            state.lines.push_back(line);
            self.changed.notify_all();
        }
    }

    fn report_lost(&self, state: &mut State) {
        if state.lost > 0 {
            let line = (self.describe_lost)(std::mem::take(&mut state.lost));
            state.lines.push_back(line);
        }
    }

    /// Waits until all lines are written, but no longer than this.
    pub fn flush(&self, longest: Duration) {
        let waits = |state: &mut State| !state.lines.is_empty() || state.is_writing;
        let mut state = self.state();
        self.report_lost(&mut state);
        self.changed.notify_all();
        drop(self.changed.wait_timeout_while(state, longest, waits));
    }

    fn write_each(&self, write: &dyn Fn(&str)) {
        let mut state = self.state();
        loop {
            let Some(line) = state.lines.pop_front() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            (state.is_writing, state.is_stalled) = (true, false);
            drop(state);
            self.changed.notify_all();
            write(&line);
            state = self.state();
            state.is_writing = false;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{LineQueue, MOST};

    #[test]
    fn reader_that_stalls_holds_up_nobody_and_loses_only_what_does_not_fit() {
        let (written, gate) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(())));
        let closed = gate.lock().unwrap();
        let queue = {
            let (written, gate) = (Arc::clone(&written), Arc::clone(&gate));
            let write = move |line: &str| {
                drop(gate.lock().unwrap());
                written.lock().unwrap().push(line.to_owned());
            };
            LineQueue::start(Arc::new(write), Box::new(|lost| format!("{lost} lost")))
        };
        (0..MOST * 2).for_each(|number| queue.push(number.to_string()));
        queue.flush(Duration::ZERO);
        drop(closed);
        queue.flush(Duration::from_secs(600));
        let mut written = written.lock().unwrap();
        let last = written.pop().unwrap();
        // One is being written, whether its turn has come or not.
        assert!((MOST..=MOST + 1).contains(&written.len()), "{}", written.len());
        assert_eq!(last, format!("{} lost", MOST * 2 - written.len()));
        assert!(written.iter().enumerate().all(|(at, line)| *line == at.to_string()), "they are in order");
    }
}
