//! Whether the server sends a browser back to this redirect URI. It is asked without a user: `prompt=none`.

use serde_json::Value;

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Hint;
use crate::http::Fault;
use crate::oauth::authorization::{self, AuthorizationParameters};
use crate::oauth::fault::{excerpt, is_outage};
use crate::oauth::issuer;
use crate::oauth::message::Request;

/// The challenge of a verifier that nobody has: nothing can be redeemed.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.clone().ok()?;
    let redirect_uri = case.questions.redirect_uri.clone()?;
    let client_id = zone.client_id.as_deref()?;
    let Some(endpoint) = case.endpoint("authorization_endpoint") else {
        return Some(Verdict::fail("the metadata names no authorization endpoint: nobody can sign in with a browser"));
    };
    let scope = ["openid".to_owned()];
    let mut token = zone.token_parameters();
    token.scope = &scope;
    let parameters = authorization::parameters(&AuthorizationParameters {
        client_id,
        redirect_uri: &redirect_uri,
        state: "hallpass-doctor",
        nonce: "hallpass-doctor",
        challenge: CHALLENGE,
        prompt: Some("none"),
        login_hint: None,
        acr: None,
        max_age: None,
        token,
    });
    let url = authorization::url(&endpoint, &parameters).ok()?;
    // As with a credential, no redirect is followed: where it leads is the answer.
    let request = Request { credential: true, ..Request::metadata(url) };
    let registered = |how: &str| Verdict::ok(format!("{redirect_uri} is registered")).because_of(how);
    Some(match case.ask(&request) {
        Err(Fault::Redirect { target: Some(target), status, .. }) if target == issuer::origin(&redirect_uri) => {
            registered(&format!("GET {endpoint} with prompt=none: {status} back to {target}"))
        }
        Ok(answer) if answer.status == 200 => registered(&format!("GET {endpoint} with prompt=none: a sign-in page")),
        Err(Fault::Redirect { status, .. }) => registered(&format!("GET {endpoint}: {status} to a sign-in page")),
        Err(fault) => Verdict::fail("the authorization endpoint does not answer").because_of(fault.to_string()),
        Ok(answer) if is_outage(answer.status) => Verdict::fail("the authorization endpoint is out of order")
            .because_of(format!("{} from {endpoint}", answer.status)),
        Ok(answer) => explain_refusal(case, client_id, &redirect_uri, answer.status, &answer.body),
    })
}

fn explain_refusal(case: &Case<'_>, client_id: &str, redirect_uri: &str, status: u16, body: &[u8]) -> Verdict {
    let zone = case.zone.as_ref().map_or("", |zone| &zone.name);
    let text = String::from_utf8_lossy(body).into_owned();
    let says = |words: &str| text.contains(words);
    let evidence = format!("the authorization endpoint answers {status} in place of a redirect");
    if case.is_keycloak() && says("Client disabled") {
        return Verdict::fail(format!("the client {client_id} is disabled"))
            .because_of(evidence)
            .fixed_by(format!("Keycloak: Clients > {client_id} > Enabled: on"));
    }
    if case.is_keycloak() && says("Client not found") {
        return Verdict::fail(format!("the realm has no client {client_id}"))
            .because_of(evidence)
            .fixed_by(Hint::edit(zone, "--client-id ID").purpose("check the client_id").to_string());
    }
    let said = if serde_json::from_str::<Value>(&text).is_ok() {
        excerpt(body).unwrap_or_default()
    } else {
        "a page".to_owned()
    };
    let fix = if case.is_keycloak() {
        format!("Keycloak: Clients > {client_id} > Settings > Valid redirect URIs: add {redirect_uri}")
    } else {
        format!("register {redirect_uri} for {client_id} at the server")
    };
    Verdict::fail(format!("{redirect_uri} is not registered for {client_id}"))
        .because_of(format!("{evidence}: {said}"))
        .fixed_by(fix)
}
