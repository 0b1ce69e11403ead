//! Why the gate does not start.

use std::net::SocketAddr;

use super::{Error, Kind, exit};

pub fn not_loopback(address: SocketAddr) -> Error {
    Error::usage(format!("{address} is not a loopback address, and everybody who reaches it may ask"))
        .hint("--listen-anywhere, where the network is closed; or a socket: --socket PATH")
}

pub fn needs_headers(flag: &str, profile: &str) -> Error {
    Error::usage(format!("{flag} needs --headers {profile}"))
}

/// The keys of the issuer could never be fetched, or not for too long.
pub fn no_keys() -> Error {
    Error::new(Kind::Network, exit::RETRY, "the keys of the issuer could not be fetched")
}

pub fn overloaded() -> Error {
    Error::new(Kind::Network, exit::RETRY, "too many credentials wait to be evaluated")
}

/// A server did not say in time what a token is worth.
pub fn too_slow() -> Error {
    Error::new(Kind::Network, exit::RETRY, "timed out waiting for what proves the credential")
}
