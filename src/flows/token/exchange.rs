//! Exchanges one token for another (RFC 8693): one request when the metadata is known.

use serde_json::{Map, Value, json};

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::Error;
use crate::flows::client::Client;
use crate::oauth::exchange::{self, ACCESS_TOKEN, TypedToken};
use crate::oauth::{json, token};
use crate::store::{Token, TokenKey};

use super::cache;
use super::input::hash_subject;
use super::issued::issued_token;
use super::single_flight::{Fetched, Freshness, SingleFlight, Source};

#[derive(Debug)]
pub struct ExchangeRequest {
    /// By whom; its scopes, audiences, resources and parameters are what is asked for.
    pub zone: Zone,
    pub subject: TypedToken,
    /// Who acts, where that is somebody else.
    pub actor: Option<TypedToken>,
    /// The type that the new token is to have.
    pub requested: Option<String>,
}

/// A token that was issued for another.
pub struct Exchanged {
    pub token: Token,
    /// The members of the answer as they came; of a cached token those that are still known.
    pub members: Map<String, Value>,
}

pub fn exchange_token(cx: &Context, request: &ExchangeRequest) -> Result<Exchanged, Error> {
    let zone = &request.zone;
    let client = Client::of(cx, zone)?;
    let asked = client.send("token_endpoint", &|url| {
        exchange::request(
            url,
            &exchange::ExchangeGrant {
                subject: &request.subject,
                actor: request.actor.as_ref(),
                requested: request.requested.as_deref(),
                parameters: zone.token_parameters(),
            },
        )
    })?;
    let read = token::read(&asked.answer).and_then(|response| Ok((response, json::object(&asked.answer.body)?)));
    let (mut response, members) = client.judge(&asked, read).map_err(|error| error.exchanged(&client.id))?;
    if response.issued_token_type.is_none() {
        response.warnings.push("the answer has no issued_token_type (RFC 8693 §2.2.1)".to_owned());
    }
    Ok(Exchanged { token: issued_token(cx, zone, response, asked.sent_at), members })
}

/// As [`exchange_token`], but a token that was issued for the same and is not due for renewal is handed out again.
pub fn get_or_exchange(cx: &Context, request: &ExchangeRequest) -> Result<Exchanged, Error> {
    let Some(caches) = cx.usable_caches(&request.zone)? else { return exchange_token(cx, request) };
    let key = exchange_key(cx, request)?;
    let flight =
        SingleFlight { cx, caches: &caches, key: &key, lock: LockName::Token(&key), freshness: Freshness::default() };
    let mut members = None;
    let result = flight.get_or_fetch(|| {
        let exchanged = exchange_token(cx, request)?;
        let issued = exchanged.members.get("issued_token_type").and_then(Value::as_str);
        let cacheable = issued.is_none_or(|issued| issued == expected_type(request));
        if !cacheable {
            cx.ui.warn("the server issued a token of another type: it is not cached");
        }
        members = Some(exchanged.members);
        Ok(Fetched { token: exchanged.token, source: Source::Grant, cacheable, stored: Ok(()) })
    })?;
    let members = members.unwrap_or_else(|| cached_members(cx, request, &result.token));
    Ok(Exchanged { token: result.token, members })
}

/// The type that the new token has when the server issues what was asked for.
fn expected_type(request: &ExchangeRequest) -> &str {
    request.requested.as_deref().unwrap_or(ACCESS_TOKEN)
}

/// The answer that a cached token stands for.
fn cached_members(cx: &Context, request: &ExchangeRequest, token: &Token) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("access_token".to_owned(), json!(token.access_token.expose()));
    members.insert("issued_token_type".to_owned(), json!(expected_type(request)));
    members.insert("token_type".to_owned(), json!(token.token_type));
    let left = token.left(cx.clock.now()).unwrap_or_default();
    members.insert("expires_in".to_owned(), json!(left.as_secs()));
    if let Some(scope) = &token.scope {
        members.insert("scope".to_owned(), json!(scope));
    }
    members
}

/// Under which key the new token is cached: the tokens that were handed in are hashed.
fn exchange_key(cx: &Context, request: &ExchangeRequest) -> Result<TokenKey, Error> {
    let mut key = cache::token_key(cx, &request.zone)?;
    key.subject = Some(hash_subject(&request.subject, request.actor.as_ref()));
    key.parameters.extend(request.requested.iter().map(|kind| ("requested_token_type".to_owned(), kind.clone())));
    Ok(key)
}
