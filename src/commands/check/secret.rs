//! A secret that a credential is compared with.

use crate::context::Context;
use crate::error::Error;
use crate::secret::Secret;
use crate::source::Source;

/// Reads it. A blank one is refused: a variable that was filled from an empty one holds only blanks.
pub fn read_shared_secret(cx: &Context, source: &Source) -> Result<Secret, Error> {
    let secret = cx.read(source, None)?;
    if secret.expose().trim().is_empty() {
        return Err(Error::config(format!("{source} holds only blanks")));
    }
    Ok(secret)
}
