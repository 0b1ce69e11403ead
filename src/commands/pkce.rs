//! `hallpass pkce`: a code verifier and its challenge (RFC 7636).

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::flows::sign_in::authorization_request;
use crate::oauth::pkce::{LENGTH, METHOD, Verifier};
use crate::output::{Printed, Render, Text};
use crate::source::Source;

use super::Outcome;

/// Make a code verifier and its challenge
///
/// The method is S256 (RFC 7636). --verifier-from computes the challenge of an existing verifier.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Print a new code verifier and its challenge
  $ hallpass pkce

  # A longer one, as JSON
  $ hallpass pkce --length 64 --json

  # The challenge of a verifier that you have
  $ hallpass pkce --verifier-from env:VERIFIER")]
pub struct Args {
    /// Length of the verifier, 43 to 128 characters
    #[arg(long, value_name = "N", default_value = "43", value_parser = super::number_in(LENGTH), conflicts_with = "verifier_from")]
    length: usize,
    /// Read the verifier from SOURCE instead of making one
    #[arg(long, value_name = "SOURCE")]
    verifier_from: Option<Source>,
}

/// The verifier and its challenge.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the RFC names them so")]
pub struct Answer {
    /// The verifier, for the token request.
    code_verifier: Printed,
    /// Its challenge, for the authorization request.
    code_challenge: String,
    /// `S256`.
    code_challenge_method: &'static str,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::members(self)
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let verifier = match &args.verifier_from {
        // `vault` needs a zone; the other sources do not.
        Some(source) => Verifier::read(cx.read(source, "code verifier", None)?)?,
        None => authorization_request::generate_verifier(cx, args.length)?,
    };
    Ok(Outcome::view(Answer {
        code_challenge: verifier.challenge(),
        code_verifier: Printed(verifier.secret().clone()),
        code_challenge_method: METHOD,
    }))
}
