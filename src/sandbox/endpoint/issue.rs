//! Access tokens: signed JWTs (RFC 9068), and the answer that brings them (RFC 6749 §5.1).

use serde_json::{Value, json};
use url::Url;

use crate::jose::sign;
use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::message::Refusal;
use crate::sandbox::model::client::{SCOPES, random_hex};
use crate::sandbox::state::State;

/// The audience of a token that was asked for without one.
const AUDIENCE: &str = "sandbox-api";
/// The most audiences and resources of one token, and the most bytes of each.
const TARGETS: (usize, usize) = (16, 512);

/// What an access token is to say.
pub struct Issue<'a> {
    /// For which client.
    pub client_id: &'a str,
    /// Whom it speaks for.
    pub subject: &'a str,
    /// The granted scope, names joined by spaces.
    pub scope: String,
    /// One string, or an array of several.
    pub audience: Value,
    /// Further claims.
    pub claims: Vec<(&'static str, Value)>,
}

impl Issue<'_> {
    /// The members of a token answer; a grant may add its own.
    ///
    /// # Errors
    /// `server_error` without random numbers or a signature.
    pub fn answer(&self, state: &State) -> Result<Value, Refusal> {
        let now = state.clock.now();
        let jti = random_hex::<16>(state.entropy.as_ref())
            .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))?;
        let mut claims = json!({
            "iss": state.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "exp": now.plus(state.token_ttl).epoch(),
            "iat": now.epoch(),
            "jti": jti,
            "client_id": self.client_id,
            "scope": self.scope,
        });
        for (name, value) in &self.claims {
            claims[*name] = value.clone();
        }
        let token = sign(&state.key, &claims, Some("at+jwt"))
            .map_err(|_| Refusal::new(500, "server_error", "the token could not be signed"))?;
        Ok(json!({
            "access_token": token.expose(),
            "token_type": "Bearer",
            "expires_in": state.token_ttl.as_secs(),
            "scope": self.scope,
        }))
    }
}

/// The scope asked for, checked (RFC 6749 §3.3); the first one when none is.
pub fn scope(form: &Form) -> Result<String, Refusal> {
    let mut granted: Vec<&str> = Vec::new();
    for name in form.get("scope").unwrap_or(SCOPES[0]).split(' ').filter(|name| !name.is_empty()) {
        if !SCOPES.contains(&name) {
            return Err(Refusal::new(400, "invalid_scope", "a scope is unknown, metadata lists the known ones"));
        }
        if !granted.contains(&name) {
            granted.push(name);
        }
    }
    Ok(granted.join(" "))
}

/// `resource` (RFC 8707 §2) and `audience` end in `aud`: one string, or an array of several (RFC 7519 §4.1.3).
pub fn audience(form: &Form) -> Result<Value, Refusal> {
    let refused = |description| Refusal::new(400, "invalid_target", description);
    let mut targets: Vec<&str> = Vec::new();
    for resource in form.all("resource") {
        if !Url::parse(resource).is_ok_and(|url| url.fragment().is_none()) {
            return Err(refused("a resource is not an absolute URI without a fragment"));
        }
    }
    for target in form.all("resource").chain(form.all("audience")) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    if targets.len() > TARGETS.0 || targets.iter().any(|target| target.len() > TARGETS.1) {
        return Err(refused("there are too many targets, or one is too long"));
    }
    Ok(match targets[..] {
        [] => json!(AUDIENCE),
        [only] => json!(only),
        _ => json!(targets),
    })
}
