//! Tells what was wrong with a call. Never echoes a value: somebody may have typed a secret in its place.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::edges::{Environment, Streams};
use crate::error::{Error, exit};
use crate::output::{Format, Ui, Verbosity};

/// Reports a parse failure, or prints the help or version that was asked for, and returns the exit code.
pub fn report(error: &clap::Error, arguments: &[OsString], environment: &Environment, streams: Streams) -> u8 {
    let format = if wants_json(arguments, environment) { Format::JSON } else { Format::TEXT };
    let ui = Ui::new(streams, format, Verbosity::Normal, false, None);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            ui.print(&error.render().to_string()).map_or_else(|failed| ui.report(&Error::writing(&failed)), |()| 0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !format.is_json() => {
            ui.write_line("", "", error.render().to_string().trim_end());
            exit::USAGE
        }
        _ => ui.report(&judged(error)),
    }
}

fn wants_json(arguments: &[OsString], environment: &Environment) -> bool {
    let before_child = arguments.iter().take_while(|argument| *argument != "--");
    let mut previous = None;
    for argument in before_child {
        if argument == "--json" || argument == "--format=json" || (previous == Some("--format") && argument == "json") {
            return true;
        }
        previous = argument.to_str();
    }
    environment.text("HALLPASS_FORMAT") == Some("json")
}

/// Builds our own sentence from what clap knows, without the values that were typed.
fn judged(error: &clap::Error) -> Error {
    let argument = known(error, ContextKind::InvalidArg);
    let of = argument.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
    let mut judged = match error.kind() {
        ErrorKind::UnknownArgument => match argument.filter(|name| like_a_flag(name)) {
            Some(flag) => Error::usage(format!("there is no flag {flag} here")),
            None => Error::usage("there is an argument too many, or a flag that does not exist"),
        },
        ErrorKind::InvalidSubcommand => Error::usage("there is no such subcommand"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Error::usage("a subcommand is missing")
        }
        ErrorKind::MissingRequiredArgument => match argument {
            Some(names) => Error::usage(format!("missing: {names}")),
            None => Error::usage("an argument is missing"),
        },
        ErrorKind::ArgumentConflict => match (argument, known(error, ContextKind::PriorArg)) {
            (Some(one), Some(other)) => Error::usage(format!("{one} can't be used with {other}")),
            _ => Error::usage("these arguments can't be used together"),
        },
        ErrorKind::InvalidValue if empty_value(error) => Error::usage(format!("the value{of} is missing")),
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Error::usage(format!("the value{of} is missing"))
        }
        ErrorKind::InvalidValue => Error::usage(format!("the value{of} is not one of those it takes")),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
            Error::usage(format!("the value{of} does not fit{reason}"))
        }
        ErrorKind::TooManyValues => Error::usage(format!("the value{of} is given too often")),
        ErrorKind::InvalidUtf8 => Error::usage("an argument is not UTF-8"),
        _ => Error::usage("the arguments do not fit"),
    };
    for (kind, words) in [
        (ContextKind::SuggestedSubcommand, "did you mean"),
        (ContextKind::SuggestedArg, "did you mean"),
        (ContextKind::SuggestedValue, "did you mean"),
        (ContextKind::ValidValue, "it takes"),
        (ContextKind::ValidSubcommand, "there are"),
    ] {
        if let Some(names) = known(error, kind) {
            judged = judged.hint(format!("{words}: {names}"));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let line = usage.lines().map(str::trim).collect::<Vec<_>>().join(" or ");
        judged = judged.hint(line.trim().replacen("Usage: ", "usage: ", 1));
    }
    judged
}

/// Whether a name may be repeated: a secret that begins with `-` is no flag, and hardly of small letters alone.
fn like_a_flag(name: &str) -> bool {
    name.len() <= 24 && name.starts_with('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn empty_value(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty())
}

fn cut(name: &str) -> String {
    name.split('=').next().unwrap_or_default().to_owned()
}

/// Names that are ours, with whatever was typed after `=` cut off.
fn known(error: &clap::Error, kind: ContextKind) -> Option<String> {
    // `--flag <NAME=VALUE>` is our own spelling.
    let clean = |name: &String| if name.contains(" <") { name.clone() } else { cut(name) };
    match error.get(kind)? {
        ContextValue::String(name) if kind == ContextKind::InvalidArg && !name.starts_with(['-', '<', '[']) => None,
        ContextValue::String(name) => Some(clean(name)),
        ContextValue::Strings(names) => Some(names.iter().map(clean).collect::<Vec<_>>().join(", ")),
        _ => None,
    }
}
