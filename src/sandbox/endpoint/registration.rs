//! The registration endpoint (RFC 7591 §3) and the client configuration endpoint (RFC 7592 §2). Every update replaces
//! the registration access token, and a secret that it does not repeat.

mod metadata;

use serde_json::{Map, Value};

use super::request::Request;
use super::response::Response;
use crate::oauth::bearer;
use crate::oauth::claim::{list, text};
use crate::oauth::client_auth::Method;
use crate::oauth::json;
use crate::sandbox::model::client::uses_secret;
use crate::sandbox::model::{Client, KnownCertificate, OAuthError, Registration};
use crate::sandbox::state::State;
use crate::secret::Secret;

/// What an update must not contain (RFC 7592 §2.2).
const SERVER_MANAGED: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

pub fn register(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    if bearer_token(request)?.is_some_and(|token| !state.initial_token.matches(&token)) {
        return Err(wrong_token());
    }
    let asked = read_body(request)?;
    if asked.contains_key("client_id") {
        return Err(metadata::invalid("the server chooses the client_id"));
    }
    let metadata = metadata::check(state, &asked)?;
    let id = format!("registered-{}", state.random_hex::<8>()?);
    let client = make_client(state, &id, &metadata, None)?;
    let (token, issued_at) = (Secret::new(state.random_hex::<24>()?), state.now().epoch());
    let registration = Registration { client, metadata, token, issued_at };
    request.note.client_id = Some(id);
    state.save_registration(registration.clone());
    Ok(Response::json(201, &registration.to_response(state.issuer())))
}

pub fn manage(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    let id = request.path.rsplit('/').next().unwrap_or_default().to_owned();
    let token = bearer_token(request)?.ok_or_else(wrong_token)?;
    let registration = state.find_registration(&id).filter(|found| found.token.matches(&token));
    let mut registration = registration.ok_or_else(wrong_token)?;
    request.note.client_id = Some(id.clone());
    match request.method.as_str() {
        "DELETE" => {
            state.records.registrations.take(state.now(), &id);
            return Ok(Response::empty(204));
        }
        "PUT" => {
            let asked = read_body(request)?;
            let secret = repeated_secret(&registration, &asked)?;
            registration.metadata = metadata::check(state, &asked)?;
            registration.client = make_client(state, &id, &registration.metadata, secret)?;
            registration.token = Secret::new(state.random_hex::<24>()?);
            state.save_registration(registration.clone());
        }
        _ => {}
    }
    Ok(Response::json(200, &registration.to_response(state.issuer())))
}

/// Checks which client an update is for; returns the secret that it repeats.
fn repeated_secret(registration: &Registration, asked: &Map<String, Value>) -> Result<Option<Secret>, OAuthError> {
    if text(asked, "client_id") != Some(&registration.client.id) {
        return Err(metadata::invalid("client_id is missing or another client's"));
    }
    if SERVER_MANAGED.iter().any(|name| asked.contains_key(*name)) {
        let why = "an update contains a member that only the server may set (RFC 7592 section 2.2)";
        return Err(OAuthError::invalid_request(why));
    }
    match (asked.get("client_secret"), &registration.client.secret) {
        (None, _) => Ok(None),
        (Some(Value::String(repeated)), Some(right)) if right.matches(&Secret::new(repeated.as_str())) => {
            Ok(Some(right.clone()))
        }
        _ => Err(metadata::invalid("client_secret is not the client's")),
    }
}

/// The client as the token endpoint knows it, with this secret or a new one.
fn make_client(
    state: &State,
    id: &str,
    metadata: &Map<String, Value>,
    secret: Option<Secret>,
) -> Result<Client, OAuthError> {
    let method = text(metadata, "token_endpoint_auth_method").and_then(|name| name.parse().ok());
    let method = method.unwrap_or(Method::ClientSecretBasic);
    let has_secret = uses_secret(method);
    let secret = match secret {
        Some(secret) if has_secret => Some(secret),
        None if has_secret => Some(Secret::new(state.random_hex::<24>()?)),
        _ => None,
    };
    let is_true = |name: &str| metadata.get(name) == Some(&Value::Bool(true));
    let strings = |name: &str| list(metadata, name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    Ok(Client {
        id: id.to_owned(),
        secret,
        jwks: metadata.get("jwks").cloned(),
        certificate: match method {
            Method::TlsClientAuth => KnownCertificate::from_names(metadata),
            Method::SelfSignedTlsClientAuth => metadata.get("jwks").and_then(KnownCertificate::from_keys),
            _ => is_true("tls_client_certificate_bound_access_tokens").then_some(KnownCertificate::Any),
        },
        methods: vec![method],
        redirect_uris: strings("redirect_uris"),
        grants: Some(strings("grant_types")),
        requires_dpop: is_true("dpop_bound_access_tokens"),
        ..Client::default()
    })
}

fn bearer_token(request: &Request) -> Result<Option<Secret>, OAuthError> {
    let Some(header) = request.header("authorization")? else { return Ok(None) };
    let token = bearer::read_header(header, false).ok().flatten();
    token.map(Some).ok_or_else(wrong_token)
}

fn wrong_token() -> OAuthError {
    OAuthError::new("invalid_token", "the access token is not valid for this request")
}

fn read_body(request: &Request) -> Result<Map<String, Value>, OAuthError> {
    request.require_content_type("application/json")?;
    json::object(&request.body).map_err(|_| OAuthError::invalid_request("the body is not a JSON object"))
}
