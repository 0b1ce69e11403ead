//! The grants by which a client gets tokens, by their registered name and by the one of our settings and flags.

use std::fmt;

use url::Url;

/// A grant type (RFC 6749 §1.3, RFC 7523, RFC 8628, RFC 8693).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grant {
    #[default]
    ClientCredentials,
    AuthorizationCode,
    DeviceCode,
    TokenExchange,
    /// A token for an assertion (RFC 7523 §2.1).
    JwtBearer,
    /// Another one, by its absolute URI (RFC 6749 §4.5).
    Extension(&'static str),
}

impl Grant {
    pub const ALL: [Self; 5] =
        [Self::ClientCredentials, Self::AuthorizationCode, Self::DeviceCode, Self::TokenExchange, Self::JwtBearer];

    /// The short name of settings and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
            Self::TokenExchange => "token_exchange",
            Self::JwtBearer => "jwt_bearer",
            Self::Extension(uri) => uri,
        }
    }

    /// The registered value of `grant_type` (RFC 7591 §2).
    pub const fn registered_name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::Extension(uri) => uri,
        }
    }

    /// The grant of this short or registered name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name || grant.registered_name() == name)
    }

    /// The grant of this short or registered name, or the extension grant of this absolute URI.
    pub fn parse(text: &str) -> Option<Self> {
        // Visible ASCII only: messages and TSV show it. Leaked, because a process names one or two of them.
        let extension = || {
            let uri = text.bytes().all(|byte| byte.is_ascii_graphic()) && Url::parse(text).is_ok();
            uri.then(|| Self::Extension(Box::leak(text.into())))
        };
        Self::by_name(text).or_else(extension)
    }

    /// Whether a person signs in: its tokens are renewed by a refresh token.
    pub const fn needs_sign_in(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::DeviceCode)
    }

    /// Whether it exchanges a token or assertion that is handed in; an extension grant may.
    pub const fn takes_input(self) -> bool {
        matches!(self, Self::TokenExchange | Self::JwtBearer | Self::Extension(_))
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Grant;

    #[test]
    fn grant_has_two_names() {
        for grant in Grant::ALL {
            assert_eq!(Grant::by_name(grant.name()), Some(grant));
            assert_eq!(Grant::by_name(grant.registered_name()), Some(grant));
        }
        assert_eq!(Grant::by_name("password"), None);
    }

    #[test]
    fn extension_is_absolute_uri() {
        let saml = "urn:ietf:params:oauth:grant-type:saml2-bearer";
        assert_eq!(Grant::parse(saml).map(Grant::name), Some(saml));
        assert_eq!(
            Grant::parse("https://as.example/grants/x").map(Grant::registered_name),
            Some("https://as.example/grants/x")
        );
        assert_eq!(Grant::parse("urn:ietf:params:oauth:grant-type:jwt-bearer"), Some(Grant::JwtBearer));
        for bad in ["", "password", "client-credentials", "urn:a b", "urn:\u{e9}", "/grants/x"] {
            assert_eq!(Grant::parse(bad), None, "{bad}");
        }
    }
}
