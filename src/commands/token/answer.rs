//! What `hallpass token` answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::edges::Moment;
use crate::flows::token::single_flight::TokenResult;
use crate::output::{Printed, Render, Text};
use crate::secret::Secret;

/// The token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The access token.
    access_token: Printed,
    /// `Bearer`, as a rule.
    token_type: String,
    /// Seconds that are left; null when unknown.
    expires_in: Option<u64>,
    /// When it expires, RFC 3339 in UTC.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The granted scope, if the server returned it.
    scope: Option<String>,
    /// The zone; null for `HALLPASS_TOKEN`.
    zone: Option<String>,
    /// `cache`, `refresh`, `grant`, `environment`.
    source: &'static str,
    /// The ID token, with `--id-token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<Printed>,
    /// The token in the requested format.
    #[serde(skip)]
    text: String,
}

impl Answer {
    pub fn new(obtained: TokenResult, id_token: Option<Secret>, text: String, now: Moment) -> Self {
        let token = obtained.token;
        Self {
            access_token: Printed(token.access_token),
            token_type: token.token_type,
            expires_in: token.expires_at.map(|expires_at| expires_at.since(now).as_secs()),
            expires_at: token.expires_at.map(Moment::rfc3339),
            expires_at_epoch: token.expires_at.map(Moment::epoch),
            scope: token.scope,
            zone: Some(token.provenance.zone).filter(|zone| !zone.is_empty()),
            source: obtained.source.name(),
            id_token: id_token.map(Printed),
            text,
        }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.text))
    }
}
