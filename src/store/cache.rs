//! Access tokens that still live.

mod directory;
mod key;
mod registry;
mod sweep;
mod token;

pub use directory::Cache;
pub use key::TokenKey;
pub use registry::CacheRegistry;
pub use sweep::TokenCaches;
pub use token::{Provenance, Token};
