//! Proofs of possession at the token endpoint (DPoP, RFC 9449 §5).

use std::time::Duration;

use super::client_request::ClientRequest;
use super::request::Request;
use crate::jose::dpop::{Proof, read, target};
use crate::sandbox::model::OAuthError;
use crate::sandbox::state::State;

const LEEWAY: i64 = 60;
const NONCE_LIFETIME: Duration = Duration::from_secs(3600);

/// Checks the proof of a token request (RFC 9449 §4.3), if there is one; returns the thumbprint of its key.
pub fn checked_thumbprint(asked: &ClientRequest<'_>) -> Result<Option<String>, OAuthError> {
    let refused = |description| OAuthError::new("invalid_dpop_proof", description);
    let (state, request, client) = (asked.state, asked.request, &asked.client);
    let Some(header) = request.header("dpop")? else {
        return if client.requires_dpop { Err(refused("this client must send a DPoP proof")) } else { Ok(None) };
    };
    let proof = read_proof(state, request, header)?;
    let now = state.now();
    if client.requires_dpop && !proof.nonce.as_ref().is_some_and(|nonce| state.records.nonces.contains(now, nonce)) {
        let nonce = state.issue_key(&state.records.nonces, "", NONCE_LIFETIME, ())?;
        let error = OAuthError::new("use_dpop_nonce", "the DPoP proof must contain the nonce of this response");
        return Err(error.with_header("dpop-nonce", nonce));
    }
    if !use_proof(state, &proof) {
        return Err(refused("the DPoP proof was used before"));
    }
    Ok(Some(proof.thumbprint))
}

/// A proof for this request (RFC 9449 §4.3), of whatever key.
pub fn read_proof(state: &State, request: &Request, header: &str) -> Result<Proof, OAuthError> {
    let refused = |description| OAuthError::new("invalid_dpop_proof", description);
    let proof = read(header).map_err(|_| refused("the DPoP proof is malformed or its signature is wrong"))?;
    if proof.method != request.method {
        return Err(refused("the htm of the DPoP proof is another method"));
    }
    let origin = if request.secure { &state.secure_origin } else { &state.origin };
    if target(&proof.url) != format!("{origin}{}", request.path) {
        return Err(refused("the htu of the DPoP proof is another URL"));
    }
    if (proof.issued_at - state.now().epoch()).abs() > LEEWAY {
        return Err(refused("the iat of the DPoP proof is not now"));
    }
    Ok(proof)
}

/// Marks a proof as used (RFC 9449 §11.1); `false` when it was used before.
pub fn use_proof(state: &State, proof: &Proof) -> bool {
    state.use_once(format!("proof {} {}", proof.thumbprint, proof.jti), proof.issued_at + LEEWAY + 1)
}
