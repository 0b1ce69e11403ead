//! Answers that can't be written.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::store::{Fault, Problem};

use super::{Error, Hint};

impl Error {
    /// The answer could not be written to the file of `-o`. The file is the user's and may be a device, so the hint is to
    /// name another one.
    pub fn output(fault: Fault) -> Self {
        let hint = match &fault {
            Fault::Unsafe { problem: Problem::Link, .. } => Some("name the file itself with -o; -o - is stdout"),
            Fault::Unsafe { .. } => Some("-o takes a regular file; -o - is stdout"),
            Fault::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Some("free some space there, or name another file with -o")
                }
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                    Some("name a file in a directory that can be written with -o")
                }
                ErrorKind::NotFound => Some("make its directory first, or name another file with -o"),
                _ => None,
            },
            _ => return Self::from(fault),
        };
        let hints = hint.into_iter().map(Hint::from).collect();
        Self { hints, ..Self::from(fault) }
    }

    pub fn runner_file(error: &io::Error) -> Self {
        Self::storage("the file of the CI runner can't be written").because(error.to_string())
    }

    /// A manual page could not be written.
    pub fn page(path: &Path, error: &io::Error) -> Self {
        Self::storage(format!("{} can't be written", path.display())).because(error.to_string())
    }

    /// No format can carry such a value.
    pub fn control_character() -> Self {
        Self::refused("the value contains a control character")
    }

    /// The format can't quote a character of the value.
    pub fn unquotable(reason: &str) -> Self {
        Self::refused(format!("the value contains a character that {reason}"))
            .hint("another format: --format powershell")
    }

    /// The answer could not be printed; `way` says what was done anyway and how to read it.
    #[must_use]
    pub fn with_rescue(self, way: Option<String>) -> Self {
        way.into_iter().fold(self, Self::hint)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Error;
    use crate::error::exit;
    use crate::store::Fault;

    #[test]
    fn another_home_does_not_help_named_file() {
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::StorageFull, io::ErrorKind::NotFound] {
            let fault = Fault::Io { action: "write", path: "/x".into(), source: kind.into() };
            let error = Error::output(fault);
            assert_eq!((error.exit, error.causes.len()), (exit::STORAGE, 1));
            assert!(error.hints.iter().all(|hint| hint.to_string().ends_with("-o")), "{:?}", error.hints);
        }
    }
}
