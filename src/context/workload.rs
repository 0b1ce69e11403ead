//! The identity of a workload that must be asked for: the ID token of a GitHub Actions job.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::error::Error;
use crate::error::source::{GITHUB_PERMISSION, github_failure, github_refusal};
use crate::oauth::message::{Body, METADATA_LIMIT, Method, Replay, Request, Visibility};
use crate::oauth::{self, json};
use crate::secret::Secret;
use crate::source::{Fault, JOB_TOKEN};

use super::Context;

const WHAT: &str = "the ID token response";

impl Context {
    /// The ID token of this GitHub Actions job for an audience.
    pub(super) fn read_github_token(&self, audience: &str) -> Result<Secret, Error> {
        let url = self.job_variable("ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let bearer = Secret::new(format!("Bearer {}", self.job_variable(JOB_TOKEN)?));
        let audience: String = byte_serialize(audience.as_bytes()).collect();
        let separator = if url.contains('?') { '&' } else { '?' };
        let request = Request {
            receiver: "workload identity",
            method: Method::Get,
            url: format!("{url}{separator}audience={audience}"),
            headers: vec![
                ("Accept".to_owned(), "application/json".into()),
                ("Authorization".to_owned(), bearer.into()),
            ],
            body: Body::Empty,
            replay: Replay::Safe,
            credential: true,
            limit: METADATA_LIMIT,
            visibility: Visibility::Hidden,
        };
        let response = self.http_session(None).send(&mut || request.clone()).map_err(github_failure)?;
        if response.status != 200 {
            return Err(github_refusal(oauth::error::read("ID token request failed", &response)));
        }
        match json::body(WHAT, &response, false).map_err(github_failure)?.remove("value") {
            Some(Value::String(token)) if !token.is_empty() => Ok(Secret::new(token)),
            _ => Err(github_failure(oauth::Fault::MissingMember { what: WHAT, member: "value" })),
        }
    }

    fn job_variable(&self, name: &str) -> Result<&str, Error> {
        let missing = || Fault::NoIdentity {
            place: "github".to_owned(),
            missing: format!("{name} is not set"),
            remedy: GITHUB_PERMISSION,
        };
        Ok(self.environment.text(name).ok_or_else(missing)?)
    }
}
