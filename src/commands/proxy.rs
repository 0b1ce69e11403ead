//! `hallpass proxy`: a sidecar for programs that can't renew a token.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{HostPattern, Zone};
use crate::context::Context;
use crate::edges::{parse_span, raise_descriptor_limit};
use crate::error::{self, Error, internal, usage};
use crate::flows::client::proof::DpopSigner;
use crate::flows::token::freshness::Freshness;
use crate::flows::token::obtain::obtain_token;
use crate::flows::token::request::TokenRequest;
use crate::guard::PathRule;
use crate::http::server::{ListenAddress, Listener};
use crate::output::{Render, Text};
use crate::proxy::{self, Obtain, Options, Proxy, RequestSigner, TokenSupply};

use super::Outcome;
use super::checked_url::{CheckedUrl, parse_host};
use super::header::{bearer_value, bound_value};
use super::program::{CaughtSignals, count_signals};
use super::request::{ParameterFlags, ParameterLists, read_environment_token};

/// Pass requests on to an API, each with a fresh token
///
/// For programs that can't renew a token: they use the printed URL in place of the API's. Requests and responses pass as
/// they are, uploads, events and WebSockets too; only credentials are replaced. Every program of this machine that reaches the
/// port can use the token: with --socket only those of this user can. Pages in a browser are refused. Serves until it is
/// terminated.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # The API for programs of this machine, at the URL that is printed
  $ hallpass proxy --to https://api.example --allow-host api.example

  # Only for programs of this user, and only to read
  $ hallpass proxy --to https://api.example --allow-host api.example \
      --socket api.sock --allow GET:/")]
pub struct Args {
    /// The origin of the API, a URL without a path: https, or http on this machine
    #[arg(long, value_name = "ORIGIN")]
    to: String,
    /// Address to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", conflicts_with = "socket")]
    #[arg(value_parser = super::parse_address)]
    listen: SocketAddr,
    /// Listen on a Unix socket (0600) instead
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Send the token to this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    #[arg(long, value_name = "HOST", value_parser = parse_host)]
    allow_host: Vec<HostPattern>,
    /// Pass on only this method at this path and below it; repeatable
    #[arg(long, value_name = "METHOD:PATH", value_parser = parse_rule)]
    allow: Vec<PathRule>,
    /// Refuse larger request bodies: bytes, or with k, M or G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_body: Option<u64>,
    /// Renew the token and repeat a request that is refused with 401, if its body has at most 64 KiB
    #[arg(long)]
    retry_401: bool,
    /// Serve Prometheus metrics at /-/metrics
    #[arg(long)]
    metrics: bool,
    /// Serve so many connections at once; others wait
    #[arg(long, value_name = "N", default_value = "10000", value_parser = super::number_in(1_u32..=1_000_000))]
    max_connections: u32,
    /// Time for requests in flight to end after a signal
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = parse_span)]
    drain: Duration,
    #[command(flatten)]
    parameters: ParameterFlags,
}

/// Where the proxy listens.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// `http://ADDRESS:PORT`, or `unix:PATH`.
    url: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.url))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    cx.require_request(false)?;
    let address = find_address(args)?;
    let origin = CheckedUrl::read(&args.to).map_err(|why| usage::invalid_value("--to", why))?;
    if read_environment_token(cx)?.is_some() {
        return Err(usage::conflict_with_token_variable("proxy"));
    }
    let zone = cx.zone_for_host(&origin.host, origin.port)?;
    check_origin(&origin, &zone, &args.allow_host)?;
    let base = cx.for_thread();
    let connector = base.http_session(Some(&zone)).connector(&args.to)?;
    let listener = Listener::bind(&address)?;
    // From here on a signal drains the connections.
    let signals = CaughtSignals::catch().map_err(|cause| internal::io(&cause))?;
    raise_descriptor_limit();
    cx.ui.answer(&Answer { url: listener.to_string() }).map_err(|error| Error::writing(&error))?;
    let options = Options {
        allowed: args.allow.clone(),
        max_body: args.max_body,
        retry_401: args.retry_401,
        metrics: args.metrics,
        max_connections: usize::try_from(args.max_connections).unwrap_or(usize::MAX),
        drain: args.drain,
    };
    let signer = RequestSigner::of(&base, &zone);
    let tokens = TokenSupply::new(&base, obtain_for(zone, args.parameters.clone()));
    let proxy =
        Proxy::new(&base, options, listener.own_names(), connector, tokens, signer, count_signals(signals, None));
    proxy::serve(proxy, listener)?;
    Ok(Outcome::Exit(0))
}

fn find_address(args: &Args) -> Result<ListenAddress, Error> {
    match &args.socket {
        Some(path) => Ok(ListenAddress::Socket(path.clone(), 0o600)),
        None if args.listen.ip().is_loopback() => Ok(ListenAddress::Tcp(args.listen)),
        None => Err(error::proxy::not_loopback(args.listen)),
    }
}

/// Refuses what is no origin, and one that the token of the zone may not go to.
fn check_origin(origin: &CheckedUrl, zone: &Zone, allowed: &[HostPattern]) -> Result<(), Error> {
    if !origin.is_bare() {
        return Err(error::proxy::not_an_origin());
    }
    if !origin.secure && !origin.is_loopback() {
        return Err(error::destination::plain_http(&origin.name));
    }
    let mut hosts = zone.hosts.iter().chain(allowed);
    if hosts.any(|pattern| pattern.precision(&origin.host, origin.port).is_some()) {
        return Ok(());
    }
    Err(error::destination::foreign_host(&origin.origin_host(), Some(&zone.name)))
}

/// Obtains tokens of a zone as `hallpass token` does.
fn obtain_for(zone: Zone, parameters: ParameterFlags) -> Obtain {
    Box::new(move |cx: &Context, freshness: Freshness| {
        let mut lists = ParameterLists::default();
        let request = parameters.apply_to(TokenRequest::of(&zone), &mut lists);
        let result = obtain_token(cx, &request, freshness, false)?;
        let value = match DpopSigner::of(cx, &zone)? {
            Some(signer) => bound_value(cx, &zone, &signer, &result)?,
            None => bearer_value(cx, &result.token)?,
        };
        Ok((result, value))
    })
}

fn parse_rule(text: &str) -> Result<PathRule, String> {
    let rule: PathRule = text.parse()?;
    if rule.names_method() { Ok(rule) } else { Err("expected METHOD:PATH, such as GET:/items".to_owned()) }
}

/// Bytes, with `k`, `M` or `G` for 1024 of what is before.
fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.strip_suffix(['k', 'M', 'G']) {
        Some(digits) if text.ends_with('k') => (digits, 1 << 10),
        Some(digits) if text.ends_with('M') => (digits, 1 << 20),
        Some(digits) => (digits, 1 << 30),
        None => (text, 1),
    };
    let number = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let size = number.and_then(|digits| digits.parse::<u64>().ok()?.checked_mul(factor));
    size.ok_or_else(|| "expected a size such as 500, 64k, 10M or 1G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{parse_rule, parse_size};

    #[test]
    fn size_is_bytes_or_has_unit() {
        for (text, size) in [("0", 0), ("500", 500), ("64k", 65_536), ("10M", 10_485_760), ("1G", 1_073_741_824)] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
        for bad in ["", "k", "1K", "1 k", "+1", "1kk", "1.5M", "18446744073709551615G", "-1"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rule_needs_method() {
        assert!(parse_rule("GET:/a").is_ok() && parse_rule("/a").is_err());
    }
}
