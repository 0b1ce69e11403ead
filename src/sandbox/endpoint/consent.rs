//! The page that asks the person for consent, and their decision.

use std::time::Duration;

use super::form::Form;
use super::page::{DECISION, escape, page};
use super::redirect::{redirect_back, redirect_error};
use super::request::Request;
use super::response::Response;
use crate::sandbox::model::{AuthorizationRequest, OAuthError};
use crate::sandbox::state::State;

/// How long the person may look at the page.
const PAGE_LIFETIME: Duration = Duration::from_secs(600);
/// How long a code may be redeemed (RFC 6749 §4.1.2: ten minutes at most).
const CODE_LIFETIME: Duration = Duration::from_secs(60);

pub fn ask(state: &State, asked: AuthorizationRequest) -> Result<Response, OAuthError> {
    let (client, person) = (escape(&asked.access.client_id), escape(&asked.access.subject));
    let scopes: Vec<_> = asked.access.scope.split(' ').map(|name| format!("<li>{}</li>\n", escape(name))).collect();
    let scopes = scopes.concat();
    let target = escape(asked.redirect_uri.split('?').next().unwrap_or_default());
    let ticket = state.issue_key(&state.records.pending, "", PAGE_LIFETIME, asked)?;
    let form = format!(
        "<p>The client <strong>{client}</strong> asks {person} to allow:</p>\n<ul>\n{scopes}</ul>\n\
         <p>The answer goes to {target}.</p>\n\
         <form method=\"post\" action=\"/sandbox/authorize\">\n\
         <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\n{DECISION}</form>"
    );
    Ok(page(200, "Allow access?", &form))
}

/// The decision. Only our own page contains the ticket, so no other page can decide for the person.
pub fn decide(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    let form = Form::read(request)?;
    let Some(asked) = form.get("ticket").and_then(|ticket| state.records.pending.take(state.now(), ticket)) else {
        return Ok(page(400, "This page was answered before", "<p>Start again in your application.</p>"));
    };
    request.note.client_id = Some(asked.access.client_id.clone());
    if form.get("decision") == Some("allow") {
        return allow(state, asked);
    }
    let error = OAuthError::new("access_denied", "the person denied access");
    request.note.error = Some(error.error);
    Ok(redirect_error(state, &asked.redirect_uri, asked.state.as_deref(), &error))
}

/// Sends a code to the client.
pub fn allow(state: &State, asked: AuthorizationRequest) -> Result<Response, OAuthError> {
    let (redirect_uri, echo) = (asked.redirect_uri.clone(), asked.state.clone());
    let code = state.issue_key(&state.records.codes, "code-", CODE_LIFETIME, asked)?;
    Ok(redirect_back(state, &redirect_uri, echo.as_deref(), &[("code", &code)]))
}
