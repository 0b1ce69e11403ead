//! Proofs of possession at the token endpoint (DPoP, RFC 9449 §5).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::jose::dpop::{Proof, read, target};
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client::{Client, random_hex};
use crate::sandbox::state::State;

/// How far the time of a proof may be off, in seconds.
const WINDOW: i64 = 60;

/// What a token request proves.
pub enum Proven {
    /// Nothing: its token is a bearer token.
    Nothing,
    /// That it has the key of this thumbprint.
    Key(String),
    /// It must be made again with the nonce of this answer (RFC 9449 §8).
    Again(Reply),
}

/// Checks the proof of a token request (RFC 9449 §4.3). Any client may send one, some must.
///
/// # Errors
/// `invalid_dpop_proof`.
pub fn proven(state: &State, call: &mut Call, client: &Client) -> Result<Proven, Refusal> {
    let refused = |description| Refusal::new(400, "invalid_dpop_proof", description);
    let Some(field) = call.header("dpop")? else {
        return if client.bound { Err(refused("this client must send a DPoP proof")) } else { Ok(Proven::Nothing) };
    };
    let proof = read(field).map_err(|_| refused("the DPoP proof is malformed or its signature does not fit"))?;
    if proof.method != call.method {
        return Err(refused("the htm of the DPoP proof is another method"));
    }
    if target(&proof.url) != format!("{}{}", state.origin(call), call.path) {
        return Err(refused("the htu of the DPoP proof is another URL"));
    }
    if (proof.issued_at - state.clock.now().epoch()).abs() > WINDOW {
        return Err(refused("the iat of the DPoP proof is not now"));
    }
    if client.bound && !proof.nonce.as_deref().is_some_and(|nonce| state.proofs.knows_nonce(nonce)) {
        call.note.error = Some("use_dpop_nonce");
        return challenge(state).map(Proven::Again);
    }
    if !state.proofs.is_new(&proof, state.clock.now().epoch()) {
        return Err(refused("the DPoP proof was used before"));
    }
    Ok(Proven::Key(proof.thumbprint))
}

fn challenge(state: &State) -> Result<Reply, Refusal> {
    let nonce = random_hex::<16>(state.entropy.as_ref())
        .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))?;
    state.proofs.give_nonce(&nonce);
    let refusal = Refusal::new(400, "use_dpop_nonce", "the DPoP proof must carry the nonce of this answer");
    let mut reply = Reply::from(refusal);
    reply.headers.push(("dpop-nonce", nonce));
    Ok(reply)
}

/// What the server remembers of proofs.
#[derive(Default)]
pub struct Proofs {
    nonces: Mutex<VecDeque<String>>,
    /// Key and `jti` of each proof, with the second at which it would no longer count anyway.
    used: Mutex<HashMap<(String, String), i64>>,
}

impl Proofs {
    /// Whether this nonce was given and is not too old.
    fn knows_nonce(&self, nonce: &str) -> bool {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == nonce)
    }

    /// The last sixteen nonces count.
    fn give_nonce(&self, nonce: &str) {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.push_back(nonce.to_owned());
        if nonces.len() > 16 {
            nonces.pop_front();
        }
    }

    /// Whether this proof comes for the first time; from now on it does not (RFC 9449 §11.1).
    fn is_new(&self, proof: &Proof, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until >= now);
        used.insert((proof.thumbprint.clone(), proof.jti.clone()), proof.issued_at + WINDOW).is_none()
    }
}
