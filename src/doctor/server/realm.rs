//! Whether the realm exists, under this spelling, and is enabled. Only Keycloak has realms.

use serde_json::{Map, Value};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::edit_issuer;
use crate::error::metadata::NO_REALM;
use crate::oauth::message::Response;

const DISABLED: &str = "Realm not enabled";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let issuer = case.issuer().to_owned();
    let (base, realm) = case.keycloak_realm().map(|(base, realm)| (base.to_owned(), realm.to_owned()))?;
    if !case.is_keycloak() {
        return None;
    }
    let reply = case.get(&issuer);
    let answer = Result::as_ref(&reply).ok()?;
    if answer.status == 404 && says(answer, NO_REALM) {
        return Some(explain_missing(case, &base, &realm));
    }
    let token_reply = case.ask_token_endpoint();
    if token_reply.is_some_and(|reply| Result::as_ref(&reply).is_ok_and(|answer| says(answer, DISABLED))) {
        return Some(
            Verdict::fail(format!("the realm {realm} is disabled"))
                .because_of(format!("its metadata is served, but the token endpoint answers 403 {DISABLED}"))
                .fixed_by(format!("Keycloak: realm {realm} > Realm settings > Enabled: on")),
        );
    }
    case.realm = serde_json::from_slice::<Map<String, Value>>(&answer.body).ok();
    Some(Verdict::ok(format!("the realm {realm} exists and is enabled")))
}

fn says(answer: &Response, words: &str) -> bool {
    answer.body.windows(words.len()).any(|window| window == words.as_bytes())
}

/// Names of realms are case-sensitive: the usual spellings are tried.
fn explain_missing(case: &mut Case<'_>, base: &str, realm: &str) -> Verdict {
    let zone = case.zone.clone().unwrap_or_default();
    let verdict = Verdict::fail(format!("{base} has no realm {realm}"))
        .because_of(format!("GET {base}/realms/{realm}: 404 {NO_REALM}"));
    let lower = realm.to_lowercase();
    let mut capital = lower.clone();
    capital.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    for spelling in [lower, capital, realm.to_uppercase()].into_iter().filter(|spelling| spelling != realm) {
        let other = format!("{base}/realms/{spelling}");
        if Result::as_ref(&case.get(&other)).is_ok_and(|answer| answer.status == 200) {
            return verdict
                .because_of(format!("GET {base}/realms/{realm}: 404 {NO_REALM}; {other}: 200"))
                .fixed_by(edit_issuer(&zone, &other).purpose("case counts").to_string());
        }
    }
    verdict.fixed_by(format!(
        "see how the realm is spelt, case counts: {base}/admin/ shows the realms to an administrator"
    ))
}
