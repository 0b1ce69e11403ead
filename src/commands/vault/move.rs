//! `hallpass vault move`: a zone's secrets to another backend.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::Backend;
use crate::context::Context;
use crate::error::Error;
use crate::flows::zone as ownership;
use crate::output::{Render, Text};

/// Move a zone's secrets to another vault
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Move the secrets of a zone into the encrypted file
  $ hallpass vault move prod --to sealed")]
pub struct Args {
    /// The zone
    #[arg(value_name = "ZONE", add = crate::commands::completions::zones())]
    name: String,
    /// Target vault
    #[arg(long, value_name = "VAULT", value_parser = crate::commands::choice::vault_parser())]
    to: Backend,
}

/// What was moved.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone.
    zone: String,
    /// Where its secrets are stored now.
    vault: String,
    /// The kinds of secrets that were moved.
    moved: Vec<String>,
    #[serde(skip)]
    stays: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let Self { zone, vault, moved, stays } = self;
        Text::Line(match moved.len() {
            _ if *stays => format!("nothing to move: zone {zone} is in the {vault} vault already"),
            1 => format!("1 secret of zone {zone} moved to the {vault} vault"),
            count => format!("{count} secrets of zone {zone} moved to the {vault} vault"),
        })
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.configured_zone(&args.name, "stores no secrets")?;
    let stays = cx.backend_of(&zone)? == args.to;
    let moved = if stays { Vec::new() } else { ownership::move_vault(cx, &zone, args.to)? };
    let moved = moved.iter().map(ToString::to_string).collect();
    Ok(Outcome::view(Answer { zone: zone.name, vault: args.to.to_string(), moved, stays }))
}
