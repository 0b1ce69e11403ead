//! The real programs that hallpass hands tokens to. `tests/run` installs them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "consumers/cluster.rs"]
mod cluster;
#[path = "consumers/curl.rs"]
mod curl;
mod fault;
#[path = "consumers/packages.rs"]
mod packages;
#[path = "consumers/repository.rs"]
mod repository;
mod room;
