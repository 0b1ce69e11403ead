//! `hallpass zone has`: for scripts.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::config::{EPHEMERAL, ephemeral};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Exit 0 when there is a zone of this name, 1 when there is none
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone has prod && echo there")]
pub struct Args {
    /// The name
    name: String,
}

/// The JSON answer of `zone has`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The name that was asked for.
    name: String,
    /// Whether there is such a zone.
    exists: bool,
}

struct Answer {
    name: String,
    there: bool,
}

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape { name: self.name.clone(), exists: self.there })
    }

    fn text(&self) -> Text {
        Text::Nothing
    }

    fn negative(&self) -> bool {
        !self.there
    }
}

/// Answers; for `env` by what the environment says.
///
/// # Errors
/// 3 when the configuration does not parse, or the environment makes half a zone.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let there = if args.name == EPHEMERAL {
        ephemeral::from_environment(&cx.environment)?.is_some()
    } else {
        cx.config()?.zones().contains(&args.name.as_str())
    };
    Ok(Outcome::view(Answer { name: args.name.clone(), there }))
}
