//! `hallpass bearer generate`: a new token, in the file and printed once.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::token_file::{self, Command, Metadata, New};
use crate::text::sanitize;

use super::expiry::Expiry;
use super::made::Recipe;
use super::{TokenLine, warn};

/// Generate a token, add it to the file and print it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass bearer generate tokens.txt --label ci --expires 90d >ci.token\n  $ hallpass bearer generate tokens.txt --bytes 64 --prefix acme_ --json"
)]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A name for the token
    #[arg(long, value_name = "LABEL", value_parser = token_file::label)]
    label: Option<String>,
    /// Expiry: a time, or a span such as 90d
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
    expires: Option<Expiry>,
    #[command(flatten)]
    recipe: Recipe,
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

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(self.bare.expose().to_owned())
    }

    fn rescue(&self) -> Option<String> {
        Some(find_again(&self.file, &self.token.fingerprint))
    }
}

/// How to find a token that is in the file, but could not be printed.
pub fn find_again(file: &str, fingerprint: &str) -> String {
    let file = sanitize(file);
    format!("the new token is in the file anyway: hallpass bearer list {file} --show-tokens | grep {fingerprint}")
}

/// Makes it; it is on the disk before it is printed.
///
/// # Errors
/// 2 when its expiry is over, 7 when the file can't be read or written, 8 when it is not UTF-8.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let expires = args.expires.map(|expiry| expiry.moment(now)).transpose()?;
    let token = args.recipe.make(cx)?;
    let metadata = Metadata { label: args.label.clone(), added: Some(now), expires };
    let added = token_file::change(&args.file, cx.deadline(), true, |tokens| -> Result<_, Error> {
        let new = New { token: &token, metadata, first: false };
        let edited = tokens.edit(now, |_| Command::Keep, Some(&new));
        let made = edited.and_then(|edited| Some((Some(edited.text), edited.new?)));
        Ok(made.ok_or_else(|| Fault::NotReadBack { path: args.file.clone() })?)
    })?;
    warn(cx, &added.warnings);
    Ok(Outcome::view(Answer {
        file: args.file.display().to_string(),
        token: TokenLine::with_token(&added.answer, &token),
        bare: token,
    }))
}
