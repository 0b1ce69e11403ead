//! A token is obtained: from the cache, by a refresh, by a grant or in exchange for another.

pub mod cache;
pub mod exchange;
mod failure;
pub mod forget;
pub mod freshness;
pub mod input;
pub mod mint;
pub mod obtain;
mod refresh;
pub mod renewal;
pub mod request;
pub mod session;
pub mod shared_copy;
mod shared_flight;
pub mod single_flight;
