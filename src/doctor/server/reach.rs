//! Whether anything answers at the issuer's host: name, connection, certificate, proxy.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;
use crate::flows::discovery::error_words;
use crate::http::Fault;
use crate::oauth::fault::is_outage;
use crate::oauth::message::Response;
use crate::oauth::{issuer, metadata};
use crate::text::sanitize;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let origin = issuer::origin(case.issuer()).to_owned();
    let (_, url) = metadata::well_known(case.issuer()).swap_remove(0);
    let reply = case.get(&url);
    let asked = |said: &dyn std::fmt::Display| format!("GET {url}: {said}");
    Some(match &*reply {
        Ok(answer) if is_outage(answer.status) => {
            let (what, fix) = explain_outage(answer);
            Verdict::fail(format!("{origin}: {what}")).because_of(asked(&answer.status)).fixed_by(fix)
        }
        Ok(answer) => Verdict::ok(format!("{origin} answers")).because_of(asked(&answer.status)),
        Err(fault) => {
            let verdict = Verdict::of_error(&Error::from(fault.clone())).because_of(asked(fault));
            if matches!(fault, Fault::Proxy { .. } | Fault::ProxyRefused { .. }) {
                verdict.or_fixed_by(
                    "see whether this proxy runs (--proxy, HTTPS_PROXY, ALL_PROXY); for hosts without it: NO_PROXY",
                )
            } else {
                verdict
            }
        }
    })
}

/// What a status means with which the server, or what stands before it, serves nothing; and what to do.
pub fn explain_outage(answer: &Response) -> (&'static str, String) {
    let log = "look at the server's log; then try again".to_owned();
    match answer.status {
        429 => {
            let seconds = answer.header("retry-after").map(sanitize).filter(|wait| wait.parse::<u32>().is_ok());
            let wait =
                seconds.map_or("wait, then try again".to_owned(), |wait| format!("wait {wait} s, then try again"));
            ("the server takes no more requests from here for now", wait)
        }
        // A gateway does not speak OAuth.
        502..=504 if error_words(answer).is_none() => (
            "a gateway answers in place of the server",
            "see whether the server behind the proxy or load balancer runs and is reachable from there".to_owned(),
        ),
        _ => ("the server is out of order", log),
    }
}
