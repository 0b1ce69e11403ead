//! The identity of a workload that must be asked for: the ID token of a GitHub Actions job.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::config::Zone;
use crate::error::{Error, Kind, exit};
use crate::oauth::message::{Body, METADATA_LIMIT, Method, Replay, Request, Visibility};
use crate::oauth::{self, json};
use crate::secret::Secret;

use super::Context;

const WHAT: &str = "the answer with the ID token";

impl Context {
    /// The ID token of this GitHub Actions job for an audience, else for the zone's issuer.
    pub(super) fn read_github_token(&self, audience: Option<&str>, zone: Option<&Zone>) -> Result<Secret, Error> {
        let audience = audience.or(zone.map(|zone| zone.issuer.as_str())).ok_or_else(|| {
            Error::config("the source github needs an audience where no zone is named").hint("name it: github:AUDIENCE")
        })?;
        let url = self.job_variable("ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let ticket = Secret::new(self.job_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?);
        let audience: String = byte_serialize(audience.as_bytes()).collect();
        let sign = if url.contains('?') { '&' } else { '?' };
        let bearer = Secret::new(format!("Bearer {}", ticket.expose()));
        let request = Request {
            method: Method::Get,
            url: format!("{url}{sign}audience={audience}"),
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
        let failed = |error: Error| {
            let kept = error.retriable() || error.kind == Kind::Unsafe;
            let exit = if kept { error.exit } else { exit::CONFIG };
            Error { exit, ..error.because("the source github asked for the job's ID token") }
        };
        let answer = self.without_zone_headers().send(&mut || request.clone()).map_err(failed)?;
        if answer.status != 200 {
            let error = failed(oauth::error::read(WHAT, &answer).into());
            return Err(if error.retriable() { error } else { error.hint(PERMISSION) });
        }
        match json::body(WHAT, &answer, false).map_err(|fault| failed(fault.into()))?.remove("value") {
            Some(Value::String(token)) if !token.is_empty() => Ok(Secret::new(token)),
            _ => Err(failed(oauth::Fault::MissingMember { what: WHAT, member: "value" }.into())),
        }
    }

    fn job_variable(&self, name: &str) -> Result<&str, Error> {
        self.environment
            .text(name)
            .ok_or_else(|| Error::config(format!("github gives no identity here: {name} is not set")).hint(PERMISSION))
    }
}

const PERMISSION: &str = "in the workflow, for this job: permissions: id-token: write";
