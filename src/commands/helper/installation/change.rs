//! One change to the files of another program, how to see whether it is made, and how to take it back.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::store::foreign_file;

use super::members;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A link of this name to hallpass.
    Link { path: PathBuf, target: PathBuf },
    /// A program of one line.
    Script { path: PathBuf, text: String },
    /// Lines at the end of a file; `clash` begins a line that only one of them may have.
    Lines { path: PathBuf, text: String, clash: Option<&'static str> },
    /// The member `host` of the object `credHelpers` in a JSON file.
    Member { path: PathBuf, host: String, value: String },
}

/// Whether a change is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
    /// Something of the user's is in its place.
    Blocked(String),
    /// What should hold it is a directory or a device, such as /dev/null.
    NoFile,
}

impl Change {
    /// The file that it is about.
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Link { path, .. }
            | Self::Script { path, .. }
            | Self::Lines { path, .. }
            | Self::Member { path, .. } => path,
        }
    }

    /// What it adds, in a line.
    pub fn describe(&self) -> String {
        match self {
            Self::Link { target, .. } => format!("link to {}", target.display()),
            Self::Script { text, .. } => text.lines().last().unwrap_or_default().to_owned(),
            Self::Lines { text, .. } => text.lines().map(str::trim).collect::<Vec<_>>().join(" "),
            Self::Member { host, value, .. } => format!("credHelpers: {host}: {value}"),
        }
    }

    pub fn state(&self) -> Result<State, Error> {
        let blocked = |what: &str| State::Blocked(format!("{} {what}", self.path().display()));
        Ok(match self {
            Self::Link { path, target } => match foreign_file::read_link(path) {
                Some(found) if found == *target => State::Present,
                None if !foreign_file::exists(path) => State::Absent,
                _ => blocked("is another program"),
            },
            Self::Script { path, text } => {
                let found = if foreign_file::exists(path) { Some(foreign_file::read_text(path)?) } else { None };
                match found {
                    None => State::Absent,
                    Some(found) if found == *text => State::Present,
                    Some(_) => blocked("is another program"),
                }
            }
            Self::Lines { path, .. } | Self::Member { path, .. } if foreign_file::is_no_file(path) => State::NoFile,
            Self::Lines { path, text, clash } => {
                let found = foreign_file::read_text(path)?;
                let others = without_lines(&found, text);
                let clashes = |line: &str| clash.is_some_and(|clash| line.trim_start().starts_with(clash));
                match others.lines().find(|line| clashes(line)) {
                    _ if others != found => State::Present,
                    Some(line) => blocked(&format!("has another one: {}", line.trim())),
                    None => State::Absent,
                }
            }
            Self::Member { path, host, value } => {
                match members::find_helper(&foreign_file::read_text(path)?, host)
                    .map_err(|why| unreadable(path, &why))?
                {
                    Some(found) if found == *value => State::Present,
                    Some(found) => blocked(&format!("names another helper for {host}: {found}")),
                    None => State::Absent,
                }
            }
        })
    }

    /// Makes it; it is absent.
    pub fn make(&self) -> Result<(), Error> {
        match self {
            Self::Link { path, target } => foreign_file::create_link(path, target)?,
            Self::Script { path, text } => foreign_file::create_script(path, text)?,
            _ => self.edit(|change, text| match change {
                // Another process may have made it since.
                Self::Lines { text: lines, .. } if without_lines(text, lines) != text => Ok(text.to_owned()),
                Self::Member { host, .. } if members::find_helper(text, host)?.is_some() => Ok(text.to_owned()),
                Self::Lines { text: lines, .. } => Ok(with_lines(text, lines)),
                Self::Member { host, value, .. } => members::add_helper(text, host, value),
                _ => Ok(text.to_owned()),
            })?,
        }
        Ok(())
    }

    /// Takes it back; it is present.
    pub fn take_back(&self) -> Result<(), Error> {
        match self {
            Self::Link { path, .. } | Self::Script { path, .. } => Ok(foreign_file::remove(path)?),
            _ => self.edit(|change, text| match change {
                Self::Lines { text: lines, .. } => Ok(without_lines(text, lines)),
                Self::Member { host, value, .. } => members::remove_helper(text, host, value),
                _ => Ok(text.to_owned()),
            }),
        }
    }

    /// Edits what follows the empty lines at the beginning of the file.
    fn edit(&self, edit: impl FnOnce(&Self, &str) -> Result<String, String>) -> Result<(), Error> {
        let path = self.path();
        foreign_file::edit_text(path, |found| {
            let (lines, text) = split_empty_lines(found);
            let edited = edit(self, text).map_err(|why| unreadable(path, &why))?;
            Ok(join_empty_lines(lines, &edited))
        })
    }
}

/// The empty lines at the beginning of a file, and what follows them. A file without anything else counts as having one
/// more, so that a file that becomes empty again differs from one that did not exist.
fn split_empty_lines(text: Option<&str>) -> (usize, &str) {
    let Some(text) = text else { return (0, "") };
    let rest = text.trim_start_matches('\n');
    (text.len() - rest.len() + usize::from(rest.is_empty()), rest)
}

/// The file of this text, or none: what [`split_empty_lines`] took apart.
fn join_empty_lines(lines: usize, rest: &str) -> Option<String> {
    let lines = if rest.is_empty() { lines.checked_sub(1)? } else { lines };
    Some("\n".repeat(lines) + rest)
}

/// The text with these lines at its end. A last line that was left open would become one with ours: it gets the line break
/// that ours goes without, so that taking them back leaves it open again.
fn with_lines(text: &str, lines: &str) -> String {
    let is_open = !text.is_empty() && !text.ends_with('\n');
    if is_open { format!("{text}\n{}", lines.trim_end_matches('\n')) } else { format!("{text}{lines}") }
}

/// The text without these whole lines; the same words behind others, such as in a comment, are the user's.
fn without_lines(text: &str, lines: &str) -> String {
    let lines = lines.trim_end_matches('\n');
    let is_whole = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + lines.len()..]);
        (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
    };
    let Some(at) = text.match_indices(lines).map(|(at, _)| at).find(is_whole) else { return text.to_owned() };
    let (before, after) = (&text[..at], &text[at + lines.len()..]);
    match after.strip_prefix('\n') {
        Some(after) => format!("{before}{after}"),
        None => before.strip_suffix('\n').unwrap_or(before).to_owned(),
    }
}

fn unreadable(path: &Path, why: &str) -> Error {
    crate::error::helper::unreadable_file(path, why)
}
