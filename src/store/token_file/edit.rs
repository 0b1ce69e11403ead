//! Changes of a token file's text, which touch nothing but the lines that they own.

use std::ops::Range;

use crate::edges::Moment;
use crate::secret::Secret;

use super::TokenFile;
use super::entry::{Entry, Item, State, items, state};
use super::line::{BOM, OFF, is_ended, loaded};
use super::metadata::Metadata;

/// What becomes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It stays as it is.
    Keep,
    /// Its line goes, and its metadata.
    Remove,
    /// It is switched off.
    Disable,
    /// It is switched on.
    Enable,
    /// It expires then.
    Expire(Moment),
}

/// A token that comes into the file, with what is known of it.
#[derive(Debug)]
pub struct New<'a> {
    /// The token.
    pub token: &'a Secret,
    /// What is known of it; written only where there is a label or an expiry.
    pub metadata: Metadata,
    /// Whether it stands where the first of the changed ones stood, and not at the end.
    pub first: bool,
}

/// A changed text.
#[derive(Debug)]
pub struct Edited {
    /// The whole new text.
    pub text: Secret,
    /// The tokens that were changed, as they are now; those that were removed, as they were.
    pub touched: Vec<Entry>,
    /// The new token.
    pub new: Option<Entry>,
    /// Whether this takes the last token away that lets somebody in, here or at toolregistry-server.
    pub emptied: bool,
}

/// What a token must read back as.
type Told<'a> = (&'a str, bool, Option<Result<Metadata, &'static str>>);

impl TokenFile {
    /// Does this to each token, and takes in a new one.
    ///
    /// `None` when the new text would not read back: other tokens, another order or other metadata than were meant, or
    /// other tokens than toolregistry-server would load.
    pub fn edit(&self, now: Moment, deed: impl Fn(&Entry) -> Deed, new: Option<&New<'_>>) -> Option<Edited> {
        let whole = self.text.expose();
        let mut draft = Draft { whole, cuts: Vec::new(), told: Vec::new(), new: None };
        let mut touched = Vec::new();
        for item in items(whole) {
            let mut entry = item.entry(now);
            let deed = deed(&entry);
            if deed == Deed::Keep {
                draft.told.push((item.token, item.off, item.said));
                continue;
            }
            if let Some(new) = new.filter(|new| new.first && touched.is_empty()) {
                draft.insert(item.above.first().unwrap_or(&item.line).start, new, false);
            }
            draft.change(&item, deed);
            match deed {
                Deed::Disable => entry.state = State::Disabled,
                Deed::Enable => entry.state = state(item.token, false, item.said.as_ref(), now),
                Deed::Expire(at) => entry.expires = Some(at),
                Deed::Keep | Deed::Remove => {}
            }
            touched.push(entry);
        }
        if let Some(new) = new.filter(|_| draft.new.is_none()) {
            draft.insert(whole.len(), new, true);
        }
        let text = draft.text();
        let sound = reads_back(text.expose(), &draft.told);
        let new = draft.new.and_then(|index| items(text.expose()).nth(index)).map(|item| item.entry(now));
        let emptied = lets_in(whole, now).into_iter().zip(lets_in(text.expose(), now)).any(|(was, is)| was && !is);
        sound.then_some(Edited { text, touched, new, emptied })
    }
}

/// A new text in the making.
struct Draft<'a> {
    whole: &'a str,
    /// What is replaced, in order.
    cuts: Vec<(Range<usize>, Secret)>,
    told: Vec<Told<'a>>,
    /// Which of them is the new one.
    new: Option<usize>,
}

impl<'a> Draft<'a> {
    fn change(&mut self, item: &Item<'a>, deed: Deed) {
        let at = item.line.at();
        let trimmed = at..at + item.line.trimmed().len();
        match deed {
            Deed::Keep => {}
            Deed::Remove => {
                let lines = item.above.iter().chain([&item.line]);
                self.cuts.extend(lines.map(|line| (line.start..line.next, Secret::new(""))));
                return;
            }
            Deed::Disable => self.cuts.push((trimmed, Secret::new(format!("{OFF} {}", item.token)))),
            Deed::Enable => self.cuts.push((trimmed, Secret::new(item.token))),
            Deed::Expire(moment) => {
                let metadata = Metadata { expires: Some(moment), ..item.known() }.rounded();
                let line = metadata.line();
                if let Some(above) = item.above.last() {
                    let at = above.at();
                    self.cuts.push((at..at + above.trimmed().len(), Secret::new(line)));
                } else {
                    let start = item.line.start;
                    self.cuts.push((start..start, Secret::new(line + self.end_of_line())));
                }
                self.told.push((item.token, item.off, Some(Ok(metadata))));
                return;
            }
        }
        self.told.push((item.token, deed == Deed::Disable, item.said.clone()));
    }

    /// Puts the new token in at the beginning of a line, or at the end of the file.
    fn insert(&mut self, at: usize, new: &New<'a>, last: bool) {
        let end = self.end_of_line();
        let mut lines = String::new();
        if last && !is_ended(self.whole) {
            lines.push_str(end);
        }
        // Metadata that has lost its token must not speak of this one.
        let stray = last && stray(self.whole);
        let metadata = if new.metadata.is_empty() && !stray { None } else { Some(new.metadata.clone().rounded()) };
        if let Some(metadata) = &metadata {
            lines.push_str(&metadata.line());
            lines.push_str(end);
        }
        let lines = [&lines, new.token.expose(), end].concat();
        self.cuts.push((at..at, Secret::new(lines)));
        self.new = Some(self.told.len());
        self.told.push((new.token.expose(), false, metadata.map(Ok)));
    }

    /// What ends the lines of this file.
    fn end_of_line(&self) -> &'static str {
        match self.whole.split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    fn text(&self) -> Secret {
        let longer: usize = self.cuts.iter().map(|(_, new)| new.expose().len()).sum();
        // It does not grow, so that no copy of it stays behind in memory.
        let mut text = String::with_capacity(self.whole.len() + longer);
        let mut from = 0;
        for (cut, new) in &self.cuts {
            text.push_str(&self.whole[from..cut.start]);
            text.push_str(new.expose());
            from = cut.end;
        }
        text.push_str(&self.whole[from..]);
        Secret::new(text)
    }
}

/// Whether metadata stands at the end of a text, above no token.
fn stray(whole: &str) -> bool {
    use super::line::{Kind, lines};
    lines(whole).fold(false, |stray, line| match line.unmarked().kind() {
        Kind::Blank | Kind::Comment => stray,
        Kind::Metadata(_) => true,
        Kind::Off(_) | Kind::Token(_) => false,
    })
}

/// Whether exactly this would be read from the text, here and by toolregistry-server.
fn reads_back(text: &str, told: &[Told<'_>]) -> bool {
    let ours = items(text).map(|item| (item.token, item.off, item.said)).eq(told.iter().cloned());
    let mut seen = std::collections::HashSet::new();
    let enabled = told.iter().filter(|(_, off, _)| !off).map(|(token, ..)| *token).filter(|token| seen.insert(*token));
    // It takes a byte order mark for a part of the first line, which lint tells.
    let theirs = text.starts_with(BOM) || loaded(text).into_iter().eq(enabled);
    ours && theirs
}

/// Whether somebody gets in: here, and at toolregistry-server.
fn lets_in(whole: &str, now: Moment) -> [bool; 2] {
    let (mut here, mut there) = (false, false);
    for item in items(whole) {
        here |= item.state(now) == State::Live;
        there |= !item.off;
        if here && there {
            break;
        }
    }
    [here, there]
}
