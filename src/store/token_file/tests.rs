//! The text and the file, as a whole.

mod edit;
mod entry;
mod lint;
mod property;

use super::{Command, Entry, Lookup, Metadata, New, State, TokenFile};
use crate::edges::Moment;
use crate::secret::Secret;

fn now() -> Moment {
    Moment::from_epoch(1_795_341_600) // 2026-11-22T10:00:00Z
}

fn entries(text: &str) -> Vec<(usize, String, Option<String>, State)> {
    let file = TokenFile::from_text(Secret::new(text));
    let summarize = |entry: super::Entry| (entry.line, entry.token.expose().to_owned(), entry.label, entry.state);
    file.entries(now()).map(summarize).collect()
}

pub(super) fn look_up(text: &str, token: &str, now: Moment) -> Lookup {
    TokenFile::from_text(Secret::new(text)).look_up(&Secret::new(token), now)
}

fn finds(text: &str, token: &str) -> bool {
    matches!(look_up(text, token, now()), Lookup::Live(_))
}

/// The new content, the tokens that the edit touched, and whether none is active any more.
fn edited(text: &str, command: impl Fn(&[Entry]) -> Command, new: Option<&New<'_>>) -> (String, Vec<String>, bool) {
    let edited = TokenFile::from_text(Secret::new(text)).edit(now(), command, new).unwrap();
    let touched = edited.touched.iter().map(|entry| format!("{} {}", entry.token.expose(), entry.state.name()));
    (edited.text.expose().to_owned(), touched.collect(), edited.emptied)
}

fn is(token: &'static str, command: Command) -> impl Fn(&[Entry]) -> Command {
    move |lines| if lines[0].token.expose() == token { command } else { Command::Keep }
}

fn added(text: &str, token: &str, label: Option<&str>) -> String {
    let token = Secret::new(token);
    let metadata = Metadata { label: label.map(str::to_owned), added: Some(now()), expires: None };
    edited(text, |_| Command::Keep, Some(&New { token: &token, metadata, first: false })).0
}
