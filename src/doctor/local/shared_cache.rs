//! Whether the shared cache is configured as it must be, and answers.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::shared_cache::MAKE_KEY;
use crate::shared_cache::Patience;

pub fn is_asked(case: &Case<'_>) -> bool {
    !matches!(case.cx.shared_cache_setting(), Ok(None))
}

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let cache = match case.cx.shared_cache() {
        Ok(cache) => cache?,
        Err(error) => {
            return Some(Verdict::fail(error.message.clone()).because_of(error.chain()).fixed_by(MAKE_KEY));
        }
    };
    Some(match cache.check(Patience { limit: case.cx.deadline().remaining().unwrap_or_default(), counts: true }) {
        Ok(()) => {
            case.cx.forget_fault();
            Verdict::ok(format!("{} answers", cache.place))
        }
        Err(fault) => Verdict::warn(format!("the shared cache {} does not serve", cache.place))
            .because_of(format!("{fault}; each machine mints its own tokens meanwhile"))
            .fixed_by("start it, or correct HALLPASS_SHARED_CACHE and what belongs to it: hallpass help shared-cache"),
    })
}
