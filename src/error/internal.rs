//! Our own bugs: exit 70.

use super::Error;

/// The parser read the arguments, and they can't be taken out of its result.
pub fn unreadable_arguments(kind: &dyn std::fmt::Display) -> Error {
    Error::internal(kind.to_string())
}

pub fn no_random_bytes(fault: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("no random bytes: {fault}"))
}

pub fn io(cause: &std::io::Error) -> Error {
    Error::internal(cause.to_string())
}

pub fn thread_ended(fault: &dyn std::fmt::Display) -> Error {
    Error::internal(fault.to_string())
}

pub fn unknown_method() -> Error {
    Error::internal("a method of check is not known")
}

/// A group of subcommands, which only the parser's help is for, was run.
pub fn group_was_run() -> Error {
    Error::internal("a group of subcommands was run")
}
