//! An authorization server on loopback, in memory, for tests and for trying things out. It protects nothing of value.
//! Arrows go one way: `server` → `service` → `route` → `endpoint` → `state` → `model`.

mod endpoint;
pub mod environment;
mod error;
pub mod fault;
mod instance;
mod log;
mod model;
mod options;
mod route;
mod scripted_body;
mod server;
mod service;
mod state;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use fault::Fault;
pub use instance::Sandbox;
pub use log::Log;
pub use options::Options;
