//! What asks a person. dialoguer, which only this file names, lays out the questions; the answers are read here.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::{Mutex, Once, PoisonError};

use dialoguer::theme::{SimpleTheme, Theme as _};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use serde::de::IgnoredAny;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use zeroize::Zeroizing;

use super::signal::{SignalHold, are_passed_on};
use crate::secret::Secret;
use crate::text::escape_control;

/// Asks a person; only called when stdin and stderr are terminals and `--no-input` is absent. Fails with
/// [`io::ErrorKind::UnexpectedEof`] when the person gives no answer (^D), with another kind when the terminal is gone.
pub trait Prompt: Send + Sync {
    /// Asks a yes-or-no question; no is the default, and every other answer.
    fn confirm(&self, question: &str) -> io::Result<bool>;
    /// Asks for a line of text; it may be empty.
    fn line(&self, question: &str) -> io::Result<String>;
    /// Asks for a secret without echo; it may be empty. PEM and JSON may have several lines.
    fn secret(&self, question: &str) -> io::Result<Secret>;
}

/// Asks on the terminal.
#[derive(Debug, Clone, Copy)]
pub struct TerminalPrompt;

impl Prompt for TerminalPrompt {
    fn confirm(&self, question: &str) -> io::Result<bool> {
        let typed = read_line(|text| SimpleTheme.format_confirm_prompt(text, &escape_control(question), Some(false)))?;
        Ok(["y", "yes"].contains(&typed.trim().to_lowercase().as_str()))
    }

    fn line(&self, question: &str) -> io::Result<String> {
        read_line(|text| SimpleTheme.format_input_prompt(text, &escape_control(question), None))
    }

    fn secret(&self, question: &str) -> io::Result<Secret> {
        watch_signals();
        let _hold = SignalHold::start();
        let hidden = HiddenInput::begin()?;
        show_question(|text| SimpleTheme.format_input_prompt(text, &escape_control(question), None))?;
        let typed = read_typed(is_unfinished);
        drop(hidden);
        // The Enter was not shown either.
        io::stderr().write_all(b"\n")?;
        Secret::from_utf8(std::mem::take(&mut *typed?)).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

fn read_line(lay_out: impl FnOnce(&mut String) -> fmt::Result) -> io::Result<String> {
    watch_signals();
    let _hold = SignalHold::start();
    show_question(lay_out)?;
    let typed = read_typed(|_| false).inspect_err(|_| {
        // ^D ends no line.
        let _ = io::stderr().write_all(b"\n");
    })?;
    String::from_utf8(typed.to_vec()).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn show_question(lay_out: impl FnOnce(&mut String) -> fmt::Result) -> io::Result<()> {
    let mut text = String::new();
    lay_out(&mut text).map_err(io::Error::other)?;
    let mut stderr = io::stderr();
    stderr.write_all(format!("{} ", text.trim_end()).as_bytes())?;
    stderr.flush()
}

/// Who holds it may change the modes of the terminal. A signal takes it and never gives it back: what it has restored is
/// changed by nobody before the process ends.
static MODES: Mutex<()> = Mutex::new(());

/// While it lives, the terminal shows nothing that is typed and takes lines of any length; ^C is a signal as ever.
struct HiddenInput(Termios);

impl HiddenInput {
    fn begin() -> io::Result<Self> {
        let _mine = MODES.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tcgetattr(io::stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
        Ok(Self(before))
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// The most bytes of an answer.
const LIMIT: usize = 64 * 1024;
const END_OF_INPUT: u8 = 0x04;
const CLEAR_LINE: u8 = 0x15;

/// Reads to the end of the line, and on while `is_unfinished` says so. Byte by byte: what follows is for others.
fn read_typed(is_unfinished: impl Fn(&[u8]) -> bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(LIMIT));
    loop {
        let mut byte = Zeroizing::new([0]);
        let size = rustix::io::retry_on_intr(|| rustix::io::read(io::stdin(), &mut *byte))?;
        match byte[0] {
            END_OF_INPUT if typed.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ if size == 0 && typed.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            END_OF_INPUT => return Ok(typed),
            _ if size == 0 => return Ok(typed),
            b'\n' if !is_unfinished(&typed) => return Ok(typed),
            // The terminal does this itself where it shows what is typed.
            0x08 | 0x7f => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            CLEAR_LINE => typed.clear(),
            byte if typed.len() < LIMIT => typed.push(byte),
            _ => return Err(io::ErrorKind::FileTooLarge.into()),
        }
    }
}

/// Whether a key in PEM or a JSON document goes on in the next line.
fn is_unfinished(typed: &[u8]) -> bool {
    let text = typed.trim_ascii_start();
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    match text.first() {
        Some(b'-') => text.starts_with(b"-----BEGIN ") && !has(b"-----END "),
        Some(b'{' | b'[') => serde_json::from_slice::<IgnoredAny>(text).is_err_and(|error| error.is_eof()),
        _ => false,
    }
}

/// Restores the terminal when a signal ends a prompt, which leaves the echo off; a [`SignalHold`]
/// lets no other handler end the process first. The thread stays until the process ends: without a listener the signal
/// would no longer end it.
fn watch_signals() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        let Ok(modes) = tcgetattr(io::stdin()) else { return };
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        let _ = std::thread::Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().find(|_| !are_passed_on()) {
                let _mine = MODES.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
                let _ = io::stderr().write_all(b"\n");
                let _ = emulate_default_handler(signal);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::is_unfinished;

    #[test]
    fn keys_and_json_may_have_several_lines() {
        for begun in ["-----BEGIN PRIVATE KEY-----", "-----BEGIN X-----\nYQ==", "{", "{\"kty\":\"EC\",", "[{}"] {
            assert!(is_unfinished(begun.as_bytes()), "{begun}");
        }
        for whole in
            ["", "s3cret", "-", "-----BEGIN", "[abc", "{}", "{\"a\":1}", "-----BEGIN X-----\nYQ==\n-----END X-----"]
        {
            assert!(!is_unfinished(whole.as_bytes()), "{whole}");
        }
    }
}
