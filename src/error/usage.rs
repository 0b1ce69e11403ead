//! Calls that are wrong: exit 2. No message repeats a value, which may be a secret that was typed in the wrong place.

use super::Error;

pub fn conflict(one: &str, other: &str) -> Error {
    Error::usage(format!("{one} can't be used with {other}"))
}

/// A flag of a token that can't be had, because the environment gives another one.
pub fn conflict_with_token_variable(flag: &str) -> Error {
    without_variable(Error::usage(format!("{flag} can't be used while HALLPASS_TOKEN is set")))
}

pub(super) fn without_variable(error: Error) -> Error {
    error.hint("unset it, or name a zone with -z")
}

pub fn both_read_stdin(one: &str, other: &str) -> Error {
    Error::usage(format!("both {one} and {other} would read stdin"))
        .hint("use another source for one of them: file:PATH, env:NAME, cmd:COMMAND or fd:N")
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

/// A topic of the help, or a subcommand, that does not exist.
pub fn unknown_topic(topics: &[&str]) -> Error {
    Error::usage("no such topic or subcommand")
        .hint(format!("topics: {}", topics.join(", ")))
        .hint("subcommands: hallpass help")
}

pub fn unknown_schema(names: &[String]) -> Error {
    Error::usage("no such output schema").hint(format!("schemas: {}", names.join(", ")))
}

/// The variable of a `--format` that sets one.
pub fn unusable_variable(reason: &str) -> Error {
    Error::usage(reason).hint("--name ACCESS_TOKEN")
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
