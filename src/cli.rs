//! The law of the command line, the global options, the list of subcommands, and the one match.
//!
//! Grammar: bare verbs for the daily work (`token`, `header`, `discover`), noun and verb for things (`zone add`,
//! `vault move`). No abbreviations. No flag takes a secret's value: secrets come from a SOURCE, and such flags are named
//! `--…-from`. stdout is the answer, stderr is everything else. A help text's first line is one sentence without a full
//! stop; every subcommand has an example below `Examples:` that a test runs.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{ArgMatches, Args, FromArgMatches};

use crate::commands::{Outcome, completions, discover, header, help, man, sandbox, schema, status, token, vault, zone};
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
    run: fn(&Context, &ArgMatches) -> Result<Outcome, Error>,
}

/// An entry of a module in `commands/`; `with tree` hands the whole command tree to its deed.
macro_rules! entry {
    ($module:ident) => {
        Entry {
            name: stringify!($module),
            arguments: $module::Args::augment_args,
            run: |cx, matches| $module::run(cx, &read(matches)?),
        }
    };
    ($module:ident with tree) => {
        Entry {
            name: stringify!($module),
            arguments: $module::Args::augment_args,
            run: |cx, matches| $module::run(cx, &read(matches)?, command()),
        }
    };
}

/// The subcommands, in the order of the help. This is the one match.
const SUBCOMMANDS: [Entry; 11] = [
    entry!(token),
    entry!(header),
    entry!(status),
    entry!(discover),
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
    tree(|_| true)
}

/// The tree of some subcommands: building all of them costs more than handing out a cached token.
fn tree(wanted: impl Fn(&Entry) -> bool) -> clap::Command {
    let root = Globals::augment_args(clap::Command::new("hallpass"))
        .about("Gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .after_help(AFTER);
    let entries = SUBCOMMANDS.iter().filter(|entry| wanted(entry));
    root.subcommands(entries.map(|entry| (entry.arguments)(clap::Command::new(entry.name))))
}

/// Parses with the one subcommand that the arguments name, and with all of them when that does not fit.
fn parse(arguments: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let named = arguments.iter().skip(1).find_map(|word| SUBCOMMANDS.iter().find(|entry| word == entry.name));
    if let Some(named) = named
        && let Ok(matches) = kept(tree(|entry| entry.name == named.name)).try_get_matches_from_mut(arguments)
    {
        return Ok(matches);
    }
    command().try_get_matches_from(arguments)
}

/// The process ends soon: taking the tree apart would cost as much as building it did.
fn kept(tree: clap::Command) -> ManuallyDrop<clap::Command> {
    ManuallyDrop::new(tree)
}

fn read<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Error> {
    A::from_arg_matches(matches).map_err(|error| Error::internal(error.kind().to_string()))
}

/// Parses, runs, answers, and returns the exit code.
pub fn run(arguments: &[OsString], edges: Edges) -> u8 {
    let Edges { clock, entropy, environment, streams, browser: _, prompt, keyring } = edges;
    let parsed = parse(arguments).and_then(|matches| Ok((Globals::from_arg_matches(&matches)?, matches)));
    let (globals, matches) = match parsed {
        Ok((globals, matches)) => (globals, ManuallyDrop::new(matches)),
        Err(error) => return usage::report(&error, arguments, &environment, streams),
    };
    let (name, matches) = matches.subcommand().unwrap_or(("", &*matches));
    let color = globals.colored(&environment, streams.stderr_terminal);
    let width = environment.text("COLUMNS").and_then(|columns| columns.parse().ok());
    let ui = Ui::new(streams, globals.form(&environment, name), globals.voice(&environment), color, width);
    let options = match globals.options(&environment, name) {
        Ok(options) => options,
        Err(error) => return ui.report(&error),
    };
    let context = Context::new(options, ui, Kept { clock, entropy, environment, prompt, keyring });
    let entry = SUBCOMMANDS.iter().find(|entry| entry.name == name);
    let outcome =
        entry.map_or_else(|| Err(Error::usage("a subcommand is missing")), |entry| (entry.run)(&context, matches));
    match outcome {
        Ok(Outcome::Exit(code)) => code,
        Ok(Outcome::View(view)) => match context.ui.answer(&*view) {
            Ok(()) if view.negative() => exit::NO,
            Ok(()) => 0,
            Err(error) => context.ui.report(&Error::writing(&error)),
        },
        Err(error) => context.ui.report(&error),
    }
}

/// Answers a shell that asks for completions by its script's variable, and says whether it did.
pub fn complete() -> bool {
    clap_complete::CompleteEnv::with_factory(command)
        .var(completions::VARIABLE)
        .try_complete(std::env::args_os(), None)
        .unwrap_or(true)
}
