//! Asks the zone's authorization server about a token (RFC 7662): one request when the metadata is known.

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::jose;
use crate::oauth::{claim, introspection};
use crate::secret::Secret;

use super::client::Client;
use super::keys;

/// What the server says of a token. With `signed` it has to sign its answer (RFC 9701), which is verified.
pub fn ask(
    cx: &Context,
    zone: &Zone,
    token: &Secret,
    hint: Option<&str>,
    signed: bool,
) -> Result<Map<String, Value>, Error> {
    let client = Client::of(cx, zone)?;
    let asked = client.send("introspection_endpoint", &|url| introspection::request(url, token, hint, signed))?;
    if !signed {
        return client.judge(&asked, introspection::read(&asked.answer)).map_err(explained);
    }
    let answer = client.judge(&asked, introspection::read_signed(&asked.answer)).map_err(explained)?;
    let decoded = keys::verify(cx, zone, answer)?
        .map_err(|fault| Error::refused("the introspection answer is not to be trusted").because(fault.to_string()))?;
    let now = cx.clock.now().epoch();
    Ok(introspection::check(&decoded.header, &decoded.claims, (&zone.issuer, &client.id), now)?)
}

/// Why an inactive answer may astonish: by its own word the token still lives. Servers never tell the reason.
pub fn doubt(cx: &Context, zone: &Zone, token: &Secret) -> Option<String> {
    let claims = jose::decode(token.expose()).ok()?.claims;
    let expires_at = Moment::from_epoch(claim::date(&claims, "exp")?);
    if expires_at <= cx.clock.now() || claim::text(&claims, "iss") != Some(&zone.issuer) {
        return None;
    }
    let lives = format!("by its own word the token lives until {}", expires_at.rfc3339());
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let gone = "it may have been revoked, or its session has ended";
    Some(if claim::list(&claims, "aud").contains(&client_id) {
        format!("{lives}: {gone}")
    } else {
        format!(
            "{lives}: {gone}, or the server tells a client of its own audience only, and its aud does not name {client_id}"
        )
    })
}

fn explained(error: Error) -> Error {
    match error.code.as_deref() {
        Some("unsupported_token_type") => error
            .hint("the server does not introspect tokens of this kind; a JWT says itself: hallpass inspect --verify"),
        _ if error.message.contains("it is not signed") => {
            error.hint("ask without --jwt; servers that sign list introspection_signing_alg_values_supported")
        }
        _ => error,
    }
}
