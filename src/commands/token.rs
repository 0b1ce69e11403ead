//! `hallpass token`: an access token, bare on stdout.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Error;
use crate::oauth::bearer;
use crate::output::Writer;
use crate::secret::Secret;
use crate::store::Token;

use super::Outcome;
use super::header::bearer_value;
use super::request::{TokenFlags, verified_id_token};
use super::token_output::{TokenOutput, VariableFlag, answer_or_write};

mod answer;
pub mod forget;
pub mod list;
mod many;

pub use answer::Answer;
use many::ManyFlags;

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

  # Many at once, a JSON object per line
  $ echo '{"scope":"read","id":1}' | hallpass token --many -

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
    #[command(flatten)]
    many: ManyFlags,
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    if let Some(path) = &args.many.many {
        return many::answer_lines(cx, &args.many, path, &args.flags);
    }
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
