//! Why the proxy does not start, or does not pass a request on.

use std::net::SocketAddr;

use super::{Error, Kind, exit};
use crate::text::sanitize;

pub fn not_loopback(address: SocketAddr) -> Error {
    Error::usage(format!("the proxy listens on loopback only, and {address} is not a loopback address"))
        .hint("for other machines or containers, share a socket: --socket PATH")
}

pub fn not_an_origin() -> Error {
    Error::usage("--to names an origin, without a path or a query").hint("such as --to https://api.example")
}

/// A request that two parsers could read in two ways.
pub fn malformed(why: &str) -> Error {
    Error::refused(format!("the request can't be passed on: {why}"))
}

pub fn late_head() -> Error {
    Error::new(Kind::Network, exit::RETRY, "timed out waiting for the head of the request")
}

pub fn unsupported_method(method: &str) -> Error {
    Error::refused(format!("requests with the method {} are not passed on", sanitize(method)))
}

pub fn foreign_host() -> Error {
    Error::refused("the Host of the request is not a name of this proxy")
        .hint("use the URL that hallpass proxy printed")
}

pub fn browser_page() -> Error {
    Error::refused("the request comes from a page in a browser (Origin, Sec-Fetch-Site)")
}

pub fn not_allowed() -> Error {
    Error::refused("no --allow names this method and path")
}

pub fn too_large(most: u64) -> Error {
    Error::refused(format!("the body of the request is larger than {most} bytes (--max-body)"))
}

pub fn nothing_here() -> Error {
    Error::usage("there is nothing at this path; see /-/metrics")
}
