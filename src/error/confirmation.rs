//! A question that a person must answer with yes.

use super::{Error, Kind, exit};

/// Nobody can be asked now.
pub fn impossible(question: &str) -> Error {
    Error::usage(format!("not confirmed: {question}")).hint("confirm with --yes")
}

pub fn not_given() -> Error {
    Error::new(Kind::Cancelled, exit::NO, "cancelled: nothing was changed")
}
