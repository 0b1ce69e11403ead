//! Whether the token endpoint is there and speaks OAuth, and who serves the other endpoints.

use std::collections::BTreeMap;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::name_endpoint;
use crate::error::Error;
use crate::oauth::fault::{describe_body, is_html, is_outage};
use crate::oauth::metadata::ENDPOINTS;
use crate::oauth::{self, issuer};

use super::reach::explain_outage;

const POST_MUST_REACH: &str = "see what the proxy or load balancer does with this path: POST must reach the server";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let Some(url) = case.endpoint("token_endpoint") else {
        let verdict = Verdict::fail("the metadata names no token endpoint");
        return Some(verdict.fixed_by(name_endpoint(case, "--token-endpoint")));
    };
    let reply = case.ask_token_endpoint()?;
    let answer = match &*reply {
        Ok(answer) => answer,
        Err(fault) => {
            let error = Error::from(fault.clone());
            let verdict = Verdict::of_error(&error).because_of(format!("POST {url}: {fault}"));
            return Some(verdict.or_fixed_by(POST_MUST_REACH));
        }
    };
    let evidence = |said: String| format!("POST {url} without a grant: {} {said}", answer.status);
    if is_outage(answer.status) {
        let (what, fix) = explain_outage(answer);
        return Some(
            Verdict::fail(format!("only at the token endpoint, {what}"))
                .because_of(evidence(String::new()))
                .fixed_by(format!("{fix}; see what the proxy or load balancer does with this path")),
        );
    }
    let is_absent = matches!(answer.status, 404 | 405 | 410);
    let speaks_oauth = !is_absent
        && match oauth::error::read("the token answer", answer) {
            oauth::Fault::Refused(_) => true,
            // Keycloak has no pages here.
            oauth::Fault::Status { status: 401 | 403, .. } => !(case.is_keycloak() && is_html(answer)),
            _ => false,
        };
    if !speaks_oauth {
        return Some(
            Verdict::fail("something else than the authorization server answers at the token endpoint")
                .because_of(evidence(describe_body(answer)))
                .fixed_by(POST_MUST_REACH),
        );
    }
    Some(judge_others(case, &url))
}

/// Endpoints on other hosts must be reachable too.
fn judge_others(case: &mut Case<'_>, token_endpoint: &str) -> Verdict {
    let mut hosts: BTreeMap<String, &str> = BTreeMap::new();
    for name in ENDPOINTS {
        if let Some(url) = case.endpoint(name) {
            hosts.entry(issuer::origin(&url).to_owned()).or_insert(name);
        }
    }
    hosts.remove(issuer::origin(token_endpoint));
    hosts.remove(issuer::origin(case.issuer()));
    let mut gone = Vec::new();
    for (origin, name) in hosts.iter().take(3) {
        if let Err(fault) = &*case.get(&format!("{origin}/")) {
            gone.push(format!("{name} at {origin}: {fault}"));
        }
    }
    if !gone.is_empty() {
        return Verdict::warn("some endpoints are on a host that does not answer here")
            .because_of(gone.join("; "))
            .fixed_by("reach it from here, or name the endpoints: hallpass zone edit --help");
    }
    let besides = hosts.keys().cloned().collect::<Vec<_>>().join(", ");
    let what = format!("the token endpoint {token_endpoint} speaks OAuth");
    if besides.is_empty() {
        Verdict::ok(what)
    } else {
        Verdict::ok(what).because_of(format!("others are at {besides}"))
    }
}
