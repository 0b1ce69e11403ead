//! `hallpass sandbox`: an authorization server for trying out.

use std::net::SocketAddr;
use std::time::Duration;

use crate::context::Context;
use crate::edges::parse_span;
use crate::error::Error;
use crate::sandbox::fault::Target;
use crate::sandbox::{self, Fault, Sandbox};

use super::Outcome;

mod child;

/// Run a throw-away authorization server on localhost
///
/// With a command: runs it with the environment set and this program first on PATH as `hallpass`, and exits with its code.
/// Without: prints the environment, then requests as they come, until it is interrupted. Nothing is kept. A second port
/// serves TLS, for clients that authenticate with a certificate: HALLPASS_SANDBOX_CERT and related variables name the
/// files.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass sandbox -- hallpass header\n  $ hallpass sandbox --token-ttl 5s -- hallpass token --json\n  $ hallpass sandbox --fault '503*1' -- hallpass token -v\n  $ hallpass sandbox -- sh -c 'hallpass zone add mtls --issuer \"$HALLPASS_ISSUER\" --client-id sandbox-mtls --cert \"$HALLPASS_SANDBOX_CERT\" --cert-key-from \"file:$HALLPASS_SANDBOX_CERT_KEY\" --auth tls_client_auth --cacert \"$HALLPASS_SANDBOX_CACERT\" && hallpass token -z mtls'"
)]
pub struct Args {
    /// Address to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Print only the environment; with a command, on stderr
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
    #[arg(long, value_name = "KIND", long_help = kinds())]
    fault: Option<Fault>,
    /// The command to run
    #[arg(last = true, value_name = "CMD")]
    command: Vec<std::ffi::OsString>,
}

/// The long help of `--fault`: every target, and every kind with what it does.
fn kinds() -> String {
    let kinds: Vec<String> = Fault::ALL.iter().map(|kind| format!("  {:16} {}", kind.name, kind.what)).collect();
    format!(
        "Misbehave: KIND at the token endpoint, TARGET:KIND at another one, KIND*N the first N times\n\nTargets: {}\n\n{}",
        Target::ALL.map(Target::name).join(" "),
        kinds.join("\n")
    )
}

/// Serves, with a child or until interrupted.
///
/// # Errors
/// 2 for an address off loopback, 3 when it can't be listened on, 126 and 127 as env(1) when the command can't be run.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let options = sandbox::Options {
        listen: args.listen,
        token_ttl: args.token_ttl,
        latency: args.latency,
        auto_consent: args.auto_consent,
        fault: args.fault,
    };
    let served = Sandbox::start(&options, cx.entropy.clone(), cx.clock.clone(), log(cx, args)).map_err(refused)?;
    if args.command.is_empty() {
        return child::alone(cx, &served, args.print_env);
    }
    child::run(cx, &served, &args.command, args.print_env)
}

fn refused(error: sandbox::Error) -> Error {
    let message = error.to_string();
    match error {
        sandbox::Error::NotLoopback(_) => Error::usage(message),
        sandbox::Error::Bind { source, .. } => Error::config(message).because(source.to_string()),
        sandbox::Error::Path(_) => Error::config(message).hint("name another place with TMPDIR"),
        sandbox::Error::Start(_)
        | sandbox::Error::Entropy(_)
        | sandbox::Error::Key(_)
        | sandbox::Error::Certificate(_) => Error::internal(message),
    }
}

/// With a command its stderr stays the command's, unless steps are asked for.
fn log(cx: &Context, args: &Args) -> sandbox::Log {
    let quiet = !args.command.is_empty() && cx.ui.verbosity() < crate::output::Verbosity::Steps;
    let sink = cx.ui.sink();
    std::sync::Arc::new(move |line| {
        if !quiet {
            sink(&line.to_string());
        }
    })
}
