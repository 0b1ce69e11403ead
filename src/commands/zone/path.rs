//! `hallpass zone path`: where the zones are written.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};

/// Print the path of the configuration file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Print where the zones are stored
  $ hallpass zone path")]
pub struct Args {}

/// Where the configuration is.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The configuration file, which need not exist.
    path: String,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.path.clone())
    }
}

/// Prints the path; the file need not exist.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    Ok(Outcome::view(Answer { path: cx.paths()?.config_file.display().to_string() }))
}
