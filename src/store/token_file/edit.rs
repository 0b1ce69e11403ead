//! Edits the content of a token file, which change nothing but the lines of the selected tokens.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::edges::Moment;
use crate::secret::Secret;

use super::entry::{Entry, Item, State, parse_items, token_states};
use super::file::TokenFile;
use super::line::{BOM, Line, LineKind, OFF, is_ended, list_loaded, split_lines};
use super::metadata::Metadata;

/// What happens to a token, on every line that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Keep,
    /// Removes its lines and their metadata.
    Remove,
    Disable,
    Enable,
    /// Sets an expiry, unless it expires sooner. Metadata that can't be read stays as it is.
    Expire(Moment),
}

impl Command {
    fn affects_line(self, item: &Item<'_>) -> bool {
        match self {
            Self::Keep => false,
            Self::Remove => true,
            Self::Disable => !item.off,
            Self::Enable => item.off,
            Self::Expire(_) => !matches!(item.metadata, Some(Err(_))),
        }
    }
}

/// A token to add.
#[derive(Debug)]
pub struct New<'a> {
    pub token: &'a Secret,
    /// Written only with a label or an expiry.
    pub metadata: Metadata,
    /// Before the first changed line, not at the end.
    pub first: bool,
}

#[derive(Debug)]
pub struct Edited {
    pub text: Secret,
    /// The changed lines as they are now, the removed ones as they were.
    pub touched: Vec<Entry>,
    pub new: Option<Entry>,
    /// Whether no active token is left, here or at toolregistry-server.
    pub emptied: bool,
}

/// What a line must read back as.
type ExpectedLine<'a> = (&'a str, bool, Option<Result<Metadata, &'static str>>);

impl TokenFile {
    /// Applies to each token what `command` returns for its lines, and adds a new one.
    ///
    /// `None` when the new content would not read back as intended, here or by toolregistry-server.
    pub fn edit(&self, now: Moment, command: impl Fn(&[Entry]) -> Command, new: Option<&New<'_>>) -> Option<Edited> {
        let whole = self.text.expose();
        let items: Vec<Item<'_>> = parse_items(whole).collect();
        let mut tokens: HashMap<&str, Vec<Entry>> = HashMap::new();
        for (item, entry) in items.iter().zip(self.entries(now)) {
            tokens.entry(item.token).or_default().push(entry);
        }
        let commands: HashMap<&str, Command> = tokens.iter().map(|(token, lines)| (*token, command(lines))).collect();
        let mut draft = Draft { whole, cuts: Vec::new(), expected: Vec::new(), new: None };
        let mut touched: Vec<Entry> = Vec::new();
        for (item, mut entry) in items.iter().zip(self.entries(now)) {
            let command = commands.get(item.token).copied().filter(|command| command.affects_line(item));
            let Some(command) = command else {
                draft.expected.push((item.token, item.off, item.metadata.clone()));
                continue;
            };
            if let Some(new) = new.filter(|new| new.first && touched.is_empty()) {
                draft.insert(item.above.first().unwrap_or(&item.line).start, new);
            }
            if let Command::Expire(at) = command {
                entry.expires = Some(entry.expires.map_or(at, |sooner| sooner.min(at)));
            }
            draft.change_line(item, command);
            touched.push(entry);
        }
        if let Some(new) = new.filter(|_| draft.new.is_none()) {
            draft.insert(start_of_stray(whole), new);
        }
        let text = draft.to_text();
        let sound = reads_back(text.expose(), &draft.expected);
        let states = token_states(text.expose(), now);
        let new = draft
            .new
            .and_then(|index| self::parse_items(text.expose()).nth(index))
            .map(|item| item.to_entry(now, &states));
        for entry in &mut touched {
            entry.state = states.get(entry.token.expose()).copied().unwrap_or(entry.state);
        }
        let active = has_active_token(whole, now).into_iter().zip(has_active_token(text.expose(), now));
        let emptied = active.into_iter().any(|(was, is)| was && !is);
        sound.then_some(Edited { text, touched, new, emptied })
    }
}

/// The edits of a file, before they are applied.
struct Draft<'a> {
    whole: &'a str,
    cuts: Vec<(Range<usize>, Secret)>,
    expected: Vec<ExpectedLine<'a>>,
    new: Option<usize>,
}

impl<'a> Draft<'a> {
    fn change_line(&mut self, item: &Item<'a>, command: Command) {
        let at = item.line.at();
        let trimmed = at..at + item.line.trimmed().len();
        match command {
            Command::Keep => {}
            Command::Remove => {
                let gone = item.above.iter().chain([&item.line]);
                self.cuts.extend(gone.map(|line| (line.start..line.next, Secret::new(""))));
                return;
            }
            Command::Disable => self.cuts.push((trimmed, Secret::new(format!("{OFF} {}", item.token)))),
            Command::Enable => self.cuts.push((trimmed, Secret::new(item.token))),
            Command::Expire(at) => {
                let known = item.known_metadata();
                let expires = Some(known.expires.map_or(at, |sooner| sooner.min(at)));
                let metadata = Metadata { expires, ..known }.round_times();
                let line = metadata.to_line();
                if let Some((above, others)) = item.above.split_last() {
                    self.cuts.extend(others.iter().map(|line| (line.start..line.next, Secret::new(""))));
                    let at = above.at();
                    self.cuts.push((at..at + above.trimmed().len(), Secret::new(line)));
                } else {
                    let start = item.line.start;
                    self.cuts.push((start..start, Secret::new(line + self.end_of_line())));
                }
                self.expected.push((item.token, item.off, Some(Ok(metadata))));
                return;
            }
        }
        self.expected.push((item.token, command == Command::Disable, item.metadata.clone()));
    }

    /// Inserts the new token at the beginning of a line, or at the end of the file.
    fn insert(&mut self, at: usize, new: &New<'a>) {
        let end = self.end_of_line();
        let mut lines = String::new();
        if at == self.whole.len() && !is_ended(self.whole) {
            lines.push_str(end);
        }
        let metadata = (!new.metadata.is_empty()).then(|| new.metadata.clone().round_times());
        if let Some(metadata) = &metadata {
            lines.push_str(&metadata.to_line());
            lines.push_str(end);
        }
        let lines = [&lines, new.token.expose(), end].concat();
        self.cuts.push((at..at, Secret::new(lines)));
        self.new = Some(self.expected.len());
        self.expected.push((new.token.expose(), false, metadata.map(Ok)));
    }

    fn end_of_line(&self) -> &'static str {
        match self.whole.split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    fn to_text(&self) -> Secret {
        let longer: usize = self.cuts.iter().map(|(_, new)| new.expose().len()).sum();
        // A string that grows leaves copies of the tokens in memory.
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

/// Where metadata begins that has no token below it and would apply to one added at the end; else the end.
fn start_of_stray(whole: &str) -> usize {
    let stray = split_lines(whole).map(Line::without_mark).fold(None, |stray, line| match line.kind() {
        LineKind::Blank | LineKind::Comment => stray,
        LineKind::Metadata(_) => stray.or(Some(line.start)),
        LineKind::Off(_) | LineKind::Token(_) => None,
    });
    stray.unwrap_or(whole.len())
}

/// Whether exactly these lines would be read, here and by toolregistry-server.
fn reads_back(text: &str, expected: &[ExpectedLine<'_>]) -> bool {
    let ours = parse_items(text).map(|item| (item.token, item.off, item.metadata)).eq(expected.iter().cloned());
    let mut seen = HashSet::new();
    let enabled =
        expected.iter().filter(|(_, off, _)| !off).map(|(token, ..)| *token).filter(|token| seen.insert(*token));
    // toolregistry-server reads a byte order mark as part of the first line, which lint reports.
    let theirs = text.starts_with(BOM) || list_loaded(text).into_iter().eq(enabled);
    ours && theirs
}

/// Whether a token is active: here, and at toolregistry-server.
fn has_active_token(whole: &str, now: Moment) -> [bool; 2] {
    [token_states(whole, now).values().any(|state| *state == State::Live), parse_items(whole).any(|item| !item.off)]
}
