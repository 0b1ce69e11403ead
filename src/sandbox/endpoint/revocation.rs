//! Revocation (RFC 7009).

use serde_json::Value;

use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::introspection::live;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client;
use crate::sandbox::state::State;

/// Answers a revocation request: 200 also for a token that is unknown, expired or revoked before (RFC 7009 §2.2).
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let client = client::authenticate(state, call, &form)?;
    let token = form.get("token").ok_or(Refusal::request("token is missing"))?;
    match state.families.client(token) {
        None => {}
        Some(owner) if owner != client.id => {
            return Err(Refusal::new(400, "unauthorized_client", "the token was issued to another client"));
        }
        // Its access tokens go with it (RFC 7009 §2.1).
        Some(_) => state.families.end(token),
    }
    if let Some(claims) = live(state, token) {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("client_id") != Some(&client.id) {
            return Err(Refusal::new(400, "unauthorized_client", "the token was issued to another client"));
        }
        if let (Some(jti), Some(exp)) = (text("jti"), claims.get("exp").and_then(Value::as_i64)) {
            state.revoke(jti, exp);
        }
    }
    Ok(Reply::empty())
}
