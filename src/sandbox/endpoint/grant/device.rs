//! The device code (RFC 8628 §3.4).

use super::Asked;
use crate::sandbox::endpoint::message::{Refusal, Reply};
use crate::sandbox::model::{device, refresh};

/// A session, as soon as the person has said yes.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let code = asked.form.get("device_code").ok_or(Refusal::request("device_code is missing"))?;
    let right = device::poll(asked.state, &asked.client.id, code)?;
    Ok(Reply::json(200, &refresh::begin(asked.state, &right)?))
}
