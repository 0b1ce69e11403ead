//! Assertions (RFC 7523): a JWT that proves a client, or that is itself the grant.

use serde_json::{Map, Value, json};

use crate::jose::{self, Decoded, sign, verify, verify_shared};
use crate::sandbox::Error;
use crate::sandbox::endpoint::message::Refusal;
use crate::sandbox::model::client::Client;
use crate::sandbox::state::State;
use crate::secret::Secret;

/// The one who signs for workloads, below the issuer: as a platform does whose identities a server trusts.
const WORKLOAD: &str = "/workload";
/// The subject of the workload's assertion.
pub const SUBJECT: &str = "workload";
/// How many seconds the clock of a client may be ahead.
const AHEAD: i64 = 15;

/// What an assertion says of who it is from, before anything is proven: `alg` and `sub`.
pub fn peek(assertion: &str) -> Option<(bool, String)> {
    let Decoded { header, claims } = jose::decode(assertion).ok()?;
    let shared = header.get("alg")?.as_str()?.starts_with("HS");
    Some((shared, claims.get("sub")?.as_str()?.to_owned()))
}

/// Checks the assertion of a client (RFC 7523 §3): its signature, that the client speaks of itself to this server,
/// that it holds now, and that it was not used before.
///
/// # Errors
/// `invalid_client` with the first reason against it.
pub fn prove(state: &State, client: &Client, assertion: &str) -> Result<(), Refusal> {
    let refused = Refusal::client;
    let unproven = |_| refused("the assertion is not signed by this client");
    let (shared, _) = peek(assertion).ok_or(refused("the assertion is not a JWT with a subject"))?;
    if !shared && client.workload {
        return workload(state, assertion).map(drop).map_err(refused);
    }
    let claims = match (&client.secret, &client.jwks) {
        (Some(secret), _) if shared => verify_shared(assertion, secret).map_err(unproven)?.claims,
        (_, Some(jwks)) if !shared => verify(assertion, jwks).map_err(unproven)?.claims,
        _ => return Err(refused("this client may not authenticate in this way")),
    };
    let is = |name: &str| claims.get(name).and_then(Value::as_str) == Some(&client.id);
    if !is("iss") || !is("sub") {
        return Err(refused("the assertion's iss and sub are not the client"));
    }
    holds(state, &claims).map_err(refused)?;
    let id = claims.get("jti").and_then(Value::as_str).filter(|id| (1..=256).contains(&id.len()));
    let id = id.ok_or(refused("the assertion has no jti"))?;
    let until = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    if state.spend(&format!("{} {id}", client.id), until) {
        Ok(())
    } else {
        Err(refused("the assertion was used before (jti)"))
    }
}

/// Checks an assertion of the workload's issuer, which may be used until it expires; gives its subject.
///
/// # Errors
/// The first reason against it.
pub fn workload(state: &State, assertion: &str) -> Result<String, &'static str> {
    let jwks = json!({"keys": [state.workload.public_jwk()]});
    let claims =
        verify(assertion, &jwks).map_err(|_| "the assertion is not signed by anybody who is trusted here")?.claims;
    if claims.get("iss").and_then(Value::as_str) != Some(&format!("{}{WORKLOAD}", state.issuer)) {
        return Err("the assertion's iss is not trusted here");
    }
    holds(state, &claims)?;
    claims.get("sub").and_then(Value::as_str).map(str::to_owned).ok_or("the assertion has no sub")
}

/// An assertion as a platform would hand it to a workload; it holds for a day.
pub fn issue(state: &State) -> Result<Secret, Error> {
    let now = state.clock.now().epoch();
    let claims = json!({
        "iss": format!("{}{WORKLOAD}", state.issuer),
        "sub": SUBJECT,
        "aud": state.issuer,
        "iat": now,
        "exp": now + 86_400,
    });
    sign(&state.workload, &claims, Some("JWT")).map_err(Error::Key)
}

/// What a publisher says of its software (RFC 7591 §2.3), signed by the one who signs for workloads.
pub fn statement(state: &State) -> Result<Secret, Error> {
    let claims = json!({
        "iss": format!("{}{WORKLOAD}", state.issuer),
        "iat": state.clock.now().epoch(),
        "software_id": "hallpass-sandbox",
        "client_name": "Stated by its publisher",
    });
    sign(&state.workload, &claims, Some("JWT")).map_err(Error::Key)
}

/// What a software statement says of a client; `None` when nobody who is trusted here says it.
pub fn stated(state: &State, statement: &str) -> Option<Map<String, Value>> {
    let mut claims = verify(statement, &json!({"keys": [state.workload.public_jwk()]})).ok()?.claims;
    if claims.get("iss").and_then(Value::as_str) != Some(&format!("{}{WORKLOAD}", state.issuer)) {
        return None;
    }
    claims.retain(|name, _| !["iss", "sub", "aud", "iat", "nbf", "exp", "jti"].contains(&name.as_str()));
    Some(claims)
}

/// Whether it is for this server, one string, and holds now.
fn holds(state: &State, claims: &Map<String, Value>) -> Result<(), &'static str> {
    match claims.get("aud") {
        Some(Value::String(audience)) if *audience == state.issuer => {}
        Some(Value::Array(_)) => return Err("the assertion has several audiences"),
        _ => return Err("the assertion's aud is not this issuer"),
    }
    let now = state.clock.now().epoch();
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    if time("exp").is_none_or(|exp| exp <= now) {
        return Err("the assertion has expired, or says no exp");
    }
    if time("iat").is_some_and(|iat| iat > now + AHEAD) {
        return Err("the assertion was issued in the future");
    }
    Ok(())
}
