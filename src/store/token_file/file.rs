//! A token file in memory.

use std::path::Path;

use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::Fault;

use super::entry::{self, Entry};
use super::line;
use super::place;
#[cfg(test)]
use super::search::{Lookup, Search};

#[derive(Debug, Clone)]
pub struct TokenFile {
    pub(super) text: Secret,
}

impl TokenFile {
    /// A token file with this content.
    pub fn from_text(text: Secret) -> Self {
        Self { text }
    }

    /// Reads a token file, with what there is to warn of: modes that let others read it, a link that leads elsewhere, a
    /// byte order mark, no token at all.
    pub fn read(path: &Path) -> Result<(Self, Vec<String>), Fault> {
        let (text, mut warnings) = place::read(path)?;
        if text.expose().starts_with(line::BOM) {
            warnings.push(place::byte_order_mark_warning(path));
        }
        if entry::parse_items(text.expose()).next().is_none() {
            warnings.push(place::empty_warning(path));
        }
        Ok((Self { text }, warnings))
    }

    /// The lines that hold a token, in the order of the file, with the states of their tokens at this moment.
    pub fn entries(&self, now: Moment) -> impl Iterator<Item = Entry> {
        let states = entry::token_states(self.text.expose(), now);
        entry::parse_items(self.text.expose()).map(move |item| item.to_entry(now, &states))
    }

    /// The live line of this token.
    ///
    /// It is compared in constant time with every line, whatever was found before; only its length is not hidden.
    #[cfg(test)]
    pub fn find_live(&self, offered: &Secret, now: Moment) -> Option<Entry> {
        match self.look_up(offered, now) {
            Lookup::Live(entry) => Some(entry),
            Lookup::Inactive(_) | Lookup::Absent => None,
        }
    }

    /// As [`TokenFile::find_live`], but tells a token that is there and lets nobody in from one that is not there.
    #[cfg(test)]
    pub fn look_up(&self, offered: &Secret, now: Moment) -> Lookup {
        let mut search = Search::from_start(offered);
        // The text is UTF-8, so nothing in it can be refused.
        let _ = search.feed(self.text.expose().as_bytes(), true);
        search.finish(now)
    }
}
