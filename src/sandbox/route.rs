//! Which endpoint answers a request.

use serde_json::Value;

use super::endpoint::client_request::ClientRequest;
use super::endpoint::form::Form;
use super::endpoint::request::Request;
use super::endpoint::response::Response;
use super::endpoint::{api, authorization, device, discovery, grant, introspection, logout, registration, revocation};
use super::model::OAuthError;
use super::state::State;
use crate::oauth::secure_url::is_loopback_host;

enum Handler {
    Document(fn(&State) -> Value),
    /// A form of an authenticated client.
    Client(fn(&ClientRequest<'_>) -> Result<Response, OAuthError>),
    Other(fn(&State, &mut Request) -> Result<Response, OAuthError>),
}

/// Path (one that ends in `/` stands for all below it), methods, target of faults (none for pages), and what answers.
type Route = (&'static str, &'static str, &'static str, Handler);

const READ: &str = "GET, HEAD";
const PAGE: &str = "GET, HEAD, POST";
const ANY: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

#[rustfmt::skip]
const ROUTES: [Route; 20] = [
    ("/sandbox", READ, "", Handler::Document(discovery::greeting)),
    ("/sandbox/.well-known/openid-configuration", READ, "metadata", Handler::Document(discovery::openid_metadata)),
    ("/sandbox/.well-known/oauth-authorization-server", READ, "metadata", Handler::Document(discovery::oauth_metadata)),
    ("/.well-known/oauth-authorization-server/sandbox", READ, "metadata", Handler::Document(discovery::oauth_metadata)),
    ("/sandbox/jwks", READ, "jwks", Handler::Document(discovery::jwks)),
    ("/sandbox/token", "POST", "token", Handler::Client(grant::respond)),
    ("/sandbox/introspect", "POST", "introspection", Handler::Client(introspection::respond)),
    ("/sandbox/revoke", "POST", "revocation", Handler::Client(revocation::respond)),
    ("/sandbox/par", "POST", "par", Handler::Client(authorization::push)),
    ("/sandbox/device_authorization", "POST", "device", Handler::Client(device::authorize)),
    ("/sandbox/authorize", PAGE, "authorize", Handler::Other(authorization::respond)),
    ("/sandbox/device", PAGE, "", Handler::Other(device::verify)),
    ("/sandbox/logout", PAGE, "", Handler::Other(logout::respond)),
    ("/sandbox/register", "POST", "registration", Handler::Other(registration::register)),
    (api::METADATA, READ, "", Handler::Document(api::metadata)),
    (api::SILENT_METADATA, READ, "", Handler::Document(api::silent_metadata)),
    (api::SILENT, ANY, "", Handler::Other(api::respond)),
    (api::PATH, ANY, "", Handler::Other(api::respond)),
    ("/api/", ANY, "", Handler::Other(api::respond)),
    ("/sandbox/register/", "GET, PUT, DELETE", "registration", Handler::Other(registration::manage)),
];

/// Answers a request; also returns the target of faults that it is for.
pub fn respond(state: &State, request: &mut Request) -> (Response, Option<&'static str>) {
    let path = request.path.clone();
    let is_for = |(known, ..): &&Route| path == *known || (known.ends_with('/') && path.starts_with(known));
    let route = ROUTES.iter().find(is_for);
    let response = dispatch(state, request, route).unwrap_or_else(|error| {
        request.note.error = Some(error.error);
        Response::from(error)
    });
    (response, route.map(|(_, _, target, _)| *target))
}

fn dispatch(state: &State, request: &mut Request, route: Option<&Route>) -> Result<Response, OAuthError> {
    check_host(request)?;
    let (_, methods, _, handler) = route.ok_or_else(|| OAuthError::new("not_found", "there is no such endpoint"))?;
    if !methods.split(", ").any(|method| method == request.method) {
        let error = OAuthError::invalid_request("this endpoint does not support this method");
        return Err(error.with_status(405).with_header("allow", *methods));
    }
    match handler {
        Handler::Document(answer) => Ok(Response::cacheable(&answer(state))),
        Handler::Client(answer) => {
            let form = Form::read(request)?;
            request.note.grant = form.get("grant_type").map(grant::loggable_name);
            answer(&ClientRequest::authenticate(state, request, form)?)
        }
        Handler::Other(answer) => answer(state, request),
    }
}

/// A page elsewhere can make a name of its own point here; requests from it contain that name.
fn check_host(request: &Request) -> Result<(), OAuthError> {
    let host = request.header("host")?.ok_or_else(|| OAuthError::invalid_request("the Host header is missing"))?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    if is_loopback_host(name) {
        return Ok(());
    }
    Err(OAuthError::invalid_request("the Host header does not name loopback").with_status(421))
}
