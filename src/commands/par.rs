//! `hallpass par`: pushes an authorization request ahead (RFC 9126).

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::sign_in::authorization_request::AuthorizationRequest;
use crate::output::{Render, Text};

use super::authorization::Flags;
use super::zone::parse_issuer;
use super::{Outcome, authorize_url};

/// Push an authorization request and print its request_uri
///
/// The request comes from the zone and these flags (RFC 9126); with ISSUER and --client-id no zone is needed. --json also has the URL to open, and what is needed to
/// redeem the code: state, nonce, code_verifier, redirect_uri.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Push an authorization request and print its request_uri
  $ hallpass par

  # With scopes; the JSON has state and code verifier too
  $ hallpass par --scope 'openid profile' --json

  # Without a zone
  $ hallpass par https://sso.example/realms/acme --client-id my-tool")]
pub struct Args {
    /// The issuer, exactly as in the metadata (default: the zone's)
    #[arg(value_name = "ISSUER", value_parser = parse_issuer)]
    issuer: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// The pushed request, and what redeems the code.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The handle of the request.
    request_uri: String,
    /// How many seconds the server keeps it; null when it does not say.
    expires_in: Option<u64>,
    /// When it forgets it, RFC 3339 in UTC.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The URL to open, and what redeems the code.
    #[serde(flatten)]
    url: authorize_url::Answer,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.request_uri.clone())
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let attempt = AuthorizationRequest::begin(cx, args.flags.unattended(cx, args.issuer.as_deref())?)?;
    let asked_at = cx.clock.now();
    let pushed = attempt.push(cx)?;
    let url = attempt.pushed_url(&pushed)?;
    let expires_at = pushed.expires_in.map(|span| asked_at.plus(span));
    Ok(Outcome::view(Answer {
        request_uri: pushed.request_uri,
        expires_in: pushed.expires_in.map(|span| span.as_secs()),
        expires_at: expires_at.map(Moment::rfc3339),
        expires_at_epoch: expires_at.map(Moment::epoch),
        url: authorize_url::Answer::new(&attempt, url),
    }))
}
