//! A protected API: it answers what it received to whoever has a token (RFC 6750, RFC 9449).

use serde_json::{Map, Value, json};

use super::dpop;
use super::request::Request;
use super::response::Response;
use crate::jose::dpop::token_hash;
use crate::sandbox::model::OAuthError;
use crate::sandbox::model::access::SCOPES;
use crate::sandbox::state::State;
use crate::secret::Secret;

pub const PATH: &str = "/api";
pub const METADATA: &str = "/.well-known/oauth-protected-resource/api";
/// The same API, but its refusals name neither metadata nor scope.
pub const SILENT: &str = "/silent";
pub const SILENT_METADATA: &str = "/.well-known/oauth-protected-resource/silent";

/// Header fields that are not repeated: they may hold a credential, or are of the connection.
const HIDDEN: [&str; 5] = ["authorization", "connection", "cookie", "dpop", "proxy-authorization"];

pub fn metadata(state: &State) -> Value {
    metadata_of(state, PATH)
}

pub fn silent_metadata(state: &State) -> Value {
    metadata_of(state, SILENT)
}

/// The metadata of an API (RFC 9728 §3.2).
fn metadata_of(state: &State, path: &str) -> Value {
    json!({
        "resource": format!("{}{path}", state.origin),
        "authorization_servers": [state.issuer()],
        "scopes_supported": SCOPES,
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": crate::jose::Algorithm::ALL.map(crate::jose::Algorithm::name),
    })
}

pub fn respond(state: &State, request: &mut Request) -> Result<Response, OAuthError> {
    let Some(credential) = request.header("authorization")? else {
        return Ok(refuse(state, request, "", "a token is required"));
    };
    match check_token(state, request, credential) {
        Ok(claims) => Ok(Response::new(200, "application/json", format!("{}\n", describe(request, &claims)))),
        Err(why) => Ok(refuse(state, request, ", error=\"invalid_token\"", why)),
    }
}

/// A challenge says where the metadata is (RFC 9728 §5.1) and which scope to ask for; without a credential it has no error
/// (RFC 6750 §3.1).
fn refuse(state: &State, request: &Request, error: &str, why: &str) -> Response {
    let metadata = if request.path.starts_with(PATH) {
        format!(", scope=\"{}\", resource_metadata=\"{}{METADATA}\"", SCOPES[0], state.origin)
    } else {
        String::new()
    };
    let challenge = format!("realm=\"sandbox\"{error}{metadata}");
    Response::json(
        401,
        &json!({"error": if error.is_empty() { "unauthorized" } else { "invalid_token" }, "error_description": why}),
    )
    .with_header("www-authenticate", format!("Bearer {challenge}"))
}

/// The claims of a token that is active and presented as it is bound.
fn check_token(state: &State, request: &Request, credential: &str) -> Result<Map<String, Value>, &'static str> {
    let (scheme, token) = credential.split_once(' ').ok_or("expected Bearer and a token")?;
    let claims = state.active_claims(token).ok_or("the token is not active, or not of this server")?;
    let bound = |name: &str| claims.get("cnf").and_then(|cnf| cnf[name].as_str());
    if let Some(thumbprint) = bound("x5t#S256") {
        let shown = request.certificate.as_ref().map(crate::http::Presented::thumbprint);
        if shown.as_deref() != Some(thumbprint) {
            return Err("the token is bound to a certificate that was not shown");
        }
    }
    match bound("jkt") {
        None if scheme.eq_ignore_ascii_case("bearer") => Ok(claims),
        Some(thumbprint) if scheme.eq_ignore_ascii_case("dpop") => {
            let header = request.header("dpop").ok().flatten().ok_or("the DPoP header is missing")?;
            let proof =
                dpop::read_proof(state, request, header).map_err(|_| "the DPoP proof is not for this request")?;
            let is_bound = proof.thumbprint == thumbprint
                && proof.token_hash.as_deref() == Some(&token_hash(&Secret::new(token)))
                && dpop::use_proof(state, &proof);
            is_bound.then_some(claims.clone()).ok_or("the DPoP proof is of another key or token, or was used before")
        }
        None => Err("expected the scheme Bearer"),
        Some(_) => Err("the token is bound to a key: expected the scheme DPoP"),
    }
}

/// What was received, without the credential, and whose token it was.
fn describe(request: &Request, claims: &Map<String, Value>) -> Value {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        if !HIDDEN.contains(&name.as_str()) {
            headers.insert(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into());
        }
    }
    let token: Map<String, Value> = ["sub", "client_id", "scope", "aud"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), claims.get(name)?.clone())))
        .collect();
    json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "token": token,
        "headers": headers,
        "body": String::from_utf8_lossy(&request.body),
    })
}
