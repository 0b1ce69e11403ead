//! The end of a session, asked for by its client (`OpenID` Connect RP-Initiated Logout §2).

use serde_json::Value;

use crate::jose::verify;
use crate::sandbox::endpoint::form::{Form, decode};
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::endpoint::page::page;
use crate::sandbox::model::client;
use crate::sandbox::model::refresh::FAMILY;
use crate::sandbox::state::State;

/// Ends the session that an `id_token_hint` names, in a browser's GET or a POST. A client that proves itself may send
/// its refresh token instead, as Keycloak has it, and gets 204.
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    if call.method == "POST" {
        let form = Form::read(call)?;
        if let Some(token) = form.get("refresh_token") {
            let client = client::authenticate(state, call, &form)?;
            if state.families.client(token).is_some_and(|owner| owner != client.id) {
                return Err(Refusal::new(400, "invalid_grant", "the token was issued to another client"));
            }
            state.families.end(token);
            return Ok(Reply { status: 204, ..Reply::empty() });
        }
        return ended(state, form.get("id_token_hint").unwrap_or_default());
    }
    let query = call.query.as_deref().unwrap_or_default();
    let hint = query.split('&').find_map(|pair| decode(pair.strip_prefix("id_token_hint=")?));
    ended(state, &hint.unwrap_or_default())
}

/// An expired ID token is still a hint (RP-Initiated Logout §2).
fn ended(state: &State, hint: &str) -> Result<Reply, Refusal> {
    let claims = verify(hint, &serde_json::json!({"keys": [state.key.public_jwk()]})).map(|verified| verified.claims);
    let claims = claims.map_err(|_| Refusal::request("the id_token_hint is none of this server's"))?;
    let name = claims.get(FAMILY).and_then(Value::as_str);
    state.families.end_named(name.ok_or(Refusal::request("the id_token_hint names no session"))?);
    Ok(page(200, "You are signed out", "<p>You may close this page.</p>"))
}
