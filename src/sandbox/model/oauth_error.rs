//! OAuth errors (RFC 6749 §5.2).

use crate::sandbox::Error;

/// Why a request is refused. The description never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthError {
    pub status: u16,
    pub error: &'static str,
    pub description: String,
    /// A header field that the response has besides.
    pub header: Option<(&'static str, String)>,
}

impl OAuthError {
    /// An error with the status that belongs to its code.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" | "invalid_token" => 401,
            "not_found" => 404,
            "server_error" => 500,
            "temporarily_unavailable" => 503,
            _ => 400,
        };
        Self { status, error, description: description.into(), header: None }
    }

    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    pub fn invalid_client(description: impl Into<String>) -> Self {
        Self::new("invalid_client", description)
    }

    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn with_header(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }
}

impl From<Error> for OAuthError {
    fn from(error: Error) -> Self {
        Self::new("server_error", error.to_string())
    }
}
