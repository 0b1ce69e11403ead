//! The header value for a token that a server gave.

use crate::context::Context;
use crate::error::Error;
use crate::oauth::bearer::{self, Grammar};
use crate::secret::Secret;

/// The value for a token that a server gave, with a warning where it is beyond RFC 6750.
pub fn server_value(cx: &Context, scheme: &str, token: &Secret) -> Result<Secret, Error> {
    bearer::header_value(scheme, token).or_else(|_| {
        let value = bearer::header_value_of(scheme, token, Some(Grammar::Server))?;
        cx.ui.warn("the token has characters that RFC 6750 does not allow in a header: some servers will refuse it");
        Ok(value)
    })
}
