//! `hallpass bearer …`: token files, one bearer token per line.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::output::Printed;
use crate::secret::Secret;
use crate::store::token_file::Entry;
use crate::text::sanitize;

pub mod add;
pub mod change;
pub mod check;
pub mod disable;
pub mod enable;
mod expiry;
pub mod generate;
pub mod lint;
pub mod list;
mod made;
mod pick;
pub mod prune;
pub mod remove;
pub mod rotate;

/// Manage a token file: one bearer token per line, for small servers and gateways
///
/// A line that starts with # is a comment. Metadata is kept in the comment above a token; a disabled token is in a comment
/// that starts with #hallpass-off:. Every other byte of the file is preserved, and toolregistry-server can load it. An
/// empty file accepts no token.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass bearer generate tokens.txt --label ci >ci.token\n  $ hallpass token | hallpass bearer add tokens.txt && hallpass bearer list tokens.txt"
)]
pub struct Args {}

/// One token of a token file.
#[derive(Serialize, JsonSchema)]
pub struct TokenLine {
    /// The number of its line.
    line: usize,
    /// The first 12 hexadecimal digits of the token's SHA-256.
    fingerprint: String,
    /// Its name.
    label: Option<String>,
    /// When it came into the file, RFC 3339 in UTC.
    added: Option<String>,
    /// From when on it lets nobody in.
    expires: Option<String>,
    /// `live`, `disabled`, `expired`, or `malformed`: no bearer token, or what is said of it can't be read.
    state: &'static str,
    /// The token, with `--show-tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Printed>,
}

impl TokenLine {
    /// What is known of a token, without the token.
    fn of(entry: &Entry) -> Self {
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

    /// The same with the token.
    fn with_token(entry: &Entry, token: &Secret) -> Self {
        Self { token: Some(Printed(token.clone())), ..Self::of(entry) }
    }

    /// The token in a few words: `ba7816bf8f01 (ci)`.
    fn words(&self) -> String {
        let label = self.label.as_ref().map(|label| format!(" ({label})"));
        format!("{}{}", self.fingerprint, label.unwrap_or_default())
    }
}

/// A path as it may be shown.
fn named(file: &Path) -> String {
    sanitize(&file.display().to_string())
}

/// Says each warning.
fn warn(cx: &Context, warnings: &[String]) {
    for warning in warnings {
        cx.ui.warn(warning);
    }
}
