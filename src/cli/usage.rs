//! Reports what is wrong with a call. Never repeats a value, which may be a secret typed in the wrong place.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::edges::{Environment, Streams};
use crate::error::usage::{self, Help};
use crate::error::{Error, exit};
use crate::output::{Format, Ui, Verbosity};

/// Reports a parse failure, or prints the requested help or version, and returns the exit code.
pub fn report_refusal(error: &clap::Error, arguments: &[OsString], environment: &Environment, streams: Streams) -> u8 {
    let format = if wants_json(arguments, environment) { Format::JSON } else { Format::TEXT };
    let ui = Ui::new(streams, format, Verbosity::Normal, None);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            ui.print(&error.render().to_string()).map_or_else(|failed| ui.report(&Error::writing(&failed)), |()| 0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !format.is_json() => {
            ui.write_line(error.render().to_string().trim_end());
            exit::USAGE
        }
        _ => ui.report(&describe_refusal(error)),
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

/// Says what clap found wrong, without the values that were typed.
fn describe_refusal(error: &clap::Error) -> Error {
    let argument = known_names(error, ContextKind::InvalidArg);
    let described = match (error.kind(), argument) {
        (ErrorKind::UnknownArgument, Some(flag)) if looks_like_flag(&flag) => usage::unexpected_argument(&flag),
        (ErrorKind::MissingRequiredArgument, Some(names)) => usage::missing_arguments(&names),
        (ErrorKind::ArgumentConflict, Some(one)) => match known_names(error, ContextKind::PriorArg) {
            Some(other) => usage::conflict(&one, &other),
            None => usage::refused_call(&error.kind().to_string()),
        },
        (ErrorKind::InvalidValue, Some(name)) if has_empty_value(error) => usage::missing_value(&name),
        (ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues, Some(name)) => {
            usage::missing_value(&name)
        }
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(name)) => {
            let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            usage::invalid_value(&name, &reason)
        }
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => {
            usage::refused_call(&ErrorKind::MissingSubcommand.to_string())
        }
        (kind, _) => usage::refused_call(&kind.to_string()),
    };
    let usage = error.get(ContextKind::Usage).map(|usage| {
        let usage = usage.to_string();
        let line = usage.lines().map(str::trim).collect::<Vec<_>>().join(" or ");
        Help::Usage(line.trim().replacen("Usage: ", "", 1))
    });
    let names = |kind| known_names(error, kind);
    let help = [
        names(ContextKind::SuggestedSubcommand).map(Help::Similar),
        names(ContextKind::SuggestedArg).map(Help::Similar),
        names(ContextKind::SuggestedValue).map(Help::Similar),
        names(ContextKind::ValidValue).map(Help::PossibleValues),
        names(ContextKind::ValidSubcommand).map(Help::Subcommands),
        usage,
    ];
    help.into_iter().flatten().fold(described, Error::help)
}

/// Whether a name may be repeated: a secret that begins with `-` rarely has only small letters.
fn looks_like_flag(name: &str) -> bool {
    name.len() <= 24 && name.starts_with('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn has_empty_value(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty())
}

/// Names of arguments, without the value that was typed after `=`.
fn known_names(error: &clap::Error, kind: ContextKind) -> Option<String> {
    // `--flag <NAME=VALUE>` is our own spelling.
    let clean = |name: &String| match name.split_once('=') {
        Some((before, _)) if !name.contains(" <") => before.to_owned(),
        _ => name.clone(),
    };
    match error.get(kind)? {
        ContextValue::String(name) if kind == ContextKind::InvalidArg && !name.starts_with(['-', '<', '[']) => None,
        ContextValue::String(name) => Some(clean(name)),
        ContextValue::Strings(names) => Some(names.iter().map(clean).collect::<Vec<_>>().join(", ")),
        _ => None,
    }
}
