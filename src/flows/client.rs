//! The zone's client at its authorization server: what it proves itself by, and how its requests are sent.

pub mod certificate;
pub mod credential;
pub mod proof;
mod sender;

pub use sender::{Client, ClientResponse};
