//! `hallpass zone remove`: the zone, its secrets and its cached tokens.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::flows::revocation::{self, Own};
use crate::flows::zone as ownership;
use crate::output::{Render, Text};

/// Remove a zone with its secrets and cached tokens
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Remove the zone and its secrets, without asking
  $ hallpass zone remove prod --yes")]
pub struct Args {
    /// The zone
    #[arg(add = crate::commands::completions::zones())]
    name: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Revoke its tokens at the server first; if that fails, nothing is removed
    #[arg(long)]
    revoke: bool,
    /// Remove it even if its vault can't be used; its secrets may stay there
    #[arg(long)]
    forget_unreachable_secrets: bool,
}

/// The zone that is gone.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone that is gone.
    removed: String,
    /// The default zone that is left; null when there is none.
    default: Option<String>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("zone {} removed", self.removed))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.configured_zone(&args.name, "can't be removed: unset the variables")?;
    if !args.yes {
        cx.confirm(&format!("Remove zone {} with its secrets?", zone.name))?;
    }
    if args.revoke {
        revocation::revoke_own(cx, &zone, Own::All)?;
    }
    let default = ownership::remove(cx, &zone, args.forget_unreachable_secrets)?;
    Ok(Outcome::view(Answer { removed: zone.name, default }))
}
