//! What can be wrong with settings.

use std::io;
use std::path::PathBuf;

/// Why a setting can't be used. Values are never repeated: one of them may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Neither `HALLPASS_HOME` nor a home directory is known.
    #[error("there is no home directory to keep state in: set HOME, or HALLPASS_HOME to a directory")]
    NoHome,
    /// The file is not TOML, or a key stands in it twice.
    #[error("{}:{line}:{column}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What the TOML reader says, sanitized.
        reason: String,
    },
    /// A key has a value of the wrong type, or one that is not allowed.
    #[error("{}:{line}:{column}: {key} {reason}", path.display())]
    Value {
        /// The file.
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
    /// A project's file says something else than `zone`.
    #[error("{}: a project may only name a zone, but this file sets {key}", path.display())]
    ForeignKey {
        /// The file.
        path: PathBuf,
        /// The key, sanitized.
        key: String,
    },
    /// A file can't be read.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// A file is larger than such a file can be.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes allowed.
        limit: u64,
    },
    /// A variable is missing, empty or contradicts another.
    #[error("{name} {reason}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What is wrong, as `is set but empty`.
        reason: String,
    },
    /// A value is not allowed, wherever it came from.
    #[error("{key} {reason}")]
    Refused {
        /// The setting, named as in the file; the flag has `-` for `_`.
        key: &'static str,
        /// What is wrong, as `must be https, or http to loopback`.
        reason: String,
    },
    /// There is no such zone to rename or remove.
    #[error("there is no zone {name}")]
    Unknown {
        /// The zone, sanitized.
        name: String,
    },
    /// There is such a zone already.
    #[error("there is a zone {name} already")]
    Exists {
        /// The zone.
        name: String,
    },
    /// A text to import holds no zone.
    #[error("{} holds no zone", path.display())]
    NoZone {
        /// Where the text came from.
        path: PathBuf,
    },
}

impl Fault {
    pub(super) fn refused(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Refused { key, reason: reason.into() }
    }

    pub(super) fn environment(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Environment { name, reason: reason.into() }
    }
}
