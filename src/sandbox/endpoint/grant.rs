//! The token endpoint (RFC 6749 §3.2) and its grants.

mod token_exchange;

use serde_json::Value;

use super::assertion::verified_workload;
use super::client_request::ClientRequest;
use super::requested_access::{narrow_scope, replace_audience, requested_access};
use super::response::Response;
use super::token_response::{Binding, TokenRequest};
use crate::oauth::grant::Grant as GrantType;
use crate::oauth::pkce::Verifier;
use crate::sandbox::model::OAuthError;
use crate::secret::Secret;

type Grant = fn(&TokenRequest<'_>) -> Result<Value, OAuthError>;

const SERVED: [(&str, Grant); 6] = [
    ("authorization_code", redeem_code),
    ("client_credentials", issue_for_client),
    ("refresh_token", refresh_session),
    (GrantType::DeviceCode.registered_name(), redeem_device_code),
    (GrantType::JwtBearer.registered_name(), issue_for_workload),
    (GrantType::TokenExchange.registered_name(), token_exchange::exchange_token),
];

pub fn names() -> [&'static str; SERVED.len()] {
    SERVED.map(|(name, _)| name)
}

/// For the log: a name that is not served could be a secret in the wrong place.
pub fn loggable_name(requested: &str) -> &'static str {
    names().into_iter().find(|name| *name == requested).unwrap_or("unknown")
}

pub fn respond(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let ClientRequest { state, form, client, .. } = asked;
    let binding = Binding::read(asked)?;
    let name = form.require("grant_type")?;
    if client.grants.as_ref().is_some_and(|grants| !grants.iter().any(|grant| grant == name)) {
        return Err(OAuthError::new("unauthorized_client", "the client did not register this grant"));
    }
    let grant = SERVED.iter().find(|(served, _)| *served == name).map(|(_, grant)| grant);
    let grant = grant.ok_or_else(|| OAuthError::new("unsupported_grant_type", "this grant is not supported"))?;
    Ok(Response::json(200, &grant(&TokenRequest { state, client, form, binding })?))
}

/// RFC 6749 §4.4, but for public clients too, so that `none` can be tried.
fn issue_for_client(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    asked.issue_token(&requested_access(asked.form, &asked.client.id, &asked.client.id)?, &[])
}

/// RFC 7523 §2.1: a token for the workload that the assertion names.
fn issue_for_workload(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    let assertion = asked.form.require("assertion")?;
    let subject = verified_workload(asked.state, assertion).map_err(OAuthError::invalid_grant)?;
    asked.issue_token(&requested_access(asked.form, &asked.client.id, &subject)?, &[])
}

/// RFC 8628 §3.4.
fn redeem_device_code(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    let code = asked.form.require("device_code")?;
    let (devices, now) = (&asked.state.records.devices, asked.state.now());
    let polled = devices.update(
        now,
        |known, device| known == code && device.access.client_id == asked.client.id,
        |_, device| device.poll(now),
    );
    let unknown = || OAuthError::invalid_grant("the device code is unknown or was used before");
    let access = polled.ok_or_else(unknown)??;
    devices.take(now, code);
    asked.start_session(&access)
}

/// RFC 6749 §6: scope and audience may change for this access token only. A refusal does not use up the refresh token.
fn refresh_session(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    let token = asked.form.require("refresh_token")?;
    let next = asked.new_refresh_token()?;
    let rotated = asked.state.with_family_of(token, |session, family| {
        let mut access = family.access.clone();
        if family.is_valid(token) {
            narrow_scope(asked.form, &mut access)?;
            replace_audience(asked.form, &mut access)?;
        }
        family.rotate(&asked.client.id, token, next.clone()).map(|()| (session.to_owned(), access))
    });
    let (session, access) = rotated.ok_or_else(|| OAuthError::invalid_grant("the refresh token is unknown"))??;
    asked.issue_session_tokens(&access, &session, &next)
}

/// RFC 6749 §4.1.3, RFC 7636 §4.6. The code is used up in any case.
fn redeem_code(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    let (state, form, refused) = (asked.state, asked.form, OAuthError::invalid_grant);
    let request = state.records.codes.take(state.now(), form.require("code")?);
    let request = request.ok_or_else(|| refused("the code is unknown, was used before, or has expired"))?;
    let mut access = request.access;
    if access.client_id != asked.client.id {
        return Err(refused("the code was issued to another client"));
    }
    if form.get("redirect_uri") != Some(&request.redirect.uri) {
        return Err(refused("redirect_uri is not the one of the authorization request"));
    }
    let verifier = form.get("code_verifier").and_then(|verifier| Verifier::read(Secret::new(verifier)).ok());
    if verifier.is_none_or(|verifier| verifier.challenge() != request.challenge) {
        return Err(refused("the code verifier does not match the challenge"));
    }
    replace_audience(form, &mut access)?;
    asked.start_session(&access)
}
