//! A piece of text in a table or a list: how it looks, and what happens to it where it is too wide.

use unicode_width::UnicodeWidthStr;

use super::color::Style;
use crate::text::escape_control;

/// The least that is left of a string that is cut, and of one whose row has a second line anyway.
const LEAST: usize = 12;
const LEAST_OF_TWO_LINES: usize = 24;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub style: Style,
    fit: Fit,
}

/// What happens to a string that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It is continued on the next line, between words as long as there is room.
    Wrap,
    /// It loses its middle.
    Cut,
    /// It stays whole.
    Whole,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::Plain, fit: Fit::Wrap }
    }
}

impl Cell {
    /// The name of a thing: bold and whole.
    pub fn name(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Name, fit: Fit::Whole }
    }

    /// The name of a zone, and whether it is the default one.
    pub fn zone(name: &str, default: bool) -> Self {
        Self::name(if default { format!("{name} (default)") } else { name.to_owned() })
    }

    /// What must be readable to the last character, such as a client_id.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain, fit: Fit::Whole }
    }

    /// A URL that may be cut.
    pub fn url(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain, fit: Fit::Cut }
    }

    #[must_use]
    pub fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// The same without what could rewrite a terminal.
    pub fn escaped(&self) -> Self {
        Self { text: escape_control(&self.text), ..self.clone() }
    }

    pub fn width(&self) -> usize {
        self.text.width()
    }

    /// The least width that it needs while URLs may be cut and texts wrapped between words.
    pub fn least_width(&self, squeeze: Squeeze) -> usize {
        match self.fit {
            Fit::Cut if squeeze == Squeeze::Overflow => self.width().min(LEAST_OF_TWO_LINES),
            Fit::Cut if squeeze >= Squeeze::Cut => self.width().min(LEAST),
            Fit::Wrap if squeeze >= Squeeze::Wrap => {
                self.text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default()
            }
            _ => self.width(),
        }
    }

    /// Its lines in a column of this width. Words are broken only if `breaks`.
    pub fn lines(&self, width: usize, breaks: bool) -> Vec<String> {
        match self.fit {
            _ if self.width() <= width => vec![self.text.clone()],
            Fit::Whole => vec![self.text.clone()],
            Fit::Cut => vec![cut(&self.text, width)],
            Fit::Wrap => wrap(&self.text, width, breaks),
        }
    }
}

/// How far a table may go to fit, from the mildest means on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Squeeze {
    Nothing,
    /// URLs lose their middle.
    Cut,
    /// Texts are continued on the next line, between words.
    Wrap,
    /// Of one column the cells that are too wide go on beyond it, and their rows on the next line.
    Overflow,
    /// Words that are wider than the terminal are broken.
    Break,
}

/// A URL with `…` in place of its scheme, or without scheme and middle.
fn cut(url: &str, width: usize) -> String {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    if rest.len() < url.len() && rest.width() < width {
        return format!("…{rest}");
    }
    let kept = width.saturating_sub(1);
    let head = prefix(rest, kept.div_ceil(2));
    let reversed: String = rest.chars().rev().collect();
    let tail: String = prefix(&reversed, kept / 2).chars().rev().collect();
    format!("{head}…{tail}")
}

/// The longest beginning that is no wider than this.
fn prefix(text: &str, width: usize) -> &str {
    let end =
        text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| text[..*end].width() <= width).last();
    &text[..end.unwrap_or_default()]
}

fn wrap(text: &str, width: usize, breaks: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let line = lines.last_mut().map(std::mem::take).unwrap_or_default();
            lines.pop();
            let gap = if line.is_empty() { "" } else { " " };
            let fits = line.width() + gap.len() + word.width() <= width;
            if fits || (line.is_empty() && !breaks) {
                lines.push(line + gap + word);
                break;
            }
            if line.is_empty() {
                let (piece, rest) = break_word(word, width);
                lines.extend([piece.to_owned(), String::new()]);
                word = rest;
            } else {
                lines.extend([line, String::new()]);
            }
        }
    }
    lines
}

/// Breaks a word after a separator in the second half of the line, else where the line ends.
fn break_word(word: &str, width: usize) -> (&str, &str) {
    let full = prefix(word, width.max(2));
    let separator = full.rfind(['_', '/', '.', ',', '&', '-', ':']).map(|at| at + 1);
    word.split_at(separator.filter(|at| *at > full.len() / 2).unwrap_or(full.len()))
}

#[cfg(test)]
mod tests {
    use super::{Cell, Squeeze};

    #[test]
    fn text_wraps_between_words_and_breaks_only_on_demand() {
        let cell = Cell::from("openid microprofile-jwt email");
        assert_eq!(cell.least_width(Squeeze::Wrap), 16);
        assert_eq!(cell.lines(17, true), ["openid", "microprofile-jwt", "email"]);
        assert_eq!(cell.lines(10, true), ["openid", "microprofi", "le-jwt", "email"]);
        assert_eq!(cell.lines(10, false), ["openid", "microprofile-jwt", "email"]);
        assert_eq!(Cell::from("client_credentials").lines(12, true), ["client_", "credentials"]);
    }

    #[test]
    fn url_loses_scheme_then_middle() {
        let url = Cell::url("https://sso.example/realms/production");
        assert_eq!(url.lines(40, true), ["https://sso.example/realms/production"]);
        assert_eq!(url.lines(30, true), ["…sso.example/realms/production"]);
        assert_eq!(url.lines(20, true), ["sso.exampl…roduction"]);
        assert_eq!(Cell::url("https://日本語.example/日本語").lines(12, true), ["日本語…本語"]);
    }

    #[test]
    fn name_stays_whole() {
        assert_eq!(Cell::name("a-long-name").lines(3, true), ["a-long-name"]);
    }
}
