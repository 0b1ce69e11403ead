//! The real programs that hallpass hands tokens to. `tests/run` installs them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "consumers/cluster.rs"]
mod cluster;
#[path = "consumers/conformance.rs"]
mod conformance;
#[path = "consumers/curl.rs"]
mod curl;
mod fault;
#[path = "consumers/gate.rs"]
mod gate;
#[path = "consumers/har.rs"]
mod har;
#[path = "consumers/image.rs"]
mod image;
#[path = "consumers/index.rs"]
mod index;
#[path = "consumers/infrastructure.rs"]
mod infrastructure;
#[path = "consumers/module.rs"]
mod module;
#[path = "consumers/packages.rs"]
mod packages;
#[path = "consumers/pinned.rs"]
mod pinned;
#[path = "consumers/repository.rs"]
mod repository;
mod room;
#[path = "consumers/shells.rs"]
mod shells;
#[path = "consumers/shop.rs"]
mod shop;
#[path = "consumers/sidecar.rs"]
mod sidecar;
#[path = "consumers/site.rs"]
mod site;
