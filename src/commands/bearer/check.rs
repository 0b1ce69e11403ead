//! `hallpass bearer check`: does the file let this token in?

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
use crate::store::token_file::{Sought, State};

use super::{TokenLine, warn};

/// Exit 0 if the file accepts this token, 1 if not
///
/// The token is compared in constant time with every line. A token that is disabled, expired or has unreadable metadata on
/// one line is not accepted, even if another line has it too. An empty file accepts none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ hallpass bearer generate tokens.txt | hallpass bearer check tokens.txt")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to read the token (default: stdin)
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
}

/// Whether the file lets the token in.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// Whether it is let in.
    allowed: bool,
    /// Why, or why not.
    reason: String,
    /// The line that holds it, if one does.
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

/// Answers.
///
/// # Errors
/// 2 when no token is given, 3 when the source fails, 7 when the file is missing or can't be read, 8 when it is not
/// UTF-8.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let token = read_token(cx, args.from.as_ref(), None)?;
    let (sought, warnings) = TokenFile::seek_at(&args.file, &token, cx.clock.now())?;
    warn(cx, &warnings);
    let (entry, allowed) = match sought {
        Sought::Live(entry) => (Some(entry), true),
        Sought::Barred(entry) => (Some(entry), false),
        Sought::Absent => (None, false),
    };
    let reason = match entry.as_ref().map(|entry| (entry.state, entry.line)) {
        _ if !is_b64token(token.expose()) => "it is no bearer token (RFC 6750 §2.1)".to_owned(),
        Some((State::Live, line)) => format!("line {line}"),
        Some((State::Disabled, line)) => format!("the token is disabled on line {line}"),
        Some((State::Expired, line)) => format!("the token on line {line} has expired"),
        Some((State::Malformed, line)) => format!("the metadata above line {line} can't be read"),
        None => "it is not in the file".to_owned(),
    };
    Ok(Outcome::view(Answer { allowed, reason, matched: entry.as_ref().map(TokenLine::of) }))
}
