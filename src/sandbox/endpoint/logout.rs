//! The end of a session (OpenID Connect RP-Initiated Logout §2).

use super::client_request::ClientRequest;
use super::form::Form;
use super::page::page;
use super::request::Request;
use super::response::Response;
use crate::oauth::claim;
use crate::sandbox::model::OAuthError;
use crate::sandbox::model::session::SESSION_CLAIM;
use crate::sandbox::state::State;

/// Ends the session of an `id_token_hint`, or of a refresh token as at Keycloak.
pub fn respond(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    if request.method != "POST" {
        let hint = request.query_value("id_token_hint").unwrap_or_default();
        return end_session(state, &hint);
    }
    let form = Form::read(request)?;
    let Some(token) = form.get("refresh_token").map(str::to_owned) else {
        return end_session(state, form.get("id_token_hint").unwrap_or_default());
    };
    let asked = ClientRequest::authenticate(state, request, form)?;
    let ended = state.with_family_of(&token, |_, family| {
        family.ended |= family.access.client_id == asked.client.id;
        family.ended
    });
    if ended == Some(false) {
        return Err(OAuthError::invalid_grant("the token was issued to another client"));
    }
    Ok(Response::empty(204))
}

/// An expired ID token is accepted as a hint (RP-Initiated Logout §2).
fn end_session(state: &State, hint: &str) -> Result<Response, OAuthError> {
    let claims = state.signer.verify(hint);
    let claims = claims.ok_or_else(|| OAuthError::invalid_request("the id_token_hint is not from this server"))?;
    let session = claim::text(&claims, SESSION_CLAIM);
    state.end_session(session.ok_or_else(|| OAuthError::invalid_request("the id_token_hint names no session"))?);
    Ok(page(200, "You are signed out", "<p>You can close this page.</p>"))
}
