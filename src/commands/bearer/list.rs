//! `hallpass bearer list`: the tokens of a file by their fingerprints.

use std::path::PathBuf;

use serde_json::Value;

use crate::commands::{Outcome, shape};
use crate::context::Context;
use crate::error::Error;
use crate::output::{Text, View};
use crate::store::TokenFile;

use super::{Shape, warn};

/// List the tokens of the file: line, fingerprint, label, when added, when it expires, state
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass bearer add tokens.txt --label ci && hallpass bearer list tokens.txt\n  $ hallpass bearer generate tokens.txt >ci.token && hallpass bearer list tokens.txt --show-tokens --json"
)]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show the tokens themselves too
    #[arg(long)]
    show_tokens: bool,
}

struct Answer(Vec<Shape>, bool);

impl View for Answer {
    fn json(&self) -> Value {
        shape(&self.0)
    }

    fn text(&self) -> Text {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let row = |one: &Shape| {
            let mut row = vec![one.line.to_string(), one.fingerprint.clone(), text(&one.label), text(&one.added)];
            row.extend([text(&one.expires), one.state.to_owned()]);
            row.extend(one.token.clone());
            row
        };
        let head: &[&str] = &["line", "fingerprint", "label", "added", "expires", "state", "token"];
        let head = if self.1 { head } else { &head[..6] };
        Text::Table { head, rows: self.0.iter().map(row).collect() }
    }
}

/// Lists.
///
/// # Errors
/// 7 when the file is missing or can't be read, 8 when it is not UTF-8.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let (tokens, warnings) = TokenFile::read(&args.file)?;
    warn(cx, &warnings);
    let lines = tokens.entries(cx.clock.now()).map(|entry| {
        let token = args.show_tokens.then(|| entry.token.expose().to_owned());
        Shape { token, ..Shape::of(&entry) }
    });
    Ok(Outcome::view(Answer(lines.collect(), args.show_tokens)))
}
