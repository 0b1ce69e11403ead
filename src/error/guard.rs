//! Credentials that can't be checked.

use super::Error;

pub fn no_tokens(variable: &str) -> Error {
    Error::config(format!("{variable} contains no token"))
}
