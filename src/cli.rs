//! The law of the command line, the global options, the list of subcommands, and the one match.
//!
//! Grammar: bare verbs for the daily work (`token`, `header`, `discover`), noun and verb for things (`zone add`,
//! `vault move`). No abbreviations. No flag takes a secret's value: secrets come from a SOURCE, and such flags are named
//! `--…-from`. stdout is the answer, stderr is everything else. A help text's first line is one sentence without a full
//! stop; every subcommand has an example below `Examples:` that a test runs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::commands::{Outcome, completions, discover, header, help, man, sandbox, schema, status, token, vault, zone};
use crate::config::{Origin, Setting};
use crate::context::{Context, Kept, Options};
use crate::edges::{Edges, Environment, parse_span};
use crate::error::{Error, exit};
use crate::output::{Format, Ui, Voice};

mod usage;

/// Gets, keeps, hands over, looks at, checks and guards OAuth tokens, against any authorization server
#[derive(Debug, Parser)]
#[command(
    name = "hallpass",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Try it out, nothing to set up:\n  $ hallpass sandbox -- hallpass header\n\nTopics: hallpass help exit-codes | sources | environment | zones"
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// The options that every subcommand takes.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(next_help_heading = "Global options")]
struct Globals {
    /// Speak for this zone
    #[arg(short, long, global = true, value_name = "NAME", add = completions::zones())]
    zone: Option<String>,
    /// Answer in JSON; an error is one JSON line on stderr
    #[arg(long, global = true)]
    json: bool,
    /// Answer in this form
    #[arg(long, global = true, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<Form>,
    /// Say errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Tell each step; twice: the redacted HTTP as well
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Print the request as a redacted curl command and send nothing
    #[arg(long, global = true)]
    dry_run: bool,
    /// Never ask a person
    #[arg(long, global = true)]
    no_input: bool,
    /// End within this time: connects, retries and lock waits included
    #[arg(long, global = true, value_name = "SPAN", value_parser = parse_span)]
    deadline: Option<Duration>,
    /// Trust the certificates in this PEM file as well
    #[arg(long, global = true, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Send this header with every request
    #[arg(long, global = true, value_name = "NAME:VALUE", value_parser = header_field)]
    header: Vec<(String, String)>,
    /// Go through this proxy, except to loopback
    #[arg(long, global = true, value_name = "URL")]
    proxy: Option<String>,
    /// Ask a server that was down a moment ago all the same
    #[arg(long, global = true)]
    no_breaker: bool,
    /// Colour on stderr
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<When>,
}

/// The forms of an answer; `env` and `curl` are for `token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person, or one bare value
    Text,
    /// One JSON value
    Json,
    /// A line that a shell evaluates
    Env,
    /// A line of curl configuration
    Curl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one value lives for the whole process")]
enum Command {
    Token(token::Args),
    Header(header::Args),
    Status(status::Args),
    Discover(discover::Args),
    Zone(zone::Args),
    Vault(vault::Args),
    Sandbox(sandbox::Args),
    Completions(completions::Args),
    Man(man::Args),
    Schema(schema::Args),
    Help(help::Args),
}

/// The whole command tree, for help, man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses, runs, answers, and returns the exit code.
pub fn run(arguments: &[OsString], edges: Edges) -> u8 {
    let Edges { clock, entropy, environment, streams, browser: _, prompt, keyring } = edges;
    let matches = command().try_get_matches_from(arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, arguments, &environment, streams),
    };
    let globals = &cli.globals;
    let color = colored(globals, &environment, streams.stderr_terminal);
    let width = environment.text("COLUMNS").and_then(|columns| columns.parse().ok());
    let ui = Ui::new(streams, format(globals, &environment, &cli.command), voice(globals, &environment), color, width);
    let options = match options(globals, &environment, &cli.command) {
        Ok(options) => options,
        Err(error) => return ui.report(&error),
    };
    let context = Context::new(options, ui, Kept { clock, entropy, environment, prompt, keyring });
    match dispatch(&context, &cli.command) {
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

/// The one match.
fn dispatch(cx: &Context, command: &Command) -> Result<Outcome, Error> {
    match command {
        Command::Token(args) => token::run(cx, args),
        Command::Header(args) => header::run(cx, args),
        Command::Status(args) => status::run(cx, args),
        Command::Discover(args) => discover::run(cx, args),
        Command::Zone(args) => zone::run(cx, args),
        Command::Vault(args) => vault::run(cx, args),
        Command::Sandbox(args) => sandbox::run(cx, args),
        Command::Completions(args) => completions::run(cx, args, self::command()),
        Command::Man(args) => man::run(cx, args, self::command()),
        Command::Schema(args) => schema::run(cx, args),
        Command::Help(args) => help::run(cx, args, self::command()),
    }
}

fn format(globals: &Globals, environment: &Environment, command: &Command) -> Format {
    let form = if globals.json { Some(Form::Json) } else { globals.format };
    let form = form.or_else(|| {
        let form = Form::from_str(environment.text("HALLPASS_FORMAT")?, true).ok()?;
        (!for_tokens(form) || matches!(command, Command::Token(_))).then_some(form)
    });
    match form {
        None | Some(Form::Text) => Format::Text,
        Some(Form::Json) => Format::Json,
        Some(Form::Env) => Format::Env,
        Some(Form::Curl) => Format::Curl,
    }
}

fn for_tokens(form: Form) -> bool {
    matches!(form, Form::Env | Form::Curl)
}

/// Whether a command may ask a server, so that `--dry-run` has something to show.
fn sends(command: &Command) -> bool {
    match command {
        Command::Token(args) => args.sends(),
        Command::Header(args) => args.sends(),
        Command::Discover(_) => true,
        _ => false,
    }
}

fn options(globals: &Globals, environment: &Environment, command: &Command) -> Result<Options, Error> {
    if globals.format.is_some_and(for_tokens) && !matches!(command, Command::Token(_)) {
        return Err(Error::usage("--format env and --format curl are for `hallpass token`")
            .hint("text and json are for every subcommand"));
    }
    if globals.dry_run && !sends(command) {
        return Err(Error::usage("this command sends no request, so there is nothing for --dry-run to show"));
    }
    if let Some(name) = environment.text("HALLPASS_FORMAT")
        && Form::from_str(name, true).is_err()
    {
        return Err(Error::usage("HALLPASS_FORMAT names no form").hint("it takes: text, json, env, curl"));
    }
    let by = Origin::Environment("HALLPASS_DEADLINE");
    let deadline = match (globals.deadline, environment.text("HALLPASS_DEADLINE")) {
        (Some(span), _) => Some(Setting::new(span, Origin::Flag)),
        (None, Some(text)) => {
            let span = parse_span(text).map_err(|reason| Error::usage(format!("HALLPASS_DEADLINE: {reason}")))?;
            Some(Setting::new(span, by))
        }
        (None, None) => None,
    };
    if deadline.as_ref().is_some_and(|span| span.value.is_zero()) {
        return Err(Error::usage("a deadline of zero leaves no time").hint("--deadline 30s"));
    }
    Ok(Options {
        zone: globals.zone.clone(),
        dry_run: globals.dry_run,
        no_input: globals.no_input || environment.flag("HALLPASS_NO_INPUT"),
        deadline,
        cacert: cacert(globals, environment),
        headers: globals.header.clone(),
        proxy: globals.proxy.clone(),
        no_breaker: globals.no_breaker,
    })
}

fn cacert(globals: &Globals, environment: &Environment) -> Option<Setting<PathBuf>> {
    let flag = globals.cacert.clone().map(|path| Setting::new(path, Origin::Flag));
    let variable = environment.os("HALLPASS_CACERT").filter(|path| !path.is_empty());
    flag.or_else(|| variable.map(|path| Setting::new(path.into(), Origin::Environment("HALLPASS_CACERT"))))
}

fn voice(globals: &Globals, environment: &Environment) -> Voice {
    match (globals.quiet, globals.verbose, environment.text("HALLPASS_LOG")) {
        (true, _, _) | (false, 0, Some("quiet")) => Voice::Quiet,
        (false, 0, Some("steps")) | (false, 1, _) => Voice::Steps,
        (false, 0, Some("wire")) | (false, 2.., _) => Voice::Wire,
        (false, 0, _) => Voice::Normal,
    }
}

/// The one decision about colour: `--color`, else `NO_COLOR`, `CLICOLOR_FORCE`, `FORCE_COLOR`, `CLICOLOR=0` and
/// `TERM=dumb`, else whether stderr is a terminal.
fn colored(globals: &Globals, environment: &Environment, terminal: bool) -> bool {
    match globals.color {
        Some(When::Always) => true,
        Some(When::Never) => false,
        Some(When::Auto) | None => {
            if environment.text("NO_COLOR").is_some() {
                return false;
            }
            if environment.flag("CLICOLOR_FORCE") || environment.flag("FORCE_COLOR") {
                return true;
            }
            terminal && environment.text("CLICOLOR") != Some("0") && environment.text("TERM") != Some("dumb")
        }
    }
}

/// Reads `NAME:VALUE`; the value may be a credential, so it is never echoed.
fn header_field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME:VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
