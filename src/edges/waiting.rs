//! The line that says what a command waits for: whoever waits names it, whoever owns the terminal shows it.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// The line, by how long it has been waited.
pub type WaitLine = Box<dyn Fn(Duration) -> String + Send>;

/// Keeps the line until it is dropped.
pub type Shown = Box<dyn Any>;

/// Shows what is waited for, where somebody watches.
#[derive(Clone, Default)]
pub struct Waiting(Option<Arc<dyn Fn(WaitLine) -> Shown + Send + Sync>>);

impl Waiting {
    /// Waits shown by this.
    pub fn new(show: impl Fn(WaitLine) -> Shown + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(show)))
    }

    /// Says what is waited for, and since when.
    pub fn show(&self, what: impl FnOnce() -> String) -> Option<Shown> {
        let show = self.0.as_ref()?;
        let what = what();
        Some(show(Box::new(move |waited| format!("{what}, {} s", waited.as_secs()))))
    }

    /// Says why there is another try, and when.
    pub fn show_retry(&self, why: impl FnOnce() -> String, pause: Duration) -> Option<Shown> {
        let show = self.0.as_ref()?;
        let why = why();
        let left = move |waited| pause.saturating_sub(waited).as_secs_f32().ceil();
        Some(show(Box::new(move |waited| format!("{why}, trying again in {} s", left(waited)))))
    }
}
