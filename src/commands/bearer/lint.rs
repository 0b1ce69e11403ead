//! `hallpass bearer lint`: what is wrong with a token file.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::store::TokenFile;

/// Show problems of the file; exit 1 if there are any
///
/// Lines that can never match, expired tokens, metadata that can't be read or has lost its token, no active token, modes
/// that let others read the file, and what other programs read differently.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # List what other programs read differently; exit 1 if there is anything
  $ hallpass bearer lint tokens.txt")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// One thing that is wrong.
#[derive(Serialize, JsonSchema)]
pub struct Problem {
    /// The number of the line; null when it is about the whole file.
    line: Option<usize>,
    /// What it is.
    problem: String,
}

/// What is wrong with the file.
#[derive(Serialize, JsonSchema)]
pub struct Answer(Vec<Problem>);

impl Render for Answer {
    fn text(&self) -> Text {
        Text::table(&["line", "problem"], &self.0)
    }

    fn negative(&self) -> bool {
        !self.0.is_empty()
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let problems = TokenFile::lint_file(&args.file, cx.clock.now())?;
    let problems = problems.into_iter().map(|one| Problem { line: one.line, problem: one.problem });
    Ok(Outcome::view(Answer(problems.collect())))
}
