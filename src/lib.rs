//! hallpass gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server.

#![expect(dead_code, reason = "the rooms are being furnished")]

pub mod edges;
#[allow(unused_imports, reason = "the rooms above it are still empty")]
mod http;
mod oauth;
mod secret;
mod text;

pub use secret::Secret;
