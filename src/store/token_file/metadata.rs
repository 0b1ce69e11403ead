//! The comment above a token: `#hallpass: label="ci" added=… expires=…`.

use crate::edges::Moment;
use crate::text::is_dangerous;

use super::line::{METADATA, is_space};

/// The most characters of a label.
const LONGEST: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    pub label: Option<String>,
    /// When the token was added to the file.
    pub added: Option<Moment>,
    pub expires: Option<Moment>,
}

impl Metadata {
    /// Reads the rest of a line behind `#hallpass:`.
    ///
    /// A typing error or an unknown key refuses all of it: an expiry must not be lost.
    pub(super) fn read(line: &str) -> Result<Self, &'static str> {
        let mut read = Self::default();
        let mut rest = line.trim_matches(is_space);
        while !rest.is_empty() {
            let (key, behind) = rest.split_once('=').ok_or("a word without =")?;
            let (value, behind) = split_value(behind)?;
            let moment = || Moment::parse(value).ok_or("a time that is not RFC 3339");
            let twice = match key {
                "label" => read.label.replace(value.to_owned()).is_some(),
                "added" => read.added.replace(moment()?).is_some(),
                "expires" => read.expires.replace(moment()?).is_some(),
                _ => return Err("a key that is neither label, added nor expires"),
            };
            if twice {
                return Err("a key that appears twice");
            }
            rest = behind;
        }
        Ok(read)
    }

    /// Reads all metadata above one token: the earliest expiry and the nearest label count; a bad line refuses all.
    pub(super) fn read_all<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Result<Self, &'static str>> {
        lines.into_iter().map(Self::read).reduce(|above, below| {
            let (above, below) = (above?, below?);
            Ok(Self {
                label: below.label.or(above.label),
                added: below.added.or(above.added),
                expires: [above.expires, below.expires].into_iter().flatten().min(),
            })
        })
    }

    /// The same in whole seconds, as in the file.
    pub(super) fn round_times(self) -> Self {
        let round = |at: Moment| Moment::from_epoch(at.epoch());
        Self { added: self.added.map(round), expires: self.expires.map(round), ..self }
    }

    /// Whether no line needs to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.label.is_none() && self.expires.is_none()
    }

    /// The line, without its end.
    pub(super) fn to_line(&self) -> String {
        let label = self.label.as_ref().map(|label| format!(" label=\"{label}\""));
        let added = self.added.map(|at| format!(" added={}", at.rfc3339()));
        let expires = self.expires.map(|at| format!(" expires={}", at.rfc3339()));
        [Some(METADATA.to_owned()), label, added, expires].into_iter().flatten().collect()
    }
}

/// A value, in quotes or not, and what follows the whitespace behind it.
fn split_value(text: &str) -> Result<(&str, &str), &'static str> {
    let (value, behind) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("a quotation mark that is never closed")?,
        None => text.split_at(text.find(is_space).unwrap_or(text.len())),
    };
    if value.is_empty() {
        return Err("a key without a value");
    }
    if !behind.is_empty() && !behind.starts_with(is_space) {
        return Err("something right behind a quotation mark");
    }
    Ok((value, behind.trim_start_matches(is_space)))
}

/// Reads a label: 1 to 100 characters that fit between quotation marks on one line.
pub fn parse_label(text: &str) -> Result<String, String> {
    let odd = |c: char| is_dangerous(c) || c == '"' || (is_space(c) && c != ' ');
    if text.trim_matches(is_space).is_empty() || text.chars().count() > LONGEST {
        return Err(format!("expected 1 to {LONGEST} characters"));
    }
    if text.starts_with(' ') || text.ends_with(' ') || text.chars().any(odd) {
        return Err("expected a name without quotation marks, control characters and spaces around it".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Metadata, parse_label};
    use crate::edges::Moment;

    #[test]
    fn it_reads_what_it_writes() {
        let at = Moment::from_epoch(1_795_341_600);
        let all = Metadata { label: Some("a b=c #ü".to_owned()), added: Some(at), expires: Some(at) };
        let line = all.to_line();
        assert_eq!(line, "#hallpass: label=\"a b=c #ü\" added=2026-11-22T10:00:00Z expires=2026-11-22T10:00:00Z");
        assert_eq!(Metadata::read(&line["#hallpass:".len()..]), Ok(all));
        assert_eq!(Metadata::read("  "), Ok(Metadata::default()));
        assert_eq!(Metadata::default().to_line(), "#hallpass:");
    }

    #[test]
    fn hands_may_write_it_too() {
        let read = Metadata::read("expires=1795341600\tlabel=ci  added=\"2026-11-22T11:00:00+01:00\"").unwrap();
        let at = Some(Moment::from_epoch(1_795_341_600));
        assert_eq!(read, Metadata { label: Some("ci".to_owned()), added: at, expires: at });
    }

    #[test]
    fn what_cannot_be_read_whole_is_refused() {
        for bad in [
            "the tokens of ci",
            "label",
            "label=",
            "label=\"\"",
            "label=\"ci",
            "label=\"ci\"x",
            "label=\"ci\"expires=2030-01-01T00:00:00Z",
            "expires=tomorrow",
            "expires=2026-11-22",
            "expires=-1",
            "expires = 2026-11-22T10:00:00Z",
            "expires=2026-11-22T10:00:00Z expires=2036-11-22T10:00:00Z",
            "expire=2026-11-22T10:00:00Z",
            "Expires=2026-11-22T10:00:00Z",
            "label=a b",
        ] {
            assert!(Metadata::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn label_can_stand_in_its_line() {
        for good in ["ci", "a b", "ü€", "#x", "a=b", "\\"] {
            let line = Metadata { label: Some(parse_label(good).unwrap()), ..Metadata::default() }.to_line();
            assert_eq!(Metadata::read(&line["#hallpass:".len()..]).unwrap().label.as_deref(), Some(good));
        }
        for bad in ["", " ", " a", "a ", "a\"b", "a\nb", "a\u{85}b", "a\u{2028}b", "a\u{a0}b", "a\tb", "a\u{202e}"] {
            assert!(parse_label(bad).is_err(), "{bad:?}");
        }
        assert!(parse_label(&"é".repeat(100)).is_ok() && parse_label(&"é".repeat(101)).is_err());
    }
}
