//! A token straight from the server, and what is kept of it.

use std::time::Duration;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::oauth::expiry;
use crate::oauth::token::TokenResponse;
use crate::store::CachedToken;

/// A token straight from the server.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token.
    pub token: CachedToken,
    /// Whether the server or the token itself said how long it lives.
    pub lifetime_known: bool,
}

impl Minted {
    /// What is kept of a token answer to a request of this zone; tells what was odd about it.
    pub fn of(cx: &Context, zone: &Zone, response: TokenResponse, sent_at: Moment) -> Self {
        for warning in &response.warnings {
            cx.ui.warn(warning);
        }
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
            client_id: zone.client_id.clone().unwrap_or_default(),
            grant: zone.grant().to_string(),
            audience: zone.audience.clone(),
            resource: zone.resource.clone(),
            requested_scope: zone.scope.clone(),
        };
        Self { token, lifetime_known: lifetime.is_some() }
    }
}
