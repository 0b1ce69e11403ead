//! Pushed authorization requests (RFC 9126).

use serde_json::json;

use crate::sandbox::endpoint::authorization::{PUSHED, Request};
use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client;
use crate::sandbox::state::State;

/// Keeps the request of a client and gives its handle.
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let client = client::authenticate(state, call, &form)?;
    if form.get("client_id") != Some(&client.id) {
        return Err(Refusal::request("client_id is missing"));
    }
    let request = Request::pushed(&client, &form)?;
    let handle = state.pushed.put(state, "urn:ietf:params:oauth:request_uri:", PUSHED, request)?;
    Ok(Reply::json(201, &json!({"request_uri": handle, "expires_in": PUSHED.as_secs()})))
}
