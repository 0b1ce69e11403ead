//! Records that expire.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::edges::Moment;

/// The most records in one store; then the one that expires first is dropped.
const CAPACITY: usize = 10_000;

pub struct ExpiringStore<T>(Mutex<HashMap<String, (Moment, T)>>);

impl<T> Default for ExpiringStore<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> ExpiringStore<T> {
    /// Adds a record; `false` when there was one under that key.
    pub fn insert(&self, now: Moment, expires_at: Moment, key: String, value: T) -> bool {
        let mut records = self.unexpired(now);
        if records.len() >= CAPACITY
            && let Some(first) =
                records.iter().min_by_key(|(_, (expires_at, _))| *expires_at).map(|(key, _)| key.clone())
        {
            records.remove(&first);
        }
        records.insert(key, (expires_at, value)).is_none()
    }

    pub fn take(&self, now: Moment, key: &str) -> Option<T> {
        self.unexpired(now).remove(key).map(|(_, value)| value)
    }

    pub fn contains(&self, now: Moment, key: &str) -> bool {
        self.unexpired(now).contains_key(key)
    }

    pub fn update<R>(
        &self,
        now: Moment,
        matches: impl Fn(&str, &T) -> bool,
        change: impl FnOnce(&str, &mut T) -> R,
    ) -> Option<R> {
        let mut records = self.unexpired(now);
        records.iter_mut().find(|(key, (_, value))| matches(key, value)).map(|(key, (_, value))| change(key, value))
    }

    fn unexpired(&self, now: Moment) -> MutexGuard<'_, HashMap<String, (Moment, T)>> {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.retain(|_, (expires_at, _)| now < *expires_at);
        records
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, ExpiringStore};
    use crate::edges::Moment;

    #[test]
    fn record_is_taken_once_and_expires() {
        let store = ExpiringStore::default();
        let at = Moment::from_epoch;
        assert!(store.insert(at(0), at(10), "a".to_owned(), 1));
        assert!(!store.insert(at(0), at(10), "a".to_owned(), 2), "the key exists");
        assert!(store.contains(at(9), "a"));
        assert_eq!(store.update(at(9), |key, value| key == "a" && *value == 2, |_, value| *value += 1), Some(()));
        assert_eq!((store.take(at(9), "a"), store.take(at(9), "a")), (Some(3), None));
        store.insert(at(0), at(10), "b".to_owned(), 1);
        assert_eq!(store.take(at(10), "b"), None);
    }

    #[test]
    fn full_store_drops_what_expires_first() {
        let store = ExpiringStore::default();
        for number in 0..=CAPACITY {
            let expires_at = Moment::from_epoch(100_000 - i64::try_from(number).unwrap());
            store.insert(Moment::from_epoch(0), expires_at, number.to_string(), ());
        }
        let kept = |number: usize| store.contains(Moment::from_epoch(0), &number.to_string());
        assert!(kept(0) && !kept(CAPACITY - 1) && kept(CAPACITY));
    }
}
