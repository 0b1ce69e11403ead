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
                Self::Lines { text: lines, .. } => {
                    // A last line that was left open would become one with ours.
                    let open = !text.is_empty() && !text.ends_with('\n');
                    Ok(format!("{text}{}{lines}", if open { "\n" } else { "" }))
                }
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
        let found = if path.exists() { Some(foreign_file::read_text(path)?) } else { None };
        let (lines, text) = split_empty_lines(found.as_deref());
        let edited = edit(self, text).map_err(|why| unreadable(path, &why))?;
        Ok(foreign_file::replace_text(path, join_empty_lines(lines, &edited).as_deref())?)
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

/// The text without these whole lines; the same words behind others, such as in a comment, are the user's.
fn without_lines(text: &str, lines: &str) -> String {
    let begins = |at: usize| at == 0 || text[..at].ends_with('\n');
    let at = text.match_indices(lines).map(|(at, _)| at).find(|at| begins(*at));
    at.map_or_else(|| text.to_owned(), |at| format!("{}{}", &text[..at], &text[at + lines.len()..]))
}

fn unreadable(path: &Path, why: &str) -> Error {
    crate::error::helper::unreadable_file(path, why)
}
