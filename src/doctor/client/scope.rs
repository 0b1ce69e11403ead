//! Whether the client gets the scopes that it asks for: where several are refused together, which.

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::doctor::case::Case;
use crate::doctor::finding::{State, Verdict};
use crate::error::{Error, Finding, Hint};
use crate::flows::introspection::introspect_token;
use crate::flows::token::request::TokenRequest;
use crate::oauth::claim;
use crate::text::quote_for_shell;
use crate::{jose, store};

use super::mint;

/// How many scopes are tried one by one.
const MOST: usize = 10;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let verdict = mint::judge(case, "scope");
    let zone = case.zone.clone().ok()?;
    if verdict.as_ref().is_some_and(|verdict| verdict.state == State::Fail) {
        let (mut refused, mut granted) = (Vec::new(), Vec::new());
        for scope in zone.scope.iter().take(MOST) {
            let one = [scope.clone()];
            let request = TokenRequest::of(&zone).asking_for(&one, &[], &[]);
            match mint::request_token(case.cx, &request) {
                Err(error) if error.finding == Some(Finding::Scope) => refused.push((scope.clone(), error)),
                _ => granted.push(scope.clone()),
            }
        }
        let Some((_, first)) = refused.first() else { return verdict };
        let names = refused.iter().map(|(scope, _)| scope.as_str()).collect::<Vec<_>>().join(", ");
        let others = if granted.is_empty() { String::new() } else { format!("; granted: {}", granted.join(", ")) };
        let client = zone.client_id.as_deref().unwrap_or_default();
        return Some(
            Verdict::of_error(first)
                .because_of(format!("refused one by one: {names}{others}"))
                .renamed(format!("{client} does not get the scope {names}")),
        );
    }
    if verdict.is_some() {
        return verdict;
    }
    if !case.questions.scopes.is_empty() && matches!(case.minted, Some(Ok(None))) && case.questions.token.is_none() {
        return Some(Verdict::skip("not judged: there is no token").fixed_by("give one: --token-from SOURCE"));
    }
    let found = find_scopes(case, &zone)?;
    let assumed =
        if found.is_none() { "; the server names none, so they are those asked for (RFC 6749 §5.1)" } else { "" };
    let given = found.unwrap_or_else(|| zone.scope.clone());
    let shown = if given.is_empty() { "no scopes".to_owned() } else { given.join(" ") };
    let evidence = format!("it has {shown}{assumed}");
    let missing: Vec<&String> = case.questions.scopes.iter().filter(|scope| !given.contains(scope)).collect();
    if missing.is_empty() {
        return Some(Verdict::ok(format!("the token has {shown}")).because_of(assumed.trim_start_matches("; ")));
    }
    let names = missing.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let verdict = Verdict::fail(format!("the token lacks the scope {names}"));
    // The zone does not ask for it, or the server leaves it out.
    let wanted: Vec<String> = zone.scope.iter().chain(missing.iter().copied()).cloned().collect();
    let is_asked_for = missing.iter().all(|scope| zone.scope.contains(scope));
    let second = if is_asked_for { None } else { Some(ask_for(case, &zone, &wanted)) };
    Some(match second {
        Some(Err(error)) if error.finding == Some(Finding::Scope) => {
            Verdict::of_error(&error).because_of(error.chain()).renamed(verdict.what)
        }
        Some(Ok(token)) if missing.iter().all(|scope| grants(&token, scope)) => {
            let edit = Hint::edit(&zone.name, format!("--scope {}", quote_for_shell(&wanted.join(" "))));
            verdict
                .because_of(format!("{evidence}; asked for it, the server grants {names}"))
                .fixed_by(edit.purpose("ask for it").to_string())
        }
        _ if case.is_keycloak() => {
            let client = zone.client_id.as_deref().unwrap_or_default();
            let setting = format!("Keycloak: Clients > {client} > Client scopes: add {names} as a default scope");
            verdict.because_of(evidence).fixed_by(setting)
        }
        _ => verdict.because_of(evidence).fixed_by("let the server give this client the scope"),
    })
}

fn ask_for(case: &Case<'_>, zone: &Zone, scopes: &[String]) -> Result<store::Token, Error> {
    mint::request_token(case.cx, &TokenRequest::of(zone).asking_for(scopes, &[], &[]))
}

/// The scopes of the new token, or of the given one where a user signs in; `None` inside where nothing names them.
#[expect(clippy::option_option, reason = "no token, and a token of unknown scopes")]
fn find_scopes(case: &Case<'_>, zone: &Zone) -> Option<Option<Vec<String>>> {
    let (named, token) = match (&case.minted, &case.questions.token) {
        (Some(Ok(Some(token))), _) => (token.scope.as_deref().map(split), &token.access_token),
        (Some(Ok(None)), Some(token)) if !case.questions.scopes.is_empty() => (None, token),
        _ => return None,
    };
    // What an opaque token has is asked only where somebody wants to know.
    let is_asked = !case.questions.scopes.is_empty();
    let of_server = || {
        let answer = is_asked.then(|| introspect_token(case.cx, zone, token, None, false).ok())??;
        (answer.get("active") == Some(&Value::Bool(true))).then(|| of_claim(&answer))
    };
    let of_token = || jose::decode(token.expose()).map(|decoded| of_claim(&decoded.claims)).ok();
    Some(named.or_else(of_token).or_else(of_server))
}

/// Whether a token that was asked for has this scope: by the response, else by its claim.
fn grants(token: &store::Token, scope: &String) -> bool {
    let decode = || jose::decode(token.access_token.expose()).map(|decoded| of_claim(&decoded.claims)).ok();
    token.scope.as_deref().map(split).or_else(decode).is_some_and(|granted| granted.contains(scope))
}

/// One string, or a list, which some servers write.
fn of_claim(claims: &Map<String, Value>) -> Vec<String> {
    claim::list(claims, "scope").into_iter().flat_map(split).collect()
}

fn split(scopes: &str) -> Vec<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}
