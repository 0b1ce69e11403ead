//! `hallpass bearer rotate`: a new token for a label; the old one is removed, now or after a while.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::edges::parse_span;
use crate::error::{Error, exit};
use crate::output::{Render, Text};
use crate::store::Fault;
use crate::store::token_file::{self, Command, Edited, Entry, New, State};

use super::generate;
use super::selector::Selector;
use super::token_line::TokenLine;
use super::token_spec::TokenSpec;

/// Replace the token of a label: print a new one and remove the old one
///
/// The new token is put before the old one, so that `header --tokens-file` finds it first. Exit 1, the file untouched, if
/// no active token has this label.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Replace a token; the old one works for another day
  $ hallpass bearer rotate tokens.txt --label ci --grace 24h >ci.token")]
pub struct Args {
    /// The token file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Label of the token to replace
    #[arg(long, value_name = "LABEL")]
    label: String,
    /// How long the old one stays valid, instead of being removed at once
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    grace: Option<Duration>,
    #[command(flatten)]
    spec: TokenSpec,
}

/// The new token, and those that it replaces.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    #[serde(flatten)]
    new: generate::Answer,
    /// The old tokens: gone, or with the expiry that they have now.
    replaced: Vec<TokenLine>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        self.new.text()
    }

    fn rescue(&self) -> Option<String> {
        self.new.rescue()
    }
}

/// Rotates; the new token is on the disk before it is printed.
pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let (token, metadata) = args.spec.generate(cx, Some(&args.label), now)?;
    let until = args.grace.filter(|grace| grace.as_secs() > 0).map(|grace| now.plus(grace));
    let selector = Selector::Label(args.label.clone());
    let old = |lines: &[Entry]| match until {
        _ if !selector.matches(lines) || lines.iter().any(|line| line.state != State::Live) => Command::Keep,
        None => Command::Remove,
        Some(until) => Command::Expire(until),
    };
    let rotated = token_file::change(&args.file, cx.deadline(), false, |tokens| -> Result<_, Error> {
        let new = New { token: &token, metadata, first: true };
        let unread = || Fault::NotReadBack { path: args.file.clone() };
        let Edited { text, touched, new, .. } = tokens.edit(now, old, Some(&new)).ok_or_else(unread)?;
        let entry = new.ok_or_else(unread)?;
        Ok(if touched.is_empty() { (None, None) } else { (Some(text), Some((entry, touched))) })
    })?;
    cx.ui.warn_each(&rotated.warnings);
    let Some((entry, replaced)) = rotated.answer else {
        cx.ui.info(&format!("{} has no active token with this label", args.file.display()));
        return Ok(Outcome::Exit(exit::NO));
    };
    Ok(Outcome::view(Answer {
        new: generate::Answer::new(&args.file, &entry, token),
        replaced: replaced.iter().map(TokenLine::from_entry).collect(),
    }))
}
