//! Several exchanges, or any waiting: find the endpoints, obtain a token.

pub mod attempt;
pub mod authorize;
pub mod certificate;
pub mod client;
pub mod credential;
pub mod device;
pub mod discovery;
mod doubt;
pub mod exchange;
mod failure;
pub mod id_token;
mod input;
pub mod introspection;
pub mod keys;
pub mod leftover;
pub mod logout;
pub mod mint;
pub mod obtain;
mod pending;
pub mod proof;
mod refresh;
pub mod register;
pub mod registration;
pub mod rescue;
pub mod resource;
pub mod revocation;
pub mod session;
