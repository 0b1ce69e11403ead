//! An operation at a registration endpoint or client configuration endpoint (RFC 7591, RFC 7592).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::jose::SigningKey;

/// How far an operation has come. When all of it is saved, or the server has refused it, its entry is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is about to be sent, or was: its outcome is not known.
    Intended,
    /// The server's response is here and not saved yet.
    Answered,
    /// The server answered, but its response cannot be used.
    Unreadable,
    /// The zone has another client now: kept for a person to look at.
    Superseded,
}

/// An operation that is not finished. It holds secrets: neither printed nor logged.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the journal; 0 before it is there.
    pub id: u64,
    pub state: State,
    /// When it began, in milliseconds since the epoch.
    pub at_ms: i64,
    pub issuer: String,
    /// Where it was sent. The registration must be managed on the origin of this URL.
    pub url: String,
    /// The client that an update is about, empty when that is not known; `None` for a registration.
    pub client_id: Option<String>,
    pub asked: Map<String, Value>,
    pub response: Option<Response>,
    /// The id of the key: the key itself is in the set at the head of the journal.
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
    /// An operation that is about to be sent.
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

    /// Whether it may have made a client that nobody knows of.
    pub fn is_in_doubt(&self) -> bool {
        self.client_id.is_none() && matches!(self.state, State::Intended | State::Unreadable)
    }

    /// Notes what the server answered.
    pub fn set_response(&mut self, state: State, status: u16, body: &[u8]) {
        self.state = state;
        self.response = Some(Response { status, body: String::from_utf8_lossy(body).into_owned() });
    }

    /// Whether the response contains this text.
    pub fn mentions(&self, text: &str) -> bool {
        self.response.as_ref().is_some_and(|response| response.body.contains(text))
    }

    /// Whether nothing would be lost without it.
    pub fn is_empty(&self) -> bool {
        self.key.is_none() && self.response.is_none()
    }

    /// Whether it holds what another entry holds: a process that was killed may have taken it in already.
    pub(super) fn holds_same_as(&self, other: &Self) -> bool {
        let held = |entry: &Self| {
            let kid = entry.key.as_ref().map(|key| key.kid().to_owned());
            (entry.state, kid, entry.response.as_ref().map(|response| response.body.clone()))
        };
        held(self) == held(other)
    }
}
