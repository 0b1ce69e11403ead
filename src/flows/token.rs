//! A token is obtained: from the cache, by a refresh, by a grant or in exchange for another.

pub mod cache;
pub mod exchange;
mod failure;
pub mod input;
pub mod mint;
pub mod obtain;
mod refresh;
pub mod renewal;
pub mod request;
pub mod session;
pub mod single_flight;
