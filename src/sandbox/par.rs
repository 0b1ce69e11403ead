//! Pushed authorization requests (RFC 9126).

use serde_json::json;

use super::authorization::{PUSHED, Request};
use super::client;
use super::form::Form;
use super::message::{Call, Refusal, Reply};
use super::state::State;

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
