//! The token endpoint (RFC 6749 §3.2).

use super::binding::{self, Binding};
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
    let key = match dpop::proven(state, call, &client)? {
        Proven::Again(challenge) => return Ok(challenge),
        Proven::Key(thumbprint) => Some(thumbprint),
        Proven::Nothing => None,
    };
    let binding = Binding { key, certificate: binding::certificate(call, &client)? };
    binding.bind(state, grant::answer(&Asked { state, client: &client, form: &form })?)
}
