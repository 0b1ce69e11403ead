//! What `remove`, `disable`, `enable` and `prune` have in common: they do one thing to some tokens of a file.

use std::cell::Cell;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::Error;
use crate::output::{Render, Text};
use crate::store::Fault;
use crate::store::token_file::{self, Command, Entry};

use super::file::{print_warnings, show_path};
use super::token_line::TokenLine;

/// The tokens that were removed, disabled or enabled.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The token file.
    file: String,
    /// The tokens that were changed, as they are now; removed ones as they were.
    changed: Vec<TokenLine>,
    /// `removed`, `disabled`, `enabled`.
    #[serde(skip)]
    done: &'static str,
    /// Whether there was no such token.
    #[serde(skip)]
    missing: bool,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Lines(self.changed.iter().map(|one| format!("{} {}", self.done, one.short_name())).collect())
    }

    fn negative(&self) -> bool {
        self.missing
    }
}

pub struct Change<'a> {
    /// What becomes of a token with these lines; none when it is not selected, and no such token is the answer no.
    pub command: &'a dyn Fn(&[Entry]) -> Option<Command>,
    /// What is done, in the past tense.
    pub done: &'static str,
    /// Whether no token may be left that lets somebody in.
    pub allow_empty: bool,
}

/// Applies the change to every line of the selected tokens.
pub fn apply_change(cx: &Context, file: &Path, change: &Change<'_>) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let met = Cell::new(false);
    let changed = token_file::change(file, cx.deadline(), false, |tokens| -> Result<_, Error> {
        let command = |lines: &[Entry]| {
            let command = (change.command)(lines);
            met.set(met.get() || command.is_some());
            command.unwrap_or(Command::Keep)
        };
        let edited = tokens.edit(now, command, None).ok_or_else(|| Fault::NotReadBack { path: file.to_owned() })?;
        if edited.emptied && !change.allow_empty {
            return Err(last_token_error(file));
        }
        let text = (!edited.touched.is_empty()).then_some(edited.text);
        Ok((text, edited.touched))
    })?;
    print_warnings(cx, &changed.warnings);
    if !met.get() {
        cx.ui.info(&format!("{} has no such token", show_path(file)));
    } else if changed.answer.is_empty() {
        cx.ui.info(&format!("nothing to be {} in {}", change.done, show_path(file)));
    }
    let changed = changed.answer.iter().map(TokenLine::from_entry).collect();
    Ok(Outcome::view(Answer { file: file.display().to_string(), changed, done: change.done, missing: !met.get() }))
}

fn last_token_error(file: &Path) -> Error {
    let file = show_path(file);
    Error::refused(format!("this would leave {file} without an active token"))
        .because("toolregistry-server lets everybody in when a file has no token")
        .hint("add another one first, or pass --allow-empty")
}
