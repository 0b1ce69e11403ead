//! The file of a sealed vault.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::cipher::{self, NONCE};
use super::key::{Kdf, Key};
use crate::edges::Entropy;
use crate::hex;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::digest::Digest;
use crate::store::format::parse_version;

/// JSON: `{"v":1,"key":{"id","kdf","check"},"records":{"zone/kind":{"nonce","sealed"}}}`.
///
/// Each record has a nonce of its own and is bound to its name, the format and this vault: records can't be swapped, nor
/// brought in from another vault.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope {
    v: u64,
    key: Header,
    pub(super) records: BTreeMap<String, Sealed>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kdf: Option<Kdf>,
    /// An empty string, sealed: distinguishes a wrong key from a tampered record.
    check: Sealed,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    nonce: String,
    sealed: String,
}

/// The name of the check value; no record has it.
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

    pub(super) fn parse(bytes: &[u8], place: &str) -> Result<Self, Fault> {
        parse_version(bytes, 1, place, "it is not a sealed vault")
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// How its key is derived; `None` for a bare key.
    pub(super) fn kdf(&self) -> Option<&Kdf> {
        self.key.kdf.as_ref()
    }

    pub(super) fn is_opened_by(&self, key: &Key) -> bool {
        self.key.check.open(key, &binding(&self.key.id, CHECK)).is_some()
    }

    pub(super) fn seal(&mut self, key: &Key, name: &str, json: &Secret, entropy: &dyn Entropy) -> Result<(), Fault> {
        let sealed = Sealed::new(key, &binding(&self.key.id, name), json.expose().as_bytes(), entropy)?;
        self.records.insert(name.to_owned(), sealed);
        Ok(())
    }

    /// `None` when the record is absent or the key does not open it.
    pub(super) fn open(&self, key: &Key, name: &str) -> Option<Secret> {
        self.records.get(name)?.open(key, &binding(&self.key.id, name))
    }
}

/// What a record is bound to: the format, the vault and its own name.
fn binding(id: &str, name: &str) -> String {
    Digest::new("sealed vault").text("1").text(id).text(name).hex()
}

impl Sealed {
    fn new(key: &Key, binding: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Self, Fault> {
        let sealed = cipher::seal(key, binding, plain, entropy)?;
        let (nonce, sealed) = sealed.split_at(NONCE);
        Ok(Self { nonce: STANDARD.encode(nonce), sealed: STANDARD.encode(sealed) })
    }

    fn open(&self, key: &Key, binding: &str) -> Option<Secret> {
        let nonce = STANDARD.decode(&self.nonce).ok().filter(|nonce| nonce.len() == NONCE)?;
        let sealed = STANDARD.decode(&self.sealed).ok()?;
        Secret::from_utf8(cipher::open(key, binding, &[nonce, sealed].concat())?)
    }
}
