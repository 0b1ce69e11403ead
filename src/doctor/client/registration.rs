//! Whether clients may register (RFC 7591). What is sent can't register: a body that is no JSON, and at Keycloak a redirect
//! URI that is no URI. With an initial access token a client is registered and removed again.

use serde_json::{Map, Value, json};

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::name_endpoint;
use crate::error::Error;
use crate::error::refusal::Refusal;
use crate::oauth::fault::is_outage;
use crate::oauth::message::{Body, Request, Response};
use crate::oauth::{issuer, registration};
use crate::secret::Secret;

/// The name of the client that is registered and removed.
const NAME: &str = "hallpass doctor";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let Some(endpoint) = case.endpoint("registration_endpoint") else {
        let verdict = Verdict::fail("the metadata names no registration endpoint: clients can't register themselves");
        return Some(verdict.fixed_by(name_endpoint(case, "--registration-endpoint")));
    };
    if let Some(token) = case.questions.initial_token.clone() {
        return Some(register_and_remove(case, &endpoint, &token));
    }
    let mut request = registration::register(&endpoint, &Map::new(), None);
    request.body = Body::Json("{".into());
    let answer = match case.ask(&request) {
        Ok(answer) => answer,
        Err(fault) => return Some(Verdict::of_error(&Error::from(fault))),
    };
    if is_outage(answer.status) || !matches!(answer.status, 400..=403 | 422) {
        return Some(
            Verdict::fail("the registration endpoint does not speak RFC 7591")
                .because_of(format!("POST {endpoint} of no JSON: {}", answer.status)),
        );
    }
    if !case.is_keycloak() {
        return Some(match answer.status {
            401 | 403 => closed(&format!("POST {endpoint} without a token: {}", answer.status)),
            // Authlib looks for a token first, and answers 400.
            status if is_denied(&answer) => closed(&format!("POST {endpoint} without a token: {status} access_denied")),
            status => {
                Verdict::ok("the registration endpoint reads what is sent").because_of(format!("no JSON: {status}"))
            }
        });
    }
    // Its policies are asked after the body is read.
    let unusable = json!({"redirect_uris": ["no uri"]}).as_object().cloned().unwrap_or_default();
    let request = registration::register(&endpoint, &unusable, None);
    Some(match case.ask(&request) {
        Ok(answer) if matches!(answer.status, 401 | 403) => refused(case, &request, &answer),
        Ok(answer) => Verdict::ok("the realm takes registrations from this machine")
            .because_of(format!("an unusable redirect URI: {}", answer.status)),
        Err(fault) => Verdict::of_error(&Error::from(fault)),
    })
}

fn is_denied(answer: &Response) -> bool {
    let fault = crate::oauth::error::read("the registration", answer);
    matches!(fault, crate::oauth::Fault::Refused(response) if response.error == "access_denied")
}

fn closed(evidence: &str) -> Verdict {
    Verdict::fail("registration is closed to those without an initial access token")
        .because_of(evidence)
        .fixed_by("get one from the server's administrator: --initial-token-from SOURCE")
}

fn refused(case: &Case<'_>, request: &Request, answer: &Response) -> Verdict {
    let Ok(zone) = &case.zone else { return closed("") };
    let fault = crate::oauth::error::read("the registration", answer);
    let error = Refusal { zone, endpoint: "registration_endpoint", request, proof: None }.explain(fault);
    Verdict::of_error(&error)
}

/// Nobody knows whether the server did it.
fn in_doubt(evidence: &str) -> Verdict {
    Verdict::fail(format!("no answer to the registration came: a client named {NAME} may be left at the server"))
        .because_of(evidence)
        .fixed_by(format!(
            "look for the client {NAME} at the server, and remove it; the initial access token may be spent"
        ))
}

fn register_and_remove(case: &mut Case<'_>, endpoint: &str, token: &Secret) -> Verdict {
    let metadata = json!({
        "client_name": NAME, "grant_types": ["authorization_code"], "redirect_uris": ["http://127.0.0.1/callback"]
    });
    let request = registration::register(endpoint, metadata.as_object().unwrap_or(&Map::new()), Some(token));
    let answer = match case.ask(&request) {
        Ok(answer) if registration::is_success(&answer) => answer,
        Ok(answer) if is_outage(answer.status) => return in_doubt(&format!("POST {endpoint}: {}", answer.status)),
        Ok(answer) => return refused(case, &request, &answer),
        Err(fault) if fault.not_sent() => return Verdict::of_error(&Error::from(fault)),
        Err(fault) => return in_doubt(&format!("POST {endpoint}: {fault}")),
    };
    let said = Value::Object(serde_json::from_slice(&answer.body).unwrap_or_default());
    let managed = said["registration_client_uri"].as_str().zip(said["registration_access_token"].as_str());
    let id = crate::text::sanitize(said["client_id"].as_str().unwrap_or_default());
    let left = |why: &str| {
        Verdict::warn(format!("the client {id} was registered, but could not be removed again"))
            .because_of(why)
            .fixed_by(format!("remove the client {id} at the server"))
    };
    let Some((url, token)) = managed else { return left("the answer has no registration access token") };
    if issuer::origin(url) != issuer::origin(endpoint) {
        return left("the answer names another host to manage it");
    }
    let token = Secret::new(token);
    case.cx.ui.secrets().add(token.expose());
    match case.ask(&registration::remove(url, &token)) {
        Ok(answer) if registration::read_removal(&answer).is_ok() => {
            Verdict::ok("a client was registered with the initial access token, and removed again")
        }
        Ok(answer) => left(&format!("DELETE answered {}", answer.status)),
        Err(fault) => left(&fault.to_string()),
    }
}
