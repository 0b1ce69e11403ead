//! Why curl is not run.

use std::fmt::Display;
use std::io;

use super::{Error, Kind, exit};

/// An option of curl that may take a value or not.
pub fn unknown_option(option: &str) -> Error {
    Error::usage(format!("curl's option {option} is unknown to hallpass, or abbreviated"))
        .hint("write options of curl with their full names")
}

pub fn missing_value(name: &str) -> Error {
    Error::usage(format!("curl's option --{name} needs a value"))
}

pub fn unusable_option(name: &str, reason: &str) -> Error {
    Error::refused(format!("curl's option --{name} can't be used here: {reason}"))
}

pub fn unreadable_url(reason: &str) -> Error {
    Error::usage(reason)
}

pub fn pattern() -> Error {
    Error::usage("a URL contains a pattern of curl ([ ] { }), which may name several hosts")
        .hint("to take the characters as they are: -g")
}

pub fn no_url() -> Error {
    Error::usage("curl's arguments contain no URL").hint("hallpass curl -- https://api.example/items")
}

pub fn unverified() -> Error {
    Error::refused("curl's option --insecure would send the token to whoever answers")
        .hint("trust the server's CA instead: --cacert FILE")
}

pub fn rerouted(option: &str) -> Error {
    Error::refused(format!("with --{option} a request with plain http may leave this machine"))
        .hint(format!("leave out --{option}, or use https"))
}

pub fn one_proof_for_urls(zone: &str) -> Error {
    Error::usage(format!("zone {zone} uses DPoP, where each URL needs a proof of its own"))
        .hint("separate the URLs with --next")
}

pub fn unrepeatable_option(name: &str, reason: &str) -> Error {
    Error::usage(format!("curl's option --{name} can't be used with --retry-401: {reason}"))
}

pub fn several_urls_to_repeat() -> Error {
    Error::usage("--retry-401 can be used with one URL only").hint("run hallpass curl once for each URL")
}

pub fn not_installed() -> Error {
    Error::config("curl is not on PATH")
}

pub fn not_started(cause: &io::Error) -> Error {
    Error::config("cannot run curl").because(cause.to_string())
}

pub fn no_pipe(cause: &dyn Display) -> Error {
    Error::new(Kind::Storage, exit::STORAGE, "cannot hand the token to curl").because(cause.to_string())
}

pub fn unsafe_redirects((major, minor): (u32, u32)) -> Error {
    Error::refused(format!("curl {major}.{minor} may send the token along at a redirect"))
        .hint("use curl 7.83 or newer, or leave out --location")
}
