//! What can be wrong with settings.

use std::io;
use std::path::PathBuf;

/// Why a setting can't be used. Values are never repeated: one of them may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("there is no home directory to keep state in: set HOME, or HALLPASS_HOME to a directory")]
    NoHome,
    #[error("{}:{line}:{column}: {reason}", path.display())]
    Syntax {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What the TOML reader says, sanitized.
        reason: String,
    },
    #[error("{}:{line}:{column}: {key} {reason}", path.display())]
    Value {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The key with its table, as `zones.ci.scope`.
        key: String,
        /// What is wrong, as `must be a text`.
        reason: String,
    },
    #[error("{}: a project may only name a zone, but this file sets {key}", path.display())]
    ForeignKey { path: PathBuf, key: String },
    #[error("{} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        path: PathBuf,
        /// The most bytes allowed.
        limit: u64,
    },
    #[error("{name} {reason}")]
    Environment {
        name: &'static str,
        /// What is wrong, as `is set but empty`.
        reason: String,
    },
    #[error("{key} {reason}")]
    Refused {
        /// The setting, named as in the file; the flag has `-` for `_`.
        key: &'static str,
        /// What is wrong, as `must be https, or http to loopback`.
        reason: String,
    },
    #[error("there is no zone {name}")]
    Unknown { name: String },
    #[error("there is a zone {name} already")]
    Exists { name: String },
    #[error("{} holds no zone", path.display())]
    NoZone { path: PathBuf },
}

impl Fault {
    pub(super) fn refused(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Refused { key, reason: reason.into() }
    }

    pub(super) fn environment(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Environment { name, reason: reason.into() }
    }
}
