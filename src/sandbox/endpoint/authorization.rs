//! The authorization endpoint (RFC 6749 §3.1): a page that asks the person, and the way back to the client.

use std::time::Duration;

use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::issue;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::endpoint::page::{escape, page};
use crate::sandbox::endpoint::redirect;
use crate::sandbox::model::client::Client;
use crate::sandbox::model::person;
use crate::sandbox::model::refresh::Right;
use crate::sandbox::state::State;

/// How long a person may look at the page.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a code lives (RFC 6749 §4.1.2 wants ten minutes at the most).
const CODE: Duration = Duration::from_secs(60);
/// How long a pushed request is kept.
pub const PUSHED: Duration = Duration::from_secs(60);

/// A request that is in order.
#[derive(Clone)]
pub struct Request {
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    scope: String,
    audience: Value,
    nonce: Option<String>,
    challenge: String,
    silent: bool,
}

/// What a person allowed, for who brings the code.
pub struct Consent {
    /// To whom.
    pub right: Right,
    /// Where the code went.
    pub redirect_uri: String,
    /// What the verifier must hash to.
    pub challenge: String,
}

/// Why there is no page.
enum Objection {
    /// Nobody knows where to send it (RFC 6749 §4.1.2.1): the person is told.
    Here(&'static str),
    /// The client is told, at its redirect URI.
    There(String, Option<String>, Refusal),
}

impl Request {
    /// Reads a request of this client.
    fn read(client: &Client, form: &Form) -> Result<Self, Objection> {
        let redirect_uri = form.get("redirect_uri").ok_or(Objection::Here("redirect_uri is missing"))?;
        if !redirect::allowed(&client.redirect_uris, redirect_uri) {
            return Err(Objection::Here("this redirect URI is not registered"));
        }
        let state = form.get("state").map(str::to_owned);
        Self::asked(client, form, redirect_uri)
            .map_err(|refusal| Objection::There(redirect_uri.to_owned(), state.clone(), refusal))
    }

    fn asked(client: &Client, form: &Form, redirect_uri: &str) -> Result<Self, Refusal> {
        match form.get("response_type") {
            Some("code") => {}
            None => return Err(Refusal::request("response_type is missing")),
            Some(_) => return Err(Refusal::new(400, "unsupported_response_type", "the response type is code")),
        }
        if form.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Refusal::request("the response mode is query"));
        }
        if form.get("request").is_some() {
            return Err(Refusal::new(400, "request_not_supported", "request objects are not read here"));
        }
        let challenge = form.get("code_challenge").ok_or(Refusal::request("code_challenge is missing (RFC 7636)"))?;
        let sound = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
        if form.get("code_challenge_method") != Some("S256") || challenge.len() != 43 || !challenge.bytes().all(sound) {
            return Err(Refusal::request("the code challenge is not one of S256"));
        }
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: form.get("state").map(str::to_owned),
            scope: issue::scope(form)?,
            audience: issue::audience(form)?,
            nonce: form.get("nonce").map(str::to_owned),
            challenge: challenge.to_owned(),
            silent: form.get("prompt") == Some("none"),
        })
    }

    /// Reads a pushed request (RFC 9126 §2.1): all that is wrong is told to the client at once.
    ///
    /// # Errors
    /// The refusal of the first parameter that is wrong.
    pub fn pushed(client: &Client, form: &Form) -> Result<Self, Refusal> {
        if form.get("request_uri").is_some() {
            return Err(Refusal::request("a pushed request has no request_uri"));
        }
        Self::read(client, form).map_err(|objection| match objection {
            Objection::Here(description) => Refusal::request(description),
            Objection::There(_, _, refusal) => refusal,
        })
    }
}

/// Answers a browser: the page, what the person said on it, or the way back.
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    if call.method == "POST" {
        return said(state, call);
    }
    match request(state, call) {
        Err(Objection::Here(what)) => {
            call.note.error = Some("invalid_request");
            Ok(page(400, "This request is not in order", &format!("<p>{}.</p>", escape(what))))
        }
        Err(Objection::There(redirect_uri, echo, refusal)) => {
            call.note.error = Some(refusal.error);
            Ok(refused(state, &redirect_uri, echo.as_deref(), refusal))
        }
        Ok(request) if state.auto_consent => allowed(state, request),
        Ok(request) if request.silent => {
            let refusal = Refusal::new(400, "consent_required", "a person has to be asked");
            call.note.error = Some(refusal.error);
            Ok(refused(state, &request.redirect_uri, request.state.as_deref(), refusal))
        }
        Ok(request) => question(state, request),
    }
}

fn request(state: &State, call: &mut Call) -> Result<Request, Objection> {
    let broken = |refusal: Refusal| Objection::Here(refusal.description);
    let form = Form::of(call.query.as_deref().unwrap_or_default()).map_err(broken)?;
    let id = form.get("client_id").ok_or(Objection::Here("client_id is missing"))?;
    let client = state.clients.find(id).ok_or(Objection::Here("this client is not known"))?;
    call.note.client_id = Some(client.id.clone());
    let Some(request_uri) = form.get("request_uri") else { return Request::read(&client, &form) };
    // What stands beside the handle is not looked at (RFC 9126 §4).
    let known = state.pushed.take(state, request_uri).filter(|request| request.client_id == client.id);
    known.ok_or(Objection::Here("this request_uri is unknown, was used before, or has expired"))
}

fn question(state: &State, request: Request) -> Result<Reply, Refusal> {
    let client = escape(&request.client_id);
    let scopes: Vec<String> = request.scope.split(' ').map(|name| format!("<li>{}</li>\n", escape(name))).collect();
    let scopes = scopes.concat();
    let back = escape(request.redirect_uri.split('?').next().unwrap_or_default());
    let ticket = state.tickets.put(state, "", PATIENCE, request)?;
    Ok(page(
        200,
        "Allow access?",
        &format!(
            "<p>The client <strong>{client}</strong> asks {who} to allow:</p>\n<ul>\n{scopes}</ul>\n\
             <p>The answer goes to {back}.</p>\n\
             <form method=\"post\" action=\"/sandbox/authorize\">\n\
             <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\n\
             <p><button name=\"decision\" value=\"allow\">Allow</button> \
             <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>",
            who = person::SUBJECT,
        ),
    ))
}

/// What the person said. The ticket stands on our page alone, so that no other page can answer for them.
fn said(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let Some(request) = form.get("ticket").and_then(|ticket| state.tickets.take(state, ticket)) else {
        return Ok(page(400, "This page was answered before", "<p>Begin again where you came from.</p>"));
    };
    call.note.client_id = Some(request.client_id.clone());
    if form.get("decision") == Some("allow") {
        return allowed(state, request);
    }
    let refusal = Refusal::new(400, "access_denied", "the person said no");
    call.note.error = Some(refusal.error);
    Ok(refused(state, &request.redirect_uri, request.state.as_deref(), refusal))
}

fn allowed(state: &State, request: Request) -> Result<Reply, Refusal> {
    let Request { client_id, redirect_uri, state: echo, scope, audience, nonce, challenge, .. } = request;
    let right = Right { client_id, subject: person::SUBJECT.to_owned(), scope, audience, nonce };
    let consent = Consent { right, redirect_uri: redirect_uri.clone(), challenge };
    let code = state.codes.put(state, "code-", CODE, consent)?;
    Ok(back(state, &redirect_uri, echo.as_deref(), &[("code", &code)]))
}

fn refused(state: &State, redirect_uri: &str, echo: Option<&str>, refusal: Refusal) -> Reply {
    back(state, redirect_uri, echo, &[("error", refusal.error), ("error_description", refusal.description)])
}

/// The way back, with what binds it to the request and who answers (RFC 9207 §2).
fn back(state: &State, redirect_uri: &str, echo: Option<&str>, members: &[(&str, &str)]) -> Reply {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(members);
    query.extend_pairs(echo.map(|echo| ("state", echo)));
    query.append_pair("iss", &state.issuer);
    let join = if redirect_uri.contains('?') { '&' } else { '?' };
    Reply::redirect(format!("{redirect_uri}{join}{}", query.finish()))
}
