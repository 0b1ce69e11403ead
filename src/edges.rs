//! What the world hands in: clock, entropy, environment, streams, browser, prompt, keyring.
//!
//! Nothing below grabs these from the process. A test fixes the clock, seeds the entropy, captures the streams and
//! runs a whole command in-process; the program wires the real ones together in `lib.rs`.

mod browser;
mod clock;
mod descriptor_limit;
mod entropy;
mod environment;
mod file_size_limit;
mod host_name;
mod keyring;
mod memory;
mod prompt;
mod signal;
mod streams;
mod waiting;

use std::sync::Arc;

pub use browser::{Browser, NoBrowser, SystemBrowser};
pub use clock::{Clock, Deadline, Moment, SystemClock, parse_span};
pub use descriptor_limit::raise_descriptor_limit;
pub use entropy::{Entropy, OsEntropy, random_hex};
pub use environment::{Environment, VariableFault};
pub use file_size_limit::ignore_sigxfsz;
pub use host_name::host_name;
pub use keyring::{Keyring, KeyringFault};
pub use memory::forbid_core_files;
pub use prompt::{Prompt, TerminalPrompt};
pub use signal::{SignalHold, are_passed_on, end_process, is_ignored, pass_signals_on, stop_passing_signals_on};
pub use streams::Streams;
pub use waiting::{Shown, WaitLine, Waiting};

/// Everything a command touches outside its own memory, files and sockets.
pub struct Edges {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
    /// Variables, working directory and own path, as they were at the start.
    pub environment: Environment,
    /// stdin, stdout and stderr.
    pub streams: Streams,
    /// What opens a page for a person.
    pub browser: Arc<dyn Browser>,
    /// What asks a person.
    pub prompt: Arc<dyn Prompt>,
    /// The operating system's keyring.
    pub keyring: Arc<dyn Keyring>,
}
