//! Calls that are wrong: exit 2. No message repeats a value, which may be a secret that was typed in the wrong place.

use super::Error;
use crate::text::similar::{find_similar, looks_like_name};

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

pub fn repeated_variable(name: &str) -> Error {
    Error::usage(format!("the variable {name} is given twice"))
}

pub fn unexpected_argument(flag: &str) -> Error {
    Error::usage(format!("unexpected argument '{flag}'"))
}

pub fn missing_arguments(names: &str) -> Error {
    Error::usage(format!("required arguments were not provided: {names}"))
}

/// One flag of a group is required.
pub fn missing_one_of(flags: &str) -> Error {
    Error::usage(format!("one of these is required: {flags}"))
}

pub fn missing_value(name: &str) -> Error {
    Error::usage(format!("a value is required for {name}"))
}

pub fn flag_without_value(name: &str) -> Error {
    Error::usage(format!("{name} takes no value"))
}

pub fn repeated_flag(name: &str) -> Error {
    Error::usage(format!("{name} is given more than once"))
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

/// A word that is not one of the known names. It is repeated only where it is similar to one of them and all letters: else
/// it may be a secret.
fn unknown_name<'a>(what: &str, typed: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let similar = find_similar(typed, known);
    let is_shown = !similar.is_empty() && looks_like_name(&typed.to_lowercase());
    Error::usage(if is_shown { format!("{what} '{typed}'") } else { what.to_owned() }).similar(&similar)
}

/// What other programs call the subcommand of the second name.
const OTHER_NAMES: [(&str, &str); 15] = [
    ("delete", "remove"),
    ("rm", "remove"),
    ("create", "add"),
    ("new", "add"),
    ("get", "show"),
    ("set", "edit"),
    ("update", "edit"),
    ("use", "default"),
    ("mv", "rename"),
    ("run", "exec"),
    ("decode", "inspect"),
    ("whoami", "status"),
    ("auth", "login"),
    ("refresh", "token --fresh"),
    ("config", "zone"),
];

/// A subcommand that does not exist here; `deeper` are those of its name inside of others.
pub fn unknown_subcommand(typed: &str, known: &[&str], deeper: &[String]) -> Error {
    let has = |name: &str| known.iter().any(|known| name.split(' ').next() == Some(known));
    let meant = OTHER_NAMES.iter().find(|(other, name)| *other == typed && has(name)).map(|(_, name)| *name);
    let meant: Vec<&str> = meant.into_iter().chain(deeper.iter().map(String::as_str)).take(2).collect();
    if meant.is_empty() {
        return unknown_name("unrecognized subcommand", typed, known.iter().copied());
    }
    Error::usage(format!("unrecognized subcommand '{typed}'")).similar(&meant)
}

/// A topic of the help, or a subcommand, that does not exist.
pub fn unknown_topic(typed: &str, topics: &[&str], subcommands: &[String]) -> Error {
    let known = topics.iter().copied().chain(subcommands.iter().map(String::as_str));
    unknown_name("no such topic or subcommand", typed, known)
        .hint(format!("topics: {}", topics.join(", ")))
        .hint("subcommands: hallpass help")
}

pub fn unknown_schema(typed: &str, names: &[String]) -> Error {
    unknown_name("no such output schema", typed, names.iter().map(String::as_str)).hint("schemas: hallpass schema")
}

/// A value that is not one of a flag's own.
pub fn unknown_value(name: &str, typed: &str, known: &[String]) -> Error {
    let error = unknown_name(&format!("invalid value for {name}:"), typed, known.iter().map(String::as_str));
    Error { message: error.message.trim_end_matches(':').to_owned(), ..error }
        .help(Help::PossibleValues(known.join(", ")))
}

pub fn unknown_flag<'a>(flag: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let similar = find_similar(flag.trim_start_matches('-'), known);
    let similar: Vec<String> = similar.into_iter().map(|name| format!("--{name}")).collect();
    unexpected_argument(flag).similar(&similar.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A flag that would take a secret; `instead` reads it from a SOURCE.
pub fn secret_as_argument(flag: &str, instead: Option<&str>) -> Error {
    let error = unexpected_argument(flag);
    match instead {
        Some(instead) => error.hint(format!("secrets are never arguments: --{instead} SOURCE")),
        None => error.hint("secrets are never arguments, they are read from a SOURCE: hallpass help sources"),
    }
}

impl Error {
    /// What was typed where none is taken is the name of a zone.
    #[must_use]
    pub fn use_zone(self, zone: &str) -> Self {
        self.hint_first(format!("to use zone {zone}: -z {zone}"))
    }

    /// What was typed where none is taken is a flag that sets something of a zone.
    #[must_use]
    pub fn give_to_zone(self, flag: &str) -> Self {
        self.hint_first(format!(
            "{flag} is for a zone: hallpass zone add --help; without one: hallpass help environment"
        ))
    }

    /// The words of another program, `name` in the usage, go behind a separator, apart from the flags of `called`.
    #[must_use]
    pub fn put_separator(self, called: &str, name: &str) -> Self {
        self.hint_first(format!("put -- before {name}: {called} -- {name}"))
    }

    fn hint_first(mut self, hint: String) -> Self {
        self.hints.insert(0, hint.into());
        self
    }

    /// What was typed where a SOURCE is wanted may be the secret itself.
    #[must_use]
    pub fn ask_for_secret(self) -> Self {
        self.hint("a secret or token is never an argument: pipe it in, or give - to be asked for it")
    }
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
    PossibleValues(String),
    /// A line of the help page.
    Argument {
        name: String,
        help: String,
    },
    Subcommands(String),
    /// The usage line.
    Usage(String),
}

impl Error {
    /// Names that are similar to what was typed, the best one first.
    #[must_use]
    pub(super) fn similar(self, names: &[&str]) -> Self {
        if names.is_empty() { self } else { self.hint(format!("did you mean: {}", names.join(" or "))) }
    }

    #[must_use]
    pub fn help(self, help: Help) -> Self {
        self.hint(match help {
            Help::PossibleValues(names) => format!("possible values: {names}"),
            Help::Argument { name, help } => format!("{name}: {help}"),
            Help::Subcommands(names) => format!("subcommands: {names}"),
            Help::Usage(line) => format!("usage: {line}"),
        })
    }
}
