//! `hallpass zone path`: where the zones are written.

use serde_json::{Value, json};

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};

/// Print the path of the configuration file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass zone path")]
pub struct Args {}

struct Answer(String);

impl View for Answer {
    fn json(&self) -> Value {
        json!({"path": self.0})
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
