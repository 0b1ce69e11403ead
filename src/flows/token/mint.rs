//! Requests an access token by a grant without sign-in: client credentials, an assertion (RFC 7523) or an exchange.

use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::Client;
use crate::jose;
use crate::oauth::exchange::{ExchangeGrant, TypedToken};
use crate::oauth::grant::Grant;
use crate::oauth::message::Request;
use crate::oauth::parameters::TokenParameters;
use crate::oauth::{claim, token, token_request};
use crate::secret::Secret;
use crate::store::Token;

use super::exchange;
use super::input::{TYPES, token_type};
use super::request::TokenRequest;

/// Sends the request; `input` is the token or assertion that the grant takes.
pub fn mint_token(cx: &Context, request: &TokenRequest<'_>, input: Option<&TypedToken>) -> Result<Token, Error> {
    let parameters = &request.parameters;
    match (request.grant, input) {
        (Grant::ClientCredentials, _) => {
            send_grant(cx, request, &|url| token_request::client_credentials(url, parameters))
        }
        (Grant::JwtBearer, Some(input)) => {
            send_grant(cx, request, &|url| token_request::jwt_bearer(url, &input.token, parameters))
        }
        (Grant::Extension(uri), input) => {
            cx.ui.warn(&error::token_request::extension_grant(uri));
            let assertion = input.map(|input| &input.token);
            send_grant(cx, request, &|url| token_request::extension(url, uri, assertion, parameters))
        }
        (Grant::TokenExchange, Some(subject)) => {
            let requested = token_type(request, TYPES[1])?;
            let extra = parameters.extra.iter().filter(|(name, _)| !TYPES.contains(&name.as_str()));
            let extra: Vec<(String, String)> = extra.cloned().collect();
            let parameters = TokenParameters { extra: &extra, ..*parameters };
            let grant = ExchangeGrant { subject, actor: None, requested: requested.as_deref(), parameters };
            Ok(exchange::exchange_token(cx, request.zone, &grant)?.token)
        }
        (grant, _) => Err(error::token_request::unsupported_grant(&request.zone.name, grant)),
    }
}

fn send_grant(cx: &Context, request: &TokenRequest<'_>, build: &dyn Fn(&str) -> Request) -> Result<Token, Error> {
    let find_client = if request.grant.takes_input() { Client::of_optional_id } else { Client::of };
    let client = find_client(cx, request.zone)?;
    let asked = client.send("token_endpoint", build)?;
    let response = client.judge(&asked, token::read(&asked.answer))?;
    warn_missing_audience(cx, request, &response.access_token);
    Ok(request.issued_token(cx, response, asked.sent_at))
}

/// Many servers ignore the parameter `audience` without a word.
fn warn_missing_audience(cx: &Context, request: &TokenRequest<'_>, token: &Secret) {
    if request.parameters.audience.is_empty() {
        return;
    }
    let Ok(decoded) = jose::decode(token.expose()) else { return };
    let named = claim::list(&decoded.claims, "aud");
    let missing: Vec<&str> = request.parameters.audience.iter().map(String::as_str).collect();
    let missing: Vec<&str> = missing.into_iter().filter(|wanted| !named.contains(wanted)).collect();
    if !missing.is_empty() {
        cx.ui.warn(&error::token::lacks_audience(request.zone, &missing));
    }
}
