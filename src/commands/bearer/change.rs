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
use crate::store::token_file::{self, Deed, Entry};

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
pub struct Wish<'a> {
    /// The deed.
    pub deed: Deed,
    /// The deed in the past tense.
    pub done: &'static str,
    /// Which tokens are meant; none of them is the answer no.
    pub means: &'a dyn Fn(&Entry) -> bool,
    /// Which of those need it.
    pub needs: fn(&Entry) -> bool,
    /// Whether no token may be left that lets somebody in.
    pub allow_empty: bool,
}

/// Fulfils the wish.
///
/// # Errors
/// 7 when the file is missing or can't be read or written, 8 when it is not UTF-8 or no token would be left.
pub fn fulfil(cx: &Context, file: &Path, wish: &Wish<'_>) -> Result<Outcome, Error> {
    let now = cx.clock.now();
    let met = Cell::new(false);
    let changed = token_file::change(file, cx.deadline(), false, |tokens| -> Result<_, Error> {
        let deed = |entry: &Entry| {
            let means = (wish.means)(entry);
            met.set(met.get() || means);
            if means && (wish.needs)(entry) { wish.deed } else { Deed::Keep }
        };
        let edited = tokens.edit(now, deed, None).ok_or_else(|| Fault::NotReadBack { path: file.to_owned() })?;
        if edited.emptied && !wish.allow_empty {
            return Err(last(file));
        }
        let text = (!edited.touched.is_empty()).then_some(edited.text);
        Ok((text, edited.touched))
    })?;
    warn(cx, &changed.warnings);
    if !met.get() {
        cx.ui.note(&format!("{} holds no such token", named(file)));
    } else if changed.answer.is_empty() {
        cx.ui.note(&format!("nothing to be {} in {}", wish.done, named(file)));
    }
    let changed = changed.answer.iter().map(TokenLine::of).collect();
    Ok(Outcome::view(Answer { file: file.display().to_string(), changed, done: wish.done, missing: !met.get() }))
}

/// Why the last token stays.
fn last(file: &Path) -> Error {
    let file = named(file);
    Error::refused(format!("no token of {file} would let anybody in then"))
        .because("toolregistry-server lets everybody in when a file holds no token")
        .hint("add another one first, or say --allow-empty")
}
