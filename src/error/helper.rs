//! Why another program gets no token.

use super::Error;

/// What a program wrote in its own protocol.
pub fn unreadable_request(reason: &str) -> Error {
    Error::usage(format!("the request on stdin can't be read: {reason}"))
}

/// What a program says in a variable of its protocol.
pub fn unreadable_variable(name: &str) -> Error {
    Error::usage(format!("{name} is not JSON"))
}

/// A program that wants to store a token, which comes from its zone.
pub fn stores_nothing() -> Error {
    Error::usage("hallpass stores no token for this program: it gets one from the zone at each call")
}

pub fn unknown_api_version(version: &str) -> Error {
    Error::usage(format!("the version {version} of kubectl's protocol is unknown"))
}

/// For a person who looks why there is no token.
pub fn no_zone_for(url: &str) -> String {
    format!("no zone names the host of {url}: hallpass zone edit NAME --host HOST")
}
