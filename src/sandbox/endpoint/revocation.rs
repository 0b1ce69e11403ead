//! Revocation (RFC 7009).

use super::client_request::ClientRequest;
use super::response::Response;
use crate::edges::Moment;
use crate::oauth::claim;
use crate::sandbox::model::{OAuthError, RefreshTokenFamily};

/// An unknown, expired or revoked token is answered with 200, too (RFC 7009 §2.2).
pub fn respond(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let (state, token) = (asked.state, asked.form.require("token")?);
    let require_owner = |owner: Option<&str>| match owner {
        Some(owner) if owner == asked.client.id => Ok(()),
        _ => Err(OAuthError::new("unauthorized_client", "the token was issued to another client")),
    };
    // The access tokens of a refresh token end, too (RFC 7009 §2.1).
    let end = |_: &str, family: &mut RefreshTokenFamily| {
        require_owner(Some(&family.access.client_id)).map(|()| family.ended = true)
    };
    state.with_family_of(token, end).transpose()?;
    if let Some(claims) = state.active_claims(token) {
        require_owner(claim::text(&claims, "client_id"))?;
        if let (Some(jti), Some(exp)) = (claim::text(&claims, "jti"), claim::date(&claims, "exp")) {
            state.records.revoked.insert(state.now(), Moment::from_epoch(exp), jti.to_owned(), ());
        }
    }
    Ok(Response::empty(200))
}
