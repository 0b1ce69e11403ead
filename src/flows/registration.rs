//! Clients are registered and managed (RFC 7591, 7592).

pub mod cleanup;
mod in_doubt;
pub mod journal;
pub mod management;
pub mod register;
mod zone;
