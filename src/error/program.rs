//! Failures to start another program, with the exit codes of env(1).

use std::ffi::OsStr;
use std::io;

use crate::text::sanitize;

use super::{Error, Kind, exit};

pub fn not_found(name: &OsStr) -> Error {
    Error::new(Kind::Usage, exit::NOT_FOUND, describe(name)).because("there is no such program")
}

pub fn cannot_run(name: &OsStr, cause: &io::Error) -> Error {
    if cause.kind() == io::ErrorKind::NotFound {
        return not_found(name);
    }
    Error::new(Kind::Usage, exit::NOT_RUNNABLE, describe(name)).because(cause.to_string())
}

fn describe(name: &OsStr) -> String {
    format!("cannot run {}", sanitize(&name.to_string_lossy()))
}
