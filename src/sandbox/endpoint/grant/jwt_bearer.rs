//! An assertion as the grant (RFC 7523 §2.1): the workload's issuer speaks for its subject.

use super::Asked;
use crate::sandbox::endpoint::assertion;
use crate::sandbox::endpoint::issue::{self, Issue};
use crate::sandbox::endpoint::message::{Refusal, Reply};

/// The token speaks for the subject of the assertion.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let assertion = asked.form.get("assertion").ok_or(Refusal::request("assertion is missing"))?;
    let subject =
        assertion::workload(asked.state, assertion).map_err(|reason| Refusal::new(400, "invalid_grant", reason))?;
    let issue = Issue {
        client_id: &asked.client.id,
        subject: &subject,
        scope: issue::scope(asked.form)?,
        audience: issue::audience(asked.form)?,
        claims: Vec::new(),
    };
    Ok(Reply::json(200, &issue.answer(asked.state)?))
}
