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

use crate::commands::{Outcome, header, token};
use crate::context::{Context, ContextEdges};
use crate::edges::Edges;
use crate::error::{Error, exit, internal};
use crate::output::Ui;
use crate::store::file;

mod completion;
mod entry;
mod examination;
mod global;
mod link;
mod page;
mod usage;

use entry::{Entry, Formats, MakeSchema, RunBare, answer_schema, entry, group, schema_of};
use global::Globals;
use page::Group;

const AFTER: &str = r#"Examples:
  # Try it out, nothing to set up
  $ hallpass sandbox -- hallpass header

  # A user: sign in with a browser
  $ hallpass login https://sso.example/realms/acme --client-id my-tool --browser

  # A service: store its secret, read from stdin
  $ printf %s "$CI_SECRET" | hallpass zone add ci \
      --issuer https://sso.example/realms/acme --client-id deploy \
      --client-secret-from -

  # Call an API with curl; without a token nothing is sent
  $ hallpass curl --allow-host api.example -- https://api.example/

Topics: hallpass help exit-codes | sources | environment | zones | shared-cache"#;

/// What exit code 1 means where a program asks for a host.
const NO_ZONE: &str = "no zone names the host";

/// The subcommands below the titles of the help, in its order: the one registry. A line has the name, the
/// module with `Args`, `Answer` and `run`, and the other answers by the flag that selects them.
static COMMANDS: &[Group] = &[
    (
        "Tokens",
        &[
            entry!("token", token)
                .bare(|cx| token::run(cx, &token::Args::default()))
                .asks_server()
                .formats(Formats::Token)
                .children(&[entry!("list", token::list), entry!("forget", token::forget)]),
            entry!("header", header, "--dpop" => Lines, "--read" => Bearer)
                .bare(|cx| header::run(cx, &header::Args::default()))
                .asks_server()
                .formats(Formats::Token)
                .negative("--read found no bearer token"),
            entry!("login", login).asks_server(),
            entry!("logout", logout).asks_server(),
            entry!("exchange", exchange).asks_server().formats(Formats::Token),
            entry!("revoke", revoke).asks_server(),
        ],
    ),
    (
        "Look",
        &[
            entry!("status", status).negative("with --exit-status: the zone has no valid token"),
            entry!("discover", discover, "--diff" => Differences, "--field" => Field, "--raw" => Raw, "--require" => Missing)
                .asks_server()
                .negative("a feature is missing, the field is absent, or the servers differ"),
            entry!("doctor", doctor).asks_server().negative("a check failed"),
            entry!("inspect", inspect).asks_server().negative("the token has expired, is inactive or not valid"),
            entry!("introspect", introspect).asks_server().negative("the token is inactive"),
        ],
    ),
    (
        "Zones",
        &[
            group!("zone", zone).children(&[
                entry!("add", zone::add),
                entry!("list", zone::list),
                entry!("show", zone::show),
                entry!("edit", zone::edit),
                entry!("rename", zone::rename),
                entry!("remove", zone::remove).negative("not confirmed: nothing was changed"),
                entry!("default", zone::default).negative("there is no default zone"),
                entry!("has", zone::has).negative("there is no such zone"),
                entry!("export", zone::export),
                entry!("import", zone::import).negative("not confirmed: nothing was changed"),
                entry!("path", zone::path),
            ]),
            group!("vault", vault).children(&[
                entry!("status", vault::status).negative("the vault can't be used"),
                entry!("move", vault::r#move),
                entry!("list", vault::list),
            ]),
            group!("client", client).children(&[
                entry!("register", client::register).asks_server(),
                entry!("show", client::show).asks_server(),
                entry!("update", client::update).asks_server(),
                entry!("rotate", client::rotate).asks_server(),
                entry!("delete", client::delete).asks_server().negative("not confirmed: nothing was changed"),
                entry!("list", client::list),
                entry!("metadata", client::metadata),
            ]),
        ],
    ),
    (
        "Files and checks",
        &[
            group!("bearer", bearer).children(&[
                entry!("add", bearer::add),
                entry!("generate", bearer::generate),
                entry!("remove", bearer::remove).negative("the file has no such token"),
                entry!("check", bearer::check).negative("the token is not in the file, or not valid"),
                entry!("list", bearer::list),
                entry!("rotate", bearer::rotate).negative("the file has no such token"),
                entry!("disable", bearer::disable).negative("the file has no such token"),
                entry!("enable", bearer::enable).negative("the file has no such token"),
                entry!("lint", bearer::lint).negative("there are problems"),
                entry!("prune", bearer::prune),
            ]),
            entry!("gate", gate),
            entry!("check", check).asks_server().negative("the credential does not pass"),
            group!("kong", kong).children(&[entry!("sign", kong::sign)]),
        ],
    ),
    (
        "Hand over",
        &[
            entry!("curl", curl without answer).asks_server().hands_over(),
            entry!("exec", exec without answer).asks_server().hands_over(),
            entry!("proxy", proxy),
            group!("helper", helper).children(&[
                entry!("git", helper::git without answer).asks_server().for_program(),
                entry!("docker", helper::docker without answer).asks_server().for_program().negative(NO_ZONE),
                entry!("kubectl", helper::kubectl without answer).asks_server().for_program().negative(NO_ZONE),
                entry!("cargo", helper::cargo without answer).asks_server().for_program(),
                entry!("bazel", helper::bazel without answer).asks_server().for_program().negative(NO_ZONE),
                entry!("go", helper::go without answer).asks_server().for_program(),
                entry!("terraform", helper::terraform without answer).asks_server().for_program(),
                entry!("keyring", helper::keyring without answer).asks_server().for_program().negative(NO_ZONE),
                entry!("npm", helper::npm without answer),
                entry!("pnpm", helper::pnpm without answer).asks_server().for_program(),
                entry!("vault", helper::vault without answer).asks_server().for_program(),
                entry!("gcp", helper::gcp without answer).asks_server().for_program(),
                entry!("mcp", helper::mcp without answer).asks_server().for_program().negative(NO_ZONE),
                entry!("install", helper::install).changes_files(),
                entry!("uninstall", helper::uninstall).changes_files(),
                entry!("list", helper::list),
            ]),
        ],
    ),
    (
        "Other",
        &[
            entry!("par", par).asks_server(),
            entry!("authorize-url", authorize_url).asks_server(),
            entry!("pkce", pkce),
            entry!("sandbox", sandbox without answer),
            entry!("completions", completions(command())),
            entry!("man", man(page::with_exit_codes(command(), COMMANDS)), "DIR" => Pages),
            entry!("schema", schema(all_schemas()), "NAME" => Document),
            entry!("help", help(laid_out_command)),
        ],
    ),
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    COMMANDS.iter().flat_map(|(_, entries)| *entries)
}

/// The whole command tree, for help, man pages and completions.
pub fn command() -> clap::Command {
    Globals::augment_args(clap::Command::new("hallpass"))
        .about("Get, store, use, inspect and check OAuth tokens from any authorization server")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(AFTER)
        .subcommands(entries().map(Entry::command))
}

/// The same for a terminal with so many columns, as its pages are shown.
fn laid_out_command(columns: Option<u16>) -> clap::Command {
    page::lay_out(command(), COMMANDS, columns)
}

/// The JSON Schema of every answer by the words of its call, and that of an error.
fn all_schemas() -> Vec<(String, MakeSchema)> {
    let mut found: Vec<(String, MakeSchema)> = vec![("error".to_owned(), schema_of::<crate::error::Shape>)];
    for entry in entries() {
        entry.collect_schemas("", &mut found);
    }
    found
}

/// What runs a subcommand.
enum Arguments {
    /// Of a call of the name alone.
    Default(RunBare),
    Parsed(ManuallyDrop<ArgMatches>),
}

/// A call, parsed: its subcommand, the global options, its own arguments.
type Call = (&'static Entry, Globals, Arguments);

/// The subcommand that the first words name, and the words behind them.
fn find_entry(arguments: &[OsString]) -> Option<(&'static Entry, &[OsString])> {
    let (word, mut rest) = arguments.split_first()?;
    let mut entry = entries().find(|entry| word == entry.name)?;
    while let Some((word, behind)) = rest.split_first()
        && let Some(child) = entry.children.iter().find(|child| word == child.name)
    {
        (entry, rest) = (child, behind);
    }
    Some((entry, rest))
}

/// Parses. A call that begins with a subcommand's name, as nearly all do, is parsed by that subcommand alone: building
/// the whole tree costs more than handing out a cached token. The whole tree parses the rest, and knows how to report a
/// mistake. Nothing is freed afterwards: the process ends soon.
fn parse(arguments: &[OsString], columns: Option<u16>) -> Result<Call, clap::Error> {
    if let Some((entry, words)) = arguments.get(1..).and_then(find_entry) {
        if let Some(bare) = entry.bare.filter(|_| words.is_empty()) {
            return Ok((entry, Globals::default(), Arguments::Default(bare)));
        }
        let root = entry.augment(clap::Command::new(entry.name).no_binary_name(true));
        // Without a word that begins with a dash there is no global option.
        let is_plain = !words.iter().any(|word| word.as_encoded_bytes().starts_with(b"-"));
        let mut alone = ManuallyDrop::new(if is_plain { root } else { Globals::augment_args(root) });
        if let Ok(matches) = alone.try_get_matches_from_mut(words) {
            let globals = if is_plain { Globals::default() } else { Globals::from_arg_matches(&matches)? };
            let (entry, matches) = entry.innermost(matches);
            return Ok((entry, globals, Arguments::Parsed(ManuallyDrop::new(matches))));
        }
    }
    // Laying out all pages costs more than all else, so it is done only to show one.
    let mut matches = command().try_get_matches_from(arguments).or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            laid_out_command(columns).try_get_matches_from(arguments)
        }
        _ => Err(error),
    })?;
    let globals = Globals::from_arg_matches(&matches)?;
    let (name, inner) = matches.remove_subcommand().ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
    let entry = entries().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?;
    let (entry, matches) = entry.innermost(inner);
    Ok((entry, globals, Arguments::Parsed(ManuallyDrop::new(matches))))
}

fn read<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Error> {
    A::from_arg_matches(matches).map_err(|error| internal::unreadable_arguments(&error.kind()))
}

/// Whether a call that can't be parsed was meant for a subcommand that exits with the code of another program.
fn hands_over(arguments: &[OsString]) -> bool {
    let before_child = || arguments.iter().take_while(|word| *word != "--");
    if !entries().any(|entry| entry.hands_over && before_child().any(|word| word == entry.name)) {
        return false;
    }
    let matches = command().ignore_errors(true).try_get_matches_from(arguments);
    let name = matches.ok().and_then(|matches| matches.subcommand_name().map(str::to_owned));
    // The parser gives no name where it stops before it: at an unknown flag, or at --help.
    let called = match name {
        Some(name) => entries().find(|entry| entry.name == name),
        None => before_child().skip(1).find_map(|word| entries().find(|entry| word == entry.name)),
    };
    called.is_some_and(|entry| entry.hands_over)
}

/// Parses, runs, answers, and returns the exit code.
pub fn run(arguments: &[OsString], edges: Edges) -> u8 {
    let Edges { clock, entropy, environment, streams, browser, prompt, keyring } = edges;
    let arguments = &*link::resolve_name(arguments);
    let columns = global::find_columns(&environment, streams.columns);
    let (entry, globals, arguments) = match parse(arguments, columns) {
        Ok(call) => call,
        Err(error) => {
            let code = usage::report_refusal(&error, arguments, &environment, streams, command);
            return if code == 0 || !hands_over(arguments) { code } else { exit::NOT_STARTED };
        }
    };
    // What went wrong before the other program ran must not look like its answer.
    let failed = |code| match code {
        exit::NOT_RUNNABLE | exit::NOT_FOUND => code,
        _ if entry.hands_over => exit::NOT_STARTED,
        _ => code,
    };
    let ui = Ui::new(streams, globals.format(&environment, entry.formats), globals.verbosity(&environment), columns)
        .with_color(globals.color(), &environment)
        .with_spinner(global::allows_spinner(&environment));
    let mut options = match globals.options(&environment, entry.asks_server, entry.formats) {
        Ok(options) => options,
        Err(error) => return failed(ui.report(&error)),
    };
    options.no_input |= entry.for_program;
    if let Arguments::Parsed(matches) = &arguments {
        options.sources = entry::find_sources(matches);
    }
    let mut context = Context::new(options, ui, ContextEdges { clock, entropy, environment, browser, prompt, keyring });
    if let Err(error) = context.begin_record() {
        return failed(context.ui.report(&error));
    }
    let outcome = match &arguments {
        Arguments::Default(run) => run(&context),
        Arguments::Parsed(matches) => (entry.run)(&context, matches),
    };
    let recorded = context.write_record();
    if context.has_shown_request() {
        return 0;
    }
    for fault in file::take_unflushed() {
        context.ui.warn(&format!("{}: a power cut may undo the last change", Error::from(fault).chain()));
    }
    match recorded.and(outcome) {
        Ok(Outcome::Exit(code)) => code,
        Ok(Outcome::View(view)) => match context.ui.answer(&*view) {
            Ok(()) if view.negative() => exit::NO,
            Ok(()) => 0,
            Err(error) => {
                let (error, rescue) = (Error::writing(&error), view.rescue());
                // A closed pipe is not reported, but what was done is.
                rescue.iter().filter(|_| error.silent).for_each(|way| context.ui.warn(way));
                context.ui.report(&error.with_rescue(rescue))
            }
        },
        Err(error) => {
            let matches = match &arguments {
                Arguments::Default(_) => None,
                Arguments::Parsed(matches) => Some(&**matches),
            };
            failed(context.ui.report(&examination::hint_at_doctor(&context, matches, error)))
        }
    }
}

/// Answers a shell that asks for completions; whether it did.
pub fn complete() -> bool {
    completion::answer_shell(command, || all_schemas().into_iter().map(|(name, _)| name).collect())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::{Args, FromArgMatches};

    use super::{Globals, entries, find_entry, header, token};

    /// What the parser makes of a call without arguments, beside the defaults that stand in for it.
    fn parsed_and_default<A: Args + FromArgMatches + Default + std::fmt::Debug>() -> [String; 2] {
        let matches = A::augment_args(clap::Command::new("x")).get_matches_from(["x"]);
        [format!("{:?}", A::from_arg_matches(&matches).unwrap()), format!("{:?}", A::default())]
    }

    #[test]
    fn innermost_entry_is_named_by_first_words() {
        for (line, name, rest) in [
            ("header --value", "header", 1),
            ("helper go https://h/", "go", 1),
            ("zone list", "list", 0),
            ("helper -z a go", "helper", 3),
            ("token --scope list", "token", 2),
        ] {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            let found = find_entry(&words).map(|(entry, rest)| (entry.name, rest.len()));
            assert_eq!(found, Some((name, rest)), "{line}");
        }
        assert!(find_entry(&[]).is_none() && find_entry(&["-z".into()]).is_none());
    }

    /// A call without flags is parsed without the global options, which nothing may depend on.
    #[test]
    fn subcommand_names_no_global_option() {
        for entry in entries() {
            entry.augment(clap::Command::new(entry.name)).debug_assert();
        }
    }

    #[test]
    fn bare_call_is_what_parser_makes_of_it() {
        for [parsed, default] in
            [parsed_and_default::<Globals>(), parsed_and_default::<token::Args>(), parsed_and_default::<header::Args>()]
        {
            assert_eq!(parsed, default);
        }
    }
}
