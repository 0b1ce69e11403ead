//! What asks a person. The only place that names dialoguer.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::secret::Secret;

/// Asks a person; only called when stdin and stderr are terminals and `--no-input` is absent. Fails when the terminal is
/// gone or the person gives up.
pub trait Prompt: Send + Sync {
    /// Asks a yes-or-no question; no is the default.
    fn confirm(&self, question: &str) -> io::Result<bool>;
    /// Asks for a secret without echo.
    fn secret(&self, question: &str) -> io::Result<Secret>;
}

/// Asks on the terminal.
#[derive(Debug, Clone, Copy)]
pub struct TerminalPrompt;

impl Prompt for TerminalPrompt {
    fn confirm(&self, question: &str) -> io::Result<bool> {
        ask_safely(|| dialoguer::Confirm::new().with_prompt(question).default(false).interact())
    }

    fn secret(&self, question: &str) -> io::Result<Secret> {
        ask_safely(|| dialoguer::Password::new().with_prompt(question).interact()).map(Secret::new)
    }
}

/// Asks, and leaves the terminal as it was, whatever ends it.
fn ask_safely<T>(ask: impl FnOnce() -> Result<T, dialoguer::Error>) -> io::Result<T> {
    let is_watched = watch_signals();
    ask().map_err(|dialoguer::Error::IO(error)| {
        // For a ^C that dialoguer reads as a key it raises a signal, which is on its way.
        let begin = Instant::now();
        while is_watched && error.kind() == io::ErrorKind::Interrupted && begin.elapsed() < Duration::from_secs(2) {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        error
    })
}

/// Shows the cursor, on every terminal that has one.
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

/// Restores the terminal when a signal ends a prompt, because dialoguer leaves the echo off and the cursor hidden then.
/// The thread stays until the process ends: without a listener the signal would no longer end it.
fn watch_signals() -> bool {
    let Ok(modes) = tcgetattr(io::stdin()) else { return false };
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return false };
    let watch = std::thread::Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
            let _ = io::stderr().write_all(SHOW_CURSOR);
            let _ = emulate_default_handler(signal);
        }
    });
    watch.is_ok()
}
