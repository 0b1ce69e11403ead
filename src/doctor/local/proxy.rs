//! Which proxy the requests to the issuer go through.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;
use crate::oauth::issuer;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let origin = issuer::origin(case.issuer());
    Some(match case.cx.http_session(case.zone.as_ref().ok()).proxy_for(origin) {
        Ok(None) => Verdict::ok(format!("requests to {origin} go through no proxy")),
        Ok(Some(proxy)) => Verdict::ok(format!("requests to {origin} go through {proxy}")),
        Err(fault) => Verdict::of_error(&Error::from(fault)),
    })
}
