//! A token file in memory.

use std::path::Path;

use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::Fault;

use super::entry::{self, Entry};
use super::line;
use super::open;
use super::search::{Lookup, Search};

#[derive(Debug, Clone)]
pub struct TokenFile {
    pub(super) text: Secret,
}

impl TokenFile {
    pub fn from_text(text: Secret) -> Self {
        Self { text }
    }

    /// Reads a token file and returns the warnings about it.
    pub fn read(path: &Path) -> Result<(Self, Vec<String>), Fault> {
        let opened = open::Opened::open(path)?;
        let mut warnings = open::collect_warnings(path, &opened.metadata);
        let text = opened.read_text(path)?;
        let (marked, empty) =
            (text.expose().starts_with(line::BOM), entry::parse_items(text.expose()).next().is_none());
        warnings.extend(open::content_warnings(path, marked, empty));
        Ok((Self { text }, warnings))
    }

    /// Looks up a token, compared in constant time with every line.
    pub fn look_up(&self, offered: &Secret, now: Moment) -> Lookup {
        let mut search = Search::from_start(offered);
        // It is text, so that no line is refused.
        let _ = search.feed(self.text.expose().as_bytes(), true);
        search.finish(now)
    }

    /// The lines with a token, in the order of the file, with the states of their tokens now.
    pub fn entries(&self, now: Moment) -> impl Iterator<Item = Entry> {
        let states = entry::token_states(self.text.expose(), now);
        entry::parse_items(self.text.expose()).map(move |item| item.to_entry(now, &states))
    }
}
