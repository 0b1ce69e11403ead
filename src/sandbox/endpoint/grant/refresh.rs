//! Refresh (RFC 6749 §6).

use super::Asked;
use crate::sandbox::endpoint::issue;
use crate::sandbox::endpoint::message::{Refusal, Reply};
use crate::sandbox::model::refresh;

/// A scope may be narrowed, never widened; a target may be chosen anew (RFC 8707 §2.2). What is refused spends nothing.
pub fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let token = asked.form.get("refresh_token").ok_or(Refusal::request("refresh_token is missing"))?;
    let narrow = |right: &mut refresh::Right| {
        if asked.form.get("scope").is_some() {
            let wanted = issue::scope(asked.form)?;
            if wanted.split(' ').any(|name| !right.scope.split(' ').any(|allowed| allowed == name)) {
                return Err(Refusal::new(400, "invalid_scope", "a scope was not allowed at the sign-in"));
            }
            right.scope = wanted;
        }
        if asked.form.get("audience").or(asked.form.get("resource")).is_some() {
            right.audience = issue::audience(asked.form)?;
        }
        Ok(())
    };
    Ok(Reply::json(200, &refresh::refresh(asked.state, &asked.client.id, token, narrow)?))
}
