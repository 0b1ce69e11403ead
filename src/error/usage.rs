//! Calls that are wrong: exit 2. No message repeats a value, which may be a secret that was typed in the wrong place.

use super::Error;

pub fn conflict(one: &str, other: &str) -> Error {
    Error::usage(format!("{one} can't be used with {other}"))
}

/// An argument that has no effect without another one.
pub fn needs(argument: &str, other: &str) -> Error {
    Error::usage(format!("{argument} needs {other}"))
}

pub fn unexpected_argument(flag: &str) -> Error {
    Error::usage(format!("unexpected argument '{flag}'"))
}

pub fn missing_arguments(names: &str) -> Error {
    Error::usage(format!("required arguments were not provided: {names}"))
}

pub fn missing_value(name: &str) -> Error {
    Error::usage(format!("a value is required for {name}"))
}

/// A value that could not be read, with the reason where there is one.
pub fn invalid_value(name: &str, reason: &str) -> Error {
    let separator = if reason.is_empty() { "" } else { ": " };
    Error::usage(format!("invalid value for {name}{separator}{reason}"))
}

/// A call that the parser refuses, in its own words.
pub fn refused_call(description: &str) -> Error {
    Error::usage(description)
}

pub fn zero_deadline() -> Error {
    invalid_value("--deadline", "it must be longer than zero").hint("--deadline 30s")
}

pub fn format_of_tokens() -> Error {
    Error::usage("this format is only for `hallpass token`, `hallpass header` and `hallpass exchange`")
        .hint("every subcommand supports text and json")
}

/// What the parser knows beside the mistake.
pub enum Help {
    /// Names that are similar to what was typed.
    Similar(String),
    PossibleValues(String),
    Subcommands(String),
    /// The usage line.
    Usage(String),
}

impl Error {
    #[must_use]
    pub fn help(self, help: Help) -> Self {
        self.hint(match help {
            Help::Similar(names) => format!("did you mean: {names}"),
            Help::PossibleValues(names) => format!("possible values: {names}"),
            Help::Subcommands(names) => format!("subcommands: {names}"),
            Help::Usage(line) => format!("usage: {line}"),
        })
    }
}
