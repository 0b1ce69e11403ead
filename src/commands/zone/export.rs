//! `hallpass zone export`: a zone to share, without its secrets.

use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::config::{Origin, transfer};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Print a zone as TOML without its secrets
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone export prod > zone.toml")]
pub struct Args {
    /// The zone
    #[arg(add = crate::commands::completions::zones())]
    name: String,
}

struct Answer(String);

impl View for Answer {
    fn json(&self) -> Value {
        json!({"toml": self.0})
    }

    fn text(&self) -> Text {
        Text::Document(self.0.clone())
    }
}

/// Exports.
///
/// # Errors
/// 3 when the zone is not known.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let zone = cx.zone_named(&args.name, Origin::Flag)?.zone;
    Ok(Outcome::view(Answer(transfer::export(&zone)?)))
}
