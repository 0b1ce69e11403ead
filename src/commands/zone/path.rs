//! `hallpass zone path`: where the zones are written.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Print the path of the configuration file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone path")]
pub struct Args {}

/// The JSON answer of `zone path`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shape {
    /// The configuration file, which need not exist.
    path: String,
}

struct Answer(String);

impl View for Answer {
    fn json(&self) -> Value {
        shape(&Shape { path: self.0.clone() })
    }

    fn text(&self) -> Text {
        Text::Line(self.0.clone())
    }
}

/// Prints the path; the file need not exist.
///
/// # Errors
/// 3 when there is no home directory.
pub fn run(cx: &Context, _args: &Args) -> Result<Outcome, Error> {
    Ok(Outcome::view(Answer(cx.paths()?.config_file.display().to_string())))
}
