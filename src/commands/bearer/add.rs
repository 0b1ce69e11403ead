//! `hallpass bearer add`: adds a token to the file.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{Outcome, read_token};
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::oauth::bearer::{TOKEN_LIMIT, is_b64token};
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::Fault;
use crate::store::token_file::{self, Command, Entry, Metadata, New, State, TokenFile};

use super::expiry::Expiry;
use super::token_line::TokenLine;

/// Add a token to the file, creating the file if needed
///
/// Adding a token again changes nothing. An expired one is reactivated. A disabled one stays disabled: use
/// `bearer enable`.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  # Add a token from a file, with an expiry
  $ hallpass bearer add tokens.txt --from file:caller.jwt --expires 30d

  # Add a token that is piped in
  $ head -c 32 /dev/urandom | base64 | \
      hallpass bearer add tokens.txt --label api")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to read the token (default: stdin)
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
    /// A name for the token
    #[arg(long, value_name = "LABEL", value_parser = token_file::parse_label)]
    label: Option<String>,
    /// Expiry: a time, or a span such as 90d
    #[arg(long, value_name = "TIME|SPAN", value_parser = Expiry::parse)]
    expires: Option<Expiry>,
}

/// The token, added or already there.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The token file.
    file: String,
    /// Whether the file was changed; false when the token was there already.
    changed: bool,
    /// The token's line.
    #[serde(flatten)]
    token: TokenLine,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let words = self.token.short_name();
        Text::Line(if self.changed { format!("added {words}") } else { format!("already there: {words}") })
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let expires = args.expires.map(|expiry| expiry.resolve(now)).transpose()?;
    let token = read_token(cx, args.from.as_ref(), None)?;
    if !is_b64token(token.expose()) || token.expose().len() > TOKEN_LIMIT {
        return Err(error::bearer::unmatchable_token());
    }
    let metadata = Metadata { label: args.label.clone(), added: Some(now), expires };
    let added = token_file::change(&args.file, cx.deadline(), true, |tokens| -> Result<_, Error> {
        add_token(&args.file, tokens, &token, metadata, now)
    })?;
    cx.ui.warn_each(&added.warnings);
    let (changed, entry) = added.answer;
    let warn_if = |differs: bool, what: &str| {
        if !changed && differs {
            cx.ui.warn(&format!("the token already exists with another {what}, which was not changed"));
        }
    };
    warn_if(args.label.is_some() && args.label != entry.label, "label");
    warn_if(expires.is_some() && expires.map(Moment::epoch) != entry.expires.map(Moment::epoch), "expiry");
    let token = TokenLine::from_entry(&entry);
    Ok(Outcome::view(Answer { file: args.file.display().to_string(), changed, token }))
}

/// The new text, if it changes, and whether it does with the token's entry.
fn add_token(
    file: &Path,
    tokens: &TokenFile,
    token: &Secret,
    metadata: Metadata,
    now: Moment,
) -> Result<(Option<Secret>, (bool, Entry)), Error> {
    let there: Vec<Entry> = tokens.entries(now).filter(|entry| entry.token.matches(token)).collect();
    let of = |state: State| there.iter().find(|entry| entry.line_state == state);
    if let Some(entry) = of(State::Malformed) {
        return Err(error::bearer::malformed_line(file, entry.line));
    }
    if let Some(entry) = of(State::Disabled) {
        return Err(error::bearer::disabled_line(file, entry.line, &entry.fingerprint()));
    }
    if let Some(live) = there.iter().find(|entry| entry.state == State::Live) {
        return Ok((None, (false, live.clone())));
    }
    let label = metadata.label.or_else(|| there.first().and_then(|entry| entry.label.clone()));
    let new = New { token, metadata: Metadata { label, ..metadata }, first: true };
    let renew = |lines: &[Entry]| match lines.first() {
        Some(line) if line.token.matches(token) => Command::Remove,
        _ => Command::Keep,
    };
    let edited = tokens.edit(now, renew, Some(&new));
    let (text, entry) = edited
        .and_then(|edited| Some((edited.text, edited.new?)))
        .ok_or_else(|| Fault::NotReadBack { path: file.to_owned() })?;
    Ok((Some(text), (true, entry)))
}
