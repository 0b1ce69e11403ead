//! When a token expires, as it is given: a moment, or a span from now on.

use std::time::Duration;

use crate::edges::{Moment, parse_span};
use crate::error::{self, Error};

#[derive(Debug, Clone, Copy)]
pub enum Expiry {
    At(Moment),
    In(Duration),
}

impl Expiry {
    /// Reads RFC 3339, epoch seconds, or a span such as `30d`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let span = || parse_span(text).ok().map(Self::In);
        let read = Moment::parse(text).map(Self::At).or_else(span);
        read.ok_or_else(|| "expected a time such as 2027-01-31T12:00:00Z, or a span such as 90s, 24h or 30d".to_owned())
    }

    pub fn resolve(self, now: Moment) -> Result<Moment, Error> {
        let at = match self {
            Self::At(moment) => moment,
            Self::In(span) => now.plus(span),
        };
        if at.epoch() <= now.epoch() {
            return Err(error::bearer::expires_in_past());
        }
        Ok(at)
    }
}
