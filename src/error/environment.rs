//! Variables of the environment that can't be used.

use super::Error;

pub fn not_utf8(name: &str) -> Error {
    Error::config(format!("{name} is not UTF-8"))
}
