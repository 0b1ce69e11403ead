//! The grants of the token endpoint (RFC 6749 §1.3), one file each.

mod authorization_code;
mod client_credentials;
mod device;
mod exchange;
mod jwt_bearer;
mod refresh;

use crate::sandbox::endpoint::form::Form;
use crate::sandbox::endpoint::message::{Refusal, Reply};
use crate::sandbox::model::client::Client;
use crate::sandbox::state::State;

/// A token request of a client that has proven itself.
pub struct Asked<'a> {
    /// The server.
    pub state: &'a State,
    /// Who asks.
    pub client: &'a Client,
    /// The parameters.
    pub form: &'a Form,
}

/// What a grant is called, and who answers it.
type Grant = (&'static str, fn(&Asked<'_>) -> Result<Reply, Refusal>);

/// The grants that are served.
const SERVED: [Grant; 6] = [
    ("authorization_code", authorization_code::answer),
    ("client_credentials", client_credentials::answer),
    ("refresh_token", refresh::answer),
    ("urn:ietf:params:oauth:grant-type:device_code", device::answer),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", jwt_bearer::answer),
    ("urn:ietf:params:oauth:grant-type:token-exchange", exchange::answer),
];

/// Their names, as metadata lists them.
pub fn names() -> [&'static str; SERVED.len()] {
    SERVED.map(|(name, _)| name)
}

/// The name of a grant for the log; what is not served could be a secret in the wrong place.
pub fn known(asked: &str) -> &'static str {
    SERVED.iter().find(|(name, _)| *name == asked).map_or("unknown", |(name, _)| name)
}

/// Answers by the grant that is asked for.
///
/// # Errors
/// `unsupported_grant_type`, and the refusals of the grant.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.form.get("grant_type").ok_or(Refusal::request("grant_type is missing"))?;
    if asked.client.grants.as_ref().is_some_and(|grants| !grants.iter().any(|grant| grant == name)) {
        return Err(Refusal::new(400, "unauthorized_client", "the client did not register this grant"));
    }
    match SERVED.iter().find(|(served, _)| *served == name) {
        Some((_, answer)) => answer(asked),
        None => Err(Refusal::new(400, "unsupported_grant_type", "this grant is not served")),
    }
}
