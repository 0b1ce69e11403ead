//! The authorization endpoint (RFC 6749 §3.1), where the person allows access, and pushed requests (RFC 9126).

use std::time::Duration;

use serde_json::json;

use super::client_request::ClientRequest;
use super::form::Form;
use super::page::{DECISION, escape, page};
use super::request::Request;
use super::requested_access::requested_access;
use super::response::Response;
use crate::oauth::pkce;
use crate::sandbox::model::access::PERSON;
use crate::sandbox::model::redirect::{Redirect, is_allowed};
use crate::sandbox::model::{AuthorizationRequest, Client, OAuthError};
use crate::sandbox::state::State;

const PAGE_LIFETIME: Duration = Duration::from_secs(600);
/// How long a code may be redeemed (RFC 6749 §4.1.2: ten minutes at most).
const CODE_LIFETIME: Duration = Duration::from_secs(60);
const PUSHED_LIFETIME: Duration = Duration::from_secs(60);

enum Invalid {
    /// No redirect URI can be trusted (RFC 6749 §4.1.2.1): the person sees the reason.
    OnPage(String),
    /// The client learns the reason.
    AtClient(Redirect, Box<OAuthError>),
}

/// Answers a browser: with a page that asks the person, with their decision, or with an error.
pub fn respond(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    if request.method == "POST" {
        return decide(state, request);
    }
    match find_request(state, request) {
        Err(Invalid::OnPage(reason)) => {
            request.note.error = Some("invalid_request");
            Ok(page(400, "Invalid authorization request", &format!("<p>{}.</p>", escape(&reason))))
        }
        Err(Invalid::AtClient(redirect, error)) => Ok(refuse(state, request, &redirect, &error)),
        Ok(asked) if state.auto_consent => allow(state, asked),
        Ok(asked) if asked.silent => {
            let error = OAuthError::new("consent_required", "the person must be asked");
            Ok(refuse(state, request, &asked.redirect, &error))
        }
        Ok(asked) => ask(state, asked),
    }
}

/// Stores a request that the client sends itself (RFC 9126 §2).
pub fn push(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let (state, form) = (asked.state, &asked.form);
    form.require("client_id")?;
    if form.get("request_uri").is_some() {
        return Err(OAuthError::invalid_request("a pushed request has no request_uri"));
    }
    let request = parse_request(&asked.client, form).map_err(|invalid| match invalid {
        Invalid::OnPage(reason) => OAuthError::invalid_request(reason),
        Invalid::AtClient(_, error) => *error,
    })?;
    let request_uri =
        state.issue_key(&state.records.pushed, "urn:ietf:params:oauth:request_uri:", PUSHED_LIFETIME, request)?;
    Ok(Response::json(201, &json!({"request_uri": request_uri, "expires_in": PUSHED_LIFETIME.as_secs()})))
}

fn ask(state: &State, asked: AuthorizationRequest) -> Result<Response, OAuthError> {
    let (client, person) = (escape(&asked.access.client_id), escape(&asked.access.subject));
    let scopes: Vec<_> = asked.access.scope.split(' ').map(|name| format!("<li>{}</li>\n", escape(name))).collect();
    let scopes = scopes.concat();
    let target = escape(asked.redirect.uri.split('?').next().unwrap_or_default());
    let ticket = state.issue_key(&state.records.pending, "", PAGE_LIFETIME, asked)?;
    let form = format!(
        "<p>The client <strong>{client}</strong> asks {person} to allow:</p>\n<ul>\n{scopes}</ul>\n\
         <p>The answer goes to {target}.</p>\n\
         <form method=\"post\" action=\"/sandbox/authorize\">\n\
         <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\n{DECISION}</form>"
    );
    Ok(page(200, "Allow access?", &form))
}

/// The person's decision. Only our own page contains the ticket, so no other page can decide.
fn decide(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    let form = Form::read(request)?;
    let Some(asked) = form.get("ticket").and_then(|ticket| state.records.pending.take(state.now(), ticket)) else {
        return Ok(page(400, "This page was answered before", "<p>Start again in your application.</p>"));
    };
    request.note.client_id = Some(asked.access.client_id.clone());
    if form.get("decision") == Some("allow") {
        return allow(state, asked);
    }
    let error = OAuthError::new("access_denied", "the person denied access");
    Ok(refuse(state, request, &asked.redirect, &error))
}

fn allow(state: &State, asked: AuthorizationRequest) -> Result<Response, OAuthError> {
    let redirect = asked.redirect.clone();
    let code = state.issue_key(&state.records.codes, "code-", CODE_LIFETIME, asked)?;
    Ok(Response::redirect(redirect.location(state.issuer(), &[("code", &code)])))
}

/// Sends an error to the client (RFC 6749 §4.1.2.1).
fn refuse(state: &State, request: &mut Request, redirect: &Redirect, error: &OAuthError) -> Response {
    request.note.error = Some(error.error);
    let members = [("error", error.error), ("error_description", &error.description)];
    Response::redirect(redirect.location(state.issuer(), &members))
}

/// The authorization request in the query, or the pushed one that it refers to.
fn find_request(state: &State, request: &mut Request) -> Result<AuthorizationRequest, Invalid> {
    let on_page = |reason: &str| Invalid::OnPage(reason.to_owned());
    let form = Form::parse(&request.query).map_err(|error| Invalid::OnPage(error.description))?;
    let id = form.require("client_id").map_err(|error| Invalid::OnPage(error.description))?;
    let client = state.find_client(id).ok_or_else(|| on_page("the client is unknown"))?;
    request.note.client_id = Some(client.id.clone());
    let Some(request_uri) = form.get("request_uri") else { return parse_request(&client, &form) };
    // Parameters besides request_uri and client_id are ignored (RFC 9126 §4).
    let pushed = state.records.pushed.take(state.now(), request_uri);
    let pushed = pushed.filter(|pushed| pushed.access.client_id == client.id);
    pushed.ok_or_else(|| on_page("this request_uri is unknown, was used before, or has expired"))
}

fn parse_request(client: &Client, form: &Form) -> Result<AuthorizationRequest, Invalid> {
    let uri = form.require("redirect_uri").map_err(|error| Invalid::OnPage(error.description))?;
    if !is_allowed(&client.redirect_uris, uri) {
        return Err(Invalid::OnPage("this redirect URI is not registered".to_owned()));
    }
    let redirect = Redirect { uri: uri.to_owned(), state: form.get("state").map(str::to_owned) };
    let at_client = |error| Invalid::AtClient(redirect.clone(), Box::new(error));
    check_parameters(form).map_err(at_client)?;
    Ok(AuthorizationRequest {
        access: requested_access(form, &client.id, PERSON).map_err(at_client)?,
        challenge: form.require("code_challenge").map_err(at_client)?.to_owned(),
        silent: form.get("prompt") == Some("none"),
        redirect,
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
