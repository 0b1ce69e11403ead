//! `hallpass exec`: runs a program with access tokens in its environment or in files.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use crate::config::{Origin, Zone};
use crate::context::Context;
use crate::edges::random_hex;
use crate::error::{self, Error, internal, usage};
use crate::store::Token;
use crate::store::handed_files::{HandedFiles, remove_abandoned};

use super::Outcome;
use super::header::refuse_bound;
use super::program::{CaughtSignals, RunningProgram, find_program, replace_process, spawn_program};
use super::request::TokenFlags;

mod file_token;

use file_token::FileToken;

/// The least time between two renewals.
const LEAST: Duration = Duration::from_secs(1);

/// Run a program with an access token
///
/// Without --env and --file the token is in HALLPASS_TOKEN. Without a token the program does not run. The program does not
/// see the variables that hold secrets of the zone. hallpass exits with its code; if it was not started, with 125, 126
/// (it can't be run) or 127 (it is not found).
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # A program that reads the token from a variable
  $ hallpass exec --env NPM_TOKEN -- npm publish

  # One that runs long and reads it from a file, which stays fresh
  $ hallpass exec --file TOKEN_FILE --refresh -- ./worker"#)]
pub struct Args {
    /// Put the token into this variable, or that of another zone; repeatable
    #[arg(long, value_name = "NAME[=ZONE]", value_parser = parse_variable)]
    env: Vec<Variable>,
    /// Put the token into a file (0600) and its path into this variable; repeatable
    #[arg(long, value_name = "NAME[=ZONE]", value_parser = parse_variable)]
    file: Vec<Variable>,
    /// Renew the tokens in the files while the program runs
    #[arg(long, requires = "file")]
    refresh: bool,
    /// Keep the variables that hold secrets of the zone
    #[arg(long)]
    keep_env: bool,
    #[command(flatten)]
    flags: TokenFlags,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// A variable of the program, and the zone of its token.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    zone: Option<String>,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (program, arguments) = args.command.split_first().ok_or_else(internal::group_was_run)?;
    let default = [Variable { name: "HALLPASS_TOKEN".to_owned(), zone: None }];
    let in_environment = if args.env.is_empty() && args.file.is_empty() { &default[..] } else { &args.env };
    check_names(in_environment.iter().chain(&args.file))?;
    let mut zones = Vec::new();
    let mut variables: Vec<(String, OsString)> = Vec::new();
    for variable in in_environment {
        let (token, zone) = obtain_token(cx, args, variable)?;
        variables.push((variable.name.clone(), token.access_token.expose().into()));
        zones.extend(zone);
    }
    let mut tokens = Vec::new();
    for variable in &args.file {
        let (token, zone) = obtain_token(cx, args, variable)?;
        tokens.push(FileToken::new(&variable.name, token));
        zones.extend(zone);
    }
    cx.require_request(false).map_err(|error| error.because("the token is already here"))?;
    let environment = if args.keep_env { cx.environment.clone() } else { cx.child_environment(&zones) };
    let path = find_program(program, environment.os("PATH"))?;
    let mut command = Command::new(path);
    std::os::unix::process::CommandExt::arg0(&mut command, program);
    command.args(arguments).env_clear().envs(environment.all()).envs(variables);
    if args.file.is_empty() {
        // What a killed command left is of no concern to this one if it can't be removed.
        if let Ok(Some(paths)) = cx.paths_or_none() {
            let _ = remove_abandoned(&paths.handed_dir());
        }
        cx.write_record()?;
        return Err(replace_process(command, program));
    }
    run_with_files(cx, args, command, tokens)
}

/// Runs the program below this process, which removes the files after it.
fn run_with_files(
    cx: &Context,
    args: &Args,
    mut command: Command,
    mut tokens: Vec<FileToken>,
) -> Result<Outcome, Error> {
    let fault = |cause: std::io::Error| internal::io(&cause);
    // From here on signals go to the program, so that the files are removed after it has ended.
    let signals = CaughtSignals::catch_for_child().map_err(fault)?;
    let name = random_hex::<8>(cx.entropy.as_ref()).map_err(|cause| internal::no_random_bytes(&cause))?;
    let files = HandedFiles::create(&cx.paths()?.handed_dir(), &name, cx.deadline(), cx.clock.as_ref())?;
    for token in &tokens {
        let (variable, path) = token.write(&files)?;
        command.env(variable, path);
    }
    let child = spawn_program(&mut command).map_err(|cause| error::program::cannot_run(&args.command[0], &cause))?;
    let program = RunningProgram::watch(child, signals);
    let min_ttl = args.flags.min_ttl.unwrap_or_default();
    loop {
        let due = tokens.iter().filter_map(|token| token.due(cx, min_ttl)).min();
        let due = due.filter(|_| args.refresh).map(|at| at.since(cx.clock.now()).max(LEAST));
        if let Some(code) = program.wait(due).map_err(fault)? {
            return Ok(Outcome::Exit(code));
        }
        for (variable, token) in args.file.iter().zip(&mut tokens) {
            if token.due(cx, min_ttl).is_some_and(|due| due <= cx.clock.now()) {
                token.renew(cx, &files, || Ok(obtain_token(cx, args, variable)?.0));
            }
        }
    }
}

fn obtain_token(cx: &Context, args: &Args, variable: &Variable) -> Result<(Token, Option<Zone>), Error> {
    let zone = match &variable.zone {
        Some(name) => cx.zone_named(name, Origin::Flag)?.zone,
        None => match args.flags.environment_token(cx)? {
            Some(token) => return Ok((token.token, None)),
            None => cx.zone()?.zone,
        },
    };
    refuse_bound(&zone)?;
    let token = args.flags.obtain_from(cx, &zone)?.token;
    Ok((token, Some(zone)))
}

/// Refuses two values for one variable.
fn check_names<'a>(variables: impl Iterator<Item = &'a Variable>) -> Result<(), Error> {
    let mut known = Vec::new();
    for variable in variables {
        if known.contains(&&variable.name) {
            return Err(usage::repeated_variable(&variable.name));
        }
        known.push(&variable.name);
    }
    Ok(())
}

fn parse_variable(text: &str) -> Result<Variable, String> {
    let (name, zone) = text.split_once('=').map_or((text, None), |(name, zone)| (name, Some(zone.to_owned())));
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || !plain || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("must be the name of a variable: letters, digits and _, not a digit first".to_owned());
    }
    Ok(Variable { name: name.to_owned(), zone })
}
