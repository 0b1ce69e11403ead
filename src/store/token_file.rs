//! Token files: one bearer token per line, `#` for comments, loadable by toolregistry-server as they are.
//!
//! They belong to others too: what hallpass does not own of a file stays as it is, byte by byte. It owns the lines of the
//! tokens that it is told to change, and the comment `#hallpass: label="ci" added=… expires=…` above such a line. A token
//! that is switched off stands behind `#hallpass-off:`. A byte order mark at the beginning is looked past.
//!
//! A token lets somebody in when every line that holds it is sound, enabled and unexpired. An empty file lets nobody in.

mod change;
mod edit;
mod entry;
mod line;
mod lint;
mod metadata;
mod place;
mod search;
mod sweep;

use std::path::Path;

use crate::edges::Moment;
use crate::secret::Secret;

use super::Fault;

pub use change::change;
pub use edit::{Command, Edited, New};
pub use entry::{Entry, State, fingerprint};
pub use metadata::{Metadata, label};
pub use search::Sought;

#[cfg(test)]
use search::Search;

/// The text of a token file.
#[derive(Debug, Clone)]
pub struct TokenFile {
    text: Secret,
}

impl TokenFile {
    /// A token file of this text.
    pub fn of(text: Secret) -> Self {
        Self { text }
    }

    /// Reads a token file, with what there is to warn of: modes that let others read it, a link that leads elsewhere, a
    /// byte order mark, no token at all.
    ///
    /// # Errors
    /// [`Fault::Foreign`] when it is missing or can't be read, [`Fault::NotFile`] when it is a folder, a pipe or a device,
    /// [`Fault::TooLarge`], [`Fault::NotText`] when it is not UTF-8.
    pub fn read(path: &Path) -> Result<(Self, Vec<String>), Fault> {
        let (file, mut warnings) = place::read(path)?;
        if file.text.expose().starts_with(line::BOM) {
            warnings.push(place::marked(path));
        }
        if entry::items(file.text.expose()).next().is_none() {
            warnings.push(place::empty(path));
        }
        Ok((file, warnings))
    }

    /// The lines that hold a token, in the order of the file, with the states of their tokens at this moment.
    pub fn entries(&self, now: Moment) -> impl Iterator<Item = Entry> {
        let states = entry::token_states(self.text.expose(), now);
        entry::items(self.text.expose()).map(move |item| item.entry(now, &states))
    }

    /// The live line of this token.
    ///
    /// It is compared in constant time with every line, whatever was found before; only its length is not hidden.
    #[cfg(test)]
    pub fn find(&self, offered: &Secret, now: Moment) -> Option<Entry> {
        match self.seek(offered, now) {
            Sought::Live(entry) => Some(entry),
            Sought::Barred(_) | Sought::Absent => None,
        }
    }

    /// As [`TokenFile::find`], but tells a token that is there and lets nobody in from one that is not there.
    #[cfg(test)]
    pub fn seek(&self, offered: &Secret, now: Moment) -> Sought {
        let mut search = Search::of(offered);
        // The text is UTF-8, so nothing in it can be refused.
        let _ = search.feed(self.text.expose().as_bytes(), true);
        search.end(now)
    }
}

#[cfg(test)]
mod tests;
