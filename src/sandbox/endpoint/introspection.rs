//! Introspection (RFC 7662), and what is known of a token.

use serde_json::{Map, Value, json};

use crate::jose::{sign, verify};
use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client;
use crate::sandbox::model::refresh::FAMILY;
use crate::sandbox::state::State;

/// The media type of a signed answer (RFC 9701 §4).
const SIGNED: &str = "application/token-introspection+jwt";

/// Answers an introspection request, signed where that is asked for (RFC 9701). A client sees its own tokens, a resource
/// server everybody's; of all others they learn nothing but `false` (RFC 7662 §2.2).
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let client = client::authenticate(state, call, &form)?;
    if client.is_public() {
        return Err(Refusal::client("a public client may not introspect"));
    }
    let token = form.get("token").ok_or(Refusal::request("token is missing"))?;
    let visible =
        |claims: &Map<String, Value>| client.introspects_all || claims.get("client_id") == Some(&json!(client.id));
    let refresh = state.families.right(token);
    let refresh = refresh.filter(|right| client.introspects_all || right.client_id == client.id);
    let answer = match live(state, token).filter(visible) {
        None if refresh.is_some() => json!({
            "active": true,
            "token_use": "refresh_token",
            "client_id": refresh.as_ref().map(|right| &right.client_id),
            "sub": refresh.as_ref().map(|right| &right.subject),
            "scope": refresh.as_ref().map(|right| &right.scope),
            "iss": state.issuer,
        }),
        None => json!({"active": false}),
        Some(claims) => {
            let bound = claims.get("cnf").and_then(|cnf| cnf.get("jkt")).is_some();
            let kind = if bound { "DPoP" } else { "Bearer" };
            let mut answer = json!({"active": true, "token_type": kind});
            for (name, value) in claims {
                answer[name] = value;
            }
            answer
        }
    };
    match call.header("accept")? {
        Some(accept) if accept.contains(SIGNED) => signed(state, &client.id, &answer),
        _ => Ok(Reply::json(200, &answer)),
    }
}

/// The answer as a JWT for the client that asks (RFC 9701 §5).
fn signed(state: &State, client_id: &str, answer: &Value) -> Result<Reply, Refusal> {
    let claims = json!({
        "iss": state.issuer,
        "aud": client_id,
        "iat": state.clock.now().epoch(),
        "token_introspection": answer,
    });
    let token = sign(&state.key, &claims, Some("token-introspection+jwt"))
        .map_err(|_| Refusal::new(500, "server_error", "the answer could not be signed"))?;
    Ok(Reply {
        status: 200,
        headers: vec![("content-type", SIGNED.to_owned()), ("cache-control", "no-store".to_owned())],
        body: token.expose().as_bytes().to_vec(),
    })
}

/// The claims of a token that this server made and that is neither expired nor revoked.
pub fn live(state: &State, token: &str) -> Option<Map<String, Value>> {
    let claims = verify(token, &json!({"keys": [state.key.public_jwk()]})).ok()?.claims;
    let expired = claims.get("exp")?.as_i64()? <= state.clock.now().epoch();
    let revoked = state.is_revoked(claims.get("jti")?.as_str()?);
    let ended = claims.get(FAMILY).and_then(Value::as_str).is_some_and(|name| state.families.ended(name));
    (!expired && !revoked && !ended).then_some(claims)
}
