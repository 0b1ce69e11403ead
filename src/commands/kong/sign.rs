//! `hallpass kong sign`: the two header lines that prove to a service that its gateway sent a request.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{Outcome, parse_time, read_headers};
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, signature as signature_error, usage};
use crate::guard::signature::{self, Fault, Request, SIGNATURE, Signed, TIME, Version};
use crate::jose::MacKey;
use crate::output::{Render, Text};
use crate::source::Source;

use super::signature::SignatureFlags;

/// Print the X-Authz-Ts and X-Authz-Signature lines for a request
///
/// Uses HMAC-SHA256 with a key that gateway and service share. v1 signs user or service, session, method and path; kind,
/// roles, scopes and the query are not signed. v2 signs the thirteen header fields of the gateway, read from stdin as
/// `Name: value` lines; method and path are not signed.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Sign a user, a method and a path
  $ hallpass kong sign --key-from env:KONG_KEY --user u-1 --method GET \
      --path /orders

  # Sign a service, as of a given time
  $ hallpass kong sign --key-from env:KONG_KEY --service jobs --method POST \
      --path /orders --at 2026-11-22T10:00:00Z

  # Version 2 signs the identity headers on stdin
  $ hallpass kong sign --key-from env:KONG_KEY --hmac v2 <fields.txt")]
pub struct Args {
    /// Read the key from SOURCE
    #[arg(long, value_name = "SOURCE")]
    key_from: Source,
    /// For v1: the user whose request it is (X-User-ID)
    #[arg(long, value_name = "ID", group = "who", value_parser = parse_name)]
    user: Option<String>,
    /// For v1: the service whose request it is (X-Service-Name)
    #[arg(long, value_name = "NAME", group = "who", value_parser = parse_name)]
    service: Option<String>,
    /// For v1: its session (X-Session-ID)
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    #[command(flatten)]
    signature: SignatureFlags,
    /// Sign as of this time, RFC 3339 or epoch seconds (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Moment>,
}

/// The signature as header fields.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// `v1`, `v2`.
    hmac: &'static str,
    /// As of when it is signed, RFC 3339 in UTC.
    signed_at: String,
    /// The same in epoch seconds.
    signed_at_epoch: i64,
    /// What to send along.
    headers: Headers,
}

/// The two header fields.
#[derive(Serialize, JsonSchema)]
struct Headers {
    /// When it was signed, in epoch seconds.
    #[serde(rename = "X-Authz-Ts")]
    time: String,
    /// The signature.
    #[serde(rename = "X-Authz-Signature")]
    signature: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let Headers { time, signature } = &self.headers;
        Text::Document(format!("{TIME}: {time}\n{SIGNATURE}: {signature}\n"))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let signed = match args.signature.hmac {
        Version::V1 => build_request(args)?,
        Version::V2 => read_fields(cx, args)?,
    };
    let zone = if matches!(args.key_from, Source::Vault(_)) { Some(cx.zone()?.zone) } else { None };
    let key = cx.read(&args.key_from, "HMAC key", zone.as_ref())?;
    let key = MacKey::new(&key).ok_or_else(|| signature_error::unusable_key(&Fault::EmptyKey))?;
    let forgeable = "v1 does not sign roles or scopes: anyone who can send headers to the service can forge them";
    let warning = if args.signature.hmac == Version::V1 { Some(forgeable) } else { args.signature.warning() };
    if let Some(warning) = warning {
        cx.ui.warn(warning);
    }
    let at = args.at.unwrap_or_else(|| cx.clock.now());
    let (time, signature) = signature::sign(&key, &signed, at);
    Ok(Outcome::view(Answer {
        hmac: signed.version(),
        signed_at: at.rfc3339(),
        signed_at_epoch: at.epoch(),
        headers: Headers { time, signature },
    }))
}

/// What v1 signs, from the flags.
fn build_request(args: &Args) -> Result<Signed, Error> {
    let who = args.user.as_ref().or(args.service.as_ref());
    let who = who.ok_or_else(|| usage::needs("--hmac v1", "--user or --service"))?;
    let (method, path) = args.signature.require_request()?;
    let request = Request::new(who, args.session.as_deref().unwrap_or_default(), method, path);
    request.map(Signed::Request).map_err(|fault| signature_error::unsignable_request(&fault))
}

/// What v2 signs: header lines on stdin.
fn read_fields(cx: &Context, args: &Args) -> Result<Signed, Error> {
    let flags = [("--user", &args.user), ("--service", &args.service), ("--session", &args.session)];
    if let Some((flag, _)) = flags.into_iter().find(|(_, value)| value.is_some()) {
        return Err(signature_error::flag_of_v1(flag));
    }
    if matches!(args.key_from, Source::Stdin | Source::Descriptor(0)) {
        return Err(usage::both_read_stdin("--key-from", "--hmac v2"));
    }
    if cx.ui.stdin_terminal() {
        return Err(signature_error::no_header_lines());
    }
    let lines = read_headers(cx, Some(&Source::Stdin))?;
    Signed::from_fields(&lines).map_err(|fault| signature_error::unusable_headers(&fault))
}

fn parse_name(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}
