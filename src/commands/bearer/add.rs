//! `hallpass bearer add`: adds a token to the file.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{Outcome, read_token};
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::oauth::bearer::{TOKEN_LIMIT, is_b64token};
use crate::output::{Render, Text};
use crate::secret::Secret;
use crate::source::Source;
use crate::store::Fault;
use crate::store::token_file::{self, Command, Entry, Metadata, New, State, TokenFile};

use super::expiry::Expiry;
use super::file::{print_warnings, show_path};
use super::token_line::TokenLine;

/// Add a token to the file, creating the file if needed
///
/// Adding a token again changes nothing. An expired one is reactivated. A disabled one stays disabled: use
/// `bearer enable`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  $ hallpass token | hallpass bearer add tokens.txt --label ci --expires 30d\n  $ head -c 32 /dev/urandom | base64 | hallpass bearer add tokens.txt"
)]
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
    #[arg(long, value_name = "WHEN", value_parser = Expiry::parse)]
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
        return Err(Error::refused("this is not a bearer token (RFC 6750 §2.1), so it could never match")
            .hint("expected a bare token; to extract it: hallpass header --read - --line"));
    }
    let metadata = Metadata { label: args.label.clone(), added: Some(now), expires };
    let added = token_file::change(&args.file, cx.deadline(), true, |tokens| -> Result<_, Error> {
        add(&args.file, tokens, &token, metadata, now)
    })?;
    print_warnings(cx, &added.warnings);
    let (changed, entry) = added.answer;
    let differs = |wish: bool, what: &str| {
        if !changed && wish {
            cx.ui.warn(&format!("the token already exists with another {what}, which was not changed"));
        }
    };
    differs(args.label.is_some() && args.label != entry.label, "label");
    differs(expires.is_some() && expires.map(Moment::epoch) != entry.expires.map(Moment::epoch), "expiry");
    let token = TokenLine::from_entry(&entry);
    Ok(Outcome::view(Answer { file: args.file.display().to_string(), changed, token }))
}

/// The new text, if it changes, and the token's entry.
fn add(
    file: &Path,
    tokens: &TokenFile,
    token: &Secret,
    metadata: Metadata,
    now: Moment,
) -> Result<(Option<Secret>, (bool, Entry)), Error> {
    let there: Vec<Entry> = tokens.entries(now).filter(|entry| entry.token.matches(token)).collect();
    let of = |state: State| there.iter().find(|entry| entry.line_state == state);
    let again = format!("hallpass bearer enable {} --fingerprint {}", show_path(file), token_file::fingerprint(token));
    if let Some(entry) = of(State::Malformed) {
        let error =
            Error::refused(format!("line {} has this token, but the metadata above it can't be read", entry.line));
        return Err(error.hint(format!("hallpass bearer lint {}", show_path(file))));
    }
    if let Some(off) = of(State::Disabled) {
        return Err(Error::refused(format!("the token is disabled on line {}", off.line)).hint(again));
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
