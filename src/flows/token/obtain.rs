//! Obtains an access token: cache → refresh → mint → a person. N processes that want the same token make one request.
//!
//! A token is renewed when less than max(20 % of its lifetime, `--min-ttl`) is left, counted from the request's start.
//! While one process holds the lock of a credential the others wait and read again; the kernel drops the lock of a
//! holder that dies. A renewal that fails does not take away a token that is still valid.

use std::time::Duration;

use crate::config::Zone;
use crate::context::{Caches, Context, Waited};
use crate::error::Error;
use crate::store::{CachedToken, TokenKey};

use super::cache;
use super::failure;
use super::input::Input;
use super::mint;
use super::minted::Minted;
use super::refresh;
use super::session;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wish {
    /// For whom.
    pub zone: Zone,
    /// At least so much must be left, if the server gives it.
    pub min_ttl: Duration,
    /// A token obtained after this process began, or fail.
    pub fresh: bool,
    /// Neither read nor written: no cache, no lock.
    pub no_cache: bool,
}

/// Where a token came from, as the JSON member `source` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The cache.
    Cache,
    /// A refresh.
    Refresh,
    /// A grant.
    Grant,
    /// `HALLPASS_TOKEN`.
    Environment,
}

impl Source {
    /// `cache`, `refresh`, `grant`, `environment`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Refresh => "refresh",
            Self::Grant => "grant",
            Self::Environment => "environment",
        }
    }
}

/// A token in hand.
#[derive(Debug, Clone)]
pub struct Obtained {
    /// The token; its `expires_at` is `None` when nobody said.
    pub token: CachedToken,
    /// Whether the lifetime is known.
    pub lifetime_known: bool,
    /// Where it came from.
    pub source: Source,
    /// Why, for `--explain`.
    pub because: String,
}

/// Obtains a token for this wish.
///
/// # Errors
/// Those of the mint, when no valid token is at hand.
pub fn obtain(cx: &Context, wish: &Wish) -> Result<Obtained, Error> {
    let input = Input::of(cx, &wish.zone)?;
    let caches = if wish.no_cache { None } else { cx.usable_caches(&wish.zone)? };
    let Some(caches) = caches else {
        let alone = session::needed(&wish.zone) && !cx.options.dry_run;
        let _held = if alone { Some(session::lock(cx, &wish.zone)?) } else { None };
        let fresh = acquire(cx, &wish.zone, input.as_ref())?;
        fresh.stored?;
        short_lived(cx, wish, &fresh.minted);
        return Ok(minted(fresh.minted, fresh.source, "nothing is cached here"));
    };
    let mut key = cache::key(cx, &wish.zone)?;
    key.subject = input.as_ref().map(|input| input.hash.clone());
    if let Some(token) = caches.tokens.get(&key)?.filter(|token| serves(cx, wish, token)) {
        return Ok(from_cache(token, "it is not due for renewal"));
    }
    renew(cx, wish, input.as_ref(), &caches, &key)
}

fn renew(cx: &Context, wish: &Wish, input: Option<&Input>, caches: &Caches, key: &TokenKey) -> Result<Obtained, Error> {
    // A refresh token serves all the tokens of its zone.
    let path = if session::needed(&wish.zone) {
        session::lock_path(cx, &wish.zone)?
    } else {
        cx.paths()?.token_lock(&key.file_name())
    };
    let mut brought = None;
    let waited = cx.lock_unless(&path, &mut || {
        brought = caches.tokens.get(key).ok().flatten().filter(|token| serves_while_waiting(cx, wish, token));
        brought.is_some()
    });
    let _held = match waited {
        Ok(Waited::Held(lock)) => Some(lock),
        Ok(Waited::Brought) => None,
        Err(error) => return rescue(cx, wish, caches, key, error),
    };
    if let Some(token) = brought {
        return Ok(from_cache(token, "another process obtained it or is renewing it"));
    }
    // Whoever held the lock before us may have brought it.
    if let Some(token) = caches.tokens.get(key)?.filter(|token| serves(cx, wish, token)) {
        return Ok(from_cache(token, "another process obtained it"));
    }
    if let Some(error) = failure::shared(cx, key) {
        return rescue(cx, wish, caches, key, error);
    }
    match acquire(cx, &wish.zone, input) {
        Ok(mut fresh) => {
            if fresh.minted.token.id_token.is_none() {
                // A refresh need not bring one; the old one still says who signed in.
                fresh.minted.token.id_token = caches.tokens.get(key)?.and_then(|token| token.id_token);
            }
            cache::put(cx, caches, key, &fresh.minted);
            fresh.stored?;
            short_lived(cx, wish, &fresh.minted);
            Ok(minted(fresh.minted, fresh.source, "the cache held none that would do"))
        }
        Err(error) => {
            failure::share(cx, key, &error);
            rescue(cx, wish, caches, key, error)
        }
    }
}

/// A still valid token rescues a failed renewal, with a warning; never for `--fresh`.
fn rescue(cx: &Context, wish: &Wish, caches: &Caches, key: &TokenKey, error: Error) -> Result<Obtained, Error> {
    if wish.fresh || error.silent {
        return Err(error);
    }
    match caches.tokens.get(key)?.filter(|token| token.left(cx.clock.now()).is_some()) {
        None => Err(error),
        Some(token) => {
            cx.ui.warn(&format!(
                "renewal failed, a token that is valid until {} is used: {}",
                token.expires_at.rfc3339(),
                error.chain()
            ));
            Ok(from_cache(token, "renewal failed and it is still valid"))
        }
    }
}

/// Whether a cached token grants the wish without asking anybody.
fn serves(cx: &Context, wish: &Wish, token: &CachedToken) -> bool {
    let now = cx.clock.now();
    if token.left(now).is_none() || (wish.fresh && token.obtained_at < cx.started) {
        return false;
    }
    // One just brought by a process that ran beside us is as good as it gets, however short it lives.
    now < cache::renew_at(token, wish.min_ttl) || token.obtained_at >= cx.started
}

/// While somebody else renews, a token that is due but has more than ten seconds left still serves.
fn serves_while_waiting(cx: &Context, wish: &Wish, token: &CachedToken) -> bool {
    let left = token.left(cx.clock.now()).unwrap_or_default();
    serves(cx, wish, token) || (!wish.fresh && wish.min_ttl.is_zero() && left > Duration::from_secs(10))
}

/// `--min-ttl` is a wish: a fresh token that lives shorter is handed out with a warning.
fn short_lived(cx: &Context, wish: &Wish, fresh: &Minted) {
    let lifetime = fresh.token.lifetime();
    if fresh.lifetime_known && lifetime < wish.min_ttl {
        cx.ui.warn(&format!(
            "the server gives tokens of {} s, less than the {} s asked for by --min-ttl",
            lifetime.as_secs(),
            wish.min_ttl.as_secs()
        ));
    }
}

/// A token from the server.
struct Fresh {
    minted: Minted,
    source: Source,
    /// Whether what came with it could be stored.
    stored: Result<(), Error>,
}

/// By the refresh token where a person signs in, else by the zone's grant.
fn acquire(cx: &Context, zone: &Zone, input: Option<&Input>) -> Result<Fresh, Error> {
    if session::needed(zone) {
        let refreshed = refresh::refresh(cx, zone)?;
        return Ok(Fresh { minted: refreshed.minted, source: Source::Refresh, stored: refreshed.stored });
    }
    Ok(Fresh { minted: mint::mint(cx, zone, input)?, source: Source::Grant, stored: Ok(()) })
}

fn minted(fresh: Minted, source: Source, because: &str) -> Obtained {
    Obtained { token: fresh.token, lifetime_known: fresh.lifetime_known, source, because: because.to_owned() }
}

fn from_cache(token: CachedToken, because: &str) -> Obtained {
    Obtained { token, lifetime_known: true, source: Source::Cache, because: because.to_owned() }
}
