//! `hallpass zone export`: a zone to share, without its secrets.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
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

/// The JSON answer of `zone export`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The zone as TOML, without secrets.
    toml: String,
}

struct Answer(String);

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape { toml: self.0.clone() })
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
