//! The times that everything is to be read again, and when that was done.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts the times that everything is to be read again.
#[derive(Default)]
pub struct Reloads {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    count: u64,
    /// How many values are read again, and how many of them were not since the last request.
    values: usize,
    unread: usize,
    /// What follows when all were.
    then: Option<Then>,
}

type Then = Box<dyn FnOnce() + Send>;

impl Reloads {
    /// Has everything read again. `then` follows when all of it was tried, unless there is another request before.
    pub fn request(&self, then: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        (state.count, state.unread) = (state.count + 1, state.values);
        state.then = Some(Box::new(then));
        finish(state);
        self.changed.notify_all();
    }

    /// One more value is read again from now on.
    pub fn add_value(&self) {
        self.state().values += 1;
    }

    /// Waits until the count is another one, but no longer than this.
    pub fn wait(&self, known: u64, longest: Duration) -> u64 {
        let waited = self.changed.wait_timeout_while(self.state(), longest, |state| state.count == known);
        waited.unwrap_or_else(PoisonError::into_inner).0.count
    }

    /// A value was read again, or could not be, after this count.
    pub fn mark_read(&self, count: u64) {
        let mut state = self.state();
        if state.count == count {
            state.unread = state.unread.saturating_sub(1);
            finish(state);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn finish(mut state: MutexGuard<'_, State>) {
    let then = if state.unread == 0 { state.then.take() } else { None };
    drop(state);
    if let Some(then) = then {
        then();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::Reloads;

    #[test]
    fn request_is_done_when_all_values_were_read() {
        let (reloads, done) = (Reloads::default(), Arc::new(AtomicUsize::new(0)));
        let request = |number: usize| {
            let done = Arc::clone(&done);
            reloads.request(move || done.store(number, Ordering::SeqCst));
        };
        let done = || done.load(Ordering::SeqCst);
        request(1);
        assert_eq!(done(), 1, "there is nothing to read");
        reloads.add_value();
        reloads.add_value();
        request(2);
        assert_eq!(reloads.wait(1, Duration::from_secs(60)), 2);
        reloads.mark_read(2);
        assert_eq!(done(), 1, "one is missing");
        request(3);
        reloads.mark_read(2);
        assert_eq!(done(), 1, "that was before the last request");
        reloads.mark_read(3);
        reloads.mark_read(3);
        assert_eq!(done(), 3);
    }
}
