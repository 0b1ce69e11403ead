//! Searches the bytes of a token file for a token: in constant time, at the speed of `grep -Fxq`.
//!
//! Most lines are a token and nothing else. They are read sixteen bytes at a time, and in one go compared and proven
//! plain; only a line with whitespace, `#`, a control character or something beyond ASCII is parsed.

use std::hint::black_box;

use subtle::ConstantTimeEq as _;
use wide::u8x16;

use crate::edges::Moment;
use crate::secret::Secret;

use super::entry::{Entry, State, line_state};
use super::line::{self, LineKind};
use super::metadata::Metadata;

/// Sixteen bytes at a time.
const WORD: usize = 16;
/// The first byte beyond controls, space, `"` and `#`. Taken from one before it, it leaves a byte with its high bit set.
const GRAPHIC: u8 = 0x24;

/// The result of a search.
#[derive(Debug, Clone)]
pub enum Lookup {
    Live(Entry),
    /// Disabled, expired or malformed.
    Inactive(Entry),
    Absent,
}

/// Bytes that are not UTF-8; the number of their line within what was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotText(pub usize);

/// A line with the token.
struct Hit {
    number: usize,
    off: bool,
    above: Vec<Secret>,
    /// Whether it is the first token of this search, which metadata at the end of the previous search applies to.
    first: bool,
}

/// The search for one token through a part of a file, or through all of it.
pub(super) struct Search<'a> {
    offered: &'a [u8],
    token: &'a Secret,
    hits: Vec<Hit>,
    /// The metadata that waits for its token.
    above: Vec<Secret>,
    pub lines: usize,
    /// Whether this is the beginning of the file, before which a byte order mark may stand.
    first: bool,
    pub tokens: usize,
    /// Whether the file begins with a byte order mark.
    pub marked: bool,
}

impl<'a> Search<'a> {
    /// A search from the beginning of a file.
    pub(super) fn from_start(token: &'a Secret) -> Self {
        Self { first: true, ..Self::from_line(token) }
    }

    /// A search from the beginning of a line within a file.
    pub(super) fn from_line(token: &'a Secret) -> Self {
        let offered = token.expose().as_bytes();
        Self { offered, token, hits: Vec::new(), above: Vec::new(), lines: 0, first: false, tokens: 0, marked: false }
    }

    /// Searches these bytes up to the last line feed, or with `all` to their end. Returns how many were searched.
    pub(super) fn feed(&mut self, bytes: &[u8], all: bool) -> Result<usize, NotText> {
        let mut at = 0;
        // Tokens of one file mostly have one length, and then the end of a line need not be searched for.
        let mut guess = self.offered.len();
        while at < bytes.len() {
            let passed = skip_equal_length(&bytes[at..], guess, self.offered);
            if passed > 0 {
                self.skip_tokens(passed);
                at += passed * (guess + 1);
            }
            let rest = &bytes[at..];
            let long = match rest.iter().position(|b| *b == b'\n') {
                Some(end) => end,
                None if all => rest.len(),
                None => return Ok(at),
            };
            if rest.is_empty() {
                break;
            }
            let line = &rest[..long];
            match classify_line(line.strip_suffix(b"\r").unwrap_or(line), self.offered) {
                LineClass::Token => {
                    self.record_hit(false);
                    self.skip_tokens(1);
                }
                LineClass::Plain => self.skip_tokens(1),
                LineClass::Odd => {
                    self.read_line(line)?;
                    self.lines += 1;
                }
            }
            self.first = false;
            guess = long;
            at += long + 1;
        }
        Ok(bytes.len())
    }

    /// Counts lines of one token each.
    fn skip_tokens(&mut self, lines: usize) {
        self.lines += lines;
        self.tokens += lines;
        self.above.clear();
        self.first = false;
    }

    /// Parses a line, or what Python takes for several.
    fn read_line(&mut self, line: &[u8]) -> Result<(), NotText> {
        let mut text = str::from_utf8(line).map_err(|_| NotText(self.lines + 1))?;
        if let Some(unmarked) = text.strip_prefix(line::BOM).filter(|_| self.first) {
            (text, self.marked) = (unmarked, true);
        }
        for line in line::split_lines(text) {
            match line.kind() {
                LineKind::Blank | LineKind::Comment => {}
                LineKind::Metadata(said) => self.above.push(Secret::new(said)),
                LineKind::Off(token) => self.compare_token(token, true),
                LineKind::Token(token) => self.compare_token(token, false),
            }
        }
        Ok(())
    }

    fn compare_token(&mut self, token: &str, off: bool) {
        if token.as_bytes().ct_eq(self.offered).into() {
            self.record_hit(off);
        }
        self.above.clear();
        self.tokens += 1;
    }

    fn record_hit(&mut self, off: bool) {
        let above = std::mem::take(&mut self.above);
        let hit = Hit { number: self.lines + 1, off, above, first: self.tokens == 0 };
        self.hits.push(hit);
    }

    /// Adds the result of a search through the next part of the file.
    pub(super) fn join_next(&mut self, next: Self) {
        for mut hit in next.hits {
            hit.number += self.lines;
            if std::mem::take(&mut hit.first) {
                hit.above = [self.above.as_slice(), &hit.above].concat();
                hit.first = self.tokens == 0;
            }
            self.hits.push(hit);
        }
        if next.tokens > 0 {
            self.above.clear();
        }
        self.above.extend(next.above);
        self.lines += next.lines;
        self.tokens += next.tokens;
        self.marked |= next.marked;
    }

    pub(super) fn finish(self, now: Moment) -> Lookup {
        match self.hits.iter().map(|hit| self.build_entry(hit, now)).reduce(Entry::stricter) {
            Some(entry) if entry.state == State::Live => Lookup::Live(entry),
            Some(entry) => Lookup::Inactive(entry),
            None => Lookup::Absent,
        }
    }

    fn build_entry(&self, hit: &Hit, now: Moment) -> Entry {
        let read = Metadata::read_all(hit.above.iter().map(Secret::expose));
        let state = line_state(self.token.expose(), hit.off, read.as_ref(), now);
        let Metadata { label, added, expires } = read.and_then(Result::ok).unwrap_or_default();
        Entry { line: hit.number, token: self.token.clone(), label, added, expires, line_state: state, state }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineClass {
    Token,
    /// Some other token and nothing else.
    Plain,
    /// It has to be parsed.
    Odd,
}

/// How many lines of this length, from the beginning, are other tokens and nothing else.
fn skip_equal_length(bytes: &[u8], long: usize, offered: &[u8]) -> usize {
    let lines = bytes.chunks_exact(long + 1).map(|line| line.split_at(long));
    // Two loops, because a million lines multiply every instruction.
    if long == offered.len() {
        let plain = |line| scan_words(line, offered).is_some_and(|(odd, differing)| !odd && black_box(differing) != 0);
        lines.take_while(|(line, end)| *end == b"\n" && plain(line)).count()
    } else {
        let plain = |line| scan_words(line, line).is_some_and(|(odd, _)| !odd);
        lines.take_while(|(line, end)| *end == b"\n" && plain(line)).count()
    }
}

/// Examines every byte of a line, and compares it with the token if that has its length.
fn classify_line(line: &[u8], offered: &[u8]) -> LineClass {
    let other = if line.len() == offered.len() { offered } else { line };
    let same_length = line.len() == offered.len();
    match scan_words(line, other) {
        None | Some((true, _)) => LineClass::Odd,
        Some((false, differing)) if same_length && black_box(differing) == 0 => LineClass::Token,
        Some((false, _)) => LineClass::Plain,
    }
}

/// Whether a line contains an odd byte, and in which bits it differs from another of its length, word by word and
/// without a branch on its content. `None` when there are fewer bytes than half a word has.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what does not change from line to line is done once for all of them")]
fn scan_words(line: &[u8], other: &[u8]) -> Option<(bool, u128)> {
    let read = |word: &[u8; WORD]| u8x16::new(*word);
    let odd = |word: u8x16| word | (word - u8x16::splat(GRAPHIC));
    // The last word overlaps the one before, so that none is shorter than sixteen bytes.
    let (Some(last), Some(its_other)) = (line.last_chunk(), other.last_chunk()) else {
        let (word, its_other) = (overlap_word(line)?, overlap_word(other)?);
        return Some((odd(word).to_bitmask() != 0, to_u128(word ^ its_other)));
    };
    let (last, its_other) = (read(last), read(its_other));
    let (mut odds, mut differing) = (odd(last), last ^ its_other);
    for (word, its_other) in line.as_chunks().0.iter().zip(other.as_chunks().0) {
        let word = read(word);
        odds |= odd(word);
        differing |= word ^ read(its_other);
    }
    Some((odds.to_bitmask() != 0, to_u128(differing)))
}

/// A line of 8 to 16 bytes as one word: its first eight and its last eight.
fn overlap_word(line: &[u8]) -> Option<u8x16> {
    let mut word = [0; WORD];
    word[..WORD / 2].copy_from_slice(line.first_chunk::<{ WORD / 2 }>()?);
    word[WORD / 2..].copy_from_slice(line.last_chunk::<{ WORD / 2 }>()?);
    Some(u8x16::new(word))
}

fn to_u128(word: u8x16) -> u128 {
    u128::from_ne_bytes(word.to_array())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::TokenFile;
    use super::super::entry::State;
    use super::{Lookup, NotText, Search};
    use crate::edges::Moment;
    use crate::secret::Secret;

    fn now() -> Moment {
        Moment::from_epoch(1_795_341_600)
    }

    fn summarize(sought: &Lookup) -> Option<(bool, usize, State, Option<String>)> {
        match sought {
            Lookup::Live(entry) => Some((true, entry.line, entry.state, entry.label.clone())),
            Lookup::Inactive(entry) => Some((false, entry.line, entry.state, entry.label.clone())),
            Lookup::Absent => None,
        }
    }

    /// By way of the entries, which are read slowly.
    fn slowly(text: &str, token: &str) -> Option<(bool, usize, State, Option<String>)> {
        let all: Vec<_> =
            TokenFile::from_text(Secret::new(text)).entries(now()).filter(|one| one.token.expose() == token).collect();
        let of = |state: State| all.iter().find(|one| one.line_state == state);
        let found = [State::Malformed, State::Expired, State::Disabled, State::Live].into_iter().find_map(of)?;
        assert!(all.iter().all(|one| one.state == found.line_state), "{all:?}");
        Some((found.state == State::Live, found.line, found.state, found.label.clone()))
    }

    /// In pieces: each goes on where the one before has stopped, or is a search of its own that is joined.
    fn in_pieces(
        text: &str,
        token: &Secret,
        borders: &[usize],
        joined: bool,
    ) -> Option<(bool, usize, State, Option<String>)> {
        let bytes = text.as_bytes();
        let mut search = Search::from_start(token);
        let mut from = 0;
        for border in borders.iter().map(|border| border % (bytes.len() + 1)).chain([bytes.len()]) {
            let last = border == bytes.len();
            if border < from {
                continue;
            }
            if !joined {
                from += search.feed(&bytes[from..border], last).unwrap();
            } else if let Some(end) = bytes[from..border]
                .iter()
                .rposition(|b| *b == b'\n')
                .map(|end| from + end + 1)
                .or(last.then_some(border))
            {
                let end = if last { border } else { end };
                let mut next = if from == 0 { Search::from_start(token) } else { Search::from_line(token) };
                next.feed(&bytes[from..end], last).unwrap();
                search.join_next(next);
                from = end;
            }
        }
        summarize(&search.finish(now()))
    }

    #[test]
    fn speed_of_line_does_not_change_its_meaning() {
        let token = Secret::new("abcdefghijk");
        for (line, found) in [
            ("abcdefghijk", true),
            ("abcdefghijk\r", true),
            (" abcdefghijk", true),
            ("x\u{b}abcdefghijk", true),
            ("abcdefghijk\u{2028}x", true),
            ("abcdefghijl", false),
            ("abcdefghij", false),
            ("abcdefghijkl", false),
            ("abcdefghij\u{0}", false),
            ("#bcdefghijk", false),
            ("abcdefghijk # x", false),
        ] {
            for text in
                [line.to_owned(), format!("{line}\n"), format!("x\n{line}\ny\n"), format!("0123456789a\n{line}\n")]
            {
                let mut search = Search::from_start(&token);
                search.feed(text.as_bytes(), true).unwrap();
                assert_eq!(matches!(search.finish(now()), Lookup::Live(_)), found, "{text:?}");
            }
        }
    }

    #[test]
    fn each_byte_counts_whatever_length() {
        for long in 1..70 {
            let sought: String = ('0'..='z').filter(char::is_ascii_alphanumeric).cycle().skip(3).take(long).collect();
            let token = Secret::new(sought.as_str());
            let found = |line: &str| {
                let mut search = Search::from_start(&token);
                search.feed(format!("{line}\n").repeat(3).as_bytes(), true).unwrap();
                matches!(search.finish(now()), Lookup::Live(_))
            };
            assert!(found(&sought), "{sought}");
            for at in 0..long {
                for other in ["-", "~", " ", "#", "\u{1}", "\u{7f}"] {
                    let mut line = sought.clone();
                    line.replace_range(at..=at, other);
                    assert!(!found(&line), "{line:?} is not {sought}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_line() {
        let token = Secret::new("abcdefghijk");
        for text in [&b"abcdefghijk\nabcdefghi\xffk\n"[..], b"abcdefghijk\n\xc3\n", b"a\n\xed\xa0\x80"] {
            assert_eq!(Search::from_start(&token).feed(text, true), Err(NotText(2)));
        }
    }

    proptest! {
        #[test]
        fn quick_and_slow_agree(
            text in r"(\u{feff})?((ab|abcdefghijk|0123456789a|#hallpass-off:|#hallpass: ?(label=[xy] ?)?(expires=(1|9999999999|z))?|#|[ \r\t\u{b}\u{85}\u{2028}\u{a0}é])?(ab|abcdefghijk)?\r?\n?){0,12}",
            borders in proptest::collection::vec(0_usize..400, 0..4),
            joined: bool,
        ) {
            for token in ["ab", "abcdefghijk", "0123456789a", "abcdefghijkab", "abcdefghijkabcdefghijk"] {
                let slow = slowly(&text, token);
                let token = Secret::new(token);
                prop_assert_eq!(in_pieces(&text, &token, &[], joined), slow.clone());
                let mut borders = borders.clone();
                borders.sort_unstable();
                prop_assert_eq!(in_pieces(&text, &token, &borders, joined), slow);
            }
        }
    }
}
