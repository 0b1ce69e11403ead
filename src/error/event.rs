//! The events that Keycloak (26.7.4) writes for what it refuses: they have the reason that its answer leaves out.

use std::fmt;

use crate::oauth::grant::Grant;

/// An event as it is in the server's log, and in the admin console below Events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    kind: &'static str,
    /// Its `error`: two where the answer is the same for them.
    error: Option<&'static str>,
    client_id: Option<String>,
}

/// The type by what was asked: a grant type or an endpoint.
const TYPES: &[(&str, &str)] = &[
    (Grant::ClientCredentials.registered_name(), "CLIENT_LOGIN_ERROR"),
    (Grant::AuthorizationCode.registered_name(), "CODE_TO_TOKEN_ERROR"),
    (REFRESH, "REFRESH_TOKEN_ERROR"),
    (EXCHANGE, "TOKEN_EXCHANGE_ERROR"),
    (Grant::JwtBearer.registered_name(), "JWT_AUTHORIZATION_GRANT_ERROR"),
    (DEVICE, "OAUTH2_DEVICE_AUTH_ERROR"),
    (INTROSPECTION, "INTROSPECT_TOKEN_ERROR"),
    (REGISTRATION, "CLIENT_REGISTER_ERROR"),
    (SIGN_IN, "LOGIN_ERROR"),
];

const REFRESH: &str = "refresh_token";
const EXCHANGE: &str = Grant::TokenExchange.registered_name();
const INTROSPECTION: &str = "introspection_endpoint";
const REGISTRATION: &str = "registration_endpoint";
const DEVICE: &str = "device_authorization_endpoint";
const SIGN_IN: &str = "authorization_endpoint";

/// What is refused before anything is written.
const UNWRITTEN: [&str; 3] = ["Realm not enabled", "HTTPS required", "Unsupported grant_type"];

/// The `error` by what was asked, the code and the sentence of the answer; each counts where it is not empty.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    (EXCHANGE, "", "Client is not within the token audience", "not_allowed"),
    (EXCHANGE, "", "Audience not found", "client_not_found"),
    (EXCHANGE, "", "Invalid token", "invalid_token"),
    (EXCHANGE, "invalid_request", "", "invalid_request"),
    (REFRESH, "invalid_grant", "", "invalid_token"),
    (INTROSPECTION, "", "\"active\":false", "invalid_token"),
    (INTROSPECTION, "", "Client not allowed", "invalid_request"),
    (INTROSPECTION, "invalid_client", "", "invalid_client"),
    (REGISTRATION, "", "rejected request to client-registration service", "not_allowed"),
    (REGISTRATION, "invalid_token", "", "invalid_token"),
    (DEVICE, "", "Device Authorization Grant", "not_allowed"),
    ("", "", "Client not found", "client_not_found"),
    ("", "", "Client disabled", "client_disabled"),
    (SIGN_IN, "", "Invalid parameter: redirect_uri", "invalid_redirect_uri"),
    ("", "invalid_client", "Invalid client or Invalid client credentials", "client_not_found or client_disabled"),
    ("", "", "retrieve service account", "invalid_client"),
    ("", "", "Bearer-only not allowed", "invalid_client"),
    ("", "", "Unable to load public key", "client_credentials_setup_required"),
    ("", "", "' disabled", "user_disabled"),
    ("", "", "DPoP", "invalid_dpop_proof"),
    ("", "invalid_scope", "", "invalid_request"),
    ("", "invalid_client", "", "invalid_client_credentials"),
    ("", "unauthorized_client", "", "invalid_client_credentials"),
];

impl Event {
    /// The event of this answer to a grant type or an endpoint.
    pub fn find(ask: &str, code: &str, sentence: &str, client_id: Option<&str>) -> Option<Self> {
        let (_, kind) = TYPES.iter().find(|(known, _)| *known == ask)?;
        if UNWRITTEN.iter().any(|unwritten| sentence.contains(unwritten)) {
            return None;
        }
        let fits = |row: &&(&str, &str, &str, &str)| {
            let is = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
            is(row.0, ask) && is(row.1, code) && sentence.contains(row.2)
        };
        let error = ERRORS.iter().find(fits).map(|row| row.3);
        // Who registers is no client yet.
        let client_id = client_id.filter(|_| ask != REGISTRATION).map(crate::text::sanitize);
        Some(Self { kind, error, client_id })
    }
}

/// As `CLIENT_LOGIN_ERROR, error client_disabled, client front`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        self.error.map_or(Ok(()), |error| write!(f, ", error {error}"))?;
        self.client_id.as_ref().map_or(Ok(()), |client| write!(f, ", client {client}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{ERRORS, EXCHANGE, Event, TYPES};

    #[test]
    fn event_is_found_by_what_was_asked_and_said() {
        let find = |ask, code, sentence| {
            Event::find(ask, code, sentence, Some("gw")).map(|event| event.to_string()).unwrap_or_default()
        };
        let credentials = "Invalid client or Invalid client credentials";
        assert_eq!(
            find("client_credentials", "unauthorized_client", credentials),
            "CLIENT_LOGIN_ERROR, error invalid_client_credentials, client gw"
        );
        assert_eq!(
            find("refresh_token", "invalid_client", credentials),
            "REFRESH_TOKEN_ERROR, error client_not_found or client_disabled, client gw"
        );
        assert_eq!(find(EXCHANGE, "", "Client disabled"), "TOKEN_EXCHANGE_ERROR, error client_disabled, client gw");
        assert_eq!(find("registration_endpoint", "insufficient_scope", "x"), "CLIENT_REGISTER_ERROR");
        assert_eq!(find("client_credentials", "access_denied", "Realm not enabled"), "");
        assert_eq!(find("urn:other", "invalid_client", credentials), "");
    }

    #[test]
    fn each_row_names_what_has_a_type_and_is_reached() {
        for (at, (ask, code, sentence, error)) in ERRORS.iter().enumerate() {
            assert!(ask.is_empty() || TYPES.iter().any(|(known, _)| known == ask), "{ask} has no type");
            let asked = if ask.is_empty() { "client_credentials" } else { ask };
            let event = Event::find(asked, code, sentence, None);
            assert_eq!(event.and_then(|event| event.error), Some(*error), "row {at} is hidden by an earlier one");
        }
    }
}
