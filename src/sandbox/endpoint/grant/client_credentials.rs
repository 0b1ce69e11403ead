//! Client credentials (RFC 6749 §4.4).

use super::Asked;
use crate::sandbox::endpoint::issue::{self, Issue};
use crate::sandbox::endpoint::message::{Refusal, Reply};

/// Public clients get a token too, against RFC 6749 §4.4: here it lets `none` be tried.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let issue = Issue {
        client_id: &asked.client.id,
        subject: &asked.client.id,
        scope: issue::scope(asked.form)?,
        audience: issue::audience(asked.form)?,
        claims: Vec::new(),
    };
    Ok(Reply::json(200, &issue.answer(asked.state)?))
}
