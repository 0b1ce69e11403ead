//! `hallpass zone export`: a zone to share, without its secrets.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::{Origin, transfer};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};

/// Print a zone as TOML, without its secrets
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Write the zone to a file, without its secrets
  $ hallpass zone export prod >zone.toml")]
pub struct Args {
    /// The zone
    #[arg(add = crate::commands::completions::zones())]
    name: String,
    /// Also print headers, whose values may be credentials
    #[arg(long)]
    show_secrets: bool,
}

/// The zone as a document.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone as TOML, without secrets.
    toml: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Document(self.toml.clone())
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone_named(&args.name, Origin::Flag)?.zone;
    Ok(Outcome::view(Answer { toml: transfer::export(zone, args.show_secrets)? }))
}
