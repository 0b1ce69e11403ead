//! Device authorization (RFC 8628): codes for the device and for the person, and a page to type the person's code.

use std::time::Duration;

use serde_json::json;

use super::client_request::ClientRequest;
use super::form::Form;
use super::page::{DECISION, escape, page};
use super::request::Request;
use super::requested_access::requested_access;
use super::response::Response;
use crate::sandbox::Error;
use crate::sandbox::model::access::PERSON;
use crate::sandbox::model::{Device, OAuthError};
use crate::sandbox::state::State;

const LIFETIME: Duration = Duration::from_secs(600);
/// The time between two polls (RFC 8628 §3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// Where consent is automatic.
const AUTO_CONSENT_INTERVAL: Duration = Duration::from_secs(1);
/// Letters that can't be mistaken for each other and make no word (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Answers a device authorization request (RFC 8628 §3.1).
pub fn authorize(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let (state, now) = (asked.state, asked.state.now());
    let user_code = random_user_code(state)?;
    let interval = if state.auto_consent { AUTO_CONSENT_INTERVAL } else { INTERVAL };
    let device = Device {
        user_code: user_code.clone(),
        access: requested_access(&asked.form, &asked.client.id, PERSON)?,
        expires_at: now.plus(LIFETIME),
        interval,
        polled_at: None,
        decision: state.auto_consent.then_some(true),
    };
    // An expired device is kept for a while, so that its poll hears `expired_token`.
    let device_code = state.issue_key(&state.records.devices, "", 2 * LIFETIME, device)?;
    let page = format!("{}/device", state.issuer());
    Ok(Response::json(
        200,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": LIFETIME.as_secs(),
            "interval": interval.as_secs(),
        }),
    ))
}

/// The page where the person types the code and decides (RFC 8628 §3.3).
pub fn verify(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    if request.method != "POST" {
        return Ok(ask(&request.query_value("user_code").unwrap_or_default()));
    }
    let form = Form::read(request)?;
    let typed = form.get("user_code").unwrap_or_default();
    let is_allowed = match form.get("decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Ok(ask(typed)),
    };
    let now = state.now();
    let decide = |_: &str, device: &mut Device| device.decision = Some(is_allowed);
    Ok(match state.records.devices.update(now, |_, device| device.is_waiting_for(typed, now), decide) {
        None => page(400, "Unknown code", "<p>It may have expired. Check the code on the device.</p>"),
        Some(()) if is_allowed => page(200, "The device is signed in", "<p>You can close this page.</p>"),
        Some(()) => page(200, "Access denied", "<p>You can close this page.</p>"),
    })
}

fn ask(typed: &str) -> Response {
    let typed = escape(typed);
    page(
        200,
        "Sign in a device",
        &format!(
            "<form method=\"post\" action=\"/sandbox/device\">\n\
             <p><label>The code that the device shows<br>\n\
             <input name=\"user_code\" value=\"{typed}\" autocomplete=\"off\" autofocus></label></p>\n{DECISION}</form>"
        ),
    )
}

fn random_user_code(state: &State) -> Result<String, Error> {
    let mut bytes = [0; 8];
    state.entropy.fill(&mut bytes).map_err(Error::Entropy)?;
    let mut letters: String =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    letters.insert(4, '-');
    Ok(letters)
}
