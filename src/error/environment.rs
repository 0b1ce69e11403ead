//! Variables of the environment that can't be used.

use super::Error;

/// A format for a CI runner, which is not there to name the file.
pub fn no_runner(variable: &str) -> Error {
    Error::config(format!("{variable} is not set")).hint("this format is for a step of GitHub Actions, which sets it")
}

pub fn not_utf8(name: &str) -> Error {
    Error::config(format!("{name} is not UTF-8"))
}
