//! What `remove`, `disable`, `enable` and `prune` have in common: they do one thing to some tokens of a file.

use std::cell::Cell;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{self, Error};
use crate::output::{Render, Text};
use crate::store::Fault;
use crate::store::token_file::{self, Command, Entry};

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

/// Applies to every line of a token what `command` gives for its lines; `None` if it is not selected, and no such token
/// is the answer no. `done` is what is done, in the past tense.
pub fn apply_change(
    cx: &Context,
    file: &Path,
    done: &'static str,
    allow_empty: bool,
    command: impl Fn(&[Entry]) -> Option<Command>,
) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let met = Cell::new(false);
    let changed = token_file::change(file, cx.deadline(), false, |tokens| -> Result<_, Error> {
        let command = |lines: &[Entry]| {
            let command = command(lines);
            met.set(met.get() || command.is_some());
            command.unwrap_or(Command::Keep)
        };
        let edited = tokens.edit(now, command, None).ok_or_else(|| Fault::NotReadBack { path: file.to_owned() })?;
        if edited.emptied && !allow_empty {
            return Err(error::bearer::last_token(file));
        }
        let text = (!edited.touched.is_empty()).then_some(edited.text);
        Ok((text, edited.touched))
    })?;
    cx.ui.warn_each(&changed.warnings);
    if !met.get() {
        cx.ui.info(&format!("{} has no such token", file.display()));
    } else if changed.answer.is_empty() {
        cx.ui.info(&format!("nothing to be {done} in {}", file.display()));
    }
    let changed = changed.answer.iter().map(TokenLine::from_entry).collect();
    Ok(Outcome::view(Answer { file: file.display().to_string(), changed, done, missing: !met.get() }))
}
