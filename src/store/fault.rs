//! What can go wrong with our own state.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::edges::KeyringFault;
use crate::text::sanitize;

use super::kind::Kind;

/// Why something could not be stored, read or removed. It holds facts and never a secret.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system refused.
    #[error("can't {deed} {}", shown(path))]
    Io {
        /// What was tried: a verb, such as `read`.
        deed: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Our own state is not as we left it. Nothing was read from it or written to it.
    #[error("{} {problem}", shown(path))]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
        /// The command that fixes it, ready for a shell; a sentence where a command might do harm.
        fix: String,
    },
    /// The operating system refused, at a file that is not our own state.
    #[error("can't {deed} {}", shown(path))]
    Foreign {
        /// What was tried: a verb, such as `read`.
        deed: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is a directory, a pipe or a device.
    #[error("{} is not a regular file", shown(path))]
    NotFile {
        /// What it is not.
        path: PathBuf,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8: line {line}", shown(path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// The number of the first such line.
        line: usize,
    },
    /// A file that is to be replaced is a link to somewhere else.
    #[error("{} is a link that leads out of its directory, to {}", shown(path), shown(target))]
    LeadsAway {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// What would be written would not be read back as it was.
    #[error("{} would not read back as it should, so it was not written", shown(path))]
    NotReadBack {
        /// The file.
        path: PathBuf,
    },
    /// A file is larger than what we ever write there.
    #[error("{} is larger than {limit} bytes", shown(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// Another process holds the lock.
    #[error("another process holds {} since {} s or longer", shown(path), waited.as_secs())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The operating system's keyring can't be used.
    #[error("{0}")]
    Keyring(KeyringFault),
    /// A stored thing is corrupt.
    #[error("{place} is damaged: {why}")]
    Damaged {
        /// Which one: a file, or a record and its vault.
        place: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A stored thing was written by a newer hallpass.
    #[error("{place} has format {version}, written by a newer hallpass")]
    Newer {
        /// Which one.
        place: String,
        /// The version of its format.
        version: u64,
    },
    /// The sealed vault needs a key and none was given.
    #[error("the sealed vault {} needs its key or passphrase", shown(path))]
    KeyMissing {
        /// The vault's file.
        path: PathBuf,
    },
    /// What was given as the sealed vault's key can't be one.
    #[error("the key of the sealed vault is not usable: {0}")]
    KeyMalformed(&'static str),
    /// The source of the sealed vault's key failed; the cause is the source's own error.
    #[error("the key of the sealed vault can't be had")]
    KeySource(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The key does not open this vault.
    #[error("the key does not open the sealed vault {}, which was made with a {made_with}", shown(path))]
    WrongKey {
        /// The vault's file.
        path: PathBuf,
        /// `key` or `passphrase`.
        made_with: &'static str,
    },
    /// A record of the sealed vault does not open although the key is right: it was changed or moved.
    #[error("the record {zone}/{kind} in {} was tampered with", shown(path))]
    Tampered {
        /// The vault's file.
        path: PathBuf,
        /// The zone of the record.
        zone: String,
        /// The kind of the record.
        kind: Kind,
    },
    /// There are no random bytes.
    #[error("no random bytes: {0}")]
    Entropy(String),
}

/// What is wrong with a file or directory of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is a symbolic link.
    #[error("is a symbolic link")]
    Link,
    /// A directory was expected.
    #[error("is not a directory")]
    NotFolder,
    /// A regular file was expected.
    #[error("is not a regular file")]
    NotFile,
    /// It belongs to somebody else.
    #[error("belongs to the user {owner}, not to {expected}")]
    Owner {
        /// The user id it belongs to.
        owner: u32,
        /// Our effective user id.
        expected: u32,
    },
    /// Others may read or write it.
    #[error("is open to others (mode {mode:04o})")]
    Loose {
        /// Its permission bits.
        mode: u32,
    },
    /// Not even its owner may read it.
    #[error("can't be read by its owner (mode {mode:04o})")]
    Shut {
        /// Its permission bits.
        mode: u32,
    },
}

impl Fault {
    /// Makes an [`Fault::Io`], to be used with `map_err`.
    pub(super) fn io(deed: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { deed, path: path.to_owned(), source }
    }

    /// The same fault at a file of the user's: named as they named it, and with other ways out.
    pub(super) fn foreign(self, path: &Path) -> Self {
        match self {
            Self::Io { deed, source, .. } => Self::Foreign { deed, path: path.to_owned(), source },
            Self::Busy { waited, .. } => Self::Busy { path: path.to_owned(), waited },
            other => other,
        }
    }

    /// The same fault at a file of the user's, named as they named it.
    pub(super) fn at(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Foreign { deed, source, .. } => Self::Foreign { deed, path, source },
            Self::NotFile { .. } => Self::NotFile { path },
            Self::TooLarge { limit, .. } => Self::TooLarge { path, limit },
            other => other,
        }
    }
}

/// The path as it may be shown on a terminal.
pub(super) fn shown(path: &Path) -> String {
    sanitize(&path.to_string_lossy())
}
