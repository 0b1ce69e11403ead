//! What a sandbox that does not start is for the user.

use crate::error::Error;
use crate::sandbox;

pub fn into_error(error: sandbox::Error) -> Error {
    let message = error.to_string();
    match error {
        sandbox::Error::NotLoopback(_) => Error::usage(message),
        sandbox::Error::Bind { source, .. } => Error::config(message).because(source.to_string()),
        sandbox::Error::Path(_) => Error::config(message).hint("choose another directory with TMPDIR"),
        _ => Error::internal(message),
    }
}
