//! What asks a person. The only place that names dialoguer.

use std::io::{self, Write as _};

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
        asked(|| dialoguer::Confirm::new().with_prompt(question).default(false).interact())
    }

    fn secret(&self, question: &str) -> io::Result<Secret> {
        asked(|| dialoguer::Password::new().with_prompt(question).interact()).map(Secret::new)
    }
}

/// Asks, and leaves the terminal as it was, whatever ends it.
fn asked<T>(ask: impl FnOnce() -> Result<T, dialoguer::Error>) -> io::Result<T> {
    let echo = Echo::remember();
    ask().map_err(|dialoguer::Error::IO(error)| {
        if error.kind() == io::ErrorKind::Interrupted {
            echo.wait();
        }
        error
    })
}

/// Shows the cursor, on every terminal that has one.
#[cfg(unix)]
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

/// Puts the terminal back as it was when a signal ends a prompt: dialoguer leaves the echo off and the cursor hidden then.
/// The watch stays for the rest of the process: a signal that nobody hears any more would not end it either.
struct Echo {
    #[cfg(unix)]
    watched: bool,
}

impl Echo {
    #[cfg(unix)]
    fn remember() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let terminal = rustix::termios::tcgetattr(io::stdin()).ok();
        let Some((mut signals, modes)) =
            signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).ok().zip(terminal)
        else {
            return Self { watched: false };
        };
        let watch = std::thread::Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &modes);
                let _ = io::stderr().write_all(SHOW_CURSOR);
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Self { watched: watch.is_ok() }
    }

    #[cfg(not(unix))]
    fn remember() -> Self {
        Self {}
    }

    /// Waits for the signal that is on its way: dialoguer has raised it for a ^C that it read as a key.
    #[cfg(unix)]
    fn wait(&self) {
        let begin = std::time::Instant::now();
        while self.watched && begin.elapsed() < std::time::Duration::from_secs(2) {
            std::thread::park_timeout(std::time::Duration::from_millis(100));
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "there are no signals to wait for")]
    fn wait(&self) {}
}
