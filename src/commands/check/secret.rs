//! A secret that a credential is compared with.

use crate::context::Context;
use crate::error::{self, Error};
use crate::secret::Secret;
use crate::source::Source;

/// Reads the secret and refuses a blank one, as a variable contains that was set from an empty one.
pub fn read_shared_secret(cx: &Context, source: &Source, what: &str) -> Result<Secret, Error> {
    let secret = cx.read(source, what, None)?;
    if secret.expose().trim().is_empty() {
        return Err(error::token::blank_secret(source).read_for(what));
    }
    Ok(secret)
}
