//! Refresh tokens (RFC 6749 §1.5), each valid for one use. When a used one comes back, somebody has a copy: its family
//! ends, access tokens included (RFC 9700 §4.14.2).

use super::access::GrantedAccess;
use super::oauth_error::OAuthError;

/// The claim of an access token that names its session, which is its family of refresh tokens.
pub const SESSION_CLAIM: &str = "sid";

pub struct RefreshTokenFamily {
    pub access: GrantedAccess,
    /// All that were issued; the last one is valid.
    pub tokens: Vec<String>,
    pub ended: bool,
}

impl RefreshTokenFamily {
    pub fn contains(&self, token: &str) -> bool {
        self.tokens.iter().any(|known| known == token)
    }

    pub fn is_valid(&self, token: &str) -> bool {
        !self.ended && self.tokens.last().is_some_and(|last| last == token)
    }

    pub fn rotate(&mut self, client_id: &str, token: &str, next: String) -> Result<(), OAuthError> {
        if self.access.client_id != client_id {
            return Err(OAuthError::invalid_grant("the refresh token was issued to another client"));
        }
        if self.ended {
            return Err(OAuthError::invalid_grant("the session has ended"));
        }
        if !self.is_valid(token) {
            self.ended = true;
            return Err(OAuthError::invalid_grant("the refresh token was used before, so its session has ended"));
        }
        self.tokens.push(next);
        Ok(())
    }
}
