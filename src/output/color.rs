//! Colour: the one decision, and the palette. The words say the same without it.

use crate::edges::Environment;

/// What a piece of text is, which decides how it looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    /// A name or a heading.
    Name,
    /// Valid, or yes.
    Good,
    /// Due soon, or a warning.
    Due,
    /// Expired, failed, or no.
    Bad,
    /// An error's label.
    Error,
    /// Of less interest: hints.
    Dim,
}

impl Style {
    /// How a word looks that is a whole answer, or the state of a thing.
    pub fn of_word(word: &str) -> Self {
        match word {
            "yes" | "live" => Self::Good,
            "no" | "expired" | "malformed" => Self::Bad,
            "disabled" => Self::Dim,
            _ => Self::Plain,
        }
    }

    /// The text as a terminal shows it, if in `color`.
    pub fn paint(self, text: &str, color: bool) -> String {
        let code = match self {
            Self::Plain => "",
            Self::Name => "1",
            Self::Good => "32",
            Self::Due => "33",
            Self::Bad => "31",
            Self::Error => "1;31",
            Self::Dim => "2",
        };
        if !color || code.is_empty() || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Whether a stream is coloured: as `--color` says, else by `NO_COLOR`, `CLICOLOR_FORCE`, `FORCE_COLOR`, `CLICOLOR=0` and
/// `TERM=dumb`, else where it is a terminal. An empty variable counts as unset.
pub fn uses_color(asked: Option<bool>, environment: &Environment, terminal: bool) -> bool {
    let environment_allows = || {
        if environment.text("NO_COLOR").is_some() {
            return false;
        }
        let forced = environment.flag("CLICOLOR_FORCE") || environment.flag("FORCE_COLOR");
        let plain = environment.text("CLICOLOR") == Some("0") || environment.text("TERM") == Some("dumb");
        forced || (terminal && !plain)
    };
    asked.unwrap_or_else(environment_allows)
}
