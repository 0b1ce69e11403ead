//! The state of a breaker that the replicas of a gate share. Whoever changes it still knows the newest one.

use std::time::Duration;

use crate::edges::{Entropy, Moment};

use super::cache::{SKEW, SharedCache, millis, script};
use super::engine::Patience;
use super::entry;
use super::fault::Fault;

/// How long a state is kept after its last change.
const LIFE: Duration = Duration::from_secs(300);

const READ: &str = "
local time = redis.call('TIME')
return {redis.call('GET', KEYS[1]), time[1], time[2]}";

/// ARGV: the entry as it was read, the new one, its ms. No entry is an empty one.
const REPLACE: &str = "
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1";

/// A state as it was read.
pub struct BreakerState {
    entry: Vec<u8>,
    /// Empty where there is none.
    pub text: String,
    /// By the clock of the engine, which is the same for all replicas.
    pub now: Moment,
}

impl SharedCache {
    /// The state of the breaker of an endpoint. `now` is that of this machine.
    pub fn breaker_state(&self, endpoint: &str, now: Moment, patience: Patience) -> Result<BreakerState, Fault> {
        let name = self.breaker_name(endpoint);
        let command = script(READ, &name, &["breaker"], |cmd| cmd);
        let (entry, seconds, micros): (Option<Vec<u8>>, i64, i64) = self.ask(&command, patience)?;
        let theirs = Moment::from_millis(seconds.saturating_mul(1000).saturating_add(micros / 1000));
        if theirs.since(now).max(now.since(theirs)) > SKEW {
            return Err(Fault::Forged("its clock is wrong"));
        }
        let entry = entry.unwrap_or_default();
        let plain = if entry.is_empty() { None } else { Some(entry::open(&self.keys, &name, &entry, 0)?.1) };
        let text = plain.map(|plain| String::from_utf8_lossy(&plain).into_owned()).unwrap_or_default();
        Ok(BreakerState { entry, text, now: theirs })
    }

    /// Puts this one in its place, or none if it is empty; `false` when another replica was faster.
    pub fn replace_breaker_state(
        &self,
        endpoint: &str,
        before: &BreakerState,
        text: &str,
        entropy: &dyn Entropy,
        patience: Patience,
    ) -> Result<bool, Fault> {
        let name = self.breaker_name(endpoint);
        let entry = match text {
            "" => Vec::new(),
            text => entry::seal(&self.keys, &name, 0, text.as_bytes(), entropy)?,
        };
        let command = script(REPLACE, &name, &["breaker"], |cmd| cmd.arg(&before.entry).arg(entry).arg(millis(LIFE)));
        self.ask::<i64>(&command, patience).map(|replaced| replaced == 1)
    }

    fn breaker_name(&self, endpoint: &str) -> String {
        self.keys.name("breaker", endpoint)
    }
}
