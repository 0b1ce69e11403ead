//! An operation at a registration endpoint or client configuration endpoint (RFC 7591, RFC 7592).

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::jose::SigningKey;
use crate::store::{Fault, file};

/// The most bytes of a journal: some responses of 1 MiB, each byte of them an escape.
const LIMIT: u64 = 32 * 1024 * 1024;

/// How far an operation has come. Its entry is removed when it is saved or was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is about to be sent or was sent: its outcome is unknown.
    Intended,
    /// The response is recorded and not saved yet.
    Answered,
    /// The server answered, but its response cannot be used.
    Unreadable,
    /// The zone has another client now.
    Superseded,
}

/// An unfinished operation. It contains secrets and is neither printed nor logged.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the journal; 0 before it is recorded.
    pub id: u64,
    pub state: State,
    pub at_ms: i64,
    pub issuer: String,
    /// Where it was sent. The client must be managed on the same origin.
    pub url: String,
    /// The client that an update is about, empty when it is unknown; `None` for a registration.
    pub client_id: Option<String>,
    pub asked: Map<String, Value>,
    pub response: Option<Response>,
    /// The id of the key, which is in the journal's JWK set.
    pub(super) kid: Option<String>,
    /// The private key whose public half was sent.
    #[serde(skip)]
    pub key: Option<SigningKey>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

impl Entry {
    pub fn new(at_ms: i64, issuer: &str, url: &str, client_id: Option<&str>) -> Self {
        Self {
            id: 0,
            state: State::Intended,
            at_ms,
            issuer: issuer.to_owned(),
            url: url.to_owned(),
            client_id: client_id.map(str::to_owned),
            asked: Map::new(),
            response: None,
            kid: None,
            key: None,
        }
    }

    /// Whether it may have created a client that is not known here.
    pub fn is_in_doubt(&self) -> bool {
        self.client_id.is_none() && matches!(self.state, State::Intended | State::Unreadable)
    }

    pub fn set_response(&mut self, state: State, status: u16, body: &[u8]) {
        self.state = state;
        self.response = Some(Response { status, body: String::from_utf8_lossy(body).into_owned() });
    }

    pub fn mentions(&self, text: &str) -> bool {
        self.response.as_ref().is_some_and(|response| response.body.contains(text))
    }

    /// Whether it contains nothing that could be lost.
    pub fn is_empty(&self) -> bool {
        self.key.is_none() && self.response.is_none()
    }

    /// Whether both have the same content: a killed process may have taken over an earlier file already.
    pub(super) fn has_same_content(&self, other: &Self) -> bool {
        let body = |entry: &Self| entry.response.as_ref().map(|response| response.body.clone());
        self.state == other.state && self.key_id() == other.key_id() && body(self) == body(other)
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.key.as_ref().map(SigningKey::kid)
    }
}

/// Reads a file, if there is one. Bytes that are not UTF-8 are replaced: it may be a response that nobody could read.
pub(super) fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, Fault> {
    let bytes = file::read(path, LIMIT)?.map(Zeroizing::new);
    Ok(bytes.map(|bytes| Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())))
}
