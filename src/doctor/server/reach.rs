//! Whether anything answers at the issuer's host: name, connection, certificate, proxy.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;
use crate::oauth::fault::is_outage;
use crate::oauth::{issuer, metadata};

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let origin = issuer::origin(case.issuer()).to_owned();
    let (_, url) = metadata::well_known(case.issuer()).swap_remove(0);
    let reply = case.get(&url);
    let asked = |said: &dyn std::fmt::Display| format!("GET {url}: {said}");
    Some(match &*reply {
        Ok(answer) if is_outage(answer.status) => {
            let gateway = matches!(answer.status, 502..=504);
            let who = if gateway { "a gateway answers in place of the server" } else { "the server is out of order" };
            Verdict::fail(format!("{origin}: {who}")).because_of(asked(&answer.status)).fixed_by(if gateway {
                "see whether the server behind the proxy or load balancer runs and is reachable from there"
            } else {
                "look at the server's log; then try again"
            })
        }
        Ok(answer) => Verdict::ok(format!("{origin} answers")).because_of(asked(&answer.status)),
        Err(fault) => Verdict::of_error(&Error::from(fault.clone())).because_of(asked(fault)),
    })
}
