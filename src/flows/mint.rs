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
    exchanged(cx, zone, &client, &endpoint).map_err(|error| client.unseen(error))
}

fn exchanged(cx: &Context, zone: &Zone, client: &Client, endpoint: &Endpoint) -> Result<Minted, Error> {
    match ask(cx, zone, client, endpoint)? {
        (answer, _, _) if answer.status == 404 && endpoint.cached => {
            cx.ui.step("the cached token endpoint is gone: the metadata is asked again");
            let endpoint = discovery::endpoint(cx, zone, "token_endpoint", true)?;
            let (answer, sent_at, method) = ask(cx, zone, client, &endpoint)?;
            read(cx, zone, client, &answer, sent_at, method)
        }
        (answer, sent_at, method) => read(cx, zone, client, &answer, sent_at, method),
    }
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

fn ask(cx: &Context, zone: &Zone, client: &Client, endpoint: &Endpoint) -> Result<(Answer, Moment, Method), Error> {
    let method = chosen(zone, endpoint.metadata.as_ref(), client.secret.is_some())?;
    let mut failed = None;
    let sent_at = cx.clock.now();
    let answer = cx.net(Some(zone)).send_guarded(&endpoint.url, &mut || {
        let mut request: Request =
            token::client_credentials(&endpoint.url, &zone.scope, &zone.audience, &zone.resource, &zone.params);
        failed = client_auth::apply(method, &client.client_id, client.secret.as_ref(), &mut request).err();
        request
    });
    if let Some(fault) = failed {
        return Err(fault.into());
    }
    Ok((answer?, sent_at, method))
}

/// How the client authenticates: the zone's word, else chosen from metadata that is known.
///
/// # Errors
/// 3 when the zone's method cannot be used.
pub fn method(cx: &Context, zone: &Zone, has_secret: bool) -> Result<Method, Error> {
    chosen(zone, discovery::remembered(cx, zone).as_ref(), has_secret)
}

fn chosen(zone: &Zone, known: Option<&Metadata>, has_secret: bool) -> Result<Method, Error> {
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

/// The methods that the server lists, as far as its metadata is known.
fn listed(known: Option<&Metadata>) -> Result<Option<Vec<String>>, Error> {
    Ok(known.map(|metadata| metadata.list("token_endpoint_auth_methods_supported")).transpose()?.flatten())
}

fn read(
    cx: &Context,
    zone: &Zone,
    client: &Client,
    answer: &Answer,
    sent_at: Moment,
    method: Method,
) -> Result<Minted, Error> {
    let response = token::read(answer).map_err(|fault| {
        let error = Error::from(fault);
        if error.exit == exit::REFUSED { explain(cx, zone, method, error) } else { error }
    })?;
    for warning in &response.warnings {
        cx.ui.warn(warning);
    }
    Ok(kept(zone, client, response, sent_at))
}

/// A refusal says which method was used and which the server lists.
fn explain(cx: &Context, zone: &Zone, method: Method, error: Error) -> Error {
    let code = error.code.clone().unwrap_or_default();
    if !matches!(code.as_str(), "invalid_client" | "unauthorized_client" | "") {
        return error;
    }
    let error = match listed(discovery::remembered(cx, zone).as_ref()).ok().flatten() {
        Some(list) => error.because(format!("authenticated with {method}; the server lists {}", list.join(", "))),
        None => error.because(format!("authenticated with {method}")),
    };
    if zone.ephemeral() {
        error.hint("check HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET, or set HALLPASS_AUTH")
    } else {
        error.hint(format!(
            "check the secret: hallpass zone edit {} --client-secret-from -; or the method: --auth client_secret_post",
            zone.name
        ))
    }
}

fn kept(zone: &Zone, client: &Client, response: TokenResponse, sent_at: Moment) -> Minted {
    let by_token = expiry::jwt_exp(&response.access_token).map(|exp| Moment::from_epoch(exp).since(sent_at));
    let lifetime = response.expires_in.or(by_token);
    let token = CachedToken {
        access_token: response.access_token,
        token_type: response.token_type,
        scope: response.scope,
        id_token: response.id_token,
        obtained_at: sent_at,
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
