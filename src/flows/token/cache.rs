//! The tokens of zones in the cache: the key of each, and how a new one is cached.

use crate::config::Zone;
use crate::context::{Caches, Context};
use crate::error::Error;
use crate::flows::client::certificate;
use crate::flows::client::proof::DpopSigner;
use crate::oauth::grant::Grant;
use crate::store::{Token, TokenKey};

use super::request::TokenRequest;

/// Caches a new token and returns whether that was possible. If not, that is a warning: the token is usable anyway. Where
/// the lifetime is unknown, a person's token is kept until `logout`, and a client requests another one each time.
pub fn put(cx: &Context, caches: &Caches, key: &TokenKey, fresh: &Token) -> bool {
    let kept = Grant::by_name(&key.asked.grant).is_some_and(Grant::needs_sign_in);
    if fresh.expires_at.is_none() && !kept {
        cx.ui.warn("the answer has no lifetime: the token is not cached");
        return false;
    }
    let written = caches.tokens.put(key, fresh);
    if let Err(fault) = &written {
        cx.ui.warn(&format!("the token is not cached: {fault}"));
    }
    written.is_ok()
}

/// The key of a requested token in the cache, but for a token or assertion that the grant takes.
pub fn token_key(cx: &Context, request: &TokenRequest<'_>) -> Result<TokenKey, Error> {
    let key = DpopSigner::of(cx, request.zone)?.map(|signer| signer.thumbprint().to_owned());
    let proof_key = match (key, certificate::thumbprint(request.zone)?) {
        (Some(key), Some(certificate)) => Some(format!("{key} {certificate}")),
        (key, certificate) => key.or(certificate),
    };
    Ok(TokenKey { proof_key, headers: cx.headers(Some(request.zone)), ..requested_key(request) })
}

/// The cached token, expired or not, that a call without flags would print. Opens neither the vault nor a source.
pub fn find_usual_token(cx: &Context, zone: &Zone, caches: &Caches) -> Result<Option<Token>, Error> {
    let request = TokenRequest::of(zone);
    let known = if zone.dpop || request.grant.takes_input() { None } else { token_key(cx, &request).ok() };
    if let Some(key) = known {
        return Ok(caches.tokens.get(&key)?);
    }
    let key = requested_key(&request);
    Ok(caches.tokens.list()?.into_iter().filter(|token| key.asks_for(token)).max_by_key(|token| token.expires_at))
}

fn requested_key(request: &TokenRequest<'_>) -> TokenKey {
    TokenKey {
        asked: request.provenance(),
        parameters: request.parameters.extra.to_vec(),
        endpoint: request.zone.token_endpoint.clone(),
        headers: request.zone.headers.clone(),
        ..TokenKey::default()
    }
}
