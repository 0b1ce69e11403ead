//! Things that are kept for a short while behind a handle, each to be taken once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::edges::Moment;
use crate::sandbox::endpoint::message::Refusal;
use crate::sandbox::model::client::random_hex;
use crate::sandbox::state::State;

/// The most things in a drawer; then the oldest go.
const MOST: usize = 1000;

struct Kept<T> {
    handle: String,
    expires_at: Moment,
    thing: T,
}

/// A drawer.
pub struct Drawer<T>(Mutex<VecDeque<Kept<T>>>);

impl<T> Default for Drawer<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Drawer<T> {
    /// Puts a thing in, and gives its handle: the prefix and 192 random bits.
    ///
    /// # Errors
    /// `server_error` without random numbers.
    pub fn put(&self, state: &State, prefix: &str, lifetime: Duration, thing: T) -> Result<String, Refusal> {
        let random = random_hex::<24>(state.entropy.as_ref())
            .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))?;
        let handle = format!("{prefix}{random}");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(Kept { handle: handle.clone(), expires_at: state.clock.now().plus(lifetime), thing });
        Ok(handle)
    }

    /// Takes a thing out, unless it has been there for too long.
    pub fn take(&self, state: &State, handle: &str) -> Option<T> {
        let now = state.clock.now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| now < kept.expires_at);
        let index = all.iter().position(|kept| kept.handle == handle)?;
        all.remove(index).map(|kept| kept.thing)
    }
}
