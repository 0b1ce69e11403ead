//! The file of a sealed vault.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use super::key::{Kdf, Key};
use crate::edges::Entropy;
use crate::hex;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::digest::Digest;
use crate::store::fault::sanitize_path;

/// JSON: `{"v":1,"key":{"id","kdf","check"},"records":{"zone/kind":{"nonce","sealed"}}}`.
///
/// Each record is sealed with XChaCha20-Poly1305 under a nonce of its own and bound to its place, to the format and to
/// this vault's key id: records can't be swapped, nor brought in from another vault.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope {
    v: u64,
    key: Header,
    records: BTreeMap<String, Sealed>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kdf: Option<Kdf>,
    /// Nothing, sealed: tells a wrong key from a tampered record.
    check: Sealed,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    nonce: String,
    sealed: String,
}

#[derive(Deserialize)]
struct Stamp {
    v: u64,
}

/// The place of the check value; no zone has this name.
const CHECK: &str = "";

impl Envelope {
    /// An empty vault for this key.
    pub(super) fn new(kdf: Option<Kdf>, key: &Key, entropy: &dyn Entropy) -> Result<Self, Fault> {
        let mut id = [0; 16];
        entropy.fill(&mut id).map_err(Fault::Entropy)?;
        let id = hex::encode(&id);
        let check = Sealed::new(key, &binding(&id, CHECK), b"", entropy)?;
        Ok(Self { v: 1, key: Header { id, kdf, check }, records: BTreeMap::new() })
    }

    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, Fault> {
        let damaged = |why| Fault::Damaged { place: sanitize_path(path), why };
        let stamp: Stamp = serde_json::from_slice(bytes).map_err(|_| damaged("it is no JSON object with a version"))?;
        if stamp.v > 1 {
            return Err(Fault::Newer { place: sanitize_path(path), version: stamp.v });
        }
        serde_json::from_slice(bytes).map_err(|_| damaged("it is no sealed vault"))
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// How its key is made; `None` for a bare key.
    pub(super) fn kdf(&self) -> Option<&Kdf> {
        self.key.kdf.as_ref()
    }

    pub(super) fn is_opened_by(&self, key: &Key) -> bool {
        self.key.check.open(key, &binding(&self.key.id, CHECK)).is_some()
    }

    pub(super) fn seal(&mut self, key: &Key, place: &str, json: &Secret, entropy: &dyn Entropy) -> Result<(), Fault> {
        let sealed = Sealed::new(key, &binding(&self.key.id, place), json.expose().as_bytes(), entropy)?;
        self.records.insert(place.to_owned(), sealed);
        Ok(())
    }

    /// The record of this place; `None` when it is absent or does not open.
    pub(super) fn open(&self, key: &Key, place: &str) -> Option<Secret> {
        self.records.get(place)?.open(key, &binding(&self.key.id, place))
    }

    pub(super) fn holds(&self, place: &str) -> bool {
        self.records.contains_key(place)
    }

    pub(super) fn remove(&mut self, place: &str) -> bool {
        self.records.remove(place).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }
}

/// What a sealed text is bound to: format, vault and place (`zone/kind`).
fn binding(id: &str, place: &str) -> String {
    Digest::new("sealed vault").text("1").text(id).text(place).hex()
}

impl Sealed {
    fn new(key: &Key, binding: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Self, Fault> {
        let mut nonce = [0; 24];
        entropy.fill(&mut nonce).map_err(Fault::Entropy)?;
        let cipher = XChaCha20Poly1305::new((&**key).into());
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: binding.as_bytes() })
            .map_err(|_| Fault::KeyMalformed("the record is too long to be sealed"))?;
        Ok(Self { nonce: STANDARD.encode(nonce), sealed: STANDARD.encode(sealed) })
    }

    fn open(&self, key: &Key, binding: &str) -> Option<Secret> {
        let nonce: [u8; 24] = STANDARD.decode(&self.nonce).ok()?.try_into().ok()?;
        let sealed = STANDARD.decode(&self.sealed).ok()?;
        let cipher = XChaCha20Poly1305::new((&**key).into());
        let plain = cipher.decrypt(&XNonce::from(nonce), Payload { msg: &sealed, aad: binding.as_bytes() }).ok()?;
        match String::from_utf8(plain) {
            Ok(text) => Some(Secret::new(text)),
            Err(not_text) => {
                not_text.into_bytes().zeroize();
                None
            }
        }
    }
}
