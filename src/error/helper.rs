//! Why another program gets no token.

use std::path::Path;

use super::Error;
use crate::text::sanitize;

/// What a program wrote in its own protocol.
pub fn unreadable_request(reason: &str) -> Error {
    Error::refused(format!("the request on stdin can't be read: {reason}"))
}

/// What a program says in a variable of its protocol.
pub fn unreadable_variable(name: &str) -> Error {
    Error::usage(format!("{name} is not JSON"))
}

/// A program that wants to store a token, which comes from its zone.
pub fn stores_nothing() -> Error {
    Error::refused("hallpass stores no token for this program: it gets one from the zone at each call")
}

pub fn unknown_api_version(version: &str) -> Error {
    Error::usage(format!("the version {version} of kubectl's protocol is unknown"))
}

pub fn no_home() -> Error {
    Error::config("HOME names no directory, so there is no configuration to change")
}

pub fn no_program() -> Error {
    Error::config("the path of this program is unknown")
}

pub fn program_with_blank(path: &Path) -> Error {
    let path = sanitize(&path.to_string_lossy());
    Error::config(format!("{path} contains a character that the other program can't take in a command"))
        .hint("install hallpass in a directory without spaces in its path")
}

pub fn no_hosts() -> Error {
    Error::config("no zone has a host that its tokens may go to").hint("name it: hallpass zone edit NAME --host HOST")
}

pub fn unreadable_file(path: &Path, why: &str) -> Error {
    Error::config(format!("{} can't be changed: {}", sanitize(&path.to_string_lossy()), sanitize(why)))
}

/// Something of the user's is where a change would go.
pub fn blocked(what: &str, change: &str) -> Error {
    Error::config(format!("nothing was changed: {}", sanitize(what)))
        .hint("remove it, then install again")
        .hint(format!("or add it by hand: {}", sanitize(change)))
}

/// The configuration that a variable of the program names can hold no lines.
pub fn no_regular_file(path: &Path) -> Error {
    Error::config(format!("nothing was changed: {} is not a regular file", path.display()))
        .hint("name the program's configuration file in its variable, or unset the variable")
}

/// What cargo's configuration names behind the program.
pub fn unknown_arguments() -> Error {
    Error::usage("arguments in credential-provider are not read")
        .hint("for one zone: hallpass helper install cargo -z NAME")
        .hint("or, for all that cargo runs: HALLPASS_ZONE")
}

/// For a person who looks why there is no token.
pub fn no_zone_for(url: &str) -> String {
    format!("no zone names the host of {url}: hallpass zone edit NAME --host HOST")
}
