//! `hallpass authorize-url`: the URL that a person would open to sign in.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::flows::sign_in::authorization_request::{AuthorizationRequest, Par};
use crate::output::{Printed, Render, Text};

use super::Outcome;
use super::authorization::Flags;
use super::named_value::named_value;
use super::zone::parse_issuer;

/// Print the URL for signing in
///
/// The request comes from the zone and these flags; with ISSUER and --client-id no zone is needed. The command does not wait for the redirect. --json also has what is
/// needed to redeem the code: state, nonce, code_verifier, redirect_uri.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Print the URL to open in a browser, with its state and code verifier
  $ hallpass authorize-url --json

  # Push the request first (RFC 9126), so that the URL is short
  $ hallpass authorize-url --par always")]
pub struct Args {
    /// The issuer, exactly as in the metadata (default: the zone's)
    #[arg(value_name = "ISSUER", value_parser = parse_issuer)]
    issuer: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// Push the request first: the URL is short, single-use and expires soon
    #[arg(long, value_name = "WHEN", default_value = "never", value_parser = named_value(Par::NAMED))]
    par: Par,
}

/// The URL, and what redeems the code.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The URL to open.
    url: String,
    /// What the response must repeat.
    state: String,
    /// What the ID token must repeat.
    nonce: String,
    /// What the token request has to prove itself by.
    code_verifier: Printed,
    /// Where the response goes.
    redirect_uri: String,
}

impl Answer {
    /// Reads out of the attempt what redeems its code.
    pub fn new(attempt: &AuthorizationRequest, url: String) -> Self {
        Self {
            url,
            state: attempt.state.clone(),
            nonce: attempt.nonce.clone(),
            code_verifier: Printed(attempt.verifier.secret().clone()),
            redirect_uri: attempt.login().redirect_uri.clone(),
        }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.url.clone())
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let attempt = AuthorizationRequest::begin(cx, args.flags.unattended(cx, args.issuer.as_deref())?)?;
    let url = attempt.url(cx, args.par)?;
    Ok(Outcome::view(Answer::new(&attempt, url)))
}
