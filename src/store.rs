//! The only place that writes files and secrets: private directories and files, locks, the vault, the caches.
//!
//! `config` decides the paths. Our own state is created 0600 in 0700 directories; a symbolic link, a foreign owner or
//! loose modes are refused. For token files, which are the user's, they are only reported.

pub mod cache;
mod digest;
pub mod directory;
pub mod document;
mod fault;
pub mod file;
pub mod foreign_file;
mod format;
pub mod handed_files;
pub mod keyring;
pub mod lock;
mod ownership;
pub mod registration;
mod runner_file;
pub mod sealed;
mod secret_kind;
pub mod session;
pub mod token_file;
pub mod vault;

pub use cache::{Cache, CacheRegistry, Provenance, Token, TokenCaches, TokenKey};
pub use document::{Document, Documents};
pub use fault::{Fault, Problem};
pub use keyring::{KeyringVault, os::OsKeyring};
pub use lock::{Lock, LockOutcome};
pub use registration::Registrations;
pub use runner_file::RunnerFile;
pub use sealed::{KeySource, KeyUse, SealedVault};
pub use secret_kind::SecretKind;
pub use session::{Sent, Session, Sessions};
pub use token_file::TokenFile;
pub use vault::{Changes, Record, Vault};
