//! Reports what is wrong with a call. A value may be a secret typed in the wrong place: it is never repeated, except where
//! it is a name that is much like a known one.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::commands::completions::read_config;
use crate::commands::help::print_page;
use crate::edges::{Environment, Streams};
use crate::error::usage::{self, Help};
use crate::error::{Error, exit};
use crate::output::{Format, Ui, Verbosity};
use crate::source::NO_FORM;
use crate::text::similar::looks_like_name;

/// Reports a parse failure, or prints the requested help or version, and returns the exit code.
pub fn report_refusal(
    error: &clap::Error,
    arguments: &[OsString],
    environment: &Environment,
    streams: Streams,
    command: fn() -> clap::Command,
) -> u8 {
    let format = if wants_json(arguments, environment) { Format::JSON } else { Format::TEXT };
    let ui = Ui::new(streams, format, Verbosity::Normal, None).with_color(color_asked(arguments), environment);
    let page = |color| print_page(&error.render(), color);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            ui.print(page(ui.answers_in_color())).map_or_else(|failed| ui.report(&Error::writing(&failed)), |()| 0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !format.is_json() => {
            ui.write_line(page(ui.reports_in_color()).trim_end());
            exit::USAGE
        }
        _ => {
            let described = describe_refusal(error, || called_command(&command(), arguments));
            let described = match find_zone(error, environment) {
                Some(zone) => described.use_zone(&zone),
                None => described,
            };
            let described = match find_setting(error, &command()) {
                Some(flag) => described.give_to_zone(&flag),
                None => described,
            };
            let is_separated = arguments.iter().any(|word| word == "--");
            ui.report(&match error.kind() {
                ErrorKind::UnknownArgument if !is_separated => {
                    needs_separator(described, &called_command(&command(), arguments))
                }
                _ => described,
            })
        }
    }
}

/// The value of `--color`, of a call that the parser refuses.
fn color_asked(arguments: &[OsString]) -> Option<bool> {
    let words: Vec<&str> = arguments.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()).collect();
    let separate = words.windows(2).find(|pair| pair[0] == "--color").map(|pair| pair[1]);
    let asked = separate.or_else(|| words.iter().find_map(|word| word.strip_prefix("--color=")));
    match asked? {
        "always" => Some(true),
        "never" => Some(false),
        _ => None,
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

/// The innermost subcommand that is named, with its arguments and the global ones.
fn called_command(root: &clap::Command, arguments: &[OsString]) -> clap::Command {
    let (mut command, mut words) = (root, root.get_name().to_owned());
    for word in arguments.iter().skip(1).take_while(|word| *word != "--") {
        if let Some(inner) = command.find_subcommand(word) {
            command = inner;
            words = format!("{words} {}", inner.get_name());
        }
    }
    let named = command.clone().bin_name(words);
    // The parser would pass these on too, but it builds the whole tree for that.
    if command.get_name() == root.get_name() {
        named
    } else {
        named.args(root.get_arguments().filter(|argument| argument.is_global_set()))
    }
}

/// Says what clap found wrong, without the values that were typed.
fn describe_refusal(error: &clap::Error, called: impl Fn() -> clap::Command) -> Error {
    let argument = known_names(error, ContextKind::InvalidArg);
    let values = || strings(error, ContextKind::ValidValue);
    let described = match (error.kind(), argument) {
        (ErrorKind::InvalidSubcommand, _) => {
            let typed = strings(error, ContextKind::InvalidSubcommand).join(" ");
            let command = called();
            let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let deeper = command.get_subcommands().filter(|inner| inner.find_subcommand(&typed).is_some());
            let deeper: Vec<String> = deeper.take(2).map(|inner| format!("{} {typed}", inner.get_name())).collect();
            usage::unknown_subcommand(&typed, &known, &deeper)
        }
        // Of `-q=1` the parser only says `-=1`.
        (ErrorKind::UnknownArgument, Some(flag)) if flag == "-" => usage::flag_without_value("a short flag such as -q"),
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') && looks_like_name(&flag) => {
            let command = called();
            let known = command.get_arguments().filter(|argument| !argument.is_hide_set());
            if takes_secret(&flag) {
                usage::secret_as_argument(&flag, source_flag(&flag, &command))
            } else {
                usage::unknown_flag(&flag, known.filter_map(clap::Arg::get_long))
            }
        }
        (ErrorKind::MissingRequiredArgument, Some(names)) => match names
            .strip_prefix("<--")
            .filter(|_| names.contains('|'))
        {
            Some(one_of) => usage::missing_one_of(&format!("--{}", one_of.trim_end_matches('>')).replace('|', ", ")),
            None => usage::missing_arguments(&names),
        },
        (ErrorKind::ArgumentConflict, Some(one)) => match known_names(error, ContextKind::PriorArg) {
            Some(other) if other == one => usage::repeated_flag(&one),
            Some(other) => usage::conflict(&one, &other),
            None => usage::refused_call(&error.kind().to_string()),
        },
        (ErrorKind::InvalidValue, Some(name)) if has_empty_value(error) => missing_value(&name, &values(), &called()),
        (ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues, Some(name)) => {
            missing_value(&name, &[], &called())
        }
        (ErrorKind::TooManyValues, Some(name)) => usage::flag_without_value(&name),
        (ErrorKind::InvalidValue, Some(name)) if !values().is_empty() => {
            usage::unknown_value(&name, &strings(error, ContextKind::InvalidValue).join(" "), &values())
        }
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(name)) => {
            let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let described = usage::invalid_value(&name, &reason);
            if name.contains("SOURCE") && reason.starts_with(NO_FORM) { described.ask_for_secret() } else { described }
        }
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => {
            usage::refused_call(&ErrorKind::MissingSubcommand.to_string())
        }
        (kind, _) => usage::refused_call(&kind.to_string()),
    };
    let usage = match error.kind() {
        // The parser would show its own guess in it.
        ErrorKind::UnknownArgument => Some(called().render_usage().to_string()),
        _ => error.get(ContextKind::Usage).map(ToString::to_string),
    };
    let usage = usage.map(|usage| {
        let line = usage.lines().map(str::trim).collect::<Vec<_>>().join(" or ");
        Help::Usage(line.trim().replacen("Usage: ", "", 1))
    });
    let help = [known_names(error, ContextKind::ValidSubcommand).map(Help::Subcommands), usage];
    help.into_iter().flatten().fold(described, Error::help)
}

/// A flag without its value: what it takes, in the words of the help page.
fn missing_value(name: &str, values: &[String], command: &clap::Command) -> Error {
    let long = name.split(' ').next().and_then(|flag| flag.strip_prefix("--"));
    let help = command.get_arguments().find(|argument| argument.get_long() == long).and_then(clap::Arg::get_help);
    let error = usage::missing_value(name);
    match help {
        _ if !values.is_empty() => error.help(Help::PossibleValues(values.join(", "))),
        Some(help) => error.help(Help::Argument { name: name.to_owned(), help: help.to_string() }),
        None => error,
    }
}

/// The flag that was typed where none of that name is taken, if it is a setting of a zone.
fn find_setting(error: &clap::Error, root: &clap::Command) -> Option<String> {
    let flag = known_names(error, ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    let add = root.find_subcommand("zone")?.find_subcommand("add")?;
    let name = flag.strip_prefix("--")?;
    add.get_arguments().any(|argument| argument.get_long() == Some(name)).then_some(flag)
}

/// The zone whose name was typed where none is taken.
fn find_zone(error: &clap::Error, environment: &Environment) -> Option<String> {
    let mut typed = strings(error, ContextKind::InvalidArg);
    // That of `[ISSUER]`, not that of a flag.
    if typed.iter().any(|name| name.starts_with('[')) {
        typed = strings(error, ContextKind::InvalidValue);
    }
    typed.extend(strings(error, ContextKind::InvalidSubcommand));
    let config = if typed.is_empty() { None } else { read_config(environment) }?;
    config.zones().into_iter().find(|name| typed.iter().any(|word| word == name)).map(str::to_owned)
}

/// Says where the words of another program go, for a command that runs one.
fn needs_separator(described: Error, called: &clap::Command) -> Error {
    let Some(last) = called.get_positionals().find(|argument| argument.is_last_set()) else { return described };
    let name = last.get_value_names().and_then(|names| names.first()).map_or("CMD", |name| name.as_str());
    described.put_separator(called.get_bin_name().unwrap_or_default(), name)
}

/// Words that a flag ends in when it takes a secret, in this or another program.
const SECRETS: [&str; 9] =
    ["secret", "token", "password", "passwd", "passphrase", "assertion", "key", "credentials", "jwt"];

/// Whether a flag that does not exist would take a secret.
fn takes_secret(flag: &str) -> bool {
    SECRETS.contains(&flag.rsplit('-').next().unwrap_or(flag))
}

/// The flag that reads from a SOURCE what `flag` would take.
fn source_flag<'a>(flag: &str, command: &'a clap::Command) -> Option<&'a str> {
    let flag = flag.trim_start_matches('-');
    let mut known = command.get_arguments().filter_map(clap::Arg::get_long).filter(|long| long.ends_with("-from"));
    known
        .find(|long| long.strip_suffix("-from").is_some_and(|stem| stem == flag || stem.ends_with(&format!("-{flag}"))))
}

fn has_empty_value(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty())
}

/// What the parser holds under a key.
fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// Names of arguments, without the value that was typed after `=`.
fn known_names(error: &clap::Error, kind: ContextKind) -> Option<String> {
    // `--flag <NAME=VALUE>` is our own spelling, and so is `--flag...` of a flag that is counted.
    let clean = |name: &String| match name.split_once('=') {
        Some((before, _)) if !name.contains(" <") => before.to_owned(),
        _ if name.starts_with('-') => name.trim_end_matches("...").to_owned(),
        _ => name.clone(),
    };
    match error.get(kind)? {
        ContextValue::String(name) if kind == ContextKind::InvalidArg && !name.starts_with(['-', '<', '[']) => None,
        ContextValue::String(name) => Some(clean(name)),
        ContextValue::Strings(names) => Some(names.iter().map(clean).collect::<Vec<_>>().join(", ")),
        _ => None,
    }
}
