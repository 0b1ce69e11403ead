//! The tokens of zones in the cache: under which key one rests, when it is due for renewal, and how a fresh one comes in.

use std::time::Duration;

use crate::config::Zone;
use crate::context::{Caches, Context};
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::client::certificate;
use crate::flows::client::proof::Prover;
use crate::store::{CachedToken, TokenKey};

use super::input::Input;
use super::minted::Minted;

/// When a token is due for renewal: less than max(20 % of its lifetime, `min_ttl`) is left from then on.
pub fn renew_at(token: &CachedToken, min_ttl: Duration) -> Moment {
    token.expires_at.minus((token.lifetime() / 5).max(min_ttl))
}

/// Stores a fresh token and says whether that was possible; a cache that can't be written is told, not fatal: the token
/// is good.
pub fn put(cx: &Context, caches: &Caches, key: &TokenKey, fresh: &Minted) -> bool {
    if !fresh.lifetime_known {
        cx.ui.warn("the answer says no lifetime: the token is not cached");
        return false;
    }
    match caches.tokens.put(key, &fresh.token) {
        Ok(()) => true,
        Err(fault) => {
            cx.ui.warn(&format!("the token is not cached: {}", Error::from(fault).chain()));
            false
        }
    }
}

/// Under which key the token of a zone is kept, when its grant hands in nothing.
///
/// # Errors
/// 7 when its tokens are bound to a key (RFC 9449) and the vault does not give it out, 3 when its certificate can't be
/// read.
pub fn key(cx: &Context, zone: &Zone) -> Result<TokenKey, Error> {
    let of_key = Prover::of(cx, zone)?.map(|prover| prover.thumbprint().to_owned());
    let proof_key = match (of_key, certificate::thumbprint(zone)?) {
        (Some(key), Some(certificate)) => Some(format!("{key} {certificate}")),
        (key, certificate) => key.or(certificate),
    };
    Ok(TokenKey { proof_key, ..asked(zone) })
}

/// The token at rest that a call without flags would be handed, expired or not. Neither the vault is opened nor a source
/// read: of a token that is bound to a key in the vault, or was given for something handed in, only what was asked for
/// is compared.
///
/// # Errors
/// 7 when the cache is not ours alone.
pub fn resting(cx: &Context, zone: &Zone, caches: &Caches) -> Result<Option<CachedToken>, Error> {
    let known = if zone.dpop || Input::is_needed(zone) { None } else { key(cx, zone).ok() };
    if let Some(key) = known {
        return Ok(caches.tokens.get(&key)?);
    }
    let key = asked(zone);
    Ok(caches.tokens.list()?.into_iter().filter(|token| key.asks_for(token)).max_by_key(|token| token.expires_at))
}

/// What is asked for, without what is handed in or proven.
fn asked(zone: &Zone) -> TokenKey {
    TokenKey {
        zone: zone.name.clone(),
        issuer: zone.issuer.clone(),
        client_id: zone.client_id.clone().unwrap_or_default(),
        grant: zone.grant().to_string(),
        scopes: zone.scope.clone(),
        audiences: zone.audience.clone(),
        resources: zone.resource.clone(),
        subject: None,
        proof_key: None,
        parameters: zone.params.clone(),
    }
}
