//! Gateway signatures that can't be made, and header lines that can't be read.

use std::fmt::Display;

use super::{Error, usage};

/// The method or the path of the request can't be signed.
pub fn unsignable_request(fault: &dyn Display) -> Error {
    Error::usage(fault.to_string())
}

/// The header lines are broken, or what v2 signs of them.
pub fn unusable_headers(fault: &dyn Display) -> Error {
    Error::refused(fault.to_string())
}

pub fn unusable_key(fault: &dyn Display) -> Error {
    Error::config(fault.to_string())
}

/// v2 signs header lines, so that a flag of v1 would have no effect.
pub fn flag_of_v1(flag: &str) -> Error {
    usage::conflict("--hmac v2", flag)
        .hint("put it among the header lines, as X-User-ID, X-Service-Name or X-Session-ID")
}

pub fn no_header_lines() -> Error {
    Error::usage("no header lines were given").hint("pipe them in, `Name: value` each")
}
