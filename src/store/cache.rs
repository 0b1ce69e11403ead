//! The cache of access tokens.

mod directory;
mod key;
mod registry;
mod token;
mod token_caches;

pub use directory::Cache;
pub use key::TokenKey;
pub use registry::CacheRegistry;
pub use token::{Provenance, Token};
pub use token_caches::TokenCaches;
