//! A zone: a named issuer, a client at it, and how its tokens are requested.

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
    /// Read from this source at every use, and stored nowhere.
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
    /// `env` for the ephemeral one; see [`super::check_name`].
    pub name: String,
    /// Byte for byte as given.
    pub issuer: String,
    /// What its metadata has in place of the issuer, and its tokens with their tenant: an issuer with `{tenantid}`.
    pub issuer_template: Option<String>,
    /// A zone before registration has none.
    pub client_id: Option<String>,
    pub client_secret: SecretLocation,
    /// The key that signs client assertions.
    pub private_key: SecretLocation,
    pub key_id: Option<String>,
    pub algorithm: Option<Algorithm>,
    /// The client certificate for mutual TLS, or that of the private key; a PEM file.
    pub cert: Option<PathBuf>,
    pub cert_key: SecretLocation,
    /// The client authentication method; else it is chosen from the metadata.
    pub auth: Option<Method>,
    /// See [`Zone::grant`].
    pub grant: Option<Grant>,
    pub scope: Vec<String>,
    pub audience: Vec<String>,
    pub resource: Vec<String>,
    /// A URL or a path, as all endpoints; it is not discovered then.
    pub token_endpoint: Option<String>,
    pub introspection_endpoint: Option<String>,
    pub revocation_endpoint: Option<String>,
    pub registration_endpoint: Option<String>,
    pub par_endpoint: Option<String>,
    pub authorization_endpoint: Option<String>,
    pub device_endpoint: Option<String>,
    pub jwks_uri: Option<String>,
    /// Whether endpoints that are neither given nor discovered are assumed at the standard paths.
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
    /// Source of an externally signed assertion that authenticates the client (RFC 7523 §2.2), read at every use.
    pub client_assertion_ref: Option<Source>,
    /// The audience of client assertions, when it is not the issuer.
    pub assertion_audience: Option<String>,
    /// The registered redirect URI.
    pub redirect_uri: Option<String>,
    /// Where the client's registration is managed (RFC 7592 §3); its token is stored in the vault.
    pub registration_client_uri: Option<String>,
}

impl Zone {
    /// What a token of this zone allows, and which servers it is for.
    pub fn token_parameters(&self) -> TokenParameters<'_> {
        TokenParameters { scope: &self.scope, audience: &self.audience, resource: &self.resource, extra: &self.params }
    }

    /// Whether its sign-in asks for an ID token (`OpenID` Connect Core §3.1.2.1).
    pub fn asks_for_id_token(&self) -> bool {
        self.scope.iter().any(|scope| scope == "openid")
    }

    /// What the `iss` of its tokens must be; a template if the zone has one (see [`crate::oauth::issuer::fits`]).
    pub fn token_issuer(&self) -> &str {
        self.issuer_template.as_deref().unwrap_or(&self.issuer)
    }

    /// The secrets that have settings, each under the name that the vault has for its kind.
    pub fn secret_locations(&self) -> [(&'static str, &SecretLocation); 3] {
        [("client_secret", &self.client_secret), ("private_key", &self.private_key), ("cert_key", &self.cert_key)]
    }

    /// As [`Zone::secret_locations`], to change them.
    pub fn secret_locations_mut(&mut self) -> [(&'static str, &mut SecretLocation); 3] {
        [
            ("client_secret", &mut self.client_secret),
            ("private_key", &mut self.private_key),
            ("cert_key", &mut self.cert_key),
        ]
    }

    /// Whether both are one client at one server, whose secrets may go to the same places.
    pub fn is_same_client(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.client_id == other.client_id
            && self.credential_origins() == other.credential_origins()
    }

    /// Whether the vault has its secret of this kind, as far as a setting says so.
    pub fn stores(&self, kind: &str) -> bool {
        self.secret_locations().contains(&(kind, &SecretLocation::Stored))
    }

    /// Sets where it has its secret of this kind; a kind without a setting is ignored.
    pub fn set_secret_location(&mut self, kind: &str, location: SecretLocation) {
        if let Some((_, slot)) = self.secret_locations_mut().into_iter().find(|(name, _)| *name == kind) {
            *slot = location;
        }
    }
}
