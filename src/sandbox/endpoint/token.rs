//! The token endpoint (RFC 6749 §3.2).

use crate::sandbox::endpoint::binding::{self, Binding};
use crate::sandbox::endpoint::dpop::{self, Proven};
use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::grant::{self, Asked};
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client;
use crate::sandbox::state::State;

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
