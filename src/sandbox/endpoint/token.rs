//! The token endpoint (RFC 6749 §3.2).

use super::client_request::ClientRequest;
use super::grant;
use super::response::Response;
use super::token_response::{Binding, TokenRequest};
use crate::sandbox::model::OAuthError;

pub fn respond(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let ClientRequest { state, form, client, .. } = asked;
    let binding = Binding::read(asked)?;
    let name = form.require("grant_type")?;
    if client.grants.as_ref().is_some_and(|grants| !grants.iter().any(|grant| grant == name)) {
        return Err(OAuthError::new("unauthorized_client", "the client did not register this grant"));
    }
    let answer = grant::find_grant(name)?;
    Ok(Response::json(200, &answer(&TokenRequest { state, client, form, binding })?))
}
