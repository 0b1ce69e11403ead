//! `hallpass zone rename`: secrets, cache and what registrations left move along, or nothing moves.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::{Context, check_new_name};
use crate::error::Error;
use crate::flows::zone as ownership;
use crate::output::{Render, Text};

/// Rename a zone; its secrets and cached tokens move along
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Rename the zone; its secrets and tokens move along
  $ hallpass zone rename prod production")]
pub struct Args {
    /// The zone
    #[arg(value_name = "OLD", add = crate::commands::completions::zones())]
    old: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    new: String,
}

/// The zone's names.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Its former name.
    old: String,
    /// Its name now.
    name: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("zone {} renamed to {}", self.old, self.name))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (old, new) = (&args.old, &args.new);
    check_new_name(new)?;
    ownership::rename(cx, &cx.configured_zone(old, "can't be renamed")?, new)?;
    Ok(Outcome::view(Answer { old: old.clone(), name: new.clone() }))
}
