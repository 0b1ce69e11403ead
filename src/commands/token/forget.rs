//! `hallpass token forget`: takes a zone's access tokens out of the cache. They stay valid at the server.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::flows::token::forget::{forget_all, forget_zone};
use crate::output::{Render, Text};

/// Delete cached tokens (does not revoke them)
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Delete the cached tokens of the zone
  $ hallpass token forget

  # Of every zone
  $ hallpass token forget --all")]
pub struct Args {
    /// Delete those of every zone
    #[arg(long)]
    all: bool,
}

/// What was forgotten.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// How many tokens were forgotten.
    forgotten: usize,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Nothing
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let forgotten = if args.all { forget_all(cx)? } else { forget_zone(cx, &cx.zone()?.zone)? };
    cx.ui.info(&format!("{forgotten} forgotten"));
    Ok(Outcome::view(Answer { forgotten }))
}
