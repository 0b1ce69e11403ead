//! Why a source gave nothing.

use std::io;

/// What went wrong at a source. `place` is its sanitized canonical form; no text that was read is ever in here.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The variable is not set.
    #[error("{place} is not set")]
    Absent {
        /// The source.
        place: String,
    },
    /// There was nothing in it, or nothing but a newline.
    #[error("{place} is empty")]
    Empty {
        /// The source.
        place: String,
    },
    /// The operating system refused: no such file, no permission, no such descriptor, no shell.
    #[error("{place} can't be read")]
    Unreadable {
        /// The source.
        place: String,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// It is a directory, a socket or a disk.
    #[error("{place} is neither a file nor a pipe")]
    NotAFile {
        /// The source.
        place: String,
    },
    /// A person sits at the other end, and secrets are not typed in the open.
    #[error("{place} is a terminal: pipe the value in, or give file:PATH, env:NAME, cmd:COMMAND or fd:N")]
    Terminal {
        /// The source.
        place: String,
    },
    /// The command failed.
    #[error("{place} {status}{}", said.as_ref().map(|line| format!(": {line}")).unwrap_or_default())]
    Failed {
        /// The source.
        place: String,
        /// How it ended, as `ended with code 1`.
        status: String,
        /// The last line it wrote to stderr, sanitized.
        said: Option<String>,
    },
    /// The deadline passed first; a command was killed together with its children.
    #[error("{place} did not end before the deadline")]
    Late {
        /// The source.
        place: String,
    },
    /// It holds more than a secret can be.
    #[error("{place} holds more than {limit} bytes")]
    TooLong {
        /// The source.
        place: String,
        /// The most bytes allowed.
        limit: usize,
    },
    /// It is not UTF-8, or it contains a NUL.
    #[error("{place} is not text: {reason}")]
    NotText {
        /// The source.
        place: String,
        /// `it is not UTF-8` or `it holds a NUL character`.
        reason: &'static str,
    },
    /// The platform gives this workload no identity.
    #[error("{place} gives no identity here: {lacks}")]
    NoIdentity {
        /// The source.
        place: String,
        /// What is missing: a variable, a file.
        lacks: String,
        /// What to switch on.
        remedy: &'static str,
    },
    /// Only the context, which knows the zone and its vault, can read this one.
    #[error("{place} can't be used here, where no zone's vault is at hand")]
    NotHere {
        /// The source.
        place: String,
    },
}
