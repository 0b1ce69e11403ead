//! The token endpoint (RFC 6749 §3.2).

use super::client;
use super::dpop::{self, Proven};
use super::form::Form;
use super::grant::{self, Asked};
use super::message::{Call, Refusal, Reply};
use super::state::State;

/// Answers a token request.
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    call.note.grant = form.get("grant_type").map(grant::known);
    let client = client::authenticate(state, call, &form)?;
    let proven = dpop::proven(state, call, &client)?;
    if let Proven::Again(challenge) = proven {
        return Ok(challenge);
    }
    let reply = grant::answer(&Asked { state, client: &client, form: &form })?;
    match proven {
        Proven::Key(thumbprint) => dpop::bind(state, reply, &thumbprint),
        _ => Ok(reply),
    }
}
