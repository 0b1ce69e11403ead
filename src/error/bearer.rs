//! Token files and static tokens that can't be used.

use std::path::Path;

use super::{Error, usage};

pub fn unmatchable_token() -> Error {
    Error::refused("this is not a bearer token (RFC 6750 §2.1), so it could never match")
        .hint("expected a bare token; to extract it: hallpass header --read - --line")
}

pub fn expires_in_past() -> Error {
    usage::invalid_value("--expires", "it is not in the future")
}

pub fn no_token_selected() -> Error {
    usage::missing_arguments("--fingerprint or --label")
}

/// The file has this token on a line whose metadata is unreadable, so that its state is unknown.
pub fn malformed_line(file: &Path, line: usize) -> Error {
    Error::refused(format!("line {line} has this token, but the metadata above it can't be read"))
        .hint(format!("hallpass bearer lint {}", file.display()))
}

pub fn disabled_line(file: &Path, line: usize, fingerprint: &str) -> Error {
    Error::refused(format!("the token is disabled on line {line}"))
        .hint(format!("hallpass bearer enable {} --fingerprint {fingerprint}", file.display()))
}

pub fn last_token(file: &Path) -> Error {
    Error::refused(format!("this would leave {} without an active token", file.display()))
        .because("toolregistry-server lets everybody in when a file has no token")
        .hint("add another one first, or pass --allow-empty")
}

/// The file has no token that can be used.
pub fn no_live_token(file: &Path, labelled: bool) -> Error {
    let label = if labelled { " with this label" } else { "" };
    Error::config(format!("{} has no active token{label}", file.display()))
        .hint(format!("hallpass bearer list {}", file.display()))
}

/// A static secret that is no bearer token, given without a prefix of its own.
pub fn static_token_without_prefix(source: &dyn std::fmt::Display) -> Error {
    Error::refused(format!("{source} is not a bearer token (RFC 6750 §2.1)"))
        .hint("for another kind of secret give its prefix: --prefix 'Token '")
        .hint("for a server that gives other tokens: --any-characters")
}
