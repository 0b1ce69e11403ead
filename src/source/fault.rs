//! Why a source could not be read.

use std::io;

/// `place` is the sanitized canonical form of the source; the content of a source is never in here.
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
    #[error("{place} {status}{}", message.as_ref().map(|line| format!(": {line}")).unwrap_or_default())]
    Failed {
        place: String,
        /// Such as `ended with code 1`.
        status: String,
        /// The last line of stderr, sanitized.
        message: Option<String>,
    },
    #[error("{place} did not end before the deadline")]
    Late { place: String },
    #[error("{place} contains more than {limit} bytes")]
    TooLong { place: String, limit: usize },
    #[error("{place} is not text: {reason}")]
    NotText { place: String, reason: &'static str },
    #[error("{place} has no identity here: {missing}")]
    NoIdentity { place: String, missing: String, remedy: &'static str },
    #[error("{place} can't be used here: there is no zone's vault to read from")]
    NotHere { place: String },
}
