//! What a refused token exchange means (RFC 8693 §2.2.2), and what to switch on. Keycloak's sentences are known by
//! heart: its codes alone say little.

use super::{Error, Kind, exit};

/// A sentence of Keycloak's, what it means, and what to do; `{client}` is the client that asked.
const KEYCLOAK: [(&str, &str, &str); 14] = [
    (
        "Standard token exchange is not enabled",
        "token exchange is switched off for this client",
        "Keycloak: client {client} > Settings > Capability config > Standard Token Exchange: on (attribute standard.token.exchange.enabled=true)",
    ),
    (
        "Client is not within the token audience",
        "the subject token does not name {client} in its aud",
        "Keycloak: give the client that the subject token was issued to an Audience mapper with {client}; then get a new subject token",
    ),
    (
        "Requested audience not available",
        "the audience filters what the token would have, it adds nothing",
        "Keycloak: put the audience into the aud of {client}'s tokens, by an Audience mapper or by a role of that client",
    ),
    (
        "Audience not found",
        "no client of the realm has this client_id",
        "--audience takes a client_id of the realm: check its spelling",
    ),
    (
        "Client disabled",
        "the audience is a client that is switched off",
        "Keycloak: enable the client named by --audience",
    ),
    (
        "Public client is not allowed to exchange token",
        "only a confidential client may exchange tokens",
        "Keycloak: client {client} > Settings > Client authentication: on",
    ),
    (
        "requested_token_type unsupported",
        "the server issues no token of this type here",
        "leave --requested-type out; for a refresh token switch on standard.token.exchange.enableRefreshRequestedTokenType at client {client}",
    ),
    (
        "supports access tokens only",
        "only an access token can be exchanged here",
        "give an access token and --subject-type access",
    ),
    (
        "is not supported for standard token exchange",
        "this parameter belongs to the legacy exchange (V1)",
        "leave the parameter out",
    ),
    (
        "Sender-constrained token exchange rejected",
        "the subject token is bound to the key of another client",
        "exchange it as the client that it was issued to, or give a bearer token",
    ),
    (
        "Missing consents for Token Exchange",
        "the person has not consented to what is asked for",
        "let the person consent at a login with that client, or switch its consent off",
    ),
    (
        "Invalid scopes",
        "a scope is not assigned to the client",
        "Keycloak: client {client} > Client scopes: add it as an optional scope",
    ),
    ("DPoP proof is missing", "the client's tokens are bound to a key (RFC 9449)", "make the zone prove its key"),
    (
        "Invalid token",
        "the subject token is expired, revoked, of an ended session, of another realm, or of this realm under another URL",
        "look at it: hallpass inspect SOURCE; its iss must be the zone's issuer byte for byte",
    ),
];

impl Error {
    /// The refusal of a token exchange by this client, explained. A refusal of the client itself stays what it is.
    #[must_use]
    pub fn exchanged(mut self, client_id: &str) -> Self {
        let Some(code) = self.code.clone().filter(|_| self.exit == exit::REFUSED) else { return self };
        let known = KEYCLOAK.iter().find(|(sentence, ..)| self.message.contains(sentence));
        if let Some((_, meaning, remedy)) = known {
            self.kind = Kind::TokenExchange;
            self.causes = vec![meaning.replace("{client}", client_id)];
            self.hints = vec![remedy.replace("{client}", client_id).into()];
            return self;
        }
        if matches!(code.as_str(), "invalid_client" | "unauthorized_client") || self.message.ends_with("(HTTP 401)") {
            return self;
        }
        self.kind = Kind::TokenExchange;
        match code.as_str() {
            "invalid_target" => {
                self.hint("the server issues no token for this --audience or --resource to this client")
            }
            "invalid_scope" => self.hint("ask for less: --scope may not reach beyond the subject token"),
            "unsupported_grant_type" => {
                self.hint("the server knows no token exchange: hallpass discover --field grant_types_supported")
            }
            "invalid_request" if self.message.contains("requested_token_type") => {
                self.hint("the server issues no tokens of this type: leave --requested-type out, or ask for another")
            }
            "invalid_request" | "invalid_grant" => {
                self.hint("see whether the subject token still lives: hallpass inspect SOURCE")
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, Kind};
    use crate::oauth::Fault;
    use crate::oauth::fault::ErrorResponse;

    fn refused(status: u16, code: &str, description: &str) -> Error {
        let response = ErrorResponse {
            status,
            error: code.to_owned(),
            description: Some(description.to_owned()),
            uri: None,
            retry_after: None,
        };
        Error::from(Fault::Refused(response)).exchanged("gw")
    }

    #[test]
    fn sentences_of_keycloak_are_explained() {
        for (status, code, sentence, hint) in [
            (
                400,
                "invalid_request",
                "Standard token exchange is not enabled for the requested client",
                "standard.token.exchange.enabled=true",
            ),
            (403, "access_denied", "Client is not within the token audience", "Audience mapper with gw"),
            (400, "invalid_client", "Audience not found", "client_id of the realm"),
            (400, "invalid_request", "Requested audience not available: x", "gw's tokens"),
            (400, "invalid_request", "Invalid token", "hallpass inspect"),
            (400, "invalid_request", "requested_token_type unsupported", "--requested-type"),
        ] {
            let error = refused(status, code, sentence);
            assert_eq!((error.kind, error.exit), (Kind::TokenExchange, 5), "{sentence}");
            assert!(error.hints.len() == 1 && error.hints[0].to_string().contains(hint), "{sentence}: {error:?}");
        }
    }

    #[test]
    fn other_servers_are_told_apart_by_their_codes() {
        for (status, code, kind) in [
            (400, "invalid_target", Kind::TokenExchange),
            (400, "invalid_request", Kind::TokenExchange),
            (400, "consent_required", Kind::TokenExchange),
            (401, "invalid_client", Kind::Authentication),
            (400, "invalid_client", Kind::Authentication),
            (400, "unauthorized_client", Kind::Authentication),
            (503, "invalid_target", Kind::Protocol),
        ] {
            assert_eq!(refused(status, code, "no").kind, kind, "{status} {code}");
        }
    }
}
