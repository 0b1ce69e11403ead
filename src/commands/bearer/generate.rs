//! `hallpass bearer generate`: a new token, in the file and printed once.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::token_file::{self, Command, Entry, New};

use super::token_line::TokenLine;
use super::token_spec::TokenSpec;

/// Generate a token, add it to the file and print it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Generate a token that expires; it is printed once
  $ hallpass bearer generate tokens.txt --label api --expires 90d >api.token

  # A longer one, with a prefix of your own
  $ hallpass bearer generate tokens.txt --bytes 64 --prefix acme_ --json")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A name for the token
    #[arg(long, value_name = "LABEL", value_parser = token_file::parse_label)]
    label: Option<String>,
    #[command(flatten)]
    spec: TokenSpec,
}

/// The new token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The token file.
    file: String,
    /// The token's line, the token included.
    #[serde(flatten)]
    token: TokenLine,
    /// The token alone.
    #[serde(skip)]
    bare: Secret,
}

impl Answer {
    pub fn new(file: &Path, entry: &Entry, token: Secret) -> Self {
        Self { file: file.display().to_string(), token: TokenLine::with_token(entry, &token), bare: token }
    }
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.bare.expose().to_owned())
    }

    fn rescue(&self) -> Option<String> {
        let (file, fingerprint) = (&self.file, &self.token.fingerprint);
        Some(format!(
            "the new token is in the file anyway: hallpass bearer list {file} --show-tokens | grep {fingerprint}"
        ))
    }
}

/// Makes it; it is on the disk before it is printed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let (token, metadata) = args.spec.generate(cx, args.label.as_deref(), now)?;
    let added = token_file::change(&args.file, cx.deadline(), true, |tokens| -> Result<_, Error> {
        let new = New { token: &token, metadata, first: false };
        let edited = tokens.edit(now, |_| Command::Keep, Some(&new));
        let made = edited.and_then(|edited| Some((Some(edited.text), edited.new?)));
        Ok(made.ok_or_else(|| Fault::NotReadBack { path: args.file.clone() })?)
    })?;
    cx.ui.warn_each(&added.warnings);
    Ok(Outcome::view(Answer::new(&args.file, &added.answer, token)))
}
