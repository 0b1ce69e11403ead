//! What the refusal of an assertion means, and what to do about it. What is known of Keycloak is known of 26.7.4.

use super::{Error, exit};

/// What Keycloak says of an assertion as the grant, what it means and what to switch on.
const KEYCLOAK: &[(&str, &str, &str)] = &[
    (
        "JWT Authorization Grant is not supported for the requested client",
        "the JWT authorization grant is switched off for {client}",
        "Keycloak, client {client}: switch on JWT Authorization Grant (oauth2.jwt.authorization.grant.enabled)",
    ),
    (
        "No Identity Provider for provided issuer",
        "no identity provider of the realm has the assertion's iss as its issuer",
        "Keycloak: add one with this issuer and its keys, and switch on JWT Authorization Grant there",
    ),
    (
        "Identity Provider is not allowed for the client",
        "{client} may not use the identity provider of the assertion's iss",
        "Keycloak, client {client}: allow it for the JWT authorization grant (oauth2.jwt.authorization.grant.idp)",
    ),
    (
        "User not found",
        "no user of the realm is linked to the assertion's sub at this identity provider",
        "Keycloak, user: add an identity provider link whose user id is the assertion's sub",
    ),
    ("Token reuse detected", "the server takes an assertion only once, and saw this one before", "hand in a new one"),
    (
        "Invalid token audience",
        "the assertion is not for this server",
        "let its aud be the issuer, one string, byte for byte",
    ),
];

impl Error {
    /// The refusal of an assertion as the grant of this client, explained.
    #[must_use]
    pub fn asserted(self, client_id: &str) -> Self {
        let Some(code) = self.code.clone().filter(|_| self.exit == exit::REFUSED) else { return self };
        if matches!(code.as_str(), "invalid_client" | "unauthorized_client") {
            return self;
        }
        if let Some((_, meaning, remedy)) = KEYCLOAK.iter().find(|(sentence, ..)| self.message.contains(sentence)) {
            let said = |text: &str| text.replace("{client}", client_id);
            return self.because(said(meaning)).hint(said(remedy));
        }
        match code.as_str() {
            "unsupported_grant_type" => {
                self.hint("the server knows no such grant: hallpass discover --field grant_types_supported")
            }
            "invalid_grant" => self.hint("look at the assertion: hallpass inspect SOURCE; its aud must be the issuer"),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Error;
    use crate::oauth::Fault;
    use crate::oauth::fault::ErrorResponse;

    fn refused(code: &str, description: &str) -> Error {
        let response = ErrorResponse {
            status: 400,
            error: code.to_owned(),
            description: Some(description.to_owned()),
            uri: None,
            retry_after: None,
        };
        Error::from(Fault::Refused(response)).asserted("ci")
    }

    #[test]
    fn keycloaks_sentences_are_explained() {
        let off = refused("invalid_grant", "JWT Authorization Grant is not supported for the requested client");
        assert_eq!(off.causes, ["the JWT authorization grant is switched off for ci"]);
        assert!(off.hints[0].to_string().starts_with("Keycloak, client ci: "), "{:?}", off.hints);
        assert!(refused("invalid_grant", "User not found").hints[0].to_string().contains("identity provider link"));
    }

    #[test]
    fn refused_client_is_not_explained_by_assertion() {
        assert!(refused("invalid_client", "Invalid token audience").hints.is_empty());
        assert!(refused("invalid_grant", "no").hints[0].to_string().contains("hallpass inspect"));
        assert!(refused("unsupported_grant_type", "no").hints[0].to_string().contains("grant_types_supported"));
    }
}
