//! Verifies tokens with the key set of an issuer, which is cached and fetched again for an unknown key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::Zone;
use crate::context::Context;
use crate::error::Error;
use crate::jose::{self, Decoded, Fault};
use crate::oauth::{jwks, metadata};

use super::discovery::{self, Endpoint};

/// The minimum age of a cached key set before an unknown key causes a new request.
const MIN_REFETCH_AGE: Duration = Duration::from_secs(10);

/// Verifies a token with the keys of the zone's issuer. The inner fault is about the token, the outer error about the keys.
pub fn verify(cx: &Context, zone: &Zone, token: &str) -> Result<Result<Decoded, Fault>, Error> {
    // A token that no key can verify needs no keys.
    match jose::verify(token, &json!({"keys": []})) {
        Err(Fault::NoKey { .. } | Fault::UnusableKey { .. }) => {}
        other => return Ok(other),
    }
    let endpoint = discovery::find_endpoint(cx, zone, "jwks_uri", false)?;
    let Some((keys, stale)) = cached_keys(cx, zone, &endpoint.url) else {
        return Ok(jose::verify(token, &fetch_keys(cx, zone, &endpoint)?.0));
    };
    let first = jose::verify(token, &keys);
    let rotated = match &first {
        Err(Fault::NoKey { .. } | Fault::UnusableKey { .. }) => true,
        Err(Fault::Signature) => jose::decode(token).is_ok_and(|decoded| !decoded.header.contains_key("kid")),
        _ => false,
    };
    if !rotated || !stale {
        return Ok(first);
    }
    cx.ui.debug("no cached key fits: fetching the keys again");
    Ok(jose::verify(token, &fetch_keys(cx, zone, &endpoint)?.0))
}

/// The name of a cached key set; no issuer contains a space.
fn cache_name(url: &str) -> String {
    format!("jwks {url}")
}

/// The cached key set, and whether it may be fetched again.
fn cached_keys(cx: &Context, zone: &Zone, url: &str) -> Option<(Value, bool)> {
    let document = cx.usable_caches(zone).ok()??.documents.get(&cache_name(url)).ok()??;
    let now = cx.clock.now();
    let set = serde_json::from_str(&document.body).ok().filter(|_| document.is_fresh(now))?;
    Some((set, now.since(document.stored_at) >= MIN_REFETCH_AGE))
}

/// Fetches the key set of the zone's issuer, and says how long it lives.
pub fn fetch(cx: &Context, zone: &Zone) -> Result<(Value, Duration), Error> {
    fetch_keys(cx, zone, &discovery::find_endpoint(cx, zone, "jwks_uri", false)?)
}

fn fetch_keys(cx: &Context, zone: &Zone, endpoint: &Endpoint) -> Result<(Value, Duration), Error> {
    let session = cx.http_session(Some(zone));
    let mut url = String::new();
    let find = |fresh| if fresh { discovery::find_endpoint(cx, zone, "jwks_uri", true) } else { Ok(endpoint.clone()) };
    let answer = discovery::with_endpoint_retry(cx, "jwks_uri", &find, &mut |endpoint| {
        url.clone_from(&endpoint.url);
        session.send(&mut || jwks::request(&endpoint.url))
    })?;
    let set = jwks::read(&answer)?;
    let lifetime = metadata::lifetime(&answer);
    discovery::cache_document(cx, zone, &cache_name(&url), set.to_string(), lifetime);
    Ok((set, lifetime))
}
