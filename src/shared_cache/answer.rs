//! Answers of a server about tokens, which the replicas of a gate share for as long as they count.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::edges::{Entropy, Moment};

use super::cache::{SharedCache, millis, script};
use super::engine::Patience;
use super::entry;
use super::fault::Fault;

const FIND: &str = "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";
/// ARGV: the entry, its ms.
const STORE: &str = "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])";

/// The largest answer that is shared.
const MOST_BYTES: usize = 64 * 1024;
/// How far the clocks of two replicas may be apart. For so much longer an engine could make an answer count.
const SKEW: Duration = Duration::from_secs(5);

/// What a server answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    pub members: Map<String, Value>,
    /// When it was asked, in milliseconds since the epoch, and for how many the answer counts from then.
    asked_at: i64,
    span: u64,
}

impl Answer {
    pub fn new(members: Map<String, Value>, asked_at: Moment, span: Duration) -> Self {
        Self { members, asked_at: asked_at.millis(), span: millis(span) }
    }

    /// How long ago the server was asked, where the engine keeps the entry for so many milliseconds more. That tells it
    /// whatever the clocks say; they only tell whether the engine keeps it for too long.
    fn age(&self, left: i64, now: Moment) -> Result<Duration, Fault> {
        const OLD: Fault = Fault::Forged("an old entry of it was put back, or a clock is wrong");
        let (asked_at, span) = (Moment::from_millis(self.asked_at), Duration::from_millis(self.span));
        let left = u64::try_from(left).ok().map(Duration::from_millis).filter(|left| *left <= span).ok_or(OLD)?;
        let by_clock = now.since(asked_at).saturating_sub(SKEW);
        if by_clock >= span || asked_at > now.plus(SKEW) {
            return Err(OLD);
        }
        Ok(by_clock.max(span.saturating_sub(left)))
    }
}

impl SharedCache {
    /// The answer to a question as the engine has it at `now`, and how long ago the server was asked.
    pub fn find_answer(
        &self,
        question: &str,
        now: Moment,
        patience: Patience,
    ) -> Result<Option<(Answer, Duration)>, Fault> {
        let name = self.keys.name("introspection", question);
        let command = script(FIND, &name, &["answer"], |cmd| cmd);
        let (entry, left): (Option<Vec<u8>>, i64) = self.ask(&command, patience)?;
        let Some(entry) = entry else { return Ok(None) };
        let (_, plain) = entry::open(&self.keys, &name, &entry, 0)?;
        let answer: Answer = serde_json::from_slice(&plain).map_err(|_| Fault::Forged("an entry of it is not ours"))?;
        let age = answer.age(left, now)?;
        Ok(Some((answer, age)))
    }

    /// Stores an answer for what is left of its span at `now`.
    pub fn store_answer(
        &self,
        question: &str,
        answer: &Answer,
        now: Moment,
        entropy: &dyn Entropy,
        patience: Patience,
    ) -> Result<(), Fault> {
        let left = answer.span.saturating_sub(millis(now.since(Moment::from_millis(answer.asked_at))));
        let plain = Zeroizing::new(serde_json::to_vec(answer).unwrap_or_default());
        if left == 0 || plain.is_empty() || plain.len() > MOST_BYTES {
            return Ok(());
        }
        let name = self.keys.name("introspection", question);
        let entry = entry::seal(&self.keys, &name, 0, &plain, entropy)?;
        let command = script(STORE, &name, &["answer"], |cmd| cmd.arg(entry).arg(left));
        self.ask::<redis::Value>(&command, patience).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Answer, Fault};
    use crate::edges::Moment;

    const NOW: Moment = Moment::LAST;

    fn asked(before: i64) -> Answer {
        let asked_at = Moment::from_millis(NOW.millis() - 60_000 - before);
        Answer::new(serde_json::Map::new(), asked_at, Duration::from_secs(10))
    }

    /// The age in milliseconds of an answer that was asked for so long before, with so much left of ten seconds.
    fn age(before: i64, left: i64) -> Option<u128> {
        let age = asked(before).age(left, NOW.minus(Duration::from_secs(60)));
        assert!(age.is_ok() || matches!(age, Err(Fault::Forged(_))));
        age.ok().map(|age| age.as_millis())
    }

    #[test]
    fn engine_tells_age_and_clocks_limit_it() {
        assert_eq!(age(0, 10_000), Some(0));
        assert_eq!(age(3000, 7000), Some(3000));
        assert_eq!(age(8000, 7000), Some(3000), "the clock of who asked is 5 s behind");
        assert_eq!(age(-2000, 7000), Some(3000), "it is 5 s ahead");
        assert_eq!(age(12_000, 7000), Some(7000), "the engine began to count again");
        assert_eq!(age(14_999, 10_000), Some(9999));
        for (before, left) in [(15_000, 10_000), (15_000, 1), (-5001, 7000), (0, 10_001), (0, -1), (0, -2)] {
            assert_eq!(age(before, left), None, "{before} {left}");
        }
    }
}
