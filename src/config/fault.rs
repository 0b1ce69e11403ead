//! What can be wrong with settings.

use std::io;
use std::path::PathBuf;

use crate::edges::VariableFault;

/// Why a setting can't be used. Values are never repeated: one of them may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("there is no home directory for the configuration: set HOME, or HALLPASS_HOME to a directory")]
    NoHome,
    /// Line and column (in characters) count from 1; the reason begins with the key.
    #[error("{}:{line}:{column}: {reason}", path.display())]
    Invalid { path: PathBuf, line: usize, column: usize, reason: String },
    #[error("{}: a project may only name a zone, but this file sets {key}", path.display())]
    ForeignKey { path: PathBuf, key: String },
    #[error("{} belongs to the user {owner} and is not used", path.display())]
    ForeignOwner { path: PathBuf, owner: u32 },
    #[error("{} can't be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{} is not UTF-8", path.display())]
    NotUtf8 { path: PathBuf },
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    /// The key is that of the file or the name of a variable; a flag has `-` for `_`.
    #[error("{key} {reason}")]
    Refused { key: &'static str, reason: String },
    #[error(transparent)]
    Variable(#[from] VariableFault),
    #[error("there is no zone {name}")]
    Unknown { name: String },
    #[error("zone {name} exists")]
    Exists { name: String },
    #[error("{} contains no zone", path.display())]
    NoZone { path: PathBuf },
}

impl Fault {
    pub(super) fn refused(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Refused { key, reason: reason.into() }
    }
}
