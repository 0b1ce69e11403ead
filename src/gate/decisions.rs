//! What a method found out about a token a moment ago, by the hash of the token: never for longer than what proves it, and
//! only while the evidence is the same. What is required of a token, and how it is presented, is judged each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::sync::{oneshot, watch};

use super::compact::{Accesses, Compact};
use super::evaluator::Found;
use crate::edges::Moment;
use crate::error::{Error, gate, internal};
use crate::guard::{Finding, Matched};
use crate::oauth::claim;
use crate::secret::Secret;

/// The most findings that are remembered.
const MOST: usize = 100_000;
/// How long a no counts.
pub const NO: Duration = Duration::from_secs(1);
/// How long anything is remembered at most: a clock can't count any span.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// When a method was asked, by both clocks.
pub type AskedAt = (Instant, Moment);

/// A token as one method sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

/// What comes of asking a server.
type Answered = Result<Compact, Error>;

enum Entry {
    Known {
        found: Compact,
        /// The version of the evidence.
        version: u64,
        until: Instant,
        /// The token's own end, in epoch seconds: the clock may step.
        end: i64,
    },
    /// A server is being asked.
    Waiting(u64, watch::Receiver<Option<Answered>>),
}

pub struct Decisions {
    known: Mutex<Known>,
    most: usize,
}

#[derive(Default)]
struct Known {
    entries: HashMap<Key, Entry>,
    accesses: Accesses,
}

impl Default for Decisions {
    fn default() -> Self {
        Self { known: Mutex::default(), most: MOST }
    }
}

impl Key {
    pub fn of(method: Matched, token: &Secret) -> Self {
        let mut hash = Sha256::new();
        hash.update(method.name());
        hash.update([0]);
        hash.update(token.expose());
        let hash = hash.finalize();
        Self(std::array::from_fn(|at| hash[at]))
    }
}

impl Decisions {
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// What is known by this version of the evidence.
    pub fn get(&self, key: Key, version: u64, now: Moment) -> Option<Compact> {
        self.lock().entries.get(&key).and_then(|entry| entry.known(version, now))
    }

    /// Remembers what was found, counted from when it was asked for: that may have taken long. A yes counts no longer than
    /// `longest` and the token.
    pub fn remember(&self, key: Key, version: u64, finding: &Finding, longest: Duration, asked_at: AskedAt) -> Compact {
        let mut found = Compact::pack(finding);
        let (span, end) = match finding {
            Finding::Proven { claims, .. } => (longest, claim::date(&claims.payload, "exp").unwrap_or(i64::MAX)),
            Finding::Refused { .. } => (NO, i64::MAX),
        };
        let until = asked_at.0 + span.min(LONGEST);
        let mut known = self.lock();
        let Known { entries, accesses } = &mut *known;
        free_entries(entries, self.most, asked_at.1);
        accesses.share(&mut found);
        entries.insert(key, Entry::Known { found: found.clone(), version, until, end });
        accesses.remove_unused(entries.len());
        found
    }

    /// What is known, or what comes of `ask`: one for each token at a time, which goes on when who began it has gone.
    pub async fn find_or_ask(
        self: &Arc<Self>,
        (key, version): (Key, u64),
        longest: Duration,
        asked_at: AskedAt,
        ask: impl FnOnce() -> oneshot::Receiver<Result<Found, Error>>,
    ) -> Answered {
        let mut waiting = {
            let entries = &mut self.lock().entries;
            let entry = entries.get(&key);
            if let Some(found) = entry.and_then(|entry| entry.known(version, asked_at.1)) {
                return Ok(found);
            }
            match entry {
                Some(Entry::Waiting(theirs, waiting)) if *theirs == version => waiting.clone(),
                _ => {
                    free_entries(entries, self.most, asked_at.1);
                    let (sender, waiting) = watch::channel(None);
                    entries.insert(key, Entry::Waiting(version, waiting.clone()));
                    let (this, result) = (Arc::clone(self), ask());
                    tokio::spawn(async move {
                        let result = result.await.unwrap_or_else(|lost| Err(internal::thread_ended(&lost)));
                        let found = result.map(|(found, age)| {
                            let asked_at = (asked_at.0.checked_sub(age).unwrap_or(asked_at.0), asked_at.1);
                            this.remember(key, version, &found, longest, asked_at)
                        });
                        if found.is_err() {
                            // The next question asks again.
                            this.lock().entries.remove(&key);
                        }
                        let _ = sender.send(Some(found));
                    });
                    waiting
                }
            }
        };
        let found = waiting.wait_for(Option::is_some).await;
        found.ok().and_then(|found| found.clone()).unwrap_or_else(|| Err(gate::overloaded()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn known(&self, wanted: u64, now: Moment) -> Option<Compact> {
        let Self::Known { found, version, .. } = self else { return None };
        (*version == wanted && !self.is_over(now)).then(|| found.clone())
    }

    fn is_over(&self, now: Moment) -> bool {
        let Self::Known { until, end, .. } = self else { return false };
        Instant::now() >= *until || now.epoch() >= *end
    }
}

/// Removes what no longer counts; where all still does, what was refused, and then some of the rest.
fn free_entries(entries: &mut HashMap<Key, Entry>, most: usize, now: Moment) {
    if entries.len() < most {
        return;
    }
    entries.retain(|_, entry| !entry.is_over(now));
    let mut surplus = (entries.len() + most / 10).saturating_sub(most);
    for spares_proven in [true, false] {
        entries.retain(|_, entry| {
            let goes =
                surplus > 0 && matches!(entry, Entry::Known { found, .. } if !(spares_proven && found.is_proven()));
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use tokio::sync::oneshot;

    use super::{Decisions, Entry, Found, Key, MOST, NO};
    use crate::edges::Moment;
    use crate::error::{Error, gate};
    use crate::guard::{Claims, Finding, Matched};
    use crate::identity::{Identity, Source};
    use crate::secret::Secret;

    const NOW: Moment = Moment::LAST;
    const TTL: Duration = Duration::from_secs(60);

    fn key(token: &str) -> Key {
        Key::of(Matched::Introspection, &Secret::new(token))
    }

    fn yes(exp: Option<i64>) -> Finding {
        let identity = Identity::from_secret(Source::Introspection, None, String::new());
        let mut claims = Claims::from_identity(identity);
        claims.payload.extend(exp.map(|exp| ("exp".to_owned(), exp.into())));
        Finding::Proven { matched: Matched::Introspection, claims: Box::new(claims) }
    }

    fn no() -> Finding {
        Finding::refused("introspection", "inactive")
    }

    fn ago(span: Duration) -> Instant {
        Instant::now().checked_sub(span).unwrap()
    }

    #[test]
    fn token_is_known_to_one_method_by_its_hash() {
        let decisions = Decisions::default();
        decisions.remember(key("a"), 1, &yes(None), TTL, (Instant::now(), NOW));
        assert!(decisions.get(key("a"), 1, NOW).is_some());
        assert!(decisions.get(key("b"), 1, NOW).is_none());
        assert!(decisions.get(Key::of(Matched::Jwks, &Secret::new("a")), 1, NOW).is_none());
        assert!(decisions.get(key("a"), 2, NOW).is_none(), "the evidence is another one");
    }

    #[test]
    fn yes_counts_from_when_it_was_asked_for_and_no_for_one_second() {
        let decisions = Decisions::default();
        let known = |finding: &Finding, ago| {
            decisions.remember(key("a"), 1, finding, TTL, (ago, NOW));
            decisions.get(key("a"), 1, NOW).is_some()
        };
        assert!(known(&yes(None), ago(TTL / 2)) && !known(&yes(None), ago(TTL)));
        assert!(known(&no(), ago(NO / 2)) && !known(&no(), ago(NO)));
    }

    #[test]
    fn yes_ends_with_token_whatever_the_clock_does() {
        let decisions = Decisions::default();
        let at = Moment::from_epoch;
        decisions.remember(key("a"), 1, &yes(Some(1000)), Duration::MAX, (Instant::now(), at(990)));
        for (now, counts) in [(990, true), (999, true), (1000, false), (5000, false), (10, true)] {
            assert_eq!(decisions.get(key("a"), 1, at(now)).is_some(), counts, "{now}");
        }
    }

    #[test]
    fn number_is_bounded_and_refusals_go_first() {
        let decisions = Decisions { most: 10, ..Decisions::default() };
        for (number, finding) in [yes(None), no()].iter().cycle().take(10).enumerate() {
            decisions.remember(key(&number.to_string()), 1, finding, TTL, (Instant::now(), NOW));
        }
        decisions.remember(key("new"), 1, &yes(None), TTL, (Instant::now(), NOW));
        assert_eq!(decisions.len(), 10);
        for number in (0..10).step_by(2) {
            assert!(decisions.get(key(&number.to_string()), 1, NOW).is_some(), "{number}");
        }
        for number in 0..50 {
            decisions.remember(key(&format!("y{number}")), 1, &yes(None), TTL, (Instant::now(), NOW));
            assert!(decisions.len() <= 10);
        }
        assert_eq!(Decisions::default().most, MOST);
    }

    #[test]
    fn entry_takes_few_bytes() {
        assert!(size_of::<(Key, Entry)>() <= 72, "{} bytes", size_of::<(Key, Entry)>());
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn one_request_for_each_token_survives_who_began_it() {
        run(async {
            let decisions = Arc::new(Decisions::default());
            let asked_at = (Instant::now(), NOW);
            let (done, result) = oneshot::channel::<Result<Found, Error>>();
            let mut result = Some(result);
            {
                let first = decisions.find_or_ask((key("a"), 1), TTL, asked_at, || result.take().unwrap());
                assert!(tokio::time::timeout(Duration::from_millis(1), first).await.is_err());
            }
            let second = tokio::spawn({
                let decisions = Arc::clone(&decisions);
                async move { decisions.find_or_ask((key("a"), 1), TTL, asked_at, || panic!("it is being asked")).await }
            });
            tokio::task::yield_now().await;
            done.send(Ok((yes(None), TTL / 2))).unwrap();
            assert!(second.await.unwrap().unwrap().is_proven());
            let known = decisions.find_or_ask((key("a"), 1), TTL, asked_at, || panic!("it is known")).await;
            assert!(known.unwrap().is_proven());
        });
    }

    #[test]
    fn answer_of_other_replica_counts_from_when_that_asked() {
        run(async {
            let decisions = Arc::new(Decisions::default());
            for (age, finding) in [(TTL, yes(None)), (NO, no())] {
                let (done, result) = oneshot::channel::<Result<Found, Error>>();
                done.send(Ok((finding, age))).unwrap();
                let found = decisions.find_or_ask((key("a"), 1), TTL, (Instant::now(), NOW), || result).await;
                assert!(found.is_ok() && decisions.get(key("a"), 1, NOW).is_none(), "{age:?}");
            }
        });
    }

    #[test]
    fn failure_is_not_remembered() {
        run(async {
            let decisions = Arc::new(Decisions::default());
            for _ in 0..2 {
                let (done, result) = oneshot::channel::<Result<Found, Error>>();
                done.send(Err(gate::overloaded())).unwrap();
                let asked_at = (Instant::now(), NOW);
                assert!(decisions.find_or_ask((key("a"), 1), TTL, asked_at, || result).await.is_err());
                assert_eq!(decisions.len(), 0);
            }
        });
    }
}
