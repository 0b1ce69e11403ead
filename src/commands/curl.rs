//! `hallpass curl`: runs curl with a token, or not at all.

use std::ffi::OsString;

use crate::config::{HostPattern, Zone};
use crate::context::Context;
use crate::error::{self, Error, usage};
use crate::flows::client::proof::DpopSigner;
use crate::flows::token::single_flight::TokenResult;
use crate::oauth::issuer;
use crate::oauth::message::Response;
use crate::output::Verbosity;
use crate::secret::Secret;
use crate::text::shell_quote::quote_double;

use super::Outcome;
use super::checked_url::parse_host;
use super::header::{bearer_value, prove_token};
use super::request::TokenFlags;

mod arguments;
mod first_run;
mod options;
mod program;

use arguments::{CurlArguments, Transfer};
use first_run::{FirstRun, Refusal};

/// Run curl with an access token of the zone
///
/// curl gets the token through a pipe, so it is in no argument and in no file. Without a token curl does not run. Every URL
/// must be on a host of the zone (zone edit --host) or of --allow-host, with https or on this machine. Without --zone the
/// zone with the most specific host is used, else the default zone. hallpass exits with curl's code; if curl was not
/// started, with 125.
///
/// With --retry-401 nothing of a refused response is printed if the request can be sent again. It takes one URL, and a body
/// that can be read twice: not from stdin or a pipe.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # Call an API; the host may get the token this time
  $ hallpass curl --allow-host api.example -- https://api.example/items

  # Allow the host once, then call it
  $ hallpass zone edit prod --host api.example
  $ hallpass curl -- -sSf --json '{"name":"a"}' https://api.example/items

  # Renew the token if the API refuses it before it expires
  $ hallpass curl --retry-401 -- -sSf https://api.example/items"#)]
pub struct Args {
    /// Send the token to this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    #[arg(long, value_name = "HOST", value_parser = parse_host)]
    allow_host: Vec<HostPattern>,
    /// If the API answers 401, renew the token and send the request once more
    #[arg(long)]
    retry_401: bool,
    #[command(flatten)]
    flags: TokenFlags,
    /// The arguments of curl
    #[arg(last = true, required = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let arguments = CurlArguments::read(&args.arguments)?;
    if args.retry_401 {
        arguments.repeatable_url()?;
    }
    let (zone, obtained) = if let Some(token) = args.flags.environment_token(cx)? {
        if args.retry_401 {
            return Err(usage::conflict_with_token_variable("--retry-401"));
        }
        check_hosts(&arguments, None, &args.allow_host)?;
        (None, token)
    } else {
        let zone = find_zone(cx, &arguments)?;
        check_hosts(&arguments, Some(&zone), &args.allow_host)?;
        let obtained = args.flags.obtain_from(cx, &zone)?;
        (Some(zone), obtained)
    };
    cx.require_request(false).map_err(|error| error.because("the token is already here"))?;
    if let Some(option) = arguments.shows_headers.filter(|_| cx.ui.verbosity() > Verbosity::Quiet) {
        cx.ui.warn(&format!("curl --{option} prints the token"));
    }
    let mut configurations = write_configurations(cx, &arguments, zone.as_ref(), &obtained)?;
    let prepare = |configurations: &[Secret], own: &[&str]| {
        program::prepare(cx, zone.as_ref(), &args.arguments, &arguments, configurations, own)
    };
    if let Some(zone) = zone.as_ref().filter(|_| args.retry_401) {
        // curl shows no progress where it prints to a terminal, which a pipe hides from it.
        let hides_progress = !arguments.writes_file && cx.ui.stdout_terminal();
        let quiet: &[&str] = if hides_progress { &["--no-progress-meter"] } else { &[] };
        let shows_steps = arguments.shows_headers.is_some();
        match first_run::run(cx, |own| prepare(&configurations, &[own, quiet].concat()), shows_steps)? {
            FirstRun::Ended(code) => return Ok(Outcome::Exit(code)),
            FirstRun::Refused(refusal) => match renew(cx, args, zone, &arguments, &obtained, &refusal) {
                Ok(renewed) => configurations = renewed,
                Err(error) => {
                    refusal.held.print(cx);
                    cx.ui.warn(&format!("the token was not renewed: {}", error.chain()));
                    return Ok(Outcome::Exit(refusal.code));
                }
            },
        }
    }
    program::replace_process(cx, prepare(&configurations, &[])?)
}

/// The configurations for the second request: with the nonce that the API asked for, else with a new token.
fn renew(
    cx: &Context,
    args: &Args,
    zone: &Zone,
    arguments: &CurlArguments,
    obtained: &TokenResult,
    refusal: &Refusal,
) -> Result<Vec<Secret>, Error> {
    let url = arguments.repeatable_url()?;
    let response = Response { status: 401, headers: refusal.head.clone(), body: Vec::new(), url: url.to_owned() };
    cx.restart();
    if DpopSigner::of(cx, zone)?.is_some_and(|signer| signer.store_nonce(url, &response)) {
        return write_configurations(cx, arguments, Some(zone), obtained);
    }
    cx.ui.debug("the API answered 401: renewing the token for a second request");
    let flags = TokenFlags { fresh: true, ..args.flags.clone() };
    write_configurations(cx, arguments, Some(zone), &flags.obtain_from(cx, zone)?)
}

/// The zone that the command names, else the one that names the first host.
fn find_zone(cx: &Context, arguments: &CurlArguments) -> Result<Zone, Error> {
    let first = arguments.transfers.iter().flat_map(|transfer| &transfer.urls).next();
    first.map_or_else(|| Ok(cx.zone()?.zone), |url| cx.zone_for_host(&url.host, url.port))
}

/// Refuses what would show the token to somebody it is not for.
fn check_hosts(arguments: &CurlArguments, zone: Option<&Zone>, allowed: &[HostPattern]) -> Result<(), Error> {
    let hosts = || zone.into_iter().flat_map(|zone| &zone.hosts).chain(allowed);
    for transfer in &arguments.transfers {
        for url in &transfer.urls {
            if !url.secure && !url.is_loopback() {
                return Err(error::destination::plain_http(&url.name));
            }
            let local = url.is_loopback() && transfer.rerouted.is_none();
            if transfer.insecure && !local {
                return Err(error::curl::unverified());
            }
            if let Some(option) = transfer.rerouted.filter(|_| !url.secure) {
                return Err(error::curl::rerouted(option));
            }
            if !hosts().any(|pattern| pattern.precision(&url.host, url.port).is_some()) {
                return Err(error::destination::foreign_host(&url.origin_host(), zone.map(|zone| &*zone.name)));
            }
        }
    }
    Ok(())
}

/// What curl reads for each transfer.
fn write_configurations(
    cx: &Context,
    arguments: &CurlArguments,
    zone: Option<&Zone>,
    obtained: &TokenResult,
) -> Result<Vec<Secret>, Error> {
    let signer = zone.map(|zone| DpopSigner::of(cx, zone)).transpose()?.flatten();
    let Some((signer, zone)) = signer.zip(zone) else {
        let line = header_line("Authorization", &bearer_value(cx, &obtained.token)?);
        return Ok(arguments.transfers.iter().map(|_| Secret::new(&line)).collect());
    };
    let of_transfer = |transfer: &Transfer| match &*transfer.urls {
        [url] => {
            let nonce = cx.proofs.nonce(issuer::origin(&url.text));
            let requested = if transfer.path_as_is { url.text.clone() } else { url.requested() };
            let nonce = nonce.as_deref();
            let [value, proof] = prove_token(cx, zone, &signer, obtained, transfer.method(), &requested, nonce)?;
            Ok(Secret::new([header_line("Authorization", &value), header_line("DPoP", &proof)].concat()))
        }
        _ => Err(error::curl::one_proof_for_urls(&zone.name)),
    };
    arguments.transfers.iter().map(of_transfer).collect()
}

fn header_line(name: &str, value: &Secret) -> String {
    format!("header = {}\n", quote_double(&format!("{name}: {}", value.expose())))
}
