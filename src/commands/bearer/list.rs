//! `hallpass bearer list`: the tokens of a file by their fingerprints.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::store::TokenFile;
use crate::store::token_file::Entry;

use super::token_line::TokenLine;

/// List the tokens of the file: line, fingerprint, label, added, expires, state
///
/// The state is that of the token: if several lines have it, the strictest counts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show fingerprint, label, expiry and state of each token
  $ hallpass bearer list tokens.txt

  # With the tokens themselves, as JSON
  $ hallpass bearer list tokens.txt --show-tokens --json")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Also show the tokens
    #[arg(long)]
    show_tokens: bool,
}

/// The tokens of the file.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Answer {
    lines: Vec<TokenLine>,
    /// Whether the text has a column for the tokens.
    #[serde(skip)]
    show_tokens: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let head: &[&str] = &["line", "fingerprint", "label", "added", "expires", "state", "token"];
        Text::table(if self.show_tokens { head } else { &head[..6] }, &self.lines)
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (tokens, warnings) = TokenFile::read(&args.file)?;
    cx.ui.warn_each(&warnings);
    let line = |entry: &Entry| {
        if args.show_tokens { TokenLine::with_token(entry, &entry.token) } else { TokenLine::from_entry(entry) }
    };
    let lines = tokens.entries(cx.clock.now()).map(|entry| line(&entry)).collect();
    Ok(Outcome::view(Answer { lines, show_tokens: args.show_tokens }))
}
