//! The keys of an issuer, for as long as the gate runs: replaced when their time is over, and asked for again when a token
//! names a key that is not there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Error, gate};
use crate::jose::{self, Decoded, Fault};

/// How long the issuer is not asked again for a key that is not there.
const MIN_AGE: Duration = Duration::from_secs(10);
/// How long the last good keys count after their lifetime.
const GRACE: Duration = Duration::from_secs(3600);

/// Keys with their lifetime, as the issuer gives them.
pub type Fetched = Result<(Value, Duration), Error>;

#[derive(Default)]
pub struct KeySet {
    known: Mutex<Known>,
    /// Held while the issuer is asked.
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<(Arc<Value>, Instant)>,
    asked_at: Option<Instant>,
}

impl KeySet {
    /// Asks for the keys, and gives their lifetime.
    pub fn renew(&self, fetch: &dyn Fn() -> Fetched) -> Result<Duration, Error> {
        let _fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        self.renew_held(fetch)
    }

    /// Verifies a token; the outer error means that there are no keys that still count.
    pub fn verify(&self, token: &str, fetch: &dyn Fn() -> Fetched) -> Result<Result<Decoded, Fault>, Error> {
        let first = jose::verify(token, &*self.keys()?);
        let rotated = match &first {
            Err(Fault::NoKey { .. } | Fault::UnusableKey { .. }) => true,
            Err(Fault::Signature) => jose::decode(token).is_ok_and(|decoded| !decoded.header.contains_key("kid")),
            _ => false,
        };
        if !rotated || self.was_asked() {
            return Ok(first);
        }
        let _fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread has asked meanwhile.
        if !self.was_asked() && self.renew_held(fetch).is_err() {
            return Ok(first);
        }
        Ok(jose::verify(token, &*self.keys()?))
    }

    fn renew_held(&self, fetch: &dyn Fn() -> Fetched) -> Result<Duration, Error> {
        self.lock().asked_at = Some(Instant::now());
        let (keys, lifetime) = fetch()?;
        self.lock().keys = Some((Arc::new(keys), Instant::now() + lifetime + GRACE));
        Ok(lifetime)
    }

    fn keys(&self) -> Result<Arc<Value>, Error> {
        let known = self.lock();
        let live = known.keys.as_ref().filter(|(_, until)| Instant::now() < *until);
        live.map(|(keys, _)| Arc::clone(keys)).ok_or_else(gate::no_keys)
    }

    fn was_asked(&self) -> bool {
        self.lock().asked_at.is_some_and(|at| at.elapsed() < MIN_AGE)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::{GRACE, KeySet, MIN_AGE};
    use crate::error::{Error, Kind, exit};
    use crate::jose::{Algorithm, SigningKey, sign_with_header};

    #[test]
    fn unknown_key_asks_once_and_last_good_keys_count_for_an_hour() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = sign_with_header(&key, json!({"kid": "k"}), &json!({"sub": "u"})).unwrap();
        let mut public = key.public_jwk();
        public["kid"] = json!("k");
        let (asked, serves, down) = (Cell::new(0), Cell::new(false), Cell::new(true));
        let fetch = || {
            asked.set(asked.get() + 1);
            if down.get() {
                return Err(Error::new(Kind::Network, exit::RETRY, "down"));
            }
            let keys = if serves.get() { vec![public.clone()] } else { Vec::new() };
            Ok((json!({"keys": keys}), Duration::ZERO))
        };
        let set = KeySet::default();
        let verified = |set: &KeySet| set.verify(token.expose(), &fetch).map(|verified| verified.is_ok());
        assert_eq!(verified(&set).unwrap_err().exit, exit::RETRY, "no keys");
        assert!(set.renew(&fetch).is_err());
        down.set(false);
        set.renew(&fetch).unwrap();
        serves.set(true);
        let before = asked.get();
        assert!(!verified(&set).unwrap() && !verified(&set).unwrap());
        assert_eq!(asked.get(), before, "it was asked a moment ago");
        let earlier = |span| Instant::now().checked_sub(span).unwrap();
        set.lock().asked_at = Some(earlier(MIN_AGE));
        assert!(verified(&set).unwrap());
        assert_eq!(asked.get(), before + 1);
        down.set(true);
        assert!(verified(&set).unwrap(), "the last good ones count");
        set.lock().keys.as_mut().unwrap().1 -= GRACE;
        assert_eq!(verified(&set).unwrap_err().exit, exit::RETRY);
    }
}
