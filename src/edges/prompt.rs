//! What asks a person. The only place that names dialoguer.

use std::io;

use crate::secret::Secret;

/// Asks a person; only called when stdin and stderr are terminals and `--no-input` is absent.
pub trait Prompt: Send + Sync {
    /// Asks a yes-or-no question; no is the default.
    ///
    /// # Errors
    /// When the terminal went away or the person gave up.
    fn confirm(&self, question: &str) -> io::Result<bool>;
    /// Asks for a secret without echo.
    ///
    /// # Errors
    /// When the terminal went away or the person gave up.
    fn secret(&self, question: &str) -> io::Result<Secret>;
}

/// Asks on the terminal.
#[derive(Debug, Clone, Copy)]
pub struct TerminalPrompt;

impl Prompt for TerminalPrompt {
    fn confirm(&self, question: &str) -> io::Result<bool> {
        let echo = Echo::remember();
        let answer = dialoguer::Confirm::new().with_prompt(question).default(false).interact().map_err(gave_up);
        drop(echo);
        answer
    }

    fn secret(&self, question: &str) -> io::Result<Secret> {
        let echo = Echo::remember();
        let answer = dialoguer::Password::new().with_prompt(question).interact().map_err(gave_up);
        drop(echo);
        answer.map(Secret::new)
    }
}

fn gave_up(error: dialoguer::Error) -> io::Error {
    let dialoguer::Error::IO(error) = error;
    error
}

/// Puts the terminal back as it was when a signal ends a prompt: dialoguer leaves the echo off then.
struct Echo {
    #[cfg(unix)]
    watch: Option<signal_hook::iterator::Handle>,
}

impl Echo {
    #[cfg(unix)]
    fn remember() -> Self {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let terminal = rustix::termios::tcgetattr(io::stdin()).ok();
        let Some((mut signals, modes)) =
            signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).ok().zip(terminal)
        else {
            return Self { watch: None };
        };
        let watch = signals.handle();
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &modes);
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Self { watch: Some(watch) }
    }

    #[cfg(not(unix))]
    fn remember() -> Self {
        Self {}
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(watch) = &self.watch {
            watch.close();
        }
    }
}
