//! Clients, seeded or registered.

use serde_json::{Map, Value, json};

use super::certificate::KnownCertificate;
use crate::oauth::client_auth::Method;
use crate::secret::Secret;

#[derive(Debug, Clone, Default)]
pub struct Client {
    pub id: String,
    pub secret: Option<Secret>,
    pub jwks: Option<Value>,
    /// The private key of a seeded client, for a child of the sandbox.
    pub private_key: Option<Secret>,
    /// The certificate that it authenticates with, or that its tokens are bound to.
    pub certificate: Option<KnownCertificate>,
    /// Whether it authenticates with an assertion of the platform instead of its own.
    pub is_workload: bool,
    pub methods: Vec<Method>,
    pub redirect_uris: Vec<String>,
    /// The grants that it registered; a seeded client may use all.
    pub grants: Option<Vec<String>>,
    pub introspects_all: bool,
    /// Whether it must send DPoP proofs with a nonce (RFC 9449).
    pub requires_dpop: bool,
    pub purpose: &'static str,
    /// The variable that passes its secret or private key to a child of the sandbox.
    pub variable: Option<String>,
}

impl Client {
    pub fn is_public(&self) -> bool {
        self.methods.contains(&Method::None)
    }
}

pub fn uses_secret(method: Method) -> bool {
    matches!(method, Method::ClientSecretBasic | Method::ClientSecretPost | Method::ClientSecretJwt)
}

#[derive(Clone)]
pub struct Registration {
    pub client: Client,
    pub metadata: Map<String, Value>,
    /// The registration access token (RFC 7592 §3).
    pub token: Secret,
    pub issued_at: i64,
}

impl Registration {
    /// The client information response (RFC 7591 §3.2.1, RFC 7592 §3).
    pub fn to_response(&self, issuer: &str) -> Value {
        let id = &self.client.id;
        let mut members = Value::Object(self.metadata.clone());
        members["client_id"] = json!(id);
        members["client_id_issued_at"] = json!(self.issued_at);
        if let Some(secret) = &self.client.secret {
            members["client_secret"] = json!(secret.expose());
            members["client_secret_expires_at"] = json!(0);
        }
        members["registration_access_token"] = json!(self.token.expose());
        members["registration_client_uri"] = json!(format!("{issuer}/register/{id}"));
        members
    }
}
