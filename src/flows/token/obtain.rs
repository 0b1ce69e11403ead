//! Obtains an access token: cache → refresh → mint → a person.

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::Error;

use super::cache;
use super::input::Input;
use super::mint;
use super::refresh;
use super::session;
use super::single_flight::{Fetched, Freshness, SingleFlight, Source, TokenResult};

#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// The zone; its grant, scopes, audiences, resources and parameters are what is asked for.
    pub zone: Zone,
    /// How fresh it must be.
    pub freshness: Freshness,
    /// Neither read nor write the cache.
    pub no_cache: bool,
}

pub fn obtain_token(cx: &Context, options: &TokenOptions) -> Result<TokenResult, Error> {
    let zone = &options.zone;
    let input = Input::of(cx, zone)?;
    let fetch = || fetch_token(cx, zone, input.as_ref());
    let caches = if options.no_cache { None } else { cx.usable_caches(zone)? };
    let result = if let Some(caches) = &caches {
        let mut key = cache::token_key(cx, zone)?;
        key.subject = input.as_ref().map(|input| input.hash.clone());
        let lock = if session::needed(zone) { LockName::Session(&zone.name) } else { LockName::Token(&key) };
        SingleFlight { cx, caches, key: &key, lock, freshness: options.freshness }.get_or_fetch(fetch)?
    } else {
        let alone = session::needed(zone) && !cx.options.dry_run;
        let _held = if alone { Some(session::lock(cx, zone)?) } else { None };
        fetch()?.into_result("nothing is cached here")?
    };
    warn_short_lived(cx, options, &result);
    Ok(result)
}

/// `--min-ttl` is best effort: a shorter-lived token is still handed out.
fn warn_short_lived(cx: &Context, options: &TokenOptions, result: &TokenResult) {
    let (token, min_ttl) = (&result.token, options.freshness.min_ttl);
    if result.source != Source::Cache && token.expires_at.is_some() && token.lifetime() < min_ttl {
        cx.ui.warn(&format!(
            "the server gives tokens of {} s, less than the {} s asked for by --min-ttl",
            token.lifetime().as_secs(),
            min_ttl.as_secs()
        ));
    }
}

/// By the refresh token where a person signs in, else by the zone's grant.
fn fetch_token(cx: &Context, zone: &Zone, input: Option<&Input>) -> Result<Fetched, Error> {
    if session::needed(zone) {
        return refresh::refresh_token(cx, zone);
    }
    let token = mint::mint_token(cx, zone, input)?;
    Ok(Fetched { token, source: Source::Grant, cacheable: true, stored: Ok(()) })
}
