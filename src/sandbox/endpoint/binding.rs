//! What the tokens of an answer are bound to (`cnf`, RFC 7800): a key (RFC 9449 §6.1), a certificate (RFC 8705 §3.1).

use serde_json::{Value, json};

use crate::jose::{decode, sign};
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::model::client::Client;
use crate::sandbox::model::refresh::at_hash;
use crate::sandbox::state::State;

/// What only its owner can show.
#[derive(Debug, Default)]
pub struct Binding {
    /// The thumbprint of a key, which a proof shows.
    pub key: Option<String>,
    /// The thumbprint of a certificate, which TLS shows.
    pub certificate: Option<String>,
}

/// The thumbprint of the certificate that a client's tokens are bound to, where they are: the client proved itself by
/// one, or registered `tls_client_certificate_bound_access_tokens` (RFC 8705 §3.4).
///
/// # Errors
/// `invalid_request` without a certificate where there has to be one.
pub fn certificate(call: &Call, client: &Client) -> Result<Option<String>, Refusal> {
    if client.certificate.is_none() {
        return Ok(None);
    }
    let shown = call.certificate.as_ref();
    let shown =
        shown.ok_or(Refusal::request("the tokens of this client are bound to a certificate, and it showed none"))?;
    Ok(Some(shown.thumbprint()))
}

impl Binding {
    /// Binds the access token of an answer, whatever grant made it. What is no bearer token of this server stays as it
    /// is. One that is bound to a key is of the type `DPoP`; one that is bound to a certificate alone stays a bearer
    /// token (RFC 8705 §3).
    ///
    /// # Errors
    /// `server_error` without a signature.
    pub fn bind(&self, state: &State, mut reply: Reply) -> Result<Reply, Refusal> {
        if self.key.is_none() && self.certificate.is_none() {
            return Ok(reply);
        }
        let Ok(mut members) = serde_json::from_slice::<Value>(&reply.body) else { return Ok(reply) };
        let decoded = members["access_token"].as_str().and_then(|token| decode(token).ok());
        let Some(decoded) = decoded.filter(|_| members["token_type"] == "Bearer") else { return Ok(reply) };
        let mut claims = Value::Object(decoded.claims);
        if let Some(thumbprint) = &self.certificate {
            claims["cnf"]["x5t#S256"] = json!(thumbprint);
        }
        if let Some(thumbprint) = &self.key {
            claims["cnf"]["jkt"] = json!(thumbprint);
            members["token_type"] = json!("DPoP");
        }
        let unsigned = |_| Refusal::new(500, "server_error", "the token could not be signed");
        let token = sign(&state.key, &claims, decoded.header.get("typ").and_then(Value::as_str)).map_err(unsigned)?;
        if let Some(id_token) = members["id_token"].as_str().and_then(|token| decode(token).ok()) {
            let mut claims = Value::Object(id_token.claims);
            claims["at_hash"] = json!(at_hash(token.expose()));
            members["id_token"] = json!(sign(&state.key, &claims, Some("JWT")).map_err(unsigned)?.expose());
        }
        members["access_token"] = json!(token.expose());
        reply.body = members.to_string().into_bytes();
        Ok(reply)
    }
}
