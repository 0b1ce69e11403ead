//! The rule that decides when a cached token is due for renewal.

use std::time::Duration;

use crate::context::Context;
use crate::edges::Moment;
use crate::store::Token;

/// When a token is due for renewal: less than max(20 % of its lifetime, `min_ttl`) is left from then on.
pub fn renew_at(token: &Token, min_ttl: Duration) -> Option<Moment> {
    Some(token.expires_at?.minus((token.lifetime() / 5).max(min_ttl)))
}

/// As [`renew_at`], somewhat earlier on each machine of a fleet, so that they don't all renew in the same second.
pub fn renew_here_at(cx: &Context, token: &Token, min_ttl: Duration) -> Option<Moment> {
    Some(renew_at(token, min_ttl)?.minus(cx.renewal_spread(token.lifetime())))
}
