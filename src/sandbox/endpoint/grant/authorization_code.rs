//! The authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Asked;
use crate::sandbox::endpoint::issue;
use crate::sandbox::endpoint::message::{Refusal, Reply};
use crate::sandbox::model::refresh;

/// A session for who brings the code, its redirect URI and its verifier. Whatever comes of it, the code is spent.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let refused = |description| Refusal::new(400, "invalid_grant", description);
    let code = asked.form.get("code").ok_or(Refusal::request("code is missing"))?;
    let consent = asked.state.codes.take(asked.state, code);
    let mut consent = consent.ok_or(refused("the code is unknown, was used before, or has expired"))?;
    if consent.right.client_id != asked.client.id {
        return Err(refused("the code was issued to another client"));
    }
    if asked.form.get("redirect_uri") != Some(&consent.redirect_uri) {
        return Err(refused("redirect_uri is not the one of the authorization request"));
    }
    let verifier = asked.form.get("code_verifier").ok_or(refused("code_verifier is missing"))?;
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != consent.challenge {
        return Err(refused("the code verifier does not fit the challenge"));
    }
    if asked.form.get("audience").or(asked.form.get("resource")).is_some() {
        consent.right.audience = issue::audience(asked.form)?;
    }
    Ok(Reply::json(200, &refresh::begin(asked.state, &consent.right)?))
}
