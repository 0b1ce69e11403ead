//! `hallpass zone has`: for scripts.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::config::{EPHEMERAL, ephemeral};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};

/// Exit 0 if there is a zone of this name, 1 if not
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Exit 0 if the zone exists, else 1
  $ hallpass zone has prod")]
pub struct Args {
    /// The name
    #[arg(add = crate::commands::completions::zones())]
    name: String,
}

/// Whether there is such a zone.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The name that was asked for.
    name: String,
    /// Whether there is such a zone.
    exists: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Nothing
    }

    fn negative(&self) -> bool {
        !self.exists
    }
}

/// Answers; for `env` by what the environment says.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let exists = if args.name == EPHEMERAL {
        ephemeral::from_environment(&cx.environment)?.is_some()
    } else {
        cx.config()?.zones().contains(&args.name.as_str())
    };
    Ok(Outcome::view(Answer { name: args.name.clone(), exists }))
}
