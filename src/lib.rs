//! Get, store, use, inspect and check OAuth tokens from any authorization server.
//!
//! The house has storeys, and a storey uses only lower ones (`tests/layers.rs` checks it):
//! main·lib > cli > commands > gate·proxy·doctor·sandbox > flows·guard > context > output > error > http·store·config >
//! source > oauth·jose·identity·edges > redaction > secret·text·hex. Rooms on one storey do not know each other.
//!
//! The public face is small: [`main`] runs a whole command over handed-in [`edges::Edges`], [`command`] describes the
//! command line, [`real_edges`] wires the real world together.

mod cli;
mod commands;
mod config;
mod context;
mod doctor;
pub mod edges;
mod error;
mod flows;
mod gate;
mod guard;
mod hex;
mod http;
mod identity;
mod jose;
mod oauth;
mod output;
mod proxy;
mod redaction;
mod sandbox;
mod secret;
mod shared_cache;
mod source;
mod store;
mod text;

use std::ffi::OsString;
use std::sync::Arc;

use edges::{Edges, Environment, OsEntropy, Streams, SystemBrowser, SystemClock, TerminalPrompt};

pub use secret::Secret;

/// Runs one command: parses the arguments (the program's name first), does the deed, answers on the streams, and
/// returns the exit code.
pub fn main(arguments: &[OsString], edges: Edges) -> u8 {
    cli::run(arguments, edges)
}

/// The whole command line, for generated help, man pages and completions.
pub fn command() -> clap::Command {
    cli::command()
}

/// The world as it is: the process's own clock, entropy, environment, streams, terminal and keyring.
pub fn real_edges() -> Edges {
    Edges {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        environment: Environment::real(),
        streams: Streams::real(),
        browser: Arc::new(SystemBrowser),
        prompt: Arc::new(TerminalPrompt),
        keyring: Arc::new(store::OsKeyring),
    }
}

/// Answers a shell that asks for completions, and says whether it did.
pub fn complete() -> bool {
    cli::complete()
}

/// Makes a panic one line and exit code 70: no backtrace, no values.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        let line =
            format!("error: this is a bug of hallpass{place}\nhint: please report it with the command you ran\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        #[expect(clippy::exit, reason = "a panic has no way back to main; 70 tells it from every other end")]
        std::process::exit(i32::from(error::exit::INTERNAL));
    }));
}
