//! The token endpoint (RFC 6749 §3.2).

use serde_json::{Value, json};
use url::Url;

use super::client::{Client, SCOPES, random_hex};
use super::form::Form;
use super::message::{Call, Refusal, Reply};
use super::state::State;
use crate::jose::sign;

/// The grants that are served, as metadata lists them.
pub const GRANTS: [&str; 1] = ["client_credentials"];
/// Grants that the log may name; anything else could be a secret in the wrong place.
const KNOWN: [&str; 7] = [
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];
/// The audience of a token that was asked for without one.
const AUDIENCE: &str = "sandbox-api";
/// The most audiences and resources of one token, and the most bytes of each.
const TARGETS: (usize, usize) = (16, 512);

/// Answers a token request.
pub fn answer(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let asked = form.get("grant_type");
    call.note.grant = asked.map(|asked| KNOWN.into_iter().find(|known| *known == asked).unwrap_or("unknown"));
    let client = state.clients.authenticate(call, &form)?;
    match asked {
        Some("client_credentials") => client_credentials(state, client, &form),
        Some(_) => Err(Refusal::new(400, "unsupported_grant_type", "this grant is not served")),
        None => Err(Refusal::request("grant_type is missing")),
    }
}

/// RFC 6749 §4.4. Public clients get a token too, against that section: here it lets `none` be tried.
fn client_credentials(state: &State, client: &Client, form: &Form) -> Result<Reply, Refusal> {
    let scope = scope(form)?;
    let audience = audience(form)?;
    let now = state.clock.now();
    let jti = random_hex::<16>(state.entropy.as_ref())
        .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))?;
    let claims = json!({
        "iss": state.issuer,
        "sub": client.id,
        "aud": audience,
        "exp": now.plus(state.token_ttl).epoch(),
        "iat": now.epoch(),
        "jti": jti,
        "client_id": client.id,
        "scope": scope,
    });
    let token = sign(&state.key, &claims, Some("at+jwt"))
        .map_err(|_| Refusal::new(500, "server_error", "the token could not be signed"))?;
    Ok(Reply::json(
        200,
        &json!({
            "access_token": token.expose(),
            "token_type": "Bearer",
            "expires_in": state.token_ttl.as_secs(),
            "scope": scope,
        }),
    ))
}

/// RFC 6749 §3.3.
fn scope(form: &Form) -> Result<String, Refusal> {
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
fn audience(form: &Form) -> Result<Value, Refusal> {
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
