//! A cached token and its file's format.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edges::Moment;
use crate::oauth::bearer::is_server_token;
use crate::secret::Secret;

#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "these are the names of RFC 6749 and OpenID Connect")]
pub struct Token {
    pub access_token: Secret,
    /// Its type as the server named it (RFC 6749 §7.1).
    pub token_type: String,
    /// The scope that was granted, where the server said so (RFC 6749 §5.1).
    pub scope: Option<String>,
    /// The ID token that came along (`OpenID` Connect Core §3.1.3.3).
    pub id_token: Option<Secret>,
    /// When the request for it began; its lifetime counts from here.
    pub sent_at: Moment,
    pub obtained_at: Moment,
    /// When it expires; `None` when neither the server nor the token says.
    pub expires_at: Option<Moment>,
    pub provenance: Provenance,
}

/// Who asked for a token, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The zone's name; empty for a token that came from no zone.
    pub zone: String,
    pub issuer: String,
    /// The client; empty when there is none.
    pub client_id: String,
    pub grant: String,
    /// The scopes; order and repetition do not matter.
    pub scopes: Vec<String>,
    pub audiences: Vec<String>,
    /// The resources (RFC 8707), in their order.
    pub resources: Vec<String>,
}

impl Token {
    /// The token that [`TokenKey::encode_token`](super::TokenKey::encode_token) stored, under whatever key.
    pub fn decode_entry(bytes: &[u8]) -> Option<Self> {
        Stored::parse(bytes).map(Stored::into_token)
    }

    /// How long it still lives, for ever when nobody knows; `None` when it has expired, and when it comes from the future:
    /// then a clock is wrong.
    pub fn left(&self, now: Moment) -> Option<Duration> {
        let left = self.expires_at.map_or(Duration::MAX, |expires_at| expires_at.since(now));
        (self.sent_at <= now && !left.is_zero()).then_some(left)
    }

    /// How long it lived when it was new; zero when nobody knows.
    pub fn lifetime(&self) -> Duration {
        self.expires_at.map_or(Duration::ZERO, |expires_at| expires_at.since(self.sent_at))
    }
}

/// The file: JSON, version 1, times in milliseconds since the epoch.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored<'a> {
    v: u64,
    #[serde(borrow)]
    pub(super) fingerprint: Cow<'a, str>,
    pub(super) zone: Cow<'a, str>,
    pub(super) issuer: Cow<'a, str>,
    pub(super) client_id: Cow<'a, str>,
    grant: Cow<'a, str>,
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    token_type: Cow<'a, str>,
    scope: Option<String>,
    id_token: Option<String>,
    sent_ms: i64,
    obtained_ms: i64,
    /// `None` when the lifetime is unknown.
    expires_ms: Option<i64>,
    audience: Vec<String>,
    resource: Vec<String>,
    requested_scope: Vec<String>,
}

impl<'a> Stored<'a> {
    pub(super) fn of(token: &'a Token, fingerprint: &'a str) -> Self {
        let asked = &token.provenance;
        Self {
            v: 1,
            fingerprint: fingerprint.into(),
            zone: asked.zone.as_str().into(),
            issuer: asked.issuer.as_str().into(),
            client_id: asked.client_id.as_str().into(),
            grant: asked.grant.as_str().into(),
            access_token: token.access_token.expose().into(),
            token_type: token.token_type.as_str().into(),
            scope: token.scope.clone(),
            id_token: token.id_token.as_ref().map(|token| token.expose().to_owned()),
            sent_ms: token.sent_at.millis(),
            obtained_ms: token.obtained_at.millis(),
            expires_ms: token.expires_at.map(Moment::millis),
            audience: asked.audiences.clone(),
            resource: asked.resources.clone(),
            requested_scope: asked.scopes.clone(),
        }
    }

    pub(super) fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let secrets = self.access_token.len() + self.id_token.as_ref().map_or(0, String::len);
        // A vector that grows leaves copies of the token behind.
        let mut json = Zeroizing::new(Vec::with_capacity(2 * secrets + 8192));
        if serde_json::to_writer(&mut *json, self).is_err() {
            json.clear();
        }
        json
    }

    /// The content of a file; `None` when it is not of this format, or holds what no server may have sent: it goes into a
    /// header as it is.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let stored = serde_json::from_slice::<Self>(bytes).ok()?;
        (stored.v == 1 && !stored.access_token.is_empty() && is_server_token(&stored.access_token)).then_some(stored)
    }

    pub(super) fn into_token(self) -> Token {
        Token {
            access_token: Secret::new(self.access_token),
            token_type: self.token_type.into_owned(),
            scope: self.scope,
            id_token: self.id_token.map(Secret::new),
            sent_at: Moment::from_millis(self.sent_ms),
            obtained_at: Moment::from_millis(self.obtained_ms),
            expires_at: self.expires_ms.map(Moment::from_millis),
            provenance: Provenance {
                zone: self.zone.into_owned(),
                issuer: self.issuer.into_owned(),
                client_id: self.client_id.into_owned(),
                grant: self.grant.into_owned(),
                scopes: self.requested_scope,
                audiences: self.audience,
                resources: self.resource,
            },
        }
    }
}
