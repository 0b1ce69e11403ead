//! The tokens of zones in the cache: under which key one rests, when it is due for renewal, and how a fresh one comes in.

use std::time::Duration;

use crate::config::Zone;
use crate::context::{Caches, Context};
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::client::certificate;
use crate::flows::client::proof::Prover;
use crate::store::{Token, TokenKey};

use super::input::Input;
use super::issued::provenance;

/// When a token is due for renewal: less than max(20 % of its lifetime, `min_ttl`) is left from then on. `None` when
/// nobody knows when it expires.
pub fn renew_at(token: &Token, min_ttl: Duration) -> Option<Moment> {
    Some(token.expires_at?.minus((token.lifetime() / 5).max(min_ttl)))
}

/// Caches a fresh token and says whether that was possible. Where it is not, that is a warning: the token is good.
pub fn put(cx: &Context, caches: &Caches, key: &TokenKey, fresh: &Token) -> bool {
    if fresh.expires_at.is_none() {
        cx.ui.warn("the answer has no lifetime: the token is not cached");
        return false;
    }
    match caches.tokens.put(key, fresh) {
        Ok(()) => true,
        Err(fault) => {
            cx.ui.warn(&format!("the token is not cached: {}", Error::from(fault).chain()));
            false
        }
    }
}

/// Under which key the token of a zone is kept, when its grant hands in nothing.
pub fn token_key(cx: &Context, zone: &Zone) -> Result<TokenKey, Error> {
    let of_key = Prover::of(cx, zone)?.map(|prover| prover.thumbprint().to_owned());
    let proof_key = match (of_key, certificate::thumbprint(zone)?) {
        (Some(key), Some(certificate)) => Some(format!("{key} {certificate}")),
        (key, certificate) => key.or(certificate),
    };
    Ok(TokenKey { proof_key, ..asked_key(zone) })
}

/// The token at rest that a call without flags would be handed, expired or not. Neither the vault is opened nor a source
/// read: of a token that is bound to a key in the vault, or was given for something handed in, only what was asked for
/// is compared.
pub fn find_usual_token(cx: &Context, zone: &Zone, caches: &Caches) -> Result<Option<Token>, Error> {
    let known = if zone.dpop || Input::is_needed(zone) { None } else { token_key(cx, zone).ok() };
    if let Some(key) = known {
        return Ok(caches.tokens.get(&key)?);
    }
    let key = asked_key(zone);
    Ok(caches.tokens.list()?.into_iter().filter(|token| key.asks_for(token)).max_by_key(|token| token.expires_at))
}

/// What is asked for, without what is handed in or proven.
fn asked_key(zone: &Zone) -> TokenKey {
    TokenKey { asked: provenance(zone), parameters: zone.params.clone(), ..TokenKey::default() }
}
