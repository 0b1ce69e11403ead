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

use super::{TokenLine, named, warn};

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
        Text::Lines(self.changed.iter().map(|one| format!("{} {}", self.done, one.words())).collect())
    }

    fn negative(&self) -> bool {
        self.missing
    }
}

/// A change that is wanted.
pub struct Change<'a> {
    /// What becomes of a token with these lines; none when it is not selected, and no such token is the answer no.
    pub command: &'a dyn Fn(&[Entry]) -> Option<Command>,
    /// What is done, in the past tense.
    pub done: &'static str,
    /// Whether no token may be left that lets somebody in.
    pub allow_empty: bool,
}

/// Applies the change to every line of the selected tokens.
///
/// # Errors
/// 7 when the file is missing or can't be read or written, 8 when it is not UTF-8 or no token would be left.
pub fn apply(cx: &Context, file: &Path, change: &Change<'_>) -> Result<Outcome, Error> {
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
            return Err(last(file));
        }
        let text = (!edited.touched.is_empty()).then_some(edited.text);
        Ok((text, edited.touched))
    })?;
    warn(cx, &changed.warnings);
    if !met.get() {
        cx.ui.info(&format!("{} holds no such token", named(file)));
    } else if changed.answer.is_empty() {
        cx.ui.info(&format!("nothing to be {} in {}", change.done, named(file)));
    }
    let changed = changed.answer.iter().map(TokenLine::of).collect();
    Ok(Outcome::view(Answer { file: file.display().to_string(), changed, done: change.done, missing: !met.get() }))
}

/// Why the last token stays.
fn last(file: &Path) -> Error {
    let file = named(file);
    Error::refused(format!("this would leave {file} without an active token"))
        .because("toolregistry-server lets everybody in when a file holds no token")
        .hint("add another one first, or pass --allow-empty")
}
