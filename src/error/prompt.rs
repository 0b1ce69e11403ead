//! A question at the terminal that was not answered.

use std::io;

use super::{Error, Kind, exit};

/// The person ended the input (^D) or pressed ^C, or the terminal failed.
pub fn unanswered(question: &str, fault: &io::Error) -> Error {
    match fault.kind() {
        io::ErrorKind::Interrupted => {
            Error { silent: true, ..Error::new(Kind::Cancelled, exit::INTERRUPTED, "interrupted") }
        }
        io::ErrorKind::UnexpectedEof => empty(question),
        _ => empty(question).because(fault.to_string()),
    }
}

pub fn empty(question: &str) -> Error {
    Error::usage(format!("no answer to: {question}"))
}
