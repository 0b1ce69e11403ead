//! Whether the server describes itself where the standards look.

use serde_json::{Map, Value};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::edit_issuer;
use crate::error::metadata::NO_REALM;
use crate::flows::discovery::{self, error_words, read_document};
use crate::oauth::message::Response;
use crate::oauth::metadata::{self, Metadata};
use crate::oauth::{Fault, issuer};

use super::https;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.clone().ok()?;
    let (mut documents, mut tried) = (Vec::new(), Vec::new());
    let (mut is_foreign, mut is_broken, mut has_page, mut lifetime) = (false, false, false, metadata::LONGEST);
    for (kind, url) in metadata::well_known(&zone.issuer) {
        let reply = case.get(&url);
        let said = match &*reply {
            Ok(answer) => match read_document(&zone.issuer, zone.issuer_template.as_deref(), answer) {
                Ok(Some((document, believed))) => {
                    lifetime = lifetime.min(believed);
                    documents.push((kind, document));
                    "metadata".to_owned()
                }
                Ok(None) => describe(answer),
                Err(Fault::IssuerMismatch { found, .. }) => {
                    is_foreign = true;
                    format!("metadata of {found}")
                }
                Err(fault) => {
                    is_broken = true;
                    has_page |= matches!(fault, Fault::NotJson { .. });
                    fault.to_string()
                }
            },
            Err(fault) => fault.to_string(),
        };
        tried.push(format!("GET {url}: {said}"));
    }
    let evidence = tried.join("; ");
    if !documents.is_empty() {
        let (merged, mut odd) = metadata::merge(documents);
        let found = Metadata::new(merged);
        odd.extend(found.usable().1.iter().map(ToString::to_string));
        discovery::cache_metadata(case.cx, &zone, &found, lifetime);
        case.metadata = Some(found);
        return Some(if odd.is_empty() {
            Verdict::ok("the server describes itself").because_of(evidence)
        } else {
            Verdict::warn("some of the metadata can't be used")
                .because_of(odd.join("; "))
                .fixed_by("correct what the server publishes: hallpass discover shows it")
        });
    }
    if is_foreign {
        return Some(Verdict::ok("there is metadata").because_of(evidence));
    }
    if https::is_required(case) {
        return Some(Verdict::skip_for("https"));
    }
    if let Some(other) = find_other_base(case) {
        return Some(
            Verdict::fail(format!("the realm is at {other}"))
                .because_of(evidence)
                .fixed_by(edit_issuer(&zone, &other).to_string()),
        );
    }
    if evidence.contains(NO_REALM) {
        return Some(Verdict::skip_for("realm"));
    }
    if case.endpoint("token_endpoint").is_some() {
        return Some(do_without(is_broken).because_of(evidence));
    }
    if let Some((base, asked)) = find_base_of_realms(case) {
        let fix = edit_issuer(&zone, &format!("{base}/realms/REALM"));
        return Some(
            Verdict::fail(format!("{} is a Keycloak, and names no realm of it", zone.issuer))
                .because_of(format!("{evidence}; {asked}"))
                .fixed_by(fix.purpose("name the realm").to_string()),
        );
    }
    let what = format!("{} has no metadata", zone.issuer);
    let fix = match issuer::guess(&zone.issuer) {
        Some(guess) => edit_issuer(&zone, &guess).to_string(),
        None if has_page => "a page answers: see whether the path of the issuer is right, and what stands before the server".to_owned(),
        None => "see whether the path of the issuer is right; a server without metadata needs its endpoints: hallpass zone edit \
                 --help"
            .to_owned(),
    };
    Some(Verdict::fail(what).because_of(evidence).fixed_by(fix))
}

/// Of a zone that needs no metadata to get tokens.
fn do_without(is_broken: bool) -> Verdict {
    if is_broken {
        Verdict::warn("none of the metadata can be used; the zone has its token endpoint")
            .fixed_by("correct what the server publishes: hallpass discover shows it")
    } else {
        Verdict::ok("the server has no metadata; the zone has its token endpoint")
    }
}

fn describe(answer: &Response) -> String {
    error_words(answer).map_or_else(|| answer.status.to_string(), |words| format!("{} {words}", answer.status))
}

/// The issuer without a slash at its end where Keycloak keeps its realms below it, and what tells so.
fn find_base_of_realms(case: &mut Case<'_>) -> Option<(String, String)> {
    if case.keycloak_realm().is_some() {
        return None;
    }
    let base = case.issuer().trim_end_matches('/').to_owned();
    // Each installation has this realm.
    let url = format!("{base}/realms/master");
    let reply = case.get(&url);
    let answer = Result::as_ref(&reply).ok()?;
    let body: Map<String, Value> = serde_json::from_slice(&answer.body).ok()?;
    let is_realm = body.get("realm").is_some_and(|realm| realm == "master") && body.contains_key("public_key");
    is_realm.then(|| (base, format!("GET {url}: {}", answer.status)))
}

/// The issuer with `/auth`, or without, where that one has metadata.
fn find_other_base(case: &mut Case<'_>) -> Option<String> {
    let other = issuer::other_base(case.issuer())?;
    let (_, url) = metadata::well_known(&other).swap_remove(0);
    let reply = case.get(&url);
    discovery::issuer_at(&other, Result::as_ref(&reply).ok()?)
}
