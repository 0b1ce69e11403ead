//! The shared cache: how it is configured, and warnings that it does not serve.

use std::fmt::Display;

use super::{Error, Kind, exit};
use crate::config::Origin;

const HELP: &str = "hallpass help shared-cache";
/// How a key is made.
pub const MAKE_KEY: &str = "make a key for the whole fleet: head -c 32 /dev/urandom | base64";

pub fn unusable(origin: &Origin, reason: &str) -> Error {
    let name = match origin {
        Origin::Environment(name) => (*name).to_owned(),
        _ => "shared_cache in [settings]".to_owned(),
    };
    let error = Error::config(format!("{name} {reason}"));
    if reason.contains("password") {
        return error.hint("name its source: HALLPASS_SHARED_CACHE_PASSWORD_FROM=file:/run/secrets/redis");
    }
    error.hint(HELP)
}

pub fn no_key() -> Error {
    Error::config("the shared cache has no key")
        .hint(MAKE_KEY)
        .hint("and name its source: HALLPASS_SHARED_CACHE_KEY_FROM=file:/run/secrets/hallpass")
}

pub fn unusable_key(variable: &str, reason: &str) -> Error {
    Error::config(format!("{variable}: {reason}")).hint(MAKE_KEY)
}

/// Waiting for another machine took longer than the deadline.
pub fn is_busy() -> Error {
    Error::new(Kind::Network, exit::RETRY, "another machine has been getting this token for too long")
        .hint("try again, or get one without the shared cache: --no-cache")
}

pub fn open_password(place: &str) -> String {
    format!("the password of the shared cache goes to {place} in clear: use rediss://")
}

pub fn does_not_serve(place: &str, fault: &dyn Display) -> String {
    format!("the shared cache {place} is not used: {fault}")
}
