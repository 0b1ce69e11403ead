//! Introspection (RFC 7662).

use serde_json::{Value, json};

use super::client_request::ClientRequest;
use super::response::Response;
use crate::sandbox::model::OAuthError;

/// RFC 9701 §4.
const SIGNED: &str = "application/token-introspection+jwt";

/// A client sees its own tokens, a resource server those of all clients (RFC 7662 §2.2).
pub fn respond(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    let (state, client) = (asked.state, &asked.client);
    if client.is_public() {
        return Err(OAuthError::invalid_client("a public client may not introspect"));
    }
    let answer = describe_token(asked, asked.form.require("token")?);
    if !asked.request.header("accept")?.is_some_and(|accept| accept.contains(SIGNED)) {
        return Ok(Response::json(200, &answer));
    }
    let claims = json!({"aud": client.id, "iat": state.now().epoch(), "token_introspection": answer});
    let signed = state.signer.sign("token-introspection+jwt", claims)?;
    Ok(Response::new(200, SIGNED, signed.expose()))
}

fn describe_token(asked: &ClientRequest<'_>, token: &str) -> Value {
    let (state, client) = (asked.state, &asked.client);
    let is_visible = |owner: &str| client.introspects_all || owner == client.id;
    if let Some(claims) =
        state.active_claims(token).filter(|claims| claims["client_id"].as_str().is_some_and(is_visible))
    {
        let token_type = if claims.get("cnf").is_some_and(|cnf| cnf["jkt"].is_string()) { "DPoP" } else { "Bearer" };
        let mut answer = json!({"active": true, "token_type": token_type});
        for (name, value) in claims {
            answer[name] = value;
        }
        return answer;
    }
    let access = state.with_family_of(token, |_, family| family.is_valid(token).then(|| family.access.clone()));
    match access.flatten() {
        Some(access) if is_visible(&access.client_id) => json!({
            "active": true,
            "token_use": "refresh_token",
            "client_id": access.client_id,
            "sub": access.subject,
            "scope": access.scope,
            "iss": state.issuer(),
        }),
        _ => json!({"active": false}),
    }
}
