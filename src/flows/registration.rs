//! Clients are registered and managed (RFC 7591, 7592).

pub mod leftover;
pub mod management;
mod pending;
pub mod register;
pub mod rescue;
