//! Token exchange (RFC 8693).

use serde_json::{Map, Value, json};

use crate::oauth::claim::{list, text};
use crate::oauth::exchange::ACCESS_TOKEN;
use crate::sandbox::endpoint::requested_access::{narrow_scope, requested_access};
use crate::sandbox::endpoint::token_response::TokenRequest;
use crate::sandbox::model::OAuthError;

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// The new token allows at most what the old one does, and names the actor in `act` (§4.1).
pub fn exchange_token(asked: &TokenRequest<'_>) -> Result<Value, OAuthError> {
    let (form, client) = (asked.form, asked.client);
    let refused = |why: &str| OAuthError::invalid_request(why);
    if client.is_public() {
        return Err(OAuthError::new("unauthorized_client", "a public client may not exchange tokens"));
    }
    let subject = read_token(asked, "subject_token", "subject_token_type")?
        .ok_or_else(|| refused("subject_token and subject_token_type are required"))?;
    let actor = read_token(asked, "actor_token", "actor_token_type")?;
    let is_meant_for_client = list(&subject, "aud").contains(&client.id.as_str());
    if !is_meant_for_client && text(&subject, "client_id") != Some(&client.id) {
        return Err(refused("the subject token was neither issued to this client nor is this client its audience"));
    }
    let requested = form.get("requested_token_type").unwrap_or(ACCESS_TOKEN);
    if ![ACCESS_TOKEN, JWT, ID_TOKEN].contains(&requested) {
        return Err(refused("this requested_token_type is not supported"));
    }
    let mut access = requested_access(form, &client.id, text(&subject, "sub").unwrap_or_default())?;
    text(&subject, "scope").unwrap_or_default().clone_into(&mut access.scope);
    narrow_scope(form, &mut access)?;
    let claims: Vec<_> = actor.map(|actor| ("act", act_claim(&subject, &actor))).into_iter().collect();
    let mut response = asked.issue_token(&access, &claims)?;
    response["issued_token_type"] = json!(requested);
    if requested == ID_TOKEN {
        // §2.2.1: the member is called access_token anyway.
        response["access_token"] = json!(asked.sign_id_token(&access, &[])?);
        response["token_type"] = json!("N_A");
    }
    Ok(response)
}

/// A token and its type come together (§2.1).
fn read_token(asked: &TokenRequest<'_>, token: &str, kind: &str) -> Result<Option<Map<String, Value>>, OAuthError> {
    let refused = OAuthError::invalid_request;
    let (token, kind) = match (asked.form.get(token), asked.form.get(kind)) {
        (None, None) => return Ok(None),
        (Some(token), Some(kind)) => (token, kind),
        _ => return Err(refused("a token needs its token type, and the other way round")),
    };
    if ![ACCESS_TOKEN, JWT].contains(&kind) {
        return Err(refused("tokens of this type are not accepted"));
    }
    asked.state.active_claims(token).map(Some).ok_or_else(|| refused("a token is unknown, expired or revoked"))
}

/// The actor, and inside it the one before (§4.1).
fn act_claim(subject: &Map<String, Value>, actor: &Map<String, Value>) -> Value {
    let mut act = json!({"sub": text(actor, "sub"), "client_id": text(actor, "client_id")});
    if let Some(before) = subject.get("act") {
        act["act"] = before.clone();
    }
    act
}
