//! A token straight from the server, and what is kept of it.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::oauth::expiry;
use crate::oauth::token::TokenResponse;
use crate::store::{Provenance, Token};

/// The token in an answer to a request of this zone that began at `sent_at`; warns of what was odd about the answer.
pub fn issued_token(cx: &Context, zone: &Zone, response: TokenResponse, sent_at: Moment) -> Token {
    for warning in &response.warnings {
        cx.ui.warn(warning);
    }
    let by_token = || expiry::jwt_exp(&response.access_token).map(|exp| Moment::from_epoch(exp).since(sent_at));
    let lifetime = response.expires_in.or_else(by_token);
    Token {
        access_token: response.access_token,
        token_type: response.token_type,
        scope: response.scope,
        id_token: response.id_token,
        sent_at,
        obtained_at: cx.clock.now(),
        expires_at: lifetime.map(|lifetime| sent_at.plus(lifetime)),
        provenance: provenance(zone),
    }
}

pub fn provenance(zone: &Zone) -> Provenance {
    Provenance {
        zone: zone.name.clone(),
        issuer: zone.issuer.clone(),
        client_id: zone.client_id.clone().unwrap_or_default(),
        grant: zone.grant().to_string(),
        scopes: zone.scope.clone(),
        audiences: zone.audience.clone(),
        resources: zone.resource.clone(),
    }
}
