//! A zone: a named issuer, a client at it, and how to ask for its tokens.

use std::path::PathBuf;

use super::{Backend, HostPattern};
use crate::jose::Algorithm;
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::parameters::TokenParameters;
use crate::source::Source;

/// Where a zone has a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SecretLocation {
    #[default]
    None,
    Stored,
    /// In this source; read at every use and stored nowhere.
    Referenced(Source),
}

impl SecretLocation {
    /// `none`, `stored` or `referenced`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Stored => "stored",
            Self::Referenced(_) => "referenced",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    /// Its name, of the grammar of [`super::check_name`]; `env` for the ephemeral one.
    pub name: String,
    /// The issuer, byte for byte as given.
    pub issuer: String,
    /// The client; a zone before registration has none.
    pub client_id: Option<String>,
    pub client_secret: SecretLocation,
    /// The key that signs client assertions.
    pub private_key: SecretLocation,
    pub key_id: Option<String>,
    pub algorithm: Option<Algorithm>,
    /// The client certificate for mutual TLS, a PEM file.
    pub cert: Option<PathBuf>,
    pub cert_key: SecretLocation,
    /// The method of client authentication; else it is chosen from the metadata.
    pub auth: Option<Method>,
    /// How tokens are obtained; see [`Zone::grant`].
    pub grant: Option<Grant>,
    pub scope: Vec<String>,
    pub audience: Vec<String>,
    /// The resources asked for (RFC 8707).
    pub resource: Vec<String>,
    /// The token endpoint, as all endpoints a URL or a path: it is not discovered then.
    pub token_endpoint: Option<String>,
    /// The introspection endpoint (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// The registration endpoint (RFC 7591).
    pub registration_endpoint: Option<String>,
    /// The pushed authorization request endpoint (RFC 9126).
    pub par_endpoint: Option<String>,
    pub authorization_endpoint: Option<String>,
    /// The device authorization endpoint (RFC 8628).
    pub device_endpoint: Option<String>,
    pub jwks_uri: Option<String>,
    /// Whether the standard paths may stand in for endpoints that are neither given nor discovered.
    pub assume_defaults: bool,
    /// Further parameters of token requests; names may repeat.
    pub params: Vec<(String, String)>,
    /// Further headers of all requests; names may repeat.
    pub headers: Vec<(String, String)>,
    /// Certificate authorities to trust besides the system's, a PEM file.
    pub cacert: Option<PathBuf>,
    pub hosts: Vec<HostPattern>,
    /// The vault backend that holds its secrets.
    pub vault: Option<Backend>,
    /// Whether its tokens are bound to a key (RFC 9449).
    pub dpop: bool,
    /// Source of the assertion of the grant `jwt_bearer`, read at every mint.
    pub assertion_ref: Option<Source>,
    /// Source of the subject token of the grant `token_exchange`, read at every mint.
    pub subject_token_ref: Option<Source>,
    /// Source of an assertion that somebody else signs and that the client proves itself with (RFC 7523 §2.2), read at
    /// every use: a workload's identity.
    pub client_assertion_ref: Option<Source>,
    /// The audience of client assertions, when it is not the issuer.
    pub assertion_audience: Option<String>,
    /// Where codes come back to, as registered.
    pub redirect_uri: Option<String>,
    /// Where the client's registration is managed (RFC 7592 §3); the token for it rests in the vault.
    pub registration_client_uri: Option<String>,
}

impl Zone {
    /// What a token of this zone is to allow, and for whom it is meant.
    pub fn token_parameters(&self) -> TokenParameters<'_> {
        TokenParameters { scope: &self.scope, audience: &self.audience, resource: &self.resource, extra: &self.params }
    }

    /// Where it has its secret of a kind that the vault knows by this name; `None` for what no setting says.
    pub fn secret_location(&self, kind: &str) -> Option<&SecretLocation> {
        match kind {
            "client_secret" => Some(&self.client_secret),
            "private_key" => Some(&self.private_key),
            "cert_key" => Some(&self.cert_key),
            _ => None,
        }
    }

    /// Says where it has a secret of this kind; a kind that no setting speaks of is passed over.
    pub fn set_secret_location(&mut self, kind: &str, held: SecretLocation) {
        match kind {
            "client_secret" => self.client_secret = held,
            "private_key" => self.private_key = held,
            "cert_key" => self.cert_key = held,
            _ => {}
        }
    }
}
