//! `hallpass bearer check`: whether the file accepts a token.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{Outcome, read_token};
use crate::context::Context;
use crate::error::Error;
use crate::oauth::bearer::is_b64token;
use crate::output::{Render, Text};
use crate::source::Source;
use crate::store::TokenFile;
use crate::store::token_file::{Lookup, State};

use super::token_line::TokenLine;

/// Exit 0 if the file accepts this token, 1 if not
///
/// The token is compared in constant time with every line. A token that is disabled, expired or has unreadable metadata on
/// one line is not accepted, even if another line has it too. An empty file accepts none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Exit 0 if the token is in the file and valid, else 1
  $ hallpass bearer check tokens.txt --from file:ci.token")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to read the token (default: stdin)
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
}

/// Whether the file accepts the token.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Whether the file accepts it.
    allowed: bool,
    /// Why, or why not.
    reason: String,
    /// Its line, if it has one.
    matched: Option<TokenLine>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        let label = self.matched.as_ref().and_then(|token| token.label.as_ref());
        let label = label.map(|label| format!(" ({label})")).unwrap_or_default();
        Text::Line(format!("{}: {}{label}", if self.allowed { "yes" } else { "no" }, self.reason))
    }

    fn negative(&self) -> bool {
        !self.allowed
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let token = read_token(cx, args.from.as_ref(), None)?;
    let (found, warnings) = TokenFile::search_file(&args.file, &token, cx.clock.now())?;
    cx.ui.warn_each(&warnings);
    let (entry, allowed) = match found {
        Lookup::Live(entry) => (Some(entry), true),
        Lookup::Inactive(entry) => (Some(entry), false),
        Lookup::Absent => (None, false),
    };
    let reason = match entry.as_ref().map(|entry| (entry.state, entry.line)) {
        _ if !is_b64token(token.expose()) => "it is not a bearer token (RFC 6750 §2.1)".to_owned(),
        Some((State::Live, line)) => format!("line {line}"),
        Some((State::Disabled, line)) => format!("the token is disabled on line {line}"),
        Some((State::Expired, line)) => format!("the token on line {line} has expired"),
        Some((State::Malformed, line)) => format!("the metadata above line {line} can't be read"),
        None => "it is not in the file".to_owned(),
    };
    Ok(Outcome::view(Answer { allowed, reason, matched: entry.as_ref().map(TokenLine::from_entry) }))
}
