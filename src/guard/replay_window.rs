//! Proofs that were used a moment ago, so that none counts twice (RFC 9449 §11.1).

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::edges::Moment;

/// The most proofs that are remembered; beyond it none is accepted.
const MOST: usize = 1_000_000;
/// Proofs are forgotten together, by the minute in which the last one of them ends.
const STEP: i64 = 60;

/// What is known of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    First,
    Again,
    /// Whether it was used is not known: too many are remembered, or the clock has stepped back behind what was forgotten.
    Unknown,
}

/// A proof that was used just now, for the first time as far as is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedProof {
    /// The thumbprint of its key.
    pub key: String,
    pub jti: String,
    /// Up to when it counts, in epoch seconds.
    pub end: i64,
}

/// The proofs that were used and could be used again, as hashes of key and `jti`.
#[derive(Debug)]
pub struct ReplayWindow {
    used: Mutex<Used>,
    most: usize,
}

#[derive(Debug, Default)]
struct Used {
    by_end: BTreeMap<i64, HashSet<[u8; 16]>>,
    count: usize,
    /// Proofs that ended before this time are forgotten.
    forgotten: i64,
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self { used: Mutex::default(), most: MOST }
    }
}

impl ReplayWindow {
    /// Uses the proof of this key and `jti`, which counts up to `end`, in epoch seconds.
    pub fn use_once(&self, key: &str, jti: &str, end: i64, now: Moment) -> Use {
        let sealed = Sha256::digest([key, "\n", jti].concat());
        let sealed: [u8; 16] = std::array::from_fn(|at| sealed[at]);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(now.epoch());
        if end < used.forgotten {
            return Use::Unknown;
        }
        // A proof with a later time is another proof, but its key may not use the jti again either.
        if used.by_end.values().any(|proofs| proofs.contains(&sealed)) {
            return Use::Again;
        }
        if used.count >= self.most {
            return Use::Unknown;
        }
        used.count += 1;
        used.by_end.entry(end.div_euclid(STEP)).or_default().insert(sealed);
        Use::First
    }
}

impl Used {
    fn forget(&mut self, now: i64) {
        while let Some(first) = self.by_end.first_entry().filter(|first| (first.key() + 1).saturating_mul(STEP) <= now)
        {
            self.forgotten = self.forgotten.max((first.key() + 1).saturating_mul(STEP));
            self.count -= first.remove().len();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ReplayWindow, Use};
    use crate::edges::Moment;

    fn at(epoch: i64) -> Moment {
        Moment::from_epoch(epoch)
    }

    #[test]
    fn proof_counts_once_for_its_key() {
        let window = ReplayWindow::default();
        assert_eq!(window.use_once("k", "j", 1060, at(1000)), Use::First);
        assert_eq!(window.use_once("k", "j", 1060, at(1000)), Use::Again);
        assert_eq!(window.use_once("k", "j", 1200, at(1059)), Use::Again, "with another time");
        assert_eq!(window.use_once("other", "j", 1060, at(1000)), Use::First);
        assert_eq!(window.use_once("k\nj", "", 1060, at(1000)), Use::First, "key and jti are not confused");
    }

    #[test]
    fn clock_that_steps_back_lets_no_proof_in_again() {
        let window = ReplayWindow::default();
        assert_eq!(window.use_once("k", "j", 1060, at(1000)), Use::First);
        assert_eq!(window.use_once("k", "other", 5060, at(5000)), Use::First);
        assert_eq!(window.use_once("k", "j", 1060, at(1000)), Use::Unknown, "it is forgotten");
        assert_eq!(window.use_once("k", "new", 5061, at(5001)), Use::First);
    }

    #[test]
    fn full_window_refuses_until_proofs_end() {
        let window = ReplayWindow { most: 2, ..ReplayWindow::default() };
        assert_eq!(window.use_once("k", "1", 60, at(0)), Use::First);
        assert_eq!(window.use_once("k", "2", 60, at(0)), Use::First);
        assert_eq!(window.use_once("k", "3", 60, at(0)), Use::Unknown);
        assert_eq!(window.use_once("k", "2", 60, at(0)), Use::Again);
        assert_eq!(window.use_once("k", "3", 180, at(120)), Use::First);
        assert_eq!(window.used.lock().unwrap().count, 1);
    }

    proptest! {
        /// Whatever the clock does, no proof counts twice while its time is not over.
        #[test]
        fn no_proof_counts_twice(steps in prop::collection::vec((0..4_usize, 0..2000_i64), 1..60)) {
            let window = ReplayWindow::default();
            let mut first = std::collections::HashMap::new();
            for (jti, now) in steps {
                // Each proof was made at a time of its own and is shown again and again.
                let made = i64::try_from(jti).unwrap() * 450;
                if (made - now).abs() > 60 {
                    // It is too old or too new before the window is asked.
                    window.use_once("other", &now.to_string(), now + 60, at(now));
                    continue;
                }
                if window.use_once("k", &jti.to_string(), made + 60, at(now)) == Use::First {
                    prop_assert!(first.insert(jti, now).is_none(), "{jti} at {now}, before at {:?}", first.get(&jti));
                }
            }
        }
    }
}
