//! What belongs to a zone besides its settings follows it: secrets, sign-in, cached tokens, what registrations left.

mod remove;
mod rename;
mod secret;
mod vault;

pub use remove::{remove, remove_locked};
pub use rename::rename;
pub use secret::{NewSecrets, SecretInput, pin_vault_for_dpop};
pub use vault::move_vault;
