//! Mints an access token by client credentials (RFC 6749 §4.4): one request when the metadata is known.

use std::time::Duration;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::oauth::client_auth::{self, Method};
use crate::oauth::expiry;
use crate::oauth::message::{Answer, Request};
use crate::oauth::metadata::Metadata;
use crate::oauth::token::{self, TokenResponse};
use crate::secret::Secret;
use crate::store::CachedToken;

use super::discovery::{self, Endpoint};

/// A token straight from the server.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token.
    pub token: CachedToken,
    /// Whether the server or the token itself said how long it lives.
    pub lifetime_known: bool,
}

/// Mints a token for this zone.
///
/// # Errors
/// 3 when something is missing, 5 when the server refuses, 6 when it can't be reached, 8 when its answer is malformed.
pub fn mint(cx: &Context, zone: &Zone) -> Result<Minted, Error> {
    if zone.grant() != "client_credentials" {
        return Err(Error::config(format!(
            "zone {} uses the grant {}, which this version cannot do",
            zone.name,
            zone.grant()
        ))
        .hint(format!("hallpass zone edit {} --grant client_credentials", zone.name)));
    }
    let client_id = zone.client_id.clone().ok_or_else(|| {
        Error::config(format!("zone {} has no client_id", zone.name))
            .hint(format!("hallpass zone edit {} --client-id ID", zone.name))
    })?;
    let endpoint = discovery::endpoint(cx, zone, "token_endpoint", false)?;
    let secret = if cx.options.dry_run { placeholder(zone) } else { cx.client_secret(zone)? };
    let client = Client { client_id, secret };
    exchanged(cx, zone, &client, endpoint).map_err(|error| client.unseen(error))
}

fn exchanged(cx: &Context, zone: &Zone, client: &Client, endpoint: Endpoint) -> Result<Minted, Error> {
    let first = Exchange::with(cx, zone, client, endpoint)?;
    if first.answer.status != 404 || !first.endpoint.cached {
        return first.minted(cx, zone, client);
    }
    cx.ui.step("the cached token endpoint is gone: the metadata is asked again");
    let endpoint = discovery::endpoint(cx, zone, "token_endpoint", true)?;
    Exchange::with(cx, zone, client, endpoint)?.minted(cx, zone, client)
}

struct Client {
    client_id: String,
    secret: Option<Secret>,
}

impl Client {
    /// The error without what was sent as a proof: servers repeat it.
    fn unseen(&self, error: Error) -> Error {
        let Some(secret) = &self.secret else { return error };
        let basic = client_auth::basic_value(&self.client_id, secret);
        let pair = basic.expose().trim_start_matches("Basic ");
        error.without(secret).without(&Secret::new(pair))
    }
}

/// `--dry-run` shows the request without opening the vault; the redactor hides what stands here anyway.
fn placeholder(zone: &Zone) -> Option<Secret> {
    zone.has_secret().then(|| Secret::new("dry-run"))
}

/// A request that was answered.
struct Exchange {
    endpoint: Endpoint,
    method: Method,
    sent_at: Moment,
    answer: Answer,
}

impl Exchange {
    fn with(cx: &Context, zone: &Zone, client: &Client, endpoint: Endpoint) -> Result<Self, Error> {
        let method = method(zone, endpoint.metadata.as_ref(), client.secret.is_some())?;
        let mut request: Request =
            token::client_credentials(&endpoint.url, &zone.scope, &zone.audience, &zone.resource, &zone.params);
        client_auth::apply(method, &client.client_id, client.secret.as_ref(), &mut request)?;
        let mut sent_at = cx.clock.now();
        let answer = cx.net(Some(zone)).send_guarded(&endpoint.url, &mut || {
            sent_at = cx.clock.now();
            request.clone()
        })?;
        Ok(Self { endpoint, method, sent_at, answer })
    }

    fn minted(self, cx: &Context, zone: &Zone, client: &Client) -> Result<Minted, Error> {
        let response = token::read(&self.answer).map_err(|fault| self.explained(zone, fault.into()))?;
        for warning in &response.warnings {
            cx.ui.warn(warning);
        }
        Ok(kept(cx, zone, client, response, self.sent_at))
    }

    /// A refusal says which method was used and which the server lists.
    fn explained(&self, zone: &Zone, error: Error) -> Error {
        let code = error.code.as_deref().unwrap_or_default();
        if error.exit != exit::REFUSED || !matches!(code, "invalid_client" | "unauthorized_client" | "") {
            return error;
        }
        let method = self.method;
        let error = match listed(self.endpoint.metadata.as_ref()).ok().flatten() {
            Some(list) => error.because(format!("authenticated with {method}; the server lists {}", list.join(", "))),
            None => error.because(format!("authenticated with {method}")),
        };
        if zone.ephemeral() {
            return error.hint("check HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET, or set HALLPASS_AUTH");
        }
        error
            .hint(format!("check the secret: hallpass zone edit {} --client-secret-from -", zone.name))
            .hint(format!("or name the method: hallpass zone edit {} --auth client_secret_post", zone.name))
    }
}

/// How the client authenticates: the zone's word, else chosen from the metadata, as far as it is known.
///
/// # Errors
/// 3 when the zone's method cannot be used.
pub fn method(zone: &Zone, known: Option<&Metadata>, has_secret: bool) -> Result<Method, Error> {
    if let Some(name) = &zone.auth {
        let method: Method = name
            .parse()
            .map_err(|_| Error::config(format!("zone {} names no client authentication method", zone.name)))?;
        if !has_secret && matches!(method, Method::ClientSecretBasic | Method::ClientSecretPost) {
            return Err(Error::config(format!(
                "zone {} authenticates with {method} but has no client secret",
                zone.name
            ))
            .hint(format!("hallpass zone edit {} --client-secret-from -", zone.name)));
        }
        return Ok(method);
    }
    Ok(client_auth::choose(listed(known)?.as_deref(), has_secret)?)
}

/// The methods that the server lists.
fn listed(known: Option<&Metadata>) -> Result<Option<Vec<String>>, Error> {
    Ok(known.map(|known| known.list("token_endpoint_auth_methods_supported")).transpose()?.flatten())
}

fn kept(cx: &Context, zone: &Zone, client: &Client, response: TokenResponse, sent_at: Moment) -> Minted {
    let by_token = expiry::jwt_exp(&response.access_token).map(|exp| Moment::from_epoch(exp).since(sent_at));
    let lifetime = response.expires_in.or(by_token);
    let token = CachedToken {
        access_token: response.access_token,
        token_type: response.token_type,
        scope: response.scope,
        id_token: response.id_token,
        sent_at,
        obtained_at: cx.clock.now(),
        expires_at: sent_at.plus(lifetime.unwrap_or(Duration::ZERO)),
        zone: zone.name.clone(),
        issuer: zone.issuer.clone(),
        client_id: client.client_id.clone(),
        grant: zone.grant().to_owned(),
        audience: zone.audience.clone(),
        resource: zone.resource.clone(),
        requested_scope: zone.scope.clone(),
    };
    Minted { token, lifetime_known: lifetime.is_some() }
}
