//! A line of a token file in an answer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::edges::Moment;
use crate::output::Printed;
use crate::secret::Secret;
use crate::store::token_file::Entry;

/// One token of a token file.
#[derive(Serialize, JsonSchema)]
pub struct TokenLine {
    /// The number of its line.
    pub line: usize,
    /// The first 12 hexadecimal digits of the token's SHA-256.
    pub fingerprint: String,
    /// Its name.
    pub label: Option<String>,
    /// When it was added, RFC 3339 in UTC.
    pub added: Option<String>,
    /// When it expires, RFC 3339 in UTC.
    pub expires: Option<String>,
    /// `live`, `disabled`, `expired`, or `malformed`: no bearer token, or its metadata can't be read.
    pub state: &'static str,
    /// The token, with `--show-tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Printed>,
}

impl TokenLine {
    /// What is known of a token, without the token.
    pub fn from_entry(entry: &Entry) -> Self {
        Self {
            line: entry.line,
            fingerprint: entry.fingerprint(),
            label: entry.label.clone(),
            added: entry.added.map(Moment::rfc3339),
            expires: entry.expires.map(Moment::rfc3339),
            state: entry.state.name(),
            token: None,
        }
    }

    pub fn with_token(entry: &Entry, token: &Secret) -> Self {
        Self { token: Some(Printed(token.clone())), ..Self::from_entry(entry) }
    }

    /// The token in a few words: `ba7816bf8f01 (ci)`.
    pub fn short_name(&self) -> String {
        let label = self.label.as_ref().map(|label| format!(" ({label})"));
        format!("{}{}", self.fingerprint, label.unwrap_or_default())
    }
}
