//! What can go wrong with our own state.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::edges::KeyringFault;
use crate::text::sanitize;

/// Why something could not be stored, read or removed. It holds facts and never a secret.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("can't {action} {}", sanitize_path(path))]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} {problem}", sanitize_path(path))]
    Unsafe {
        path: PathBuf,
        problem: Problem,
        /// The command that fixes it, quoted for a shell; a sentence where a command might do harm.
        fix: String,
    },
    /// As `Io`, at a file of the user's.
    #[error("can't {action} {}", sanitize_path(path))]
    Foreign { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is not a regular file", sanitize_path(path))]
    NotFile { path: PathBuf },
    #[error("{} is not UTF-8: line {line}", sanitize_path(path))]
    NotText { path: PathBuf, line: usize },
    #[error("{} is a link that leads out of its directory, to {}", sanitize_path(path), sanitize_path(target))]
    LeadsAway { path: PathBuf, target: PathBuf },
    #[error("{} would not read back as it should, so it was not written", sanitize_path(path))]
    NotReadBack { path: PathBuf },
    #[error("{} is larger than {limit} bytes", sanitize_path(path))]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("another process has held {} for at least {} s", sanitize_path(path), waited.as_secs())]
    Busy { path: PathBuf, waited: Duration },
    #[error("{0}")]
    Keyring(KeyringFault),
    #[error("{place} is damaged: {why}")]
    Damaged { place: String, why: &'static str },
    #[error("{place} has format {version}, written by a newer hallpass")]
    Newer { place: String, version: u64 },
    #[error("the sealed vault {} needs its key or passphrase", sanitize_path(path))]
    KeyMissing { path: PathBuf },
    #[error("the key of the sealed vault is not usable: {0}")]
    KeyMalformed(&'static str),
    #[error("the key of the sealed vault can't be read")]
    KeySource(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("nobody typed the passphrase of the sealed vault")]
    KeyUnanswered(#[source] io::Error),
    #[error("the key does not open the sealed vault {}, which was made with a {made_with}", sanitize_path(path))]
    WrongKey { path: PathBuf, made_with: &'static str },
    #[error("the record {name} in {} was tampered with", sanitize_path(path))]
    Tampered { path: PathBuf, name: String },
    #[error("no random bytes: {0}")]
    Entropy(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("is a symbolic link")]
    Link,
    #[error("is not a directory")]
    NotDirectory,
    #[error("is not a regular file")]
    NotFile,
    #[error("belongs to the user {owner}, not to {expected}")]
    Owner { owner: u32, expected: u32 },
    #[error("is open to others (mode {mode:04o})")]
    Loose { mode: u32 },
    #[error("can't be read by its owner (mode {mode:04o})")]
    Shut { mode: u32 },
}

impl Fault {
    /// Whether a place belongs to another user, or can't be looked into.
    pub fn is_of_another_user(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Unsafe { problem: Problem::Owner { .. }, .. })
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// The same fault at a file of the user's, under the name that they gave: it has other ways out.
    pub(super) fn foreign(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Io { action, source, .. } | Self::Foreign { action, source, .. } => {
                Self::Foreign { action, path, source }
            }
            Self::NotFile { .. } => Self::NotFile { path },
            Self::TooLarge { limit, .. } => Self::TooLarge { path, limit },
            Self::Busy { waited, .. } => Self::Busy { path, waited },
            other => other,
        }
    }
}

/// The path as it may be shown on a terminal.
pub(super) fn sanitize_path(path: &Path) -> String {
    sanitize(&path.to_string_lossy())
}
