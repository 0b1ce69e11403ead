//! What was proven a moment ago, by the hash of the credential. One evaluation is on its way for each credential, and goes
//! on when who began it has gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use super::evaluator::{Evaluated, Evaluator};
use crate::edges::Moment;
use crate::error::{gate, internal};
use crate::guard::{Matched, Presented, Proof};
use crate::oauth::claim;

/// The most credentials that are remembered.
const MOST: usize = 100_000;
/// How long what a file or a shared secret proves counts: one that was taken out is refused within this time.
const OF_FILE: Duration = Duration::from_millis(500);
/// How long a no counts.
const NO: Duration = Duration::from_secs(1);
/// How long a signature counts without being verified again.
const OF_SIGNATURE: Duration = Duration::from_secs(10);

type Key = [u8; 32];

enum Entry {
    Known {
        proof: Arc<Proof>,
        until: Instant,
    },
    /// Being evaluated.
    Waiting(watch::Receiver<Option<Evaluated>>),
}

pub struct Decisions {
    entries: Mutex<HashMap<Key, Entry>>,
    /// How long the server's word counts.
    cache_ttl: Duration,
}

impl Decisions {
    pub fn new(cache_ttl: Duration) -> Self {
        Self { entries: Mutex::default(), cache_ttl }
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// What is known of the credential, or is evaluated now.
    pub async fn find(self: &Arc<Self>, evaluator: &Arc<Evaluator>, offered: Presented, now: Moment) -> Evaluated {
        let (key, asked_at) = (hash(&offered), Instant::now());
        let mut waiting = {
            let mut entries = self.lock();
            match entries.get(&key) {
                Some(Entry::Known { proof, until }) if Instant::now() < *until => return Ok(Arc::clone(proof)),
                Some(Entry::Waiting(waiting)) => waiting.clone(),
                _ => {
                    free_entries(&mut entries);
                    let (sender, waiting) = watch::channel(None);
                    entries.insert(key, Entry::Waiting(waiting.clone()));
                    let (this, result) = (Arc::clone(self), evaluator.evaluate(offered));
                    tokio::spawn(async move {
                        let evaluated = result.await.unwrap_or_else(|lost| Err(internal::thread_ended(&lost)));
                        this.remember(key, &evaluated, (asked_at, now));
                        let _ = sender.send(Some(evaluated));
                    });
                    waiting
                }
            }
        };
        let found = waiting.wait_for(Option::is_some).await;
        match found {
            Ok(found) => found.clone().unwrap_or_else(|| Err(gate::overloaded())),
            Err(lost) => Err(internal::thread_ended(&lost)),
        }
    }

    /// What is known counts from when it was asked for: an evaluation may take long, and a token may end meanwhile.
    fn remember(&self, key: Key, evaluated: &Evaluated, (asked_at, now): (Instant, Moment)) {
        let mut entries = self.lock();
        match evaluated {
            Ok(proof) => {
                let until = asked_at + self.lifetime(proof, now);
                entries.insert(key, Entry::Known { proof: Arc::clone(proof), until });
            }
            // The next question asks again.
            Err(_) => drop(entries.remove(&key)),
        }
    }

    /// Never beyond the credential's own end.
    fn lifetime(&self, proof: &Proof, now: Moment) -> Duration {
        let Proof::Proven { matched, claims, .. } = proof else { return NO.min(OF_FILE) };
        let longest = match matched {
            Matched::Introspection => self.cache_ttl,
            Matched::Jwks => OF_SIGNATURE.min(self.cache_ttl.max(OF_FILE)),
            _ => OF_FILE,
        };
        let end = claim::date(&claims.payload, "exp").map(|exp| Moment::from_epoch(exp).since(now));
        end.map_or(longest, |end| longest.min(end))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that decides: the value of the field with its token, or the fields of a gateway with the request that they may be signed for.
fn hash(offered: &Presented) -> Key {
    let Presented { value, token, fields, request, .. } = offered;
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for secret in [value, token] {
        add(secret.as_ref().map(crate::secret::Secret::expose).unwrap_or_default());
    }
    for (one, other) in request.iter().chain(fields) {
        add(one);
        add(other);
    }
    hash.finalize().into()
}

/// Removes what no longer counts; where all still does, some of it.
fn free_entries(entries: &mut HashMap<Key, Entry>) {
    if entries.len() < MOST {
        return;
    }
    let now = Instant::now();
    entries.retain(|_, entry| !matches!(entry, Entry::Known { until, .. } if *until <= now));
    if entries.len() >= MOST {
        let mut surplus = MOST / 10;
        entries.retain(|_, entry| {
            let goes = surplus > 0 && matches!(entry, Entry::Known { .. });
            surplus -= usize::from(goes);
            !goes
        });
    }
}
