//! Access tokens that still live.

mod directory;
mod key;
mod token;

pub use directory::Cache;
pub use key::TokenKey;
pub use token::CachedToken;
