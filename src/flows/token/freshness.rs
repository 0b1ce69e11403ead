//! Which cached token will do.

use std::time::Duration;

use crate::context::Context;
use crate::edges::Moment;
use crate::store::Token;

use super::renewal;

#[derive(Debug, Clone, Copy, Default)]
pub struct Freshness {
    /// At least so much must be left, if the server gives it.
    pub min_ttl: Duration,
    /// A token obtained after this process began, or fail.
    pub fresh: bool,
}

impl Freshness {
    pub fn serves(self, cx: &Context, token: &Token) -> bool {
        let now = cx.clock.now();
        if token.left(now).is_none() || (self.fresh && token.obtained_at < cx.started()) {
            return false;
        }
        // One just brought by a process that ran beside us is as good as it gets, however short it lives.
        self.is_early(cx, token) || token.obtained_at >= cx.started()
    }

    /// While somebody else renews, a token that is due but has more than ten seconds left still serves.
    pub fn serves_while_waiting(self, cx: &Context, token: &Token) -> bool {
        let left = token.left(cx.clock.now()).unwrap_or_default();
        self.serves(cx, token) || (!self.fresh && self.min_ttl.is_zero() && left > Duration::from_secs(10))
    }

    /// Whether it is not due for renewal; where it soon is, the machines of a fleet don't renew at the same time.
    fn is_early(self, cx: &Context, token: &Token) -> bool {
        let (now, lifetime) = (cx.clock.now(), token.lifetime());
        let is_before = |due: Option<Moment>| due.is_none_or(|due| now < due);
        is_before(renewal::renew_at(token, self.min_ttl).map(|due| due.minus(lifetime / 20)))
            || is_before(renewal::renew_here_at(cx, token, self.min_ttl))
    }
}
