//! `hallpass sandbox`: a throw-away authorization server.

use std::net::SocketAddr;
use std::time::Duration;

use crate::context::Context;
use crate::edges::parse_span;
use crate::error::Error;
use crate::sandbox::fault::{KINDS, TARGETS};
use crate::sandbox::{Fault, Log, Options, Sandbox};

use super::Outcome;

mod child;
mod directory;
mod failure;

/// Run a throw-away authorization server on localhost
///
/// With a command: runs it with the environment set and this program first on PATH as `hallpass`, and exits with its code.
/// Without: prints the environment, then requests as they come, until it is interrupted. Nothing is kept. A second port
/// serves TLS, for clients that authenticate with a certificate: HALLPASS_SANDBOX_CERT and related variables name the
/// files.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Try it out: a real token over real HTTP
  $ hallpass sandbox -- hallpass header

  # A shell with a server and a zone in its environment
  $ hallpass sandbox -- sh

  # Tokens that expire soon
  $ hallpass sandbox --token-ttl 5s -- hallpass token --json

  # A server that fails once
  $ hallpass sandbox --fault '503*1' -- hallpass token -v")]
pub struct Args {
    /// Address to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = super::parse_address)]
    listen: SocketAddr,
    /// Print only the environment, as lines for a shell; with a command, on stderr
    #[arg(long)]
    print_env: bool,
    /// Lifetime of its tokens
    #[arg(long, value_name = "SPAN", default_value = "5m", value_parser = parse_span)]
    token_ttl: Duration,
    /// Delay each answer
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
    latency: Duration,
    /// Grant consent without asking
    #[arg(long)]
    auto_consent: bool,
    /// Misbehave: KIND at the token endpoint, TARGET:KIND at another one, KIND*N the first N times
    #[arg(long, value_name = "KIND", long_help = fault_help())]
    fault: Option<Fault>,
    /// The command to run
    #[arg(last = true, value_name = "CMD")]
    command: Vec<std::ffi::OsString>,
}

/// The long help of `--fault`: all targets and kinds.
fn fault_help() -> String {
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("  {:16} {}", kind.name, kind.what)).collect();
    format!(
        "Misbehave: KIND at the token endpoint, TARGET:KIND at another one, KIND*N the first N times\n\nTargets: {}\n\n{}",
        TARGETS.join(" "),
        kinds.join("\n")
    )
}

/// Serves, with a child or until interrupted.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let &Args { listen, token_ttl, latency, auto_consent, fault, print_env, ref command } = args;
    let options = Options { listen, token_ttl, latency, auto_consent, fault };
    let sandbox = Sandbox::start(&options, cx.entropy.clone(), cx.clock.clone(), request_log(cx, args))
        .map_err(failure::into_error)?;
    match command.split_first() {
        Some(command) => child::run(cx, &sandbox, command, print_env),
        None => child::serve(cx, &sandbox, print_env),
    }
}

/// Logs requests to stderr. With a command stderr is the command's, unless `-v` asks for steps.
fn request_log(cx: &Context, args: &Args) -> Log {
    let quiet = !args.command.is_empty() && cx.ui.verbosity() < crate::output::Verbosity::Steps;
    let write_line = cx.ui.sink();
    std::sync::Arc::new(move |line| {
        if !quiet {
            write_line(&line.to_string());
        }
    })
}
