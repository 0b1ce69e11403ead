//! The registration endpoint (RFC 7591 §3) and the client configuration endpoint (RFC 7592 §2).
//!
//! Every update brings a new registration access token and ends the old one at once, as real servers do. A secret that
//! an update does not repeat is made anew (RFC 7592 §2.2: what is left out is to be deleted).

mod metadata;

use serde_json::{Map, Value, json};

use crate::oauth::json;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::certificate::Known;
use crate::sandbox::model::client::{Client, Method, random_hex};
use crate::sandbox::state::{PATH, State};
use crate::secret::Secret;

/// The most clients that are remembered.
const MOST: usize = 1000;
/// What an update must not carry (RFC 7592 §2.2).
const FORBIDDEN: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// A client that registered itself.
pub struct Registered {
    /// As the token endpoint knows it.
    pub client: Client,
    metadata: Map<String, Value>,
    token: Secret,
    issued_at: i64,
}

/// Registers a client (RFC 7591 §3).
///
/// # Errors
/// 401 for a wrong initial access token, else as RFC 7591 §3.2.2.
pub fn register(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    if let Some(token) = bearer(call)?
        && !state.initial_token.matches(&token)
    {
        return Err(denied());
    }
    let asked = body(call)?;
    if asked.contains_key("client_id") {
        return Err(metadata::refused("client_id is the server's to give"));
    }
    let metadata = metadata::accept(state, &asked)?;
    let (id, token) = (format!("registered-{}", random::<8>(state)?), Secret::new(random::<24>(state)?));
    let client = client(state, &id, &metadata, None)?;
    let one = Registered { client, metadata, token, issued_at: state.clock.now().epoch() };
    let answer = information(state, &one);
    call.note.client_id = Some(id.clone());
    state.clients.registered(|known| {
        if known.len() == MOST {
            return Err(Refusal::new(503, "temporarily_unavailable", "there are too many clients"));
        }
        known.insert(id, one);
        Ok(())
    })?;
    Ok(Reply::json(201, &answer))
}

/// Reads, updates or removes a client (RFC 7592 §2).
///
/// # Errors
/// 401 without the client's registration access token, 400 for an update that is not allowed.
pub fn manage(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    if !matches!(call.method.as_str(), "GET" | "PUT" | "DELETE") {
        return Err(Refusal::method("GET, PUT, DELETE"));
    }
    let id =
        call.path.strip_prefix(PATH).and_then(|path| path.strip_prefix("/register/")).unwrap_or_default().to_owned();
    let token = bearer(call)?.ok_or(denied())?;
    let next = Secret::new(random::<24>(state)?);
    state.clients.registered(|known| {
        let one = known.get_mut(&id).filter(|one| one.token.matches(&token)).ok_or(denied())?;
        call.note.client_id = Some(id.clone());
        match call.method.as_str() {
            "DELETE" => {
                known.remove(&id);
                return Ok(Reply { status: 204, ..Reply::empty() });
            }
            "PUT" => {
                let asked = body(call)?;
                let secret = unchanged(one, &asked)?;
                let metadata = metadata::accept(state, &asked)?;
                one.client = client(state, &id, &metadata, secret)?;
                one.metadata = metadata;
                one.token = next;
            }
            _ => {}
        }
        Ok(Reply::json(200, &information(state, one)))
    })
}

/// Checks what an update says of who it is for; answers the secret that stays.
fn unchanged(one: &Registered, asked: &Map<String, Value>) -> Result<Option<Secret>, Refusal> {
    if asked.get("client_id").and_then(Value::as_str) != Some(one.client.id.as_str()) {
        return Err(metadata::refused("client_id is missing or another client's"));
    }
    if FORBIDDEN.iter().any(|name| asked.contains_key(*name)) {
        return Err(Refusal::request("an update must not carry what only the server says (RFC 7592 section 2.2)"));
    }
    match (asked.get("client_secret"), &one.client.secret) {
        (None, _) => Ok(None),
        (Some(Value::String(said)), Some(right)) if right.matches(&Secret::new(said.as_str())) => {
            Ok(Some(right.clone()))
        }
        _ => Err(metadata::refused("client_secret is not the client's")),
    }
}

/// The client as the token endpoint knows it, with the secret that it has or a fresh one.
fn client(state: &State, id: &str, metadata: &Map<String, Value>, secret: Option<Secret>) -> Result<Client, Refusal> {
    let named = metadata.get("token_endpoint_auth_method").and_then(Value::as_str);
    let method = Method::ALL.into_iter().find(|method| Some(method.name()) == named).unwrap_or(Method::Basic);
    let secret = match method {
        Method::None | Method::KeyJwt | Method::Tls | Method::SelfSignedTls => None,
        _ => Some(secret.map_or_else(|| random::<24>(state).map(Secret::new), Ok)?),
    };
    Ok(Client {
        id: id.to_owned(),
        secret,
        jwks: metadata.get("jwks").cloned(),
        certificate: match method {
            Method::Tls => Known::name(metadata),
            Method::SelfSignedTls => metadata.get("jwks").and_then(Known::own),
            _ if metadata.get("tls_client_certificate_bound_access_tokens") == Some(&Value::Bool(true)) => {
                Some(Known::Any)
            }
            _ => None,
        },
        methods: method.alone(),
        redirect_uris: metadata::texts(metadata, "redirect_uris"),
        grants: Some(metadata::texts(metadata, "grant_types")),
        bound: metadata.get("dpop_bound_access_tokens") == Some(&Value::Bool(true)),
        purpose: "registered itself",
        ..state.clients.main().clone()
    })
}

/// The client information response (RFC 7591 §3.2.1, RFC 7592 §3).
fn information(state: &State, one: &Registered) -> Value {
    let mut answer = one.metadata.clone();
    let id = &one.client.id;
    answer.insert("client_id".to_owned(), json!(id));
    answer.insert("client_id_issued_at".to_owned(), json!(one.issued_at));
    if let Some(secret) = &one.client.secret {
        answer.insert("client_secret".to_owned(), json!(secret.expose()));
        answer.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    answer.insert("registration_access_token".to_owned(), json!(one.token.expose()));
    answer.insert("registration_client_uri".to_owned(), json!(format!("{}/register/{id}", state.issuer)));
    Value::Object(answer)
}

/// The bearer token of a request (RFC 6750 §2.1).
fn bearer(call: &Call) -> Result<Option<Secret>, Refusal> {
    let Some(field) = call.header("authorization")? else { return Ok(None) };
    let token = field.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    token.map(|(_, token)| Some(Secret::new(token.trim()))).ok_or(denied())
}

fn denied() -> Refusal {
    Refusal::new(401, "invalid_token", "this is not the token that is wanted here")
}

/// The JSON object of a request.
fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let kind = call.header("content-type")?.unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::request("the content type must be application/json"));
    }
    json::object(&call.body).map_err(|_| Refusal::request("the body is not one JSON object"))
}

fn random<const N: usize>(state: &State) -> Result<String, Refusal> {
    random_hex::<N>(state.entropy.as_ref())
        .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))
}
