//! What a sandbox that does not start is for the user.

use crate::error::{self, Error};
use crate::sandbox::Error as Failure;

pub fn into_error(failure: Failure) -> Error {
    let message = failure.to_string();
    match failure {
        Failure::NotLoopback(_) => error::sandbox::not_loopback(message),
        Failure::Bind { source, .. } => error::sandbox::cannot_listen(message, &source),
        Failure::Path(_) => error::sandbox::unusable_path(message),
        _ => error::sandbox::internal(&message),
    }
}
