//! Mints an access token by the zone's grant: client credentials (RFC 6749 §4.4), an assertion (RFC 7523 §2.1) or an
//! exchange (RFC 8693). One request when the metadata is known.

use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, Hint};
use crate::flows::client::Client;
use crate::oauth::grant::Grant;
use crate::oauth::message::Request;
use crate::oauth::{token, token_request};
use crate::store::Token;

use super::exchange;
use super::input::{self, Input};
use super::issued::issued_token;

/// Mints a token for this zone by its grant; `input` is what that hands in.
pub fn mint_token(cx: &Context, zone: &Zone, input: Option<&Input>) -> Result<Token, Error> {
    match (zone.grant(), input) {
        (Grant::ClientCredentials, _) => {
            send_grant(cx, zone, &|url| token_request::client_credentials(url, &zone.token_parameters()))
        }
        (Grant::JwtBearer, Some(input)) => {
            let assertion = &input.part.token;
            let build = |url: &str| token_request::jwt_bearer(url, assertion, &zone.token_parameters());
            let client_id = zone.client_id.as_deref().unwrap_or_default();
            send_grant(cx, zone, &build).map_err(|error| error.asserted(client_id))
        }
        (Grant::TokenExchange, Some(input)) => {
            let requested = input::requested(zone)?;
            let zone = input::exchanging(zone);
            let request = exchange::ExchangeRequest { zone, subject: input.part.clone(), actor: None, requested };
            Ok(exchange::exchange_token(cx, &request)?.token)
        }
        (grant, _) => {
            Err(Error::config(format!("zone {} uses the grant {grant}, which this version cannot do", zone.name))
                .hint(Hint::edit(&zone.name, "--grant client_credentials")))
        }
    }
}

/// One request to the token endpoint, and its answer.
fn send_grant(cx: &Context, zone: &Zone, build: &dyn Fn(&str) -> Request) -> Result<Token, Error> {
    let client = Client::of(cx, zone)?;
    let asked = client.send("token_endpoint", build)?;
    let response = client.judge(&asked, token::read(&asked.answer))?;
    Ok(issued_token(cx, zone, response, asked.sent_at))
}
