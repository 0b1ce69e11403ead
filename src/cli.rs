//! The law of the command line, the global options, the list of subcommands, and the one match.
//!
//! Grammar: bare verbs for the daily work (`token`, `header`, `discover`), noun and verb for things (`zone add`,
//! `vault move`). No abbreviations. No flag takes a secret's value: secrets come from a SOURCE, and such flags are named
//! `--…-from`. stdout is the answer, stderr is everything else. A help text's first line is one sentence without a full
//! stop; every subcommand has an example below `Examples:` that a test runs.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches};

use crate::commands::{
    Outcome, authorize_url, bearer, check, client, completions, discover, exchange, header, help, inspect, introspect,
    kong, login, logout, man, par, pkce, revoke, sandbox, schema, status, token, vault, zone,
};
use crate::context::{Context, Kept};
use crate::edges::Edges;
use crate::error::{Error, exit};
use crate::output::Ui;

mod global;
mod usage;

use global::Globals;

/// What stands below the help of the whole.
const AFTER: &str = "Try it out, nothing to set up:
  $ hallpass sandbox -- hallpass header

Topics: hallpass help exit-codes | sources | environment | zones";

/// A subcommand: its name, its arguments, its deed.
struct Entry {
    name: &'static str,
    arguments: fn(clap::Command) -> clap::Command,
    /// Whether a call of its name alone needs no parser: then the deed takes no matches and works with its defaults.
    bare: bool,
    run: fn(&Context, Option<&ArgMatches>) -> Result<Outcome, Error>,
}

/// An entry of a module in `commands/`. `bare` is for what scripts call most: there the parser costs more than the deed.
/// `with tree` hands the whole command tree to the deed.
macro_rules! entry {
    ($module:ident) => {
        entry!($module, false, |cx, matches| $module::run(cx, &read(matches)?))
    };
    ($module:ident bare) => {
        entry!($module, true, |cx, matches| match matches {
            Some(_) => $module::run(cx, &read(matches)?),
            None => $module::run(cx, &$module::Args::default()),
        })
    };
    ($module:ident named $name:literal) => {
        Entry {
            name: $name,
            arguments: $module::Args::augment_args,
            bare: false,
            run: |cx, matches| $module::run(cx, &read(matches)?),
        }
    };
    ($module:ident with tree) => {
        entry!($module, false, |cx, matches| $module::run(cx, &read(matches)?, command()))
    };
    ($module:ident, $bare:literal, $run:expr) => {
        Entry { name: stringify!($module), arguments: $module::Args::augment_args, bare: $bare, run: $run }
    };
}

/// The subcommands, in the order of the help. This is the one match.
static SUBCOMMANDS: [Entry; 24] = [
    entry!(token bare),
    entry!(header bare),
    entry!(status),
    entry!(login),
    entry!(logout),
    entry!(discover),
    entry!(exchange),
    entry!(inspect),
    entry!(check),
    entry!(introspect),
    entry!(revoke),
    entry!(par),
    entry!(authorize_url named "authorize-url"),
    entry!(pkce),
    entry!(kong),
    entry!(client),
    entry!(bearer),
    entry!(zone),
    entry!(vault),
    entry!(sandbox),
    entry!(completions with tree),
    entry!(man with tree),
    entry!(schema),
    entry!(help with tree),
];

/// The whole command tree, for help, man pages and completions.
pub fn command() -> clap::Command {
    Globals::augment_args(clap::Command::new("hallpass"))
        .about("Gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .after_help(AFTER)
        .subcommands(SUBCOMMANDS.iter().map(|entry| (entry.arguments)(clap::Command::new(entry.name))))
}

/// A call, parsed: its subcommand, the global options, its own arguments.
type Call = (&'static Entry, Globals, Option<ManuallyDrop<ArgMatches>>);

/// Parses. A call that begins with a subcommand's name, as nearly all do, is parsed by that subcommand alone: building
/// the whole tree costs more than handing out a cached token. What does not fit is left to the whole tree, which also
/// knows how to say why. Nothing is taken apart afterwards: the process ends soon.
fn parse(arguments: &[OsString]) -> Result<Call, clap::Error> {
    if let Some(entry) = arguments.get(1).and_then(|word| SUBCOMMANDS.iter().find(|entry| word == entry.name)) {
        if entry.bare && arguments.len() == 2 {
            return Ok((entry, Globals::default(), None));
        }
        let root = clap::Command::new(entry.name).no_binary_name(true);
        let mut alone = ManuallyDrop::new(Globals::augment_args((entry.arguments)(root)));
        if let Ok(matches) = alone.try_get_matches_from_mut(&arguments[2..]) {
            return Ok((entry, Globals::from_arg_matches(&matches)?, Some(ManuallyDrop::new(matches))));
        }
    }
    let matches = command().try_get_matches_from(arguments)?;
    let globals = Globals::from_arg_matches(&matches)?;
    let (name, own) = matches.subcommand().ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
    let entry = SUBCOMMANDS.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?;
    Ok((entry, globals, Some(ManuallyDrop::new(own.clone()))))
}

fn read<A: FromArgMatches>(matches: Option<&ArgMatches>) -> Result<A, Error> {
    let matches = matches.ok_or_else(|| Error::internal("a call was not parsed"))?;
    A::from_arg_matches(matches).map_err(|error| Error::internal(error.kind().to_string()))
}

/// Parses, runs, answers, and returns the exit code.
pub fn run(arguments: &[OsString], edges: Edges) -> u8 {
    let Edges { clock, entropy, environment, streams, browser, prompt, keyring } = edges;
    let (entry, globals, matches) = match parse(arguments) {
        Ok(call) => call,
        Err(error) => return usage::report(&error, arguments, &environment, streams),
    };
    let color = globals.colored(&environment, streams.stderr_terminal);
    let width = environment.text("COLUMNS").and_then(|columns| columns.parse().ok()).or(streams.columns);
    let ui = Ui::new(streams, globals.form(&environment, entry.name), globals.voice(&environment), color, width)
        .patient(global::patient(&environment));
    let options = match globals.options(&environment, entry.name) {
        Ok(options) => options,
        Err(error) => return ui.report(&error),
    };
    let context = Context::new(options, ui, Kept { clock, entropy, environment, browser, prompt, keyring });
    match (entry.run)(&context, matches.as_deref()) {
        Ok(Outcome::Exit(code)) => code,
        Ok(Outcome::View(view)) => match context.ui.answer(&*view) {
            Ok(()) if view.negative() => exit::NO,
            Ok(()) => 0,
            Err(error) => context.ui.report(&unwritten(&context.ui, &error, view.rescue())),
        },
        Err(error) => context.ui.report(&error),
    }
}

/// Why the answer did not arrive, and how to come to what it held all the same.
fn unwritten(ui: &Ui, error: &std::io::Error, rescue: Option<String>) -> Error {
    let error = Error::writing(error);
    match rescue {
        Some(way) if error.silent => {
            ui.warn(&way);
            error
        }
        Some(way) => error.hint(way),
        None => error,
    }
}

/// Answers a shell that asks for completions by its script's variable, and says whether it did.
pub fn complete() -> bool {
    clap_complete::CompleteEnv::with_factory(command)
        .var(completions::VARIABLE)
        .try_complete(std::env::args_os(), None)
        .unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::{Globals, header, token};

    /// What the parser makes of a call without arguments, beside the defaults that stand in for it.
    fn both<A: Args + FromArgMatches + Default + std::fmt::Debug>() -> [String; 2] {
        let matches = A::augment_args(clap::Command::new("x")).get_matches_from(["x"]);
        [format!("{:?}", A::from_arg_matches(&matches).unwrap()), format!("{:?}", A::default())]
    }

    #[test]
    fn a_bare_call_is_what_the_parser_makes_of_it() {
        for [parsed, default] in [both::<Globals>(), both::<token::Args>(), both::<header::Args>()] {
            assert_eq!(parsed, default);
        }
    }
}
