//! Obtains an access token: cache → refresh → grant → a person.

use std::time::Duration;

use crate::context::{Context, LockName};
use crate::error::Error;
use crate::oauth::exchange::TypedToken;

use super::cache;
use super::freshness::Freshness;
use super::input::{hash_subject, read_input};
use super::mint;
use super::refresh;
use super::request::TokenRequest;
use super::session;
use super::shared_flight::SharedFlight;
use super::single_flight::{Fetched, SingleFlight, Source, TokenFile, TokenResult};

/// Obtains the token; with `no_cache` the cache is neither read nor written.
pub fn obtain_token(
    cx: &Context,
    request: &TokenRequest<'_>,
    freshness: Freshness,
    no_cache: bool,
) -> Result<TokenResult, Error> {
    let zone = request.zone;
    let input = read_input(cx, request)?;
    let signs_in = request.grant.needs_sign_in();
    let caches = if no_cache { None } else { cx.usable_caches(zone)? };
    let result = if let Some(caches) = caches {
        let mut key = cache::token_key(cx, request)?;
        key.subject = input.as_ref().map(|input| hash_subject(input, None));
        let shared = SharedFlight { cx, caches: Some(&caches), key: &key, freshness };
        let fetch = || shared.get_or_fetch(|| fetch_token(cx, request, input.as_ref()));
        let lock = if signs_in { LockName::Session(&zone.name) } else { LockName::Token(&key) };
        let result = SingleFlight { cx, zone, caches: &caches, key: &key, lock, freshness }.get_or_fetch(fetch)?;
        TokenResult { file: Some(TokenFile::Cached(caches.tokens, Box::new(key))), ..result }
    } else if no_cache || signs_in {
        let _held = if signs_in { session::lock_session(cx, zone)? } else { None };
        let file = if signs_in { Some(TokenFile::Session(cx.sessions()?.path_of(&zone.name))) } else { None };
        TokenResult { file, ..fetch_token(cx, request, input.as_ref())?.into_result("nothing is cached here")? }
    } else {
        // Without a home there may still be a shared cache.
        let mut key = cache::token_key(cx, request)?;
        key.subject = input.as_ref().map(|input| hash_subject(input, None));
        let shared = SharedFlight { cx, caches: None, key: &key, freshness };
        shared.get_or_fetch(|| fetch_token(cx, request, input.as_ref()))?.into_result("nothing is cached here")?
    };
    warn_short_lived(cx, freshness.min_ttl, &result);
    Ok(result)
}

/// `--min-ttl` is best effort: a shorter-lived token is printed anyway.
fn warn_short_lived(cx: &Context, min_ttl: Duration, result: &TokenResult) {
    let lifetime = result.token.lifetime();
    if result.source != Source::Cache && result.token.expires_at.is_some() && lifetime < min_ttl {
        cx.ui.warn(&format!(
            "the server gives tokens of {} s, less than the {} s asked for by --min-ttl",
            lifetime.as_secs(),
            min_ttl.as_secs()
        ));
    }
}

fn fetch_token(cx: &Context, request: &TokenRequest<'_>, input: Option<&TypedToken>) -> Result<Fetched, Error> {
    cx.settle_rename();
    if request.grant.needs_sign_in() {
        return refresh::refresh_token(cx, request);
    }
    let token = mint::mint_token(cx, request, input)?;
    Ok(Fetched { token, source: Source::Grant, cacheable: true, stored: Ok(()) })
}
