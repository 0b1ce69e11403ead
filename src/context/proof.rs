//! What this process remembers of proofs: the keys that were opened, the nonces that servers gave (RFC 9449 §8.2), and
//! which credential of a client was used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::jose::dpop::ProofKey;
use crate::secret::Secret;

/// Keys and hashes of credentials by zone, nonces by origin.
#[derive(Debug, Default)]
pub struct Proofs {
    keys: Mutex<HashMap<String, ProofKey>>,
    nonces: Mutex<HashMap<String, String>>,
    credentials: Mutex<HashMap<String, Secret>>,
}

impl Proofs {
    /// The key of a zone, when it was opened before.
    pub fn key(&self, zone: &str) -> Option<ProofKey> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(zone).cloned()
    }

    pub fn keep_key(&self, zone: &str, key: &ProofKey) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(zone.to_owned(), key.clone());
    }

    /// The hash of the credential that the client of a zone used, if it was read. It does not leave this process.
    pub fn credential(&self, zone: &str) -> Option<Secret> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).get(zone).cloned()
    }

    pub fn keep_credential(&self, zone: &str, hash: Secret) {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).insert(zone.to_owned(), hash);
    }

    /// The nonce that the server of this origin gave last.
    pub fn nonce(&self, origin: &str) -> Option<String> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).get(origin).cloned()
    }

    pub fn keep_nonce(&self, origin: &str, nonce: &str) {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).insert(origin.to_owned(), nonce.to_owned());
    }
}
