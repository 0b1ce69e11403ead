//! `hallpass bearer list`: the tokens of a file by their fingerprints.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Cell, Render, Style, Table, Text, to_cell};
use crate::store::TokenFile;
use crate::store::token_file::Entry;
use crate::text::quote_for_shell;

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
        let row = |one: &TokenLine| {
            let token = one.token.as_ref().map(|token| to_cell(&serde_json::to_value(token).unwrap_or_default()));
            vec![
                one.line.to_string().into(),
                Cell::name(&one.fingerprint),
                one.label.as_deref().unwrap_or_default().into(),
                Cell::whole(one.state).style(Style::of_word(one.state)),
                one.expires.as_deref().unwrap_or_default().into(),
                Cell::whole(token.unwrap_or_default()),
                one.added.as_deref().unwrap_or_default().into(),
            ]
        };
        let head = &["line", "fingerprint", "label", "state", "expires", "token", "added"];
        let screen = Table { head, optional: 1, rows: self.lines.iter().map(row).collect(), as_fields: false };
        let head: &[&str] = &["line", "fingerprint", "label", "added", "expires", "state", "token"];
        Text::shown(if self.show_tokens { head } else { &head[..6] }, &self.lines, screen)
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (tokens, warnings) = TokenFile::read(&args.file)?;
    cx.ui.warn_each(&warnings);
    let line = |entry: &Entry| {
        if args.show_tokens { TokenLine::with_token(entry, &entry.token) } else { TokenLine::from_entry(entry) }
    };
    let lines: Vec<TokenLine> = tokens.entries(cx.clock.now()).map(|entry| line(&entry)).collect();
    let file = quote_for_shell(&args.file.display().to_string());
    cx.ui.note_empty(lines.is_empty(), &format!("no tokens in {file}; to add one: hallpass bearer add {file}"));
    Ok(Outcome::view(Answer { lines, show_tokens: args.show_tokens }))
}
