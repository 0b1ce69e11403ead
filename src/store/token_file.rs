//! Token files: one bearer token per line, `#` for comments, loadable by toolregistry-server as they are.
//!
//! They belong to others too: what hallpass does not own of a file stays as it is, byte by byte. It owns the lines of the
//! tokens that it is told to change, and the comment `#hallpass: label="ci" added=… expires=…` above such a line. A token
//! that is switched off stands behind `#hallpass-off:`. A byte order mark at the beginning is looked past.
//!
//! Who has no sound, enabled, unexpired line gets in nowhere, and an empty file lets nobody in.

#![allow(dead_code, unused_imports, reason = "the commands that use it come next")]

mod entry;
mod line;
mod metadata;
mod place;
mod search;

use std::path::Path;

use crate::edges::Moment;
use crate::secret::Secret;

use super::Fault;

pub use entry::{Entry, State, fingerprint};
pub use metadata::label;
pub use search::Sought;

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

    /// The tokens in the order of the file, as they stand at this moment.
    pub fn entries(&self, now: Moment) -> impl Iterator<Item = Entry> {
        entry::items(self.text.expose()).map(move |item| item.entry(now))
    }

    /// The live line of this token.
    ///
    /// It is compared in constant time with every line, whatever was found before; only its length is not hidden. A
    /// token that stands in a second line which has expired or can't be read is not let in.
    pub fn find(&self, offered: &Secret, now: Moment) -> Option<Entry> {
        match self.seek(offered, now) {
            Sought::Live(entry) => Some(entry),
            Sought::Barred(_) | Sought::Absent => None,
        }
    }

    /// As [`TokenFile::find`], but tells a token that is there and lets nobody in from one that is not there.
    pub fn seek(&self, offered: &Secret, now: Moment) -> Sought {
        let mut search = Search::of(offered);
        // The text is UTF-8, so nothing in it can be refused.
        let _ = search.feed(self.text.expose().as_bytes(), true);
        search.end(now)
    }
}

#[cfg(test)]
mod tests {
    use super::{State, TokenFile};
    use crate::edges::Moment;
    use crate::secret::Secret;

    fn now() -> Moment {
        Moment::from_epoch(1_795_341_600) // 2026-11-22T10:00:00Z
    }

    fn entries(text: &str) -> Vec<(usize, String, Option<String>, State)> {
        let file = TokenFile::of(Secret::new(text));
        let told = |entry: super::Entry| (entry.line, entry.token.expose().to_owned(), entry.label, entry.state);
        file.entries(now()).map(told).collect()
    }

    fn finds(text: &str, token: &str) -> bool {
        TokenFile::of(Secret::new(text)).find(&Secret::new(token), now()).is_some()
    }

    #[test]
    fn the_entries_of_a_file() {
        let text = "# mine\n\n#hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-11-22T10:00:01Z\nabc\r\n\
            #hallpass-off: def\n#hallpass: expires=2026-11-22T10:00:00Z\n# remark\n\nghi\nBearer x\n#hallpass: ?\njkl\nmno";
        let told =
            |line, token: &str, label: Option<&str>, state| (line, token.to_owned(), label.map(str::to_owned), state);
        assert_eq!(
            entries(text),
            [
                told(4, "abc", Some("ci"), State::Live),
                told(5, "def", None, State::Disabled),
                told(9, "ghi", None, State::Expired),
                told(10, "Bearer x", None, State::Malformed),
                told(12, "jkl", None, State::Malformed),
                told(13, "mno", None, State::Live),
            ]
        );
        let fingerprint = TokenFile::of(Secret::new(text)).entries(now()).next().unwrap().fingerprint();
        assert_eq!(fingerprint, "ba7816bf8f01"); // FIPS 180-4's SHA-256 of "abc"
        for (token, found) in [
            ("abc", true),
            ("def", false),
            ("ghi", false),
            ("Bearer x", false),
            ("jkl", false),
            ("mno", true),
            ("x", false),
        ] {
            assert_eq!(finds(text, token), found, "{token}");
        }
    }

    #[test]
    fn only_a_whole_line_is_a_token() {
        let text = "abcdefghij\n  padded-token\t\r\n\u{feff}glued\n# comment\nhash # x\n";
        for token in ["abcdefghij", "padded-token"] {
            assert!(finds(text, token), "{token}");
        }
        for token in
            ["abcdefghi", "bcdefghij", "ABCDEFGHIJ", "", "#", "comment", "# comment", "hash", "hash # x", "glued"]
        {
            assert!(!finds(text, token), "{token}");
        }
        assert!(!finds("", "") && !finds("", "a") && !finds("\n", ""));
    }

    #[test]
    fn a_byte_order_mark_is_looked_past() {
        assert!(finds("\u{feff}abc\n", "abc"));
        assert!(finds("\u{feff}abcdefghijk", "abcdefghijk"));
        assert_eq!(entries("\u{feff}#hallpass-off: abc"), [(1, "abc".to_owned(), None, State::Disabled)]);
        assert!(entries("\u{feff}").is_empty());
    }

    #[test]
    fn a_second_copy_does_not_bring_an_expired_token_back() {
        let gone = "#hallpass: expires=2026-11-22T09:00:00Z\nabc\n";
        assert!(!finds(&format!("abc\n{gone}"), "abc") && !finds(&format!("{gone}abc\n"), "abc"));
        assert!(!finds("abc\n#hallpass: expires=soon\nabc\n", "abc"));
        assert!(finds("#hallpass-off: abc\nabc\n", "abc"), "toolregistry-server loads the second line");
    }
}
