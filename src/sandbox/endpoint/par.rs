//! Pushed authorization requests (RFC 9126).

use std::time::Duration;

use serde_json::json;

use super::authorization::parse_pushed;
use super::client_request::ClientRequest;
use super::response::Response;
use crate::sandbox::model::OAuthError;

const LIFETIME: Duration = Duration::from_secs(60);

pub fn respond(asked: &ClientRequest<'_>) -> Result<Response, OAuthError> {
    asked.form.require("client_id")?;
    let request = parse_pushed(&asked.client, &asked.form)?;
    let state = asked.state;
    let request_uri =
        state.issue_key(&state.records.pushed, "urn:ietf:params:oauth:request_uri:", LIFETIME, request)?;
    Ok(Response::json(201, &json!({"request_uri": request_uri, "expires_in": LIFETIME.as_secs()})))
}
