//! Assertions (RFC 7523): a JWT that authenticates a client, or that is itself the grant.

use serde_json::{Map, Value};

use crate::jose::{self, verify, verify_shared};
use crate::oauth::claim;
use crate::oauth::client_auth::Method;
use crate::sandbox::model::{Client, OAuthError};
use crate::sandbox::state::State;

/// How many seconds the clock of a client may be ahead.
const LEEWAY: i64 = 15;

/// What an assertion claims, unverified.
pub fn unverified_subject(assertion: &str) -> Option<(Method, String)> {
    let decoded = jose::decode(assertion).ok()?;
    let is_shared = claim::text(&decoded.header, "alg")?.starts_with("HS");
    let method = if is_shared { Method::ClientSecretJwt } else { Method::PrivateKeyJwt };
    Some((method, claim::text(&decoded.claims, "sub")?.to_owned()))
}

/// Checks the assertion of a client (RFC 7523 §3), which counts once.
pub fn check_client_assertion(state: &State, client: &Client, assertion: &str) -> Result<(), OAuthError> {
    let refused = OAuthError::invalid_client;
    let is_shared = unverified_subject(assertion).is_some_and(|(method, _)| method == Method::ClientSecretJwt);
    if client.is_workload && !is_shared {
        return verified_workload(state, assertion).map(drop).map_err(refused);
    }
    let decoded = match (&client.secret, &client.jwks) {
        (Some(secret), _) if is_shared => verify_shared(assertion, secret),
        (_, Some(jwks)) if !is_shared => verify(assertion, jwks),
        _ => return Err(refused("this client may not authenticate in this way")),
    };
    let claims = decoded.map_err(|_| refused("the assertion is not signed by this client"))?.claims;
    if ["iss", "sub"].iter().any(|name| claim::text(&claims, name) != Some(&client.id)) {
        return Err(refused("the assertion's iss and sub are not the client"));
    }
    let exp = check_claims(state, &claims).map_err(refused)?;
    let jti = claim::text(&claims, "jti").filter(|jti| jti.len() <= 256);
    let jti = jti.ok_or_else(|| refused("the assertion has no jti"))?;
    if !state.use_once(format!("assertion {} {jti}", client.id), exp) {
        return Err(refused("the assertion was used before (jti)"));
    }
    Ok(())
}

/// Checks an assertion of the platform, which may be used until it expires; returns the workload that it is about.
pub fn verified_workload(state: &State, assertion: &str) -> Result<String, &'static str> {
    let claims =
        state.platform.verify(assertion).ok_or("the assertion is not signed by an issuer that is trusted here")?;
    check_claims(state, &claims)?;
    claim::text(&claims, "sub").map(str::to_owned).ok_or("the assertion has no sub")
}

/// Checks that an assertion is for this server, in one string, and valid now; returns when it expires.
fn check_claims(state: &State, claims: &Map<String, Value>) -> Result<i64, &'static str> {
    match claims.get("aud") {
        Some(Value::String(audience)) if audience == state.issuer() => {}
        Some(Value::Array(_)) => return Err("the assertion's aud is a list"),
        _ => return Err("the assertion's aud is not this issuer"),
    }
    let now = state.now().epoch();
    if claim::date(claims, "iat").is_some_and(|iat| iat > now + LEEWAY) {
        return Err("the assertion was issued in the future");
    }
    claim::date(claims, "exp").filter(|exp| *exp > now).ok_or("the assertion has expired, or has no exp")
}
