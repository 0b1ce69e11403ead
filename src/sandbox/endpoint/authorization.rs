//! The authorization endpoint (RFC 6749 §3.1).

use super::consent;
use super::form::Form;
use super::page::{escape, page};
use super::redirect::{self, redirect_error};
use super::request::Request;
use super::requested_access::requested_access;
use super::response::Response;
use crate::oauth::pkce;
use crate::sandbox::model::access::PERSON;
use crate::sandbox::model::{AuthorizationRequest, Client, OAuthError};
use crate::sandbox::state::State;

/// Why a request is not valid.
enum Invalid {
    /// No redirect URI can be trusted (RFC 6749 §4.1.2.1): the person sees the reason.
    OnPage(String),
    /// The client learns the reason, at its redirect URI and with its state.
    AtClient(String, Option<String>, Box<OAuthError>),
}

/// Answers a browser: with a page that asks the person, with their decision, or with an error.
pub fn respond(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    if request.method == "POST" {
        return consent::decide(state, request);
    }
    match find_request(state, request) {
        Err(Invalid::OnPage(reason)) => {
            request.note.error = Some("invalid_request");
            Ok(page(400, "Invalid authorization request", &format!("<p>{}.</p>", escape(&reason))))
        }
        Err(Invalid::AtClient(redirect_uri, echo, error)) => {
            request.note.error = Some(error.error);
            Ok(redirect_error(state, &redirect_uri, echo.as_deref(), &error))
        }
        Ok(asked) if state.auto_consent => consent::allow(state, asked),
        Ok(asked) if asked.silent => {
            let error = OAuthError::new("consent_required", "the person must be asked");
            request.note.error = Some(error.error);
            Ok(redirect_error(state, &asked.redirect_uri, asked.state.as_deref(), &error))
        }
        Ok(asked) => consent::ask(state, asked),
    }
}

/// The authorization request in the query, or the pushed one that it refers to.
fn find_request(state: &State, request: &mut Request) -> Result<AuthorizationRequest, Invalid> {
    let on_page = |reason: &str| Invalid::OnPage(reason.to_owned());
    let form = Form::parse(&request.query).map_err(|error| Invalid::OnPage(error.description))?;
    let id = form.require("client_id").map_err(|error| Invalid::OnPage(error.description))?;
    let client = state.clients.find(id).ok_or_else(|| on_page("the client is unknown"))?;
    request.note.client_id = Some(client.id.clone());
    let Some(request_uri) = form.get("request_uri") else { return parse_request(&client, &form) };
    // Parameters besides request_uri and client_id are ignored (RFC 9126 §4).
    let pushed =
        state.records.pushed.take(state.now(), request_uri).filter(|pushed| pushed.access.client_id == client.id);
    pushed.ok_or_else(|| on_page("this request_uri is unknown, was used before, or has expired"))
}

/// Reads a pushed authorization request (RFC 9126 §2.1).
pub fn parse_pushed(client: &Client, form: &Form) -> Result<AuthorizationRequest, OAuthError> {
    if form.get("request_uri").is_some() {
        return Err(OAuthError::invalid_request("a pushed request has no request_uri"));
    }
    parse_request(client, form).map_err(|invalid| match invalid {
        Invalid::OnPage(reason) => OAuthError::invalid_request(reason),
        Invalid::AtClient(_, _, error) => *error,
    })
}

fn parse_request(client: &Client, form: &Form) -> Result<AuthorizationRequest, Invalid> {
    let redirect_uri = form.require("redirect_uri").map_err(|error| Invalid::OnPage(error.description))?;
    if !redirect::is_allowed(&client.redirect_uris, redirect_uri) {
        return Err(Invalid::OnPage("this redirect URI is not registered".to_owned()));
    }
    let state = form.get("state").map(str::to_owned);
    let at_client = |error| Invalid::AtClient(redirect_uri.to_owned(), state.clone(), Box::new(error));
    check_parameters(form).map_err(at_client)?;
    Ok(AuthorizationRequest {
        access: requested_access(form, &client.id, PERSON).map_err(at_client)?,
        redirect_uri: redirect_uri.to_owned(),
        challenge: form.require("code_challenge").map_err(at_client)?.to_owned(),
        silent: form.get("prompt") == Some("none"),
        state: state.clone(),
    })
}

fn check_parameters(form: &Form) -> Result<(), OAuthError> {
    if form.require("response_type")? != "code" {
        return Err(OAuthError::new("unsupported_response_type", "response_type must be code"));
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(OAuthError::invalid_request("response_mode must be query"));
    }
    if form.get("request").is_some() {
        return Err(OAuthError::new("request_not_supported", "request objects are not supported"));
    }
    let challenge = form.require("code_challenge")?;
    let is_base64url = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
    let is_s256 = form.get("code_challenge_method") == Some(pkce::METHOD);
    if !is_s256 || challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
        return Err(OAuthError::invalid_request("the code challenge is not an S256 challenge (RFC 7636)"));
    }
    Ok(())
}
