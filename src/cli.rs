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
use serde_json::{Map, Value};

use crate::commands::{
    Outcome, authorize_url, bearer, check, client, completions, discover, exchange, header, help, inspect, introspect,
    kong, login, logout, man, par, pkce, revoke, sandbox, schema, status, token, vault, zone,
};
use crate::context::{Context, Kept};
use crate::edges::Edges;
use crate::error::{Error, exit};
use crate::output::Ui;

mod entry;
mod global;
mod usage;

use entry::{Entry, Formats, MakeSchema, entry, group, schema_of};
use global::Globals;

/// What stands below the help of the whole.
const AFTER: &str = "Try it out, nothing to set up:
  $ hallpass sandbox -- hallpass header

Topics: hallpass help exit-codes | sources | environment | zones";

/// The subcommands, in the order of the help: the one registry. A line has the name, the module with `Args` and `run`, and
/// the views whose schemas `hallpass schema` prints.
static COMMANDS: [Entry; 24] = [
    entry!("token", token, [token::Shape])
        .bare(|cx| token::run(cx, &token::Args::default()))
        .asks_server()
        .formats(Formats::Token)
        .children(&[
            entry!("list", token::list, [Vec<token::list::Shape>]),
            entry!("forget", token::forget, [token::forget::Shape]),
        ]),
    entry!("header", header, [header::Shape, "--dpop": header::dpop::Shape, "--read": header::ReadShape])
        .bare(|cx| header::run(cx, &header::Args::default()))
        .asks_server()
        .formats(Formats::TokenByFlag),
    entry!("status", status, [Vec<status::Shape>]),
    entry!("login", login, [login::Shape]).asks_server(),
    entry!("logout", logout, [Vec<logout::Shape>]).asks_server(),
    entry!("discover", discover, [
        discover::Shape,
        "--diff": discover::diff::Shape,
        "--field": Value,
        "--raw": Map<String, Value>,
        "--require": discover::RequireShape
    ])
    .asks_server(),
    entry!("exchange", exchange, [exchange::Shape]).asks_server().formats(Formats::Token),
    entry!("inspect", inspect, [inspect::Shape]).asks_server(),
    entry!("check", check, [check::Shape]).asks_server(),
    entry!("introspect", introspect, [introspect::Shape]).asks_server(),
    entry!("revoke", revoke, [revoke::Shape]).asks_server(),
    entry!("par", par, [par::Shape]).asks_server(),
    entry!("authorize-url", authorize_url, [authorize_url::Shape]).asks_server(),
    entry!("pkce", pkce, [pkce::Shape]),
    group!("kong", kong, [entry!("sign", kong::sign, [kong::sign::Shape])]),
    group!(
        "client",
        client,
        [
            entry!("register", client::register, [client::answer::Shape]).asks_server(),
            entry!("show", client::show, [client::answer::Shape]).asks_server(),
            entry!("update", client::update, [client::answer::Shape]).asks_server(),
            entry!("rotate", client::rotate, [client::answer::Shape]).asks_server(),
            entry!("delete", client::delete, [client::delete::Shape]).asks_server(),
            entry!("list", client::list, [Vec<client::list::Shape>]),
        ]
    ),
    group!(
        "bearer",
        bearer,
        [
            entry!("add", bearer::add, [bearer::add::Shape]),
            entry!("generate", bearer::generate, [bearer::generate::Shape]),
            entry!("remove", bearer::remove, [bearer::change::Shape]),
            entry!("check", bearer::check, [bearer::check::Shape]),
            entry!("list", bearer::list, [Vec<bearer::Shape>]),
            entry!("rotate", bearer::rotate, [bearer::rotate::Shape]),
            entry!("disable", bearer::disable, [bearer::change::Shape]),
            entry!("enable", bearer::enable, [bearer::change::Shape]),
            entry!("lint", bearer::lint, [Vec<bearer::lint::Shape>]),
            entry!("prune", bearer::prune, [bearer::change::Shape]),
        ]
    ),
    group!(
        "zone",
        zone,
        [
            entry!("add", zone::add, [zone::add::Shape]),
            entry!("list", zone::list, [Vec<zone::list::Shape>]),
            entry!("show", zone::show, [zone::show::Shape]),
            entry!("edit", zone::edit, [zone::add::Shape]),
            entry!("rename", zone::rename, [zone::rename::Shape]),
            entry!("remove", zone::remove, [zone::remove::Shape]),
            entry!("default", zone::default, [zone::default::Shape]),
            entry!("has", zone::has, [zone::has::Shape]),
            entry!("export", zone::export, [zone::export::Shape]),
            entry!("import", zone::import, [zone::import::Shape]),
            entry!("path", zone::path, [zone::path::Shape]),
        ]
    ),
    group!(
        "vault",
        vault,
        [
            entry!("status", vault::status, [vault::status::Shape]),
            entry!("move", vault::r#move, [vault::r#move::Shape]),
            entry!("list", vault::list, [Vec<vault::list::Shape>]),
        ]
    ),
    entry!("sandbox", sandbox, []),
    entry!("completions", completions(command()), [completions::Shape]),
    entry!("man", man(command()), [man::Shape, "DIR": man::DirShape]),
    entry!("schema", schema(schemas()), [Vec<String>, "NAME": Map<String, Value>]),
    entry!("help", help(command()), [help::Shape]),
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
        .subcommands(COMMANDS.iter().map(Entry::command))
}

/// The JSON Schema of every answer by the words of its call, and that of an error.
fn schemas() -> Vec<(String, MakeSchema)> {
    let mut found: Vec<(String, MakeSchema)> = vec![("error".to_owned(), schema_of::<crate::error::Shape>)];
    for entry in &COMMANDS {
        entry.collect_schemas("", &mut found);
    }
    found
}

/// A call, parsed: its subcommand, the global options, its own arguments.
type Call = (&'static Entry, Globals, Option<ManuallyDrop<ArgMatches>>);

/// Parses. A call that begins with a subcommand's name, as nearly all do, is parsed by that subcommand alone: building
/// the whole tree costs more than handing out a cached token. What does not fit is left to the whole tree, which also
/// knows how to say why. Nothing is taken apart afterwards: the process ends soon.
fn parse(arguments: &[OsString]) -> Result<Call, clap::Error> {
    if let Some(entry) = arguments.get(1).and_then(|word| COMMANDS.iter().find(|entry| word == entry.name)) {
        if entry.bare.is_some() && arguments.len() == 2 {
            return Ok((entry, Globals::default(), None));
        }
        let root = clap::Command::new(entry.name).no_binary_name(true);
        let mut alone = ManuallyDrop::new(Globals::augment_args(entry.augment(root)));
        if let Ok(matches) = alone.try_get_matches_from_mut(&arguments[2..]) {
            let globals = Globals::from_arg_matches(&matches)?;
            let (entry, matches) = entry.innermost(matches);
            return Ok((entry, globals, Some(ManuallyDrop::new(matches))));
        }
    }
    let mut matches = command().try_get_matches_from(arguments)?;
    let globals = Globals::from_arg_matches(&matches)?;
    let (name, inner) = matches.remove_subcommand().ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
    let entry = COMMANDS.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?;
    let (entry, matches) = entry.innermost(inner);
    Ok((entry, globals, Some(ManuallyDrop::new(matches))))
}

fn read<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Error> {
    A::from_arg_matches(matches).map_err(|error| Error::internal(error.kind().to_string()))
}

/// Runs what was called; without matches, what a call of its name alone does.
fn run_entry(entry: &Entry, cx: &Context, matches: Option<&ArgMatches>) -> Result<Outcome, Error> {
    match (matches, entry.bare) {
        (Some(matches), _) => (entry.run)(cx, matches),
        (None, Some(bare)) => bare(cx),
        (None, None) => Err(Error::internal("a call was not parsed")),
    }
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
    let ui = Ui::new(streams, globals.form(&environment, entry.formats), globals.voice(&environment), color, width)
        .patient(global::patient(&environment));
    let options = match globals.options(&environment, entry) {
        Ok(options) => options,
        Err(error) => return ui.report(&error),
    };
    let context = Context::new(options, ui, Kept { clock, entropy, environment, browser, prompt, keyring });
    match run_entry(entry, &context, matches.as_deref()) {
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
