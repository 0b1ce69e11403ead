//! Whether the client gets the scopes that it asks for: where several are refused together, which.

use crate::config::Zone;
use crate::doctor::case::Case;
use crate::doctor::finding::{State, Verdict};
use crate::error::{Error, Finding, Hint};
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
    let Some(Ok(Some(token))) = &case.minted else { return None };
    let given = scopes_of(token);
    let missing: Vec<&String> = case.questions.scopes.iter().filter(|scope| !given.contains(scope)).collect();
    if missing.is_empty() {
        let shown = if given.is_empty() { "no scopes".to_owned() } else { given.join(" ") };
        return Some(Verdict::ok(format!("the token has {shown}")));
    }
    let names = missing.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let verdict = Verdict::fail(format!("the token lacks the scope {names}"));
    let evidence = format!("it has {}", given.join(" "));
    // The zone does not ask for it, or the server leaves it out.
    let wanted: Vec<String> = zone.scope.iter().chain(missing.iter().copied()).cloned().collect();
    let is_asked_for = missing.iter().all(|scope| zone.scope.contains(scope));
    let second = if is_asked_for { None } else { Some(ask_for(case, &zone, &wanted)) };
    Some(match second {
        Some(Err(error)) if error.finding == Some(Finding::Scope) => {
            Verdict::of_error(&error).because_of(error.chain()).renamed(verdict.what)
        }
        Some(Ok(token)) if missing.iter().all(|scope| scopes_of(&token).contains(scope)) => {
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

/// The scopes of a token: those of the response, else those of its claim.
fn scopes_of(token: &store::Token) -> Vec<String> {
    let of_claim = || {
        let decoded = jose::decode(token.access_token.expose()).ok()?;
        claim::text(&decoded.claims, "scope").map(str::to_owned)
    };
    let text = token.scope.clone().or_else(of_claim).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}
