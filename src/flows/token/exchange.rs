//! Exchanges one token for another (RFC 8693): one request when the metadata is known.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::config::Zone;
use crate::context::{Caches, Context};
use crate::error::Error;
use crate::flows::client::Client;
use crate::oauth::exchange::{self, ACCESS_TOKEN, TypedToken};
use crate::oauth::{json, token};
use crate::store::{CachedToken, TokenKey};

use super::cache;
use super::minted::Minted;

/// What is wanted of the exchange.
#[derive(Debug)]
pub struct Wish {
    /// By whom; its scopes, audiences, resources and parameters are what is asked for.
    pub zone: Zone,
    /// On whose behalf.
    pub subject: TypedToken,
    /// Who acts, where that is somebody else.
    pub actor: Option<TypedToken>,
    /// The type that the new token is to have.
    pub requested: Option<String>,
}

/// A token that was got for another.
pub struct Exchanged {
    /// The token, and whether its lifetime is known.
    pub minted: Minted,
    /// The members of the answer as they came; of a cached token those that are still known.
    pub members: Map<String, Value>,
}

/// Exchanges.
///
/// # Errors
/// 5 when the server refuses, with what to switch on; 3, 6 and 8 as for every request.
pub fn exchange(cx: &Context, wish: &Wish) -> Result<Exchanged, Error> {
    let zone = &wish.zone;
    let client = Client::of(cx, zone)?;
    let asked = client.send("token_endpoint", &|url| {
        exchange::request(
            url,
            &exchange::ExchangeGrant {
                subject: &wish.subject,
                actor: wish.actor.as_ref(),
                requested: wish.requested.as_deref(),
                parameters: zone.token_parameters(),
            },
        )
    })?;
    let read = token::read(&asked.answer).and_then(|response| Ok((response, json::object(&asked.answer.body)?)));
    let (mut response, members) = client.judge(&asked, read).map_err(|error| error.exchanged(&client.id))?;
    if response.issued_token_type.is_none() {
        response.warnings.push("the answer has no issued_token_type (RFC 8693 §2.2.1)".to_owned());
    }
    Ok(Exchanged { minted: Minted::of(cx, zone, response, asked.sent_at), members })
}

/// As [`exchange()`], but a token that was got for the same and is not due for renewal is handed out again. Many
/// processes that want the same make one request.
///
/// # Errors
/// As [`exchange()`]; 6 when the lock stays busy, 7 when the cache can't be read safely.
pub fn cached(cx: &Context, wish: &Wish) -> Result<Exchanged, Error> {
    let Some(caches) = cx.usable_caches(&wish.zone)? else { return exchange(cx, wish) };
    let key = key(cx, wish)?;
    if let Some(token) = kept(cx, &caches, &key)? {
        return Ok(again(cx, wish, token));
    }
    let _held = cx.lock(&cx.paths()?.token_lock(&key.file_name()))?;
    if let Some(token) = kept(cx, &caches, &key)? {
        return Ok(again(cx, wish, token));
    }
    let exchanged = exchange(cx, wish)?;
    let issued = exchanged.members.get("issued_token_type").and_then(Value::as_str);
    if !exchanged.minted.lifetime_known {
        cx.ui.warn("the answer says no lifetime: the token is not cached");
    } else if issued.is_some_and(|issued| issued != expected(wish)) {
        cx.ui.warn("the server issued a token of another type: it is not cached");
    } else if let Err(fault) = caches.tokens.put(&key, &exchanged.minted.token) {
        cx.ui.warn(&format!("the token is not cached: {}", Error::from(fault).chain()));
    }
    Ok(exchanged)
}

/// The type that the new token has when the server does as it is told.
fn expected(wish: &Wish) -> &str {
    wish.requested.as_deref().unwrap_or(ACCESS_TOKEN)
}

fn kept(cx: &Context, caches: &Caches, key: &TokenKey) -> Result<Option<CachedToken>, Error> {
    let now = cx.clock.now();
    let serves =
        |token: &CachedToken| token.left(now).is_some() && now < cache::renew_at(token, std::time::Duration::ZERO);
    Ok(caches.tokens.get(key)?.filter(serves))
}

/// The answer that a cached token stands for.
fn again(cx: &Context, wish: &Wish, token: CachedToken) -> Exchanged {
    let mut members = Map::new();
    members.insert("access_token".to_owned(), json!(token.access_token.expose()));
    members.insert("issued_token_type".to_owned(), json!(expected(wish)));
    members.insert("token_type".to_owned(), json!(token.token_type));
    members.insert("expires_in".to_owned(), json!(token.expires_at.since(cx.clock.now()).as_secs()));
    if let Some(scope) = &token.scope {
        members.insert("scope".to_owned(), json!(scope));
    }
    Exchanged { minted: Minted { token, lifetime_known: true }, members }
}

/// Under which key the new token is kept: the tokens that were handed in are hashed.
fn key(cx: &Context, wish: &Wish) -> Result<TokenKey, Error> {
    let mut key = cache::key(cx, &wish.zone)?;
    key.subject = Some(subject(&wish.subject, wish.actor.as_ref()));
    key.parameters.extend(wish.requested.iter().map(|kind| ("requested_token_type".to_owned(), kind.clone())));
    Ok(key)
}

/// A hash of who speaks: the tokens that were handed in, with their types.
pub fn subject(subject: &TypedToken, actor: Option<&TypedToken>) -> String {
    let mut digest = Sha256::new();
    for part in std::iter::once(subject).chain(actor) {
        digest.update(Sha256::digest(part.token.expose()));
        digest.update(Sha256::digest(&part.kind));
    }
    digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
