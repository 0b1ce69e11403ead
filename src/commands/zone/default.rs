//! `hallpass zone default`: the zone when nothing else names one.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};

/// Print or set the default zone
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Print the default zone
  $ hallpass zone default

  # Set it
  $ hallpass zone default prod")]
pub struct Args {
    /// Make this zone the default
    #[arg(add = crate::commands::completions::zones())]
    name: Option<String>,
}

/// The default zone.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The default zone; null when there is none.
    default: Option<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        self.default.clone().map_or(Text::Nothing, Text::Line)
    }

    fn negative(&self) -> bool {
        self.default.is_none()
    }
}

/// Prints the default zone (exit 1 when there is none), or sets it.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let Some(name) = &args.name else {
        return Ok(Outcome::view(Answer { default: cx.config()?.default_zone().map(str::to_owned) }));
    };
    let zone = cx.configured_zone(name, "can't be the default")?;
    cx.edit_config(|config| Ok(config.set_default(name)?))?;
    Ok(Outcome::view(Answer { default: Some(zone.name) }))
}
