//! `hallpass curl`: runs curl with a token, or not at all.

use std::ffi::OsString;

use crate::config::{HostPattern, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::proof::DpopSigner;
use crate::flows::token::single_flight::TokenResult;
use crate::output::Verbosity;
use crate::secret::Secret;
use crate::text::shell_quote::quote_double;

use super::Outcome;
use super::checked_url::parse_host;
use super::header::{bearer_value, prove_token};
use super::request::TokenFlags;

mod arguments;
mod options;
mod program;

use arguments::{CurlArguments, Transfer};

/// Run curl with an access token of the zone
///
/// curl gets the token through a pipe, so it is in no argument and in no file. Without a token curl does not run. Every URL
/// must be on a host of the zone (zone edit --host) or of --allow-host, with https or on this machine. Without --zone the
/// zone with the most specific host is used, else the default zone. hallpass exits with curl's code; if curl was not
/// started, with 125.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # Call an API; the host may get the token this time
  $ hallpass curl --allow-host api.example -- https://api.example/items

  # Allow the host once, then call it
  $ hallpass zone edit prod --host api.example
  $ hallpass curl -- -sSf --json '{"name":"a"}' https://api.example/items"#)]
pub struct Args {
    /// Send the token to this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    #[arg(long, value_name = "HOST", value_parser = parse_host)]
    allow_host: Vec<HostPattern>,
    #[command(flatten)]
    flags: TokenFlags,
    /// The arguments of curl
    #[arg(last = true, required = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let arguments = CurlArguments::read(&args.arguments)?;
    let (zone, obtained) = if let Some(token) = args.flags.environment_token(cx)? {
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
    let configurations = write_configurations(cx, &arguments, zone.as_ref(), &obtained)?;
    program::replace_process(cx, zone.as_ref(), &args.arguments, &arguments, &configurations)
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
            let [value, proof] = prove_token(cx, zone, &signer, obtained, transfer.method(), &url.text, None)?;
            Ok(Secret::new([header_line("Authorization", &value), header_line("DPoP", &proof)].concat()))
        }
        _ => Err(error::curl::one_proof_for_urls(&zone.name)),
    };
    arguments.transfers.iter().map(of_transfer).collect()
}

fn header_line(name: &str, value: &Secret) -> String {
    format!("header = {}\n", quote_double(&format!("{name}: {}", value.expose())))
}
