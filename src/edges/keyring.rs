//! The operating system's keyring, as far as the vault needs it.

use crate::secret::Secret;

/// A store of secrets by user name under the service `hallpass`.
///
/// Calls may block for ever (a frozen daemon, an unanswered dialog): the vault runs each on a thread of its own with
/// a deadline, and only after [`Keyring::probe`] has said that no dialog will come up.
pub trait Keyring: Send + Sync {
    /// Whether the keyring can be used now. Never raises a dialog.
    fn probe(&self) -> Result<(), KeyringFault>;
    /// Has the system ask the person to unlock it, and waits for the answer.
    fn unlock(&self) -> Result<(), KeyringFault>;
    /// The secret of this user, if there is one.
    fn get(&self, user: &str) -> Result<Option<Secret>, KeyringFault>;
    /// Stores or replaces the secret of this user.
    fn set(&self, user: &str, secret: &Secret) -> Result<(), KeyringFault>;
    /// Removes the secret of this user; `false` when there was none.
    fn delete(&self, user: &str) -> Result<bool, KeyringFault>;
    /// The users that have a secret under the service `hallpass`.
    fn users(&self) -> Result<Vec<String>, KeyringFault>;
}

/// Why the keyring can't be used. The texts come from the keyring's own words, never from a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// There is no service to talk to (no session bus, no Secret Service).
    #[error("there is no keyring service in this session ({0})")]
    Absent(String),
    /// It is locked and a person would have to unlock it.
    #[error("the keyring is locked")]
    Locked,
    /// It runs, but has no default collection to store into.
    #[error("the keyring has no default collection")]
    NoCollection,
    /// It did not answer in time.
    #[error("the keyring did not answer within {0} s")]
    Silent(u64),
    /// It answered with an error.
    #[error("the keyring failed: {0}")]
    Failed(String),
}
