//! Exchanges one token for another (RFC 8693): one request when the metadata is cached.

use serde_json::{Map, Value, json};

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::Error;
use crate::flows::client::Client;
use crate::oauth::exchange::{self, ACCESS_TOKEN, ExchangeGrant};
use crate::oauth::grant::Grant;
use crate::oauth::{json, token};
use crate::store::Token;

use super::cache;
use super::freshness::Freshness;
use super::input::hash_subject;
use super::request::TokenRequest;
use super::single_flight::{Fetched, SingleFlight, Source};

/// The members of a response that are asked for; another one may repeat a secret.
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

pub struct Exchanged {
    pub token: Token,
    /// The members of the response as served; of a cached token those that are still known.
    pub members: Map<String, Value>,
}

pub fn exchange_token(cx: &Context, zone: &Zone, grant: &ExchangeGrant<'_>) -> Result<Exchanged, Error> {
    let client = Client::of_optional_id(cx, zone)?;
    let asked = client.send("token_endpoint", &|url| exchange::request(url, grant))?;
    let read = token::read(&asked.answer).and_then(|response| Ok((response, json::object(&asked.answer.body)?)));
    let (mut response, members) = client.judge(&asked, read)?;
    if response.issued_token_type.is_none() {
        response.warnings.push("the answer has no issued_token_type (RFC 8693 §2.2.1)".to_owned());
    }
    let mut members = members;
    for (_, value) in members.iter_mut().filter(|(name, _)| !TOKENS.contains(&name.as_str())) {
        cx.ui.secrets().redact_strings(value);
    }
    Ok(Exchanged { token: token_request(zone, grant).issued_token(cx, response, asked.sent_at), members })
}

/// As [`exchange_token`], but returns a cached token for the same request that is not due for renewal.
pub fn get_or_exchange(cx: &Context, zone: &Zone, grant: &ExchangeGrant<'_>) -> Result<Exchanged, Error> {
    let Some(caches) = cx.usable_caches(zone)? else { return exchange_token(cx, zone, grant) };
    let mut key = cache::token_key(cx, &token_request(zone, grant))?;
    key.subject = Some(hash_subject(grant.subject, grant.actor));
    key.parameters.extend(grant.requested.map(|kind| ("requested_token_type".to_owned(), kind.to_owned())));
    let flight = SingleFlight {
        cx,
        zone,
        caches: &caches,
        key: &key,
        lock: LockName::Token(&key),
        freshness: Freshness::default(),
    };
    let mut members = None;
    let result = flight.get_or_fetch(|| {
        let exchanged = exchange_token(cx, zone, grant)?;
        let issued = exchanged.members.get("issued_token_type").and_then(Value::as_str);
        let cacheable = issued.is_none_or(|issued| issued == expected_type(grant));
        if !cacheable {
            cx.ui.warn("the server issued a token of another type: it is not cached");
        }
        members = Some(exchanged.members);
        Ok(Fetched { token: exchanged.token, source: Source::Grant, cacheable, stored: Ok(()) })
    })?;
    let members = members.unwrap_or_else(|| cached_members(cx, grant, &result.token));
    Ok(Exchanged { token: result.token, members })
}

fn token_request<'a>(zone: &'a Zone, grant: &ExchangeGrant<'a>) -> TokenRequest<'a> {
    TokenRequest { zone, grant: Grant::TokenExchange, parameters: grant.parameters, input: None }
}

fn expected_type<'a>(grant: &ExchangeGrant<'a>) -> &'a str {
    grant.requested.unwrap_or(ACCESS_TOKEN)
}

fn cached_members(cx: &Context, grant: &ExchangeGrant<'_>, token: &Token) -> Map<String, Value> {
    let left = token.left(cx.clock.now()).unwrap_or_default();
    let mut members = Map::from_iter([
        ("access_token".to_owned(), json!(token.access_token.expose())),
        ("issued_token_type".to_owned(), json!(expected_type(grant))),
        ("token_type".to_owned(), json!(token.token_type)),
        ("expires_in".to_owned(), json!(left.as_secs())),
    ]);
    members.extend(token.scope.as_ref().map(|scope| ("scope".to_owned(), json!(scope))));
    members
}
