//! What only a process shows: exit codes, streams, files and sockets of the real program against a server that
//! misbehaves on purpose.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "binary/answer.rs"]
mod answer;
mod fault;
#[path = "binary/network.rs"]
mod network;
#[path = "binary/process.rs"]
mod process;
mod room;
#[path = "binary/state.rs"]
mod state;
