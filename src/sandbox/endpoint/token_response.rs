//! Token responses (RFC 6749 §5.1): access tokens are signed JWTs (RFC 9068).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::client_request::ClientRequest;
use super::dpop;
use super::form::Form;
use crate::sandbox::Error;
use crate::sandbox::model::session::SESSION_CLAIM;
use crate::sandbox::model::{Client, GrantedAccess, OAuthError, RefreshTokenFamily};
use crate::sandbox::state::State;

/// The oldest session is dropped earlier when there are too many.
const SESSION_LIFETIME: Duration = Duration::from_secs(365 * 86_400);

pub struct TokenRequest<'a> {
    pub state: &'a State,
    pub client: &'a Client,
    pub form: &'a Form,
    pub binding: Binding,
}

/// What access tokens are bound to (`cnf`, RFC 7800).
pub struct Binding {
    key: Option<String>,
    certificate: Option<String>,
}

impl Binding {
    /// The certificate counts if the client authenticates by one or registered to bind its tokens (RFC 8705 §3.4).
    pub fn read(asked: &ClientRequest<'_>) -> Result<Self, OAuthError> {
        let certificate = match (&asked.client.certificate, &asked.request.certificate) {
            (None, _) => None,
            (Some(_), Some(shown)) => Some(shown.thumbprint()),
            (Some(_), None) => {
                let why = "the tokens of this client are bound to a certificate, and it showed none";
                return Err(OAuthError::invalid_request(why));
            }
        };
        Ok(Self { key: dpop::checked_thumbprint(asked)?, certificate })
    }
}

impl TokenRequest<'_> {
    /// `claims` go into the token besides. Only a key makes it a DPoP token (RFC 8705 §3).
    pub fn issue_token(&self, access: &GrantedAccess, claims: &[(&str, Value)]) -> Result<Value, OAuthError> {
        let mut token = self.timed_claims(access, &access.audience, claims);
        token["jti"] = json!(self.state.random_hex::<16>()?);
        token["client_id"] = json!(access.client_id);
        token["scope"] = json!(access.scope);
        if let Some(thumbprint) = &self.binding.certificate {
            token["cnf"]["x5t#S256"] = json!(thumbprint);
        }
        if let Some(thumbprint) = &self.binding.key {
            token["cnf"]["jkt"] = json!(thumbprint);
        }
        Ok(json!({
            "access_token": self.state.signer.sign("at+jwt", token)?.expose(),
            "token_type": if self.binding.key.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": self.state.token_ttl.as_secs(),
            "scope": access.scope,
        }))
    }

    pub fn start_session(&self, access: &GrantedAccess) -> Result<Value, OAuthError> {
        let token = self.new_refresh_token()?;
        let family = RefreshTokenFamily { access: access.clone(), tokens: vec![token.clone()], ended: false };
        let session = self.state.issue_key(&self.state.records.families, "session-", SESSION_LIFETIME, family)?;
        self.issue_session_tokens(access, &session, &token)
    }

    /// With the scope `openid` there is an ID token (OpenID Connect Core §2).
    pub fn issue_session_tokens(
        &self,
        access: &GrantedAccess,
        session: &str,
        refresh_token: &str,
    ) -> Result<Value, OAuthError> {
        let mut claims = access.person_claims();
        claims.push((SESSION_CLAIM, json!(session)));
        let mut response = self.issue_token(access, &claims)?;
        response["refresh_token"] = json!(refresh_token);
        if access.has_scope("openid") {
            let access_token = response["access_token"].as_str().unwrap_or_default();
            claims.push(("at_hash", json!(at_hash(access_token))));
            claims.push(("auth_time", json!(self.state.now().epoch())));
            claims.extend(access.nonce.as_ref().map(|nonce| ("nonce", json!(nonce))));
            response["id_token"] = json!(self.sign_id_token(access, &claims)?);
        }
        Ok(response)
    }

    pub fn sign_id_token(&self, access: &GrantedAccess, claims: &[(&str, Value)]) -> Result<String, Error> {
        let token = self.timed_claims(access, &json!(access.client_id), claims);
        Ok(self.state.signer.sign("JWT", token)?.expose().to_owned())
    }

    /// A new refresh token, not in any family yet.
    pub fn new_refresh_token(&self) -> Result<String, Error> {
        Ok(format!("rt-{}", self.state.random_hex::<24>()?))
    }

    fn timed_claims(&self, access: &GrantedAccess, audience: &Value, claims: &[(&str, Value)]) -> Value {
        let (now, ttl) = (self.state.now(), self.state.token_ttl);
        let mut token =
            json!({"sub": access.subject, "aud": audience, "exp": now.plus(ttl).epoch(), "iat": now.epoch()});
        for (name, value) in claims {
            token[*name] = value.clone();
        }
        token
    }
}

/// Core §3.1.3.6: the left half of the hash of ES256.
pub fn at_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
}
