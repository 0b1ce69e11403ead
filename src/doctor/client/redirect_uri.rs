//! Whether the server sends a browser back to this redirect URI. It is asked without a user: `prompt=none`.

use serde_json::Value;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::name_endpoint;
use crate::http::Fault;
use crate::oauth::fault::{excerpt, is_outage};
use crate::oauth::issuer;
use crate::oauth::message::Response;

use super::{authorization_request, known};

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.clone().ok()?;
    let redirect_uri = case.questions.redirect_uri.clone()?;
    let client_id = zone.client_id.as_deref()?;
    let Some(endpoint) = case.endpoint("authorization_endpoint") else {
        let verdict = Verdict::fail("the metadata names no authorization endpoint: nobody can sign in with a browser");
        return Some(verdict.fixed_by(name_endpoint(case, "--authorization-endpoint")));
    };
    let request = authorization_request::build(&zone, client_id, &endpoint, &redirect_uri, Some("none"))?;
    let registered = |how: &str| Verdict::ok(format!("{redirect_uri} is registered")).because_of(how);
    let reply = match case.ask(&request) {
        Ok(answer) if matches!(answer.status, 401 | 403 | 406) => case.ask(&authorization_request::as_browser(request)),
        reply => reply,
    };
    Some(match reply {
        Err(Fault::Redirect { target: Some(target), status, .. }) if target == issuer::origin(&redirect_uri) => {
            registered(&format!("GET {endpoint} with prompt=none: {status} back to {target}"))
        }
        // Ory Hydra shows its page for errors by a redirect.
        Err(Fault::Redirect { status, error: true, .. }) => {
            not_registered(case, client_id, &redirect_uri, format!("GET {endpoint}: {status} to a page for errors"))
        }
        Ok(answer) if answer.status == 200 => registered(&format!("GET {endpoint} with prompt=none: a sign-in page")),
        Err(Fault::Redirect { status, .. }) => registered(&format!("GET {endpoint}: {status} to a sign-in page")),
        Err(fault) => Verdict::fail("the authorization endpoint does not answer").because_of(fault.to_string()),
        Ok(answer) if is_outage(answer.status) => {
            let evidence = format!("{} from {endpoint} with prompt=none", answer.status);
            // Django OAuth Toolkit fails at prompt=none, and not before it has accepted the redirect URI.
            let plain = authorization_request::build(&zone, client_id, &endpoint, &redirect_uri, None)?;
            match case.ask(&plain) {
                Err(Fault::Redirect { .. }) | Ok(Response { status: 200, .. }) => {
                    Verdict::warn(format!("{redirect_uri} is probably registered, but the server fails at prompt=none"))
                        .because_of(format!("{evidence}; a sign-in page without"))
                        .fixed_by("sign in without --prompt none")
                }
                _ => Verdict::fail("the authorization endpoint is out of order").because_of(evidence),
            }
        }
        Ok(answer) => explain_refusal(case, client_id, &redirect_uri, answer.status, &answer.body),
    })
}

fn explain_refusal(case: &Case<'_>, client_id: &str, redirect_uri: &str, status: u16, body: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(body).into_owned();
    let evidence = format!("the authorization endpoint answers {status} in place of a redirect");
    if case.is_keycloak()
        && let Some(verdict) = known::read_page(case, "authorization_endpoint", client_id, &text)
    {
        return verdict.because_of(evidence);
    }
    let said = if serde_json::from_str::<Value>(&text).is_ok() {
        excerpt(body).unwrap_or_default()
    } else {
        "a page".to_owned()
    };
    not_registered(case, client_id, redirect_uri, format!("{evidence}: {said}"))
}

fn not_registered(case: &Case<'_>, client_id: &str, redirect_uri: &str, evidence: String) -> Verdict {
    let fix = if case.is_keycloak() {
        format!("Keycloak: Clients > {client_id} > Settings > Valid redirect URIs: add {redirect_uri}")
    } else {
        format!("register {redirect_uri} for {client_id} at the server")
    };
    Verdict::fail(format!("{redirect_uri} is not registered for {client_id}"))
        .because_of(evidence)
        .fixed_by(fix)
        .with_event(case.event("authorization_endpoint", "Invalid parameter: redirect_uri"))
}
