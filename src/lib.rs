//! hallpass gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server.

#![expect(dead_code, reason = "the rooms are being furnished")]

mod config;
pub mod edges;
mod jose;
#[allow(unused_imports, reason = "the rooms above it are still empty")]
mod http;
mod oauth;
mod sandbox;
mod secret;
mod store;
mod source;
mod text;

pub use secret::Secret;
