//! Asks the zone's authorization server about a token (RFC 7662): one request when the metadata is known.

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error};
use crate::jose;
use crate::oauth::{Fault, claim, introspection, validity};
use crate::secret::Secret;

use super::client::Client;
use super::keys;

/// What the server says of a token. With `signed` it has to sign its answer (RFC 9701), which is verified.
pub fn introspect_token(
    cx: &Context,
    zone: &Zone,
    token: &Secret,
    hint: Option<&str>,
    signed: bool,
) -> Result<Map<String, Value>, Error> {
    let client = Client::of(cx, zone)?;
    let asked = client.send("introspection_endpoint", &|url| introspection::request(url, token, hint, signed))?;
    if !signed {
        return client.judge(&asked, introspection::read(&asked.answer));
    }
    let read = introspection::read_signed(&asked.answer);
    let unsigned = matches!(read, Err(Fault::NotTrusted { .. }));
    let answer = client.judge(&asked, read).map_err(|error| if unsigned { error.or_unsigned() } else { error })?;
    let decoded =
        keys::verify(cx, zone, answer)?.map_err(|fault| error::token_request::untrusted_introspection(&fault))?;
    let now = cx.clock.now().epoch();
    Ok(introspection::check(&decoded.header, &decoded.claims, (zone.token_issuer(), &client.id), now)?)
}

/// The members that the server answers with, whatever `active` is: for a guard, to which all but the value true is a no.
pub fn read_answer(cx: &Context, zone: &Zone, token: &Secret) -> Result<Map<String, Value>, Error> {
    let client = Client::of(cx, zone)?;
    let asked = client.send("introspection_endpoint", &|url| introspection::request(url, token, None, false))?;
    client.judge(&asked, introspection::read_members(&asked.answer))
}

/// Whether there is a client to ask as.
pub fn check_client(cx: &Context, zone: &Zone) -> Result<(), Error> {
    Client::of(cx, zone).map(drop)
}

/// Why the server may call a token inactive that has not expired; servers never say.
pub fn explain_inactive(cx: &Context, zone: &Zone, token: &Secret) -> Option<String> {
    let claims = jose::decode(token.expose()).ok()?.claims;
    let expires_at = Moment::from_epoch(claim::date(&claims, "exp")?);
    if expires_at <= cx.clock.now() || validity::other_issuer(&claims, zone.token_issuer()).is_some() {
        return None;
    }
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let cause = if claim::list(&claims, "aud").contains(&client_id) {
        "it was revoked, or its session has ended".to_owned()
    } else {
        format!("its aud lacks {client_id}, and this server answers only clients in aud. Otherwise it was revoked")
    };
    Some(format!("the token expires at {}, so it has not expired. Likely: {cause}", expires_at.rfc3339()))
}
