//! Requests of an authenticated client (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::assertion;
use super::form::{Form, decode};
use super::request::Request;
use crate::oauth::client_assertion::TYPE;
use crate::oauth::client_auth::Method;
use crate::sandbox::model::{Client, OAuthError};
use crate::sandbox::state::State;
use crate::secret::Secret;

pub struct ClientRequest<'a> {
    pub state: &'a State,
    pub request: &'a Request,
    pub form: Form,
    pub client: Client,
}

impl<'a> ClientRequest<'a> {
    /// Authenticates the client of a request, and notes it for the log.
    pub fn authenticate(state: &'a State, request: &'a mut Request, form: Form) -> Result<Self, OAuthError> {
        let (method, client_id, proof) = read_credentials(request, &form)?;
        // An unknown client and a wrong secret look the same.
        let wrong = || OAuthError::invalid_client("the client is unknown or its secret is wrong");
        let client = state.find_client(&client_id).ok_or_else(wrong)?;
        // With a certificate the request itself contains only the client_id.
        let by_certificate = [Method::TlsClientAuth, Method::SelfSignedTlsClientAuth];
        let method = match method {
            Method::None => by_certificate.into_iter().find(|one| client.methods.contains(one)).unwrap_or(method),
            other => other,
        };
        if !client.methods.contains(&method) {
            return Err(OAuthError::invalid_client("this client may not authenticate in this way"));
        }
        match method {
            Method::ClientSecretJwt | Method::PrivateKeyJwt => {
                assertion::check_client_assertion(state, &client, proof.expose())?;
            }
            Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => {
                let known = client.certificate.as_ref().ok_or_else(wrong)?;
                known.check(request.certificate.as_ref(), &state.authority, state.now())?;
            }
            Method::None | Method::ClientSecretBasic | Method::ClientSecretPost => {
                if client.secret.as_ref().is_some_and(|right| !right.matches(&proof)) {
                    return Err(wrong());
                }
            }
        }
        request.note.client_id = Some(client.id.clone());
        Ok(Self { state, request, form, client })
    }
}

/// The method that a request uses, the client that it names, and the proof.
fn read_credentials(request: &Request, form: &Form) -> Result<(Method, String, Secret), OAuthError> {
    let refused = OAuthError::invalid_client;
    let (id, secret, assertion) = (form.get("client_id"), form.get("client_secret"), form.get("client_assertion"));
    let header = request.header("authorization")?;
    if usize::from(secret.is_some()) + usize::from(assertion.is_some()) + usize::from(header.is_some()) > 1 {
        return Err(OAuthError::invalid_request("there are two client authentications"));
    }
    if let Some(assertion) = assertion {
        if form.get("client_assertion_type") != Some(TYPE) {
            return Err(refused("the client_assertion_type is not that of a JWT"));
        }
        let (method, subject) = assertion::unverified_subject(assertion)
            .ok_or_else(|| refused("the assertion is not a JWT with a subject"))?;
        return Ok((method, id.map_or(subject, str::to_owned), Secret::new(assertion)));
    }
    if let Some(header) = header {
        let (client_id, proof) = parse_basic(header).ok_or_else(|| refused("the Authorization header is not Basic"))?;
        if id.is_some_and(|other| other != client_id) {
            return Err(OAuthError::invalid_request("the body and the Authorization header name different clients"));
        }
        return Ok((Method::ClientSecretBasic, client_id, proof));
    }
    let client_id = id.ok_or_else(|| refused("there is no client authentication"))?.to_owned();
    let method = if secret.is_some() { Method::ClientSecretPost } else { Method::None };
    Ok((method, client_id, Secret::new(secret.unwrap_or_default())))
}

/// Reads Basic credentials (RFC 7617 §2), both halves form-encoded (RFC 6749 §2.3.1).
fn parse_basic(header: &str) -> Option<(String, Secret)> {
    let (_, credentials) = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"))?;
    let pair = String::from_utf8(STANDARD.decode(credentials.trim_matches(' ')).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decode(id)?, Secret::new(decode(secret)?)))
}
