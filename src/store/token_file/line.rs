//! The lines of a token file, cut and trimmed as toolregistry-server does it: by Python's `str.splitlines` and
//! `str.strip`.

/// The byte order mark, which some editors put before the first line.
pub(super) const BOM: char = '\u{feff}';
/// Begins the metadata of the token below it.
pub(super) const METADATA: &str = "#hallpass:";
/// What precedes a disabled token.
pub(super) const OFF: &str = "#hallpass-off:";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its number as editors and `grep -n` count: by line feeds, from 1.
    pub number: usize,
    pub start: usize,
    /// Where the next line begins.
    pub next: usize,
    /// Its content without the line ending.
    pub text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind<'a> {
    Blank,
    Comment,
    /// The rest behind `#hallpass:`.
    Metadata(&'a str),
    Off(&'a str),
    Token(&'a str),
}

impl<'a> Line<'a> {
    pub(super) fn trimmed(&self) -> &'a str {
        self.text.trim_matches(is_space)
    }

    /// Where [`Self::trimmed`] begins in the file.
    pub(super) fn at(&self) -> usize {
        self.start + self.text.len() - self.text.trim_start_matches(is_space).len()
    }

    /// What follows `#hallpass:`; empty when it is another line.
    pub(super) fn metadata(&self) -> &'a str {
        self.trimmed().strip_prefix(METADATA).unwrap_or_default()
    }

    pub(super) fn kind(&self) -> LineKind<'a> {
        classify_line(self.trimmed())
    }

    /// The same without the byte order mark of the file.
    pub(super) fn without_mark(self) -> Self {
        match self.text.strip_prefix(BOM) {
            Some(text) if self.start == 0 => Self { start: BOM.len_utf8(), text, ..self },
            _ => self,
        }
    }
}

pub(super) fn classify_line(trimmed: &str) -> LineKind<'_> {
    if trimmed.is_empty() {
        return LineKind::Blank;
    }
    if !trimmed.starts_with('#') {
        return LineKind::Token(trimmed);
    }
    if let Some(said) = trimmed.strip_prefix(METADATA) {
        return LineKind::Metadata(said);
    }
    match trimmed.strip_prefix(OFF).map(|token| token.trim_matches(is_space)) {
        Some(token) if !token.is_empty() => LineKind::Off(token),
        _ => LineKind::Comment,
    }
}

/// Whether Python's `str.strip` removes this character: whitespace and the four information separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

pub(super) fn split_lines(whole: &str) -> impl Iterator<Item = Line<'_>> {
    let (mut start, mut number) = (0, 1);
    std::iter::from_fn(move || {
        if start == whole.len() {
            return None;
        }
        let (end, next) = find_line_end(whole.as_bytes(), start);
        let line = Line { number, start, next, text: &whole[start..end] };
        if whole[..next].ends_with('\n') {
            number += 1;
        }
        start = next;
        Some(line)
    })
}

/// Whether the content ends with a line ending, so that another line can follow.
pub(super) fn is_ended(whole: &str) -> bool {
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    whole.strip_prefix(BOM).unwrap_or(whole).is_empty() || whole.ends_with(ends)
}

/// Where the line that begins at `start` ends, and where the next one begins.
fn find_line_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut at = start;
    while let Some(ahead) = bytes[at..].iter().position(|b| matches!(b, 0x0a..=0x0d | 0x1c..=0x1e | 0xc2 | 0xe2)) {
        at += ahead;
        let long = match bytes[at..] {
            [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            [0xc2 | 0xe2, ..] => 0,
            _ => 1,
        };
        if long > 0 {
            return (at, at + long);
        }
        at += 1;
    }
    (bytes.len(), bytes.len())
}

/// The tokens that toolregistry-server 0.7.0 loads, in its order, each once. It reads a byte order mark as part of the first
/// line.
pub(super) fn list_loaded(whole: &str) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    let trimmed = split_lines(whole).map(|line| line.trimmed());
    trimmed.filter(|text| !text.is_empty() && !text.starts_with('#') && seen.insert(*text)).collect()
}

#[cfg(test)]
mod tests {
    use super::{LineKind, classify_line, is_ended, list_loaded, split_lines};

    fn texts(whole: &str) -> Vec<&str> {
        split_lines(whole).map(|line| line.text).collect()
    }

    /// Vectors from Python 3.11: `str.splitlines()`.
    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(texts(""), [] as [&str; 0]);
        assert_eq!(texts("a"), ["a"]);
        assert_eq!(texts("\n"), [""]);
        assert_eq!(texts("a\r\nb\rc\n\rd"), ["a", "b", "c", "", "d"]);
        let all = "a\u{b}b\u{c}c\u{1c}d\u{1d}e\u{1e}f\u{85}g\u{2028}h\u{2029}i";
        assert_eq!(texts(all), ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
        assert_eq!(texts("a\u{1f}b\u{a0}c\tâ\u{2027}é\u{82}"), ["a\u{1f}b\u{a0}c\tâ\u{2027}é\u{82}"]);
        assert_eq!(texts("a\u{feff}\n\u{feff}b"), ["a\u{feff}", "\u{feff}b"]);
    }

    #[test]
    fn lines_are_whole_text_and_counted_by_line_feeds() {
        let whole = "\u{feff}a\r\nb\u{b}c\rd\n\ne";
        let all: Vec<_> = split_lines(whole).collect();
        assert_eq!(all.iter().map(|line| &whole[line.start..line.next]).collect::<String>(), whole);
        assert_eq!(all.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 2, 2, 3, 4]);
        let first = all[0].without_mark();
        assert_eq!((first.text, first.start, all[1].without_mark()), ("a", 3, all[1]));
    }

    #[test]
    fn line_is_classified_by_its_beginning() {
        for (text, kind) in [
            ("", LineKind::Blank),
            ("tok", LineKind::Token("tok")),
            ("tok # x", LineKind::Token("tok # x")),
            ("# tok", LineKind::Comment),
            ("#hallpass", LineKind::Comment),
            ("#hallpass: label=\"ci\"", LineKind::Metadata(" label=\"ci\"")),
            ("#hallpass-off: tok", LineKind::Off("tok")),
            ("#hallpass-off:tok", LineKind::Off("tok")),
            ("#hallpass-off:", LineKind::Comment),
        ] {
            assert_eq!(classify_line(text), kind, "{text}");
        }
    }

    #[test]
    fn other_program_sees_its_tokens() {
        assert_eq!(list_loaded(" a \n#b\n\u{a0}\nc # d\na\n\u{1f}e\u{3000}\n"), ["a", "c # d", "e"]);
        assert_eq!(list_loaded("\u{feff}a\nb\n"), ["\u{feff}a", "b"]);
        assert_eq!(list_loaded("\u{feff}# a\n"), ["\u{feff}# a"]);
    }

    #[test]
    fn text_is_ended_or_not() {
        for (text, ended) in
            [("", true), ("\u{feff}", true), ("a\n", true), ("a\u{2028}", true), ("a", false), ("a ", false)]
        {
            assert_eq!(is_ended(text), ended, "{text:?}");
        }
    }
}
