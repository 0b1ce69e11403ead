//! Why a source gave nothing.

use std::io;

/// What went wrong at a source. `place` is its sanitized canonical form; no text that was read is ever in here.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{place} is not set")]
    Absent { place: String },
    #[error("{place} is empty")]
    Empty { place: String },
    #[error("{place} can't be read")]
    Unreadable {
        place: String,
        #[source]
        cause: io::Error,
    },
    #[error("{place} is neither a file nor a pipe")]
    NotAFile { place: String },
    #[error("{place} is a terminal: pipe the value in, or give file:PATH, env:NAME, cmd:COMMAND or fd:N")]
    Terminal { place: String },
    #[error("{place} {status}{}", said.as_ref().map(|line| format!(": {line}")).unwrap_or_default())]
    Failed {
        place: String,
        /// How it ended, as `ended with code 1`.
        status: String,
        /// The last line it wrote to stderr, sanitized.
        said: Option<String>,
    },
    #[error("{place} did not end before the deadline")]
    Late { place: String },
    #[error("{place} holds more than {limit} bytes")]
    TooLong {
        place: String,
        /// The most bytes allowed.
        limit: usize,
    },
    /// It is not UTF-8, or it contains a NUL.
    #[error("{place} is not text: {reason}")]
    NotText {
        place: String,
        /// `it is not UTF-8` or `it holds a NUL character`.
        reason: &'static str,
    },
    #[error("{place} gives no identity here: {lacks}")]
    NoIdentity {
        place: String,
        /// What is missing: a variable, a file.
        lacks: String,
        remedy: &'static str,
    },
    #[error("{place} can't be used here, where no zone's vault is at hand")]
    NotHere { place: String },
}
