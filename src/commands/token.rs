//! `hallpass token`: an access token, bare on stdout.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::token::single_flight::TokenResult;
use crate::oauth::bearer;
use crate::output::{Printed, Render, Text, Writer};
use crate::secret::Secret;
use crate::store::Token;

use super::Outcome;
use super::header::bearer_value;
use super::request::{TokenFlags, verified_id_token};
use super::token_output::{TokenOutput, VariableFlag, answer_or_write};

pub mod forget;
pub mod list;

/// Print an access token of the zone
///
/// Uses the cached token while more than 20 % of its lifetime is left, else requests a new one. Concurrent calls share one
/// request.
#[derive(Debug, Default, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = r#"Examples:
  # Print a token of the default zone
  $ hallpass token

  # With a scope, and valid for at least a minute
  $ hallpass token -z prod --scope read --min-ttl 60s

  # Set a shell variable; without a token, stop
  $ T=$(hallpass token --format env --name API_TOKEN) && eval "$T"

  # Ignore the cache; with its expiry, as JSON
  $ hallpass token --fresh --json

  # Use the assertion of a CI platform (RFC 7523)
  $ hallpass token --assertion-from env:CI_ASSERTION

  # Exchange a caller's token (RFC 8693)
  $ hallpass token --subject-token-from file:caller.jwt --audience orders"#
)]
pub struct Args {
    #[command(flatten)]
    flags: TokenFlags,
    /// Print the ID token; in JSON, beside the access token
    #[arg(long)]
    id_token: bool,
    #[command(flatten)]
    variable: VariableFlag,
    /// Write to FILE (0600, atomically); - is stdout
    ///
    /// Replaces the whole file; to add: hallpass token --format env >>FILE
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The access token.
    access_token: Printed,
    /// `Bearer`, as a rule.
    token_type: String,
    /// Seconds that are left; null when unknown.
    expires_in: Option<u64>,
    /// When it expires, RFC 3339 in UTC.
    expires_at: Option<String>,
    /// The same in epoch seconds.
    expires_at_epoch: Option<i64>,
    /// The granted scope, if the server returned it.
    scope: Option<String>,
    /// The zone; null for `HALLPASS_TOKEN`.
    zone: Option<String>,
    /// `cache`, `refresh`, `grant`, `environment`.
    source: &'static str,
    /// The ID token, with `--id-token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<Printed>,
    /// The token in the requested format.
    #[serde(skip)]
    text: String,
}

impl Answer {
    fn new(obtained: TokenResult, id_token: Option<Secret>, text: String, now: Moment) -> Self {
        let token = obtained.token;
        Self {
            access_token: Printed(token.access_token),
            token_type: token.token_type,
            expires_in: token.expires_at.map(|expires_at| expires_at.since(now).as_secs()),
            expires_at: token.expires_at.map(Moment::rfc3339),
            expires_at_epoch: token.expires_at.map(Moment::epoch),
            scope: token.scope,
            zone: Some(token.provenance.zone).filter(|zone| !zone.is_empty()),
            source: obtained.source.name(),
            id_token: id_token.map(Printed),
            text,
        }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", self.text))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let output = args.output.as_deref();
    let token_output = TokenOutput::new(cx, args.variable.name(), output)?;
    let obtained = args.flags.obtain_token(cx)?;
    let id_token = if args.id_token { Some(verified_id_token(cx, &obtained)?) } else { None };
    let Some(text) = write_token(cx, token_output, &obtained.token, id_token.as_ref())? else {
        return Ok(Outcome::Exit(0));
    };
    answer_or_write(cx, Answer::new(obtained, id_token, text, cx.clock.now()), output)
}

/// Writes the token, or the ID token in its place, in the requested format; `None` when it went to a CI runner.
pub fn write_token(
    cx: &Context,
    token_output: TokenOutput,
    token: &Token,
    id_token: Option<&Secret>,
) -> Result<Option<String>, Error> {
    let value = match (cx.ui.format().writer, id_token) {
        (Writer::CurlHeader, None) => Some(bearer_value(cx, token)?),
        (Writer::CurlHeader, Some(token)) => Some(bearer::header_value("Bearer ", token)?),
        _ => None,
    };
    let header = value.map(|value| format!("Authorization: {}", value.expose())).unwrap_or_default();
    let wanted = id_token.unwrap_or(&token.access_token);
    token_output.write(cx, wanted.expose(), wanted, &header)
}
