//! What many machines share: access tokens, so that a whole fleet mints each one once, and what the replicas of a gate agree
//! by.
//!
//! The engine is Redis or Valkey. It is not trusted: names are HMACs, entries are sealed and bound to their name and their
//! fencing number, and what it does wrong or not at all is never worse than having no shared cache.

mod address;
mod answer;
mod breaker_state;
mod budget;
mod cache;
mod connection;
mod engine;
mod entry;
mod fault;
mod keys;
mod lookup;
mod pool;
mod removal;
mod used_proof;

pub use address::{Address, Place};
pub use answer::Answer;
pub use cache::SharedCache;
pub use connection::Way;
pub use engine::{Engine, MEMORY, Patience};
pub use fault::Fault;
pub use keys::Keys;
pub use lookup::{LEASE, Lease, Lookup};
pub use removal::FoundEntry;
