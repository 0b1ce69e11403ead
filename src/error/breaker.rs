//! The circuit breaker of a token endpoint keeps a command from sending requests.

use super::{Error, Kind, exit};
use crate::edges::Moment;

pub fn is_open(origin: &str, until: Moment) -> Error {
    Error::new(Kind::Network, exit::RETRY, "the circuit breaker is open")
        .because(format!("the last commands to {origin} all failed; next attempt after {}", until.rfc3339()))
        .hint("wait, or try now with --no-breaker")
}
