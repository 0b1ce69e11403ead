//! Failures of the sandbox and of the command in it.

use std::io;
use std::path::Path;

use super::Error;

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

pub fn internal(cause: &impl ToString) -> Error {
    Error::internal(cause.to_string())
}
