//! Failures of the sandbox and of the command in it.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::{Error, Kind};

const OTHER_DIRECTORY: &str = "choose another directory with TMPDIR";

pub fn not_loopback(message: String) -> Error {
    Error::usage(message)
}

pub fn cannot_listen(message: String, cause: &io::Error) -> Error {
    Error::config(message).because(cause.to_string())
}

pub fn unusable_path(message: String) -> Error {
    Error::config(message).hint(OTHER_DIRECTORY)
}

pub fn no_directory(path: &Path, cause: &io::Error) -> Error {
    Error::storage("cannot create a directory for the sandbox")
        .because(format!("{}: {cause}", path.display()))
        .hint(OTHER_DIRECTORY)
}

pub fn no_link(cause: &io::Error) -> Error {
    Error::storage("cannot put hallpass on PATH").because(cause.to_string())
}

/// Exits as a shell does: 127 where there is no such command, 126 where it can't be run.
pub fn cannot_run(program: &OsStr, cause: &io::Error) -> Error {
    let code = if cause.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
    Error::new(Kind::Usage, code, format!("cannot run {}", program.to_string_lossy())).because(cause.to_string())
}

pub fn internal(cause: &impl ToString) -> Error {
    Error::internal(cause.to_string())
}
