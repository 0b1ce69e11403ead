//! Which token is wanted: of which zone, by which grant, with which parameters.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::oauth::expiry;
use crate::oauth::grant::Grant;
use crate::oauth::parameters::TokenParameters;
use crate::oauth::token::TokenResponse;
use crate::source::Source;
use crate::store::{Provenance, Token};

#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    pub zone: &'a Zone,
    pub grant: Grant,
    pub parameters: TokenParameters<'a>,
    /// Where the assertion or subject token is read, for a grant that takes one.
    pub input: Option<&'a Source>,
}

impl<'a> TokenRequest<'a> {
    /// The request that the zone's settings describe.
    pub fn of(zone: &'a Zone) -> Self {
        let parameters = zone.token_parameters();
        Self { zone, grant: Grant::default(), parameters, input: None }.with_grant(zone.grant())
    }

    /// The same by another grant, with what the zone has for it.
    #[must_use]
    pub fn with_grant(self, grant: Grant) -> Self {
        let zone = self.zone;
        let input = match grant {
            Grant::JwtBearer | Grant::Extension(_) => zone.assertion_ref.as_ref(),
            Grant::TokenExchange => zone.subject_token_ref.as_ref(),
            _ => None,
        };
        Self { grant, input, ..self }
    }

    /// The same for other scopes, audiences or resources; an empty list changes nothing.
    #[must_use]
    pub fn asking_for(mut self, scope: &'a [String], audience: &'a [String], resource: &'a [String]) -> Self {
        let pick = |wanted: &'a [String], own| if wanted.is_empty() { own } else { wanted };
        let own = self.parameters;
        let (scope, audience) = (pick(scope, own.scope), pick(audience, own.audience));
        self.parameters = TokenParameters { scope, audience, resource: pick(resource, own.resource), ..own };
        self
    }

    pub fn provenance(&self) -> Provenance {
        Provenance {
            zone: self.zone.name.clone(),
            issuer: self.zone.issuer.clone(),
            client_id: self.zone.client_id.clone().unwrap_or_default(),
            grant: self.grant.to_string(),
            scopes: self.parameters.scope.to_vec(),
            audiences: self.parameters.audience.to_vec(),
            resources: self.parameters.resource.to_vec(),
        }
    }

    /// The token in a response to this request, which was sent at `sent_at`. Prints the warnings of the response.
    pub fn issued_token(&self, cx: &Context, response: TokenResponse, sent_at: Moment) -> Token {
        for warning in &response.warnings {
            cx.ui.warn(warning);
        }
        let by_server = response.expires_in.map(|expires_in| expiry::lifetime(expires_in, sent_at.epoch()));
        let by_token = expiry::jwt_exp(&response.access_token).map(|exp| Moment::from_epoch(exp).since(sent_at));
        // The sooner of the two counts.
        let lifetime = by_server.into_iter().chain(by_token).min();
        // A server may repeat a secret in them, which a later command that reads the cache does not know.
        let secrets = cx.ui.secrets();
        Token {
            token_type: secrets.redact_foreign(&response.token_type),
            scope: response.scope.map(|scope| secrets.redact_foreign(&scope)),
            access_token: response.access_token,
            id_token: response.id_token,
            sent_at,
            obtained_at: cx.clock.now(),
            expires_at: lifetime.map(|lifetime| sent_at.plus(lifetime)),
            provenance: self.provenance(),
        }
    }
}
