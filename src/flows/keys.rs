//! Whether a token was signed by an issuer: its key set, kept for a while, and asked for again when a key is new.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::jose::{self, Decoded, Fault};
use crate::oauth::{jwks, metadata};
use crate::store::Document;

use super::discovery::{self, Endpoint};

/// So old a kept key set must be before an unknown key has it asked for again: whoever invents key ids makes us ask
/// six times a minute at most.
const YOUNGEST: Duration = Duration::from_secs(10);

/// A key set, and whether asking again may bring another.
struct Keys {
    set: Value,
    stale: bool,
}

/// Verifies a token's signature by the keys of this zone's issuer. The inner fault is the token's, the outer error says
/// that the keys could not be had.
pub fn verify(cx: &Context, zone: &Zone, token: &str) -> Result<Result<Decoded, Fault>, Error> {
    // What no key could mend needs no keys.
    match jose::verify(token, &json!({"keys": []})) {
        Err(Fault::NoKey { .. }) => {}
        other => return Ok(other),
    }
    let keys = keys(cx, zone)?;
    let first = jose::verify(token, &keys.set);
    let rotated = match &first {
        Err(Fault::NoKey { .. }) => true,
        Err(Fault::Signature) => jose::decode(token).is_ok_and(|decoded| !decoded.header.contains_key("kid")),
        _ => false,
    };
    if !rotated || !keys.stale {
        return Ok(first);
    }
    cx.ui.debug("the kept keys do not fit: they are asked for again");
    Ok(jose::verify(token, &fetched(cx, zone, discovery::endpoint(cx, zone, "jwks_uri", false)?)?))
}

/// The issuer's keys, from the cache while they are fresh.
fn keys(cx: &Context, zone: &Zone) -> Result<Keys, Error> {
    let endpoint = discovery::endpoint(cx, zone, "jwks_uri", false)?;
    // `--dry-run` shows the request that a cache would save.
    if !cx.options.dry_run
        && let Some((set, stale)) = remembered(cx, zone, &endpoint.url)
    {
        return Ok(Keys { set, stale });
    }
    Ok(Keys { set: fetched(cx, zone, endpoint)?, stale: false })
}

/// The name under which a key set is kept; no issuer has a blank in it.
fn name(url: &str) -> String {
    format!("jwks {url}")
}

fn remembered(cx: &Context, zone: &Zone, url: &str) -> Option<(Value, bool)> {
    let document = cx.caches(zone.ephemeral()).ok()??.documents.get(&name(url)).ok()??;
    let now = cx.clock.now();
    let set = serde_json::from_str(&document.body).ok().filter(|_| document.is_fresh(now))?;
    Some((set, now.since(document.stored_at) >= YOUNGEST))
}

/// Asks for the keys. A cached address that is gone (404) is looked up again, once.
fn fetched(cx: &Context, zone: &Zone, endpoint: Endpoint) -> Result<Value, Error> {
    let net = cx.http_session(Some(zone));
    let mut url = endpoint.url;
    let mut answer = net.send(&mut || jwks::request(&url))?;
    if answer.status == 404 && endpoint.cached {
        cx.ui.debug("the cached jwks_uri is gone: the metadata is asked again");
        url = discovery::endpoint(cx, zone, "jwks_uri", true)?.url;
        answer = net.send(&mut || jwks::request(&url))?;
    }
    let set = jwks::read(&answer)?;
    keep(cx, zone, &url, &set, metadata::lifetime(&answer));
    Ok(set)
}

/// Keeps a key set; a cache that can't be written costs a request next time, not this command.
fn keep(cx: &Context, zone: &Zone, url: &str, set: &Value, lifetime: Duration) {
    let Ok(Some(caches)) = cx.caches(zone.ephemeral()) else { return };
    if lifetime.is_zero() {
        return;
    }
    let now = cx.clock.now();
    let document = Document { body: set.to_string(), stored_at: now, expires_at: now.plus(lifetime) };
    if let Err(fault) = caches.documents.put(&name(url), &document) {
        cx.ui.debug(&format!("the keys are not kept: {fault}"));
    }
}
