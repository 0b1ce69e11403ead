//! Token exchange (RFC 8693).

use serde_json::{Map, Value, json};

use super::Asked;
use crate::jose::sign;
use crate::sandbox::endpoint::introspection::live;
use crate::sandbox::endpoint::issue::{self, Issue};
use crate::sandbox::endpoint::message::{Refusal, Reply};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID: &str = "urn:ietf:params:oauth:token-type:id_token";

/// A client exchanges tokens that were issued to it or are meant for it. The new token allows at most what the old one
/// does, and names in `act` who acts (§4.1).
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let (form, client) = (asked.form, asked.client);
    if client.is_public() {
        return Err(Refusal::new(400, "unauthorized_client", "a public client may not exchange tokens"));
    }
    let subject = part(asked, "subject_token", "subject_token_type")?
        .ok_or(Refusal::request("subject_token and subject_token_type are required"))?;
    let actor = part(asked, "actor_token", "actor_token_type")?;
    if !concerns(&subject, &client.id) {
        return Err(Refusal::request("the subject token was neither issued to this client nor is it meant for it"));
    }
    let requested = form.get("requested_token_type").unwrap_or(ACCESS);
    if ![ACCESS, JWT, ID].contains(&requested) {
        return Err(Refusal::request("this requested_token_type is not issued here"));
    }
    let claims: Vec<_> = actor.map(|actor| ("act", act(&subject, &actor))).into_iter().collect();
    let issue = Issue {
        client_id: &client.id,
        subject: text(&subject, "sub"),
        scope: scope(asked, &subject)?,
        audience: issue::audience(form)?,
        claims,
    };
    let mut answer = issue.answer(asked.state)?;
    answer["issued_token_type"] = json!(requested);
    if requested == ID {
        // §2.2.1: the token stands in access_token all the same, and is not usable as one.
        answer["access_token"] = json!(id_token(asked, &subject)?);
        answer["token_type"] = json!("N_A");
    }
    Ok(Reply::json(200, &answer))
}

/// A token that is handed in, read and alive; each has to come with its type and the other way round (§2.1).
fn part(asked: &Asked<'_>, token: &str, kind: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    let (token, kind) = match (asked.form.get(token), asked.form.get(kind)) {
        (None, None) => return Ok(None),
        (Some(token), Some(kind)) => (token, kind),
        _ => return Err(Refusal::request("a token and its token type come together")),
    };
    if ![ACCESS, JWT].contains(&kind) {
        return Err(Refusal::request("tokens of this type are not taken here"));
    }
    live(asked.state, token).map(Some).ok_or(Refusal::request("a token is unknown, expired or revoked"))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn concerns(subject: &Map<String, Value>, client_id: &str) -> bool {
    let meant = match subject.get("aud") {
        Some(Value::Array(list)) => list.iter().any(|one| one == client_id),
        Some(one) => one == client_id,
        None => false,
    };
    meant || text(subject, "client_id") == client_id
}

/// What the subject token allows, or the part of it that is asked for.
fn scope(asked: &Asked<'_>, subject: &Map<String, Value>) -> Result<String, Refusal> {
    let allowed = text(subject, "scope");
    if asked.form.get("scope").is_none() {
        return Ok(allowed.to_owned());
    }
    let wanted = issue::scope(asked.form)?;
    if wanted.split(' ').all(|name| allowed.split(' ').any(|known| known == name)) {
        return Ok(wanted);
    }
    Err(Refusal::new(400, "invalid_scope", "the scope reaches beyond the subject token"))
}

/// Who acts; whoever acted before stands inside (§4.1).
fn act(subject: &Map<String, Value>, actor: &Map<String, Value>) -> Value {
    let mut act = json!({"sub": text(actor, "sub"), "client_id": text(actor, "client_id")});
    if let Some(before) = subject.get("act") {
        act["act"] = before.clone();
    }
    act
}

fn id_token(asked: &Asked<'_>, subject: &Map<String, Value>) -> Result<String, Refusal> {
    let (state, now) = (asked.state, asked.state.clock.now());
    let claims = json!({
        "iss": state.issuer,
        "sub": text(subject, "sub"),
        "aud": asked.client.id,
        "exp": now.plus(state.token_ttl).epoch(),
        "iat": now.epoch(),
    });
    let token = sign(&state.key, &claims, None);
    token
        .map(|token| token.expose().to_owned())
        .map_err(|_| Refusal::new(500, "server_error", "the token could not be signed"))
}
