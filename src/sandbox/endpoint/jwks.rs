//! The public keys (RFC 7517 §5).

use serde_json::json;

use crate::sandbox::endpoint::message::Reply;
use crate::sandbox::state::State;

/// The key set: the one key that signs.
pub fn answer(state: &State) -> Reply {
    Reply::public(&json!({"keys": [state.key.public_jwk()]}))
}
