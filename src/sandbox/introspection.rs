//! Introspection (RFC 7662), and what is known of a token.

use serde_json::{Map, Value, json};

use super::client;
use super::form::Form;
use super::message::{Call, Refusal, Reply};
use super::refresh::FAMILY;
use super::state::State;
use crate::jose::verify;

/// Answers an introspection request. A client sees its own tokens, a resource server everybody's; of all others they
/// learn nothing but `false` (RFC 7662 §2.2).
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let client = client::authenticate(state, call, &form)?;
    if client.secret.is_none() {
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
            "client_id": refresh.as_ref().map(|right| &right.client_id),
            "sub": refresh.as_ref().map(|right| &right.subject),
            "scope": refresh.as_ref().map(|right| &right.scope),
            "iss": state.issuer,
        }),
        None => json!({"active": false}),
        Some(claims) => {
            let kind = if claims.contains_key("cnf") { "DPoP" } else { "Bearer" };
            let mut answer = json!({"active": true, "token_type": kind});
            for (name, value) in claims {
                answer[name] = value;
            }
            answer
        }
    };
    Ok(Reply::json(200, &answer))
}

/// The claims of a token that this server made and that is neither expired nor revoked.
pub fn live(state: &State, token: &str) -> Option<Map<String, Value>> {
    let claims = verify(token, &json!({"keys": [state.key.public_jwk()]})).ok()?.claims;
    let expired = claims.get("exp")?.as_i64()? <= state.clock.now().epoch();
    let revoked = state.is_revoked(claims.get("jti")?.as_str()?);
    let ended = claims.get(FAMILY).and_then(Value::as_str).is_some_and(|name| state.families.ended(name));
    (!expired && !revoked && !ended).then_some(claims)
}
