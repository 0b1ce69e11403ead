//! The files of `contrib/`, and the blocks of `docs/ci.md`, as their platforms read and run them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "contrib/azure.rs"]
mod azure;
#[path = "contrib/document.rs"]
mod document;
mod fault;
#[path = "contrib/fleet.rs"]
mod fleet;
#[path = "contrib/github.rs"]
mod github;
#[path = "contrib/gitlab.rs"]
mod gitlab;
#[path = "contrib/jenkins.rs"]
mod jenkins;
#[path = "contrib/kubernetes.rs"]
mod kubernetes;
mod room;
#[path = "contrib/sandbox.rs"]
mod sandbox;
#[cfg(target_os = "linux")]
#[path = "contrib/systemd.rs"]
mod systemd;
