//! Answers that can't be written.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::store::{Fault, Problem};

use super::{Error, Hint};

impl Error {
    /// The answer could not be written to the file of `-o`.
    pub fn output(fault: Fault) -> Self {
        Self::named_file(fault, "-o", "; -o - is stdout")
    }

    /// The HTTP could not be written to the file of `--har`.
    pub fn record(fault: Fault) -> Self {
        Self::named_file(fault, "--har", "")
    }

    /// A file that the user named with this flag. It is theirs and may be a device, so the hint is to name another one.
    fn named_file(fault: Fault, flag: &str, otherwise: &str) -> Self {
        let hint = match &fault {
            Fault::Unsafe { problem: Problem::Link, .. } => {
                Some(format!("name the file itself with {flag}{otherwise}"))
            }
            Fault::Unsafe { .. } => Some(format!("{flag} takes a regular file{otherwise}")),
            Fault::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Some(format!("free some space there, or name another file with {flag}"))
                }
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                    Some(format!("name a file in a directory that can be written with {flag}"))
                }
                ErrorKind::NotFound => Some(format!("make its directory first, or name another file with {flag}")),
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
            let fault = || Fault::Io { action: "write", path: "/x".into(), source: kind.into() };
            for (error, flag) in [(Error::output(fault()), " -o"), (Error::record(fault()), " --har")] {
                assert_eq!((error.exit, error.causes.len()), (exit::STORAGE, 1));
                assert!(error.hints.iter().all(|hint| hint.to_string().ends_with(flag)), "{:?}", error.hints);
            }
        }
    }
}
