//! The only place that writes files and secrets: private directories and files, locks, the vault, the caches.
//!
//! Everything here is handed its paths; where they lie is decided in `config`. Our own state is born 0600 in 0700
//! directories, and state that stands behind a symbolic link, belongs to somebody else or is open to others is refused.
//! Token files are the user's: of those it is only told.

pub mod cache;
mod digest;
pub mod directory;
pub mod document;
mod fault;
pub mod file;
pub mod keyring;
mod kind;
pub mod lock;
mod ownership;
pub mod registration;
mod runner;
pub mod sealed;
pub mod session;
pub mod token_file;
pub mod vault;

pub use cache::{Cache, CacheRegistry, Provenance, Token, TokenCaches, TokenKey};
pub use document::{Document, Documents};
pub use fault::{Fault, Problem};
pub use keyring::{KeyringVault, os::OsKeyring};
pub use kind::Kind;
pub use lock::{Lock, LockOutcome};
pub use registration::Registrations;
pub use runner::RunnerFile;
pub use sealed::{KeySource, SealedVault};
pub use session::{Sent, Session, Sessions};
pub use token_file::TokenFile;
pub use vault::{Changes, Record, Vault};
