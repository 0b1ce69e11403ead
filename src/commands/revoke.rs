//! `hallpass revoke`: revokes a token at the authorization server.

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::flows::revocation::{self, Own};
use crate::output::{Render, Text};
use crate::source::Source;

use super::named_value::named_value;
use super::{Outcome, TOKEN_TYPES, read_token_to_send};

/// Revoke a token at the authorization server
///
/// Revoking an unknown token succeeds (RFC 7009 §2.2). A token of the zone's own is also deleted locally. --own revokes the
/// zone's own tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Revoke a token that is piped in
  $ hallpass token | hallpass revoke

  # A token in a file, saying what kind it is
  $ hallpass revoke file:caller.jwt --hint access_token

  # All tokens of the zone; they are deleted here too
  $ hallpass revoke --own all")]
pub struct Args {
    /// Where to read the token (default: stdin)
    #[arg(value_name = "SOURCE", conflicts_with = "own")]
    source: Option<Source>,
    /// Tell the server what kind of token it is
    #[arg(long, value_name = "KIND", value_parser = named_value(TOKEN_TYPES), conflicts_with = "own")]
    hint: Option<&'static str>,
    /// Revoke the zone's own tokens and delete them locally
    #[arg(long, value_name = "WHICH", value_parser = named_value(Own::NAMED))]
    own: Option<Own>,
}

/// What was revoked.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// How many tokens were revoked at the server.
    revoked: usize,
    /// How many tokens were deleted locally.
    forgotten: usize,
    /// Notes of the server.
    notes: Vec<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Nothing
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone()?.zone;
    let done = if let Some(own) = args.own {
        revocation::revoke_own(cx, &zone, own)?
    } else {
        let token = read_token_to_send(cx, args.source.as_ref(), Some(&zone))?;
        revocation::revoke(cx, &zone, &token, args.hint)?
    };
    for note in &done.notes {
        cx.ui.info(&format!("the server says: {note}"));
    }
    cx.ui.info(&match (args.own.is_some(), done.count) {
        (true, 0) => "there was nothing to revoke".to_owned(),
        (_, count) => format!("{count} revoked, {} deleted here", done.forgotten),
    });
    Ok(Outcome::view(Answer { revoked: done.count, forgotten: done.forgotten, notes: done.notes }))
}
