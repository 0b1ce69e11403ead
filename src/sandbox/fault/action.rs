//! What a fault does to a response.

use super::faulty_response::{edit_success, error_response};
use crate::sandbox::endpoint::response::Response;

/// A response and how it goes over the wire.
pub struct Delivery {
    pub response: Response,
    pub mode: FailureMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureMode {
    None,
    /// Without its length (chunked), followed by 8 MiB of spaces.
    Huge,
    /// A byte at a time.
    Slow,
    /// Half of it, then nothing more.
    Stall,
    /// Half of it, then the connection ends.
    Truncate,
    /// Not at all; the connection stays open.
    Silence,
    /// Not at all; the connection is reset.
    Reset,
    /// Something that is not HTTP instead.
    NotHttp,
}

impl From<Response> for Delivery {
    fn from(response: Response) -> Self {
        Self { response, mode: FailureMode::None }
    }
}

/// What a fault does to a response.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// Replaces it by an error with this status, and the seconds of `Retry-After`.
    Status(u16, Option<u32>),
    /// Replaces it by this status, content type and body.
    Replace(u16, &'static str, &'static str),
    Mode(FailureMode),
    /// Sets a member of a success to this JSON.
    Set(&'static str, &'static str),
    /// Removes a member of a success.
    Remove(&'static str),
    Change(fn(&mut Response)),
}

impl Action {
    pub fn apply(self, mut response: Response) -> Delivery {
        let mut mode = FailureMode::None;
        match self {
            Self::Status(status, retry_after) => response = error_response(status, retry_after),
            Self::Replace(status, content_type, body) => response = Response::new(status, content_type, body),
            Self::Mode(chosen) => mode = chosen,
            Self::Set(name, json) => edit_success(&mut response, |document| {
                document.insert(name.to_owned(), serde_json::from_str(json).unwrap_or_default());
            }),
            Self::Remove(name) => edit_success(&mut response, |document| drop(document.shift_remove(name))),
            Self::Change(change) => change(&mut response),
        }
        Delivery { response, mode }
    }
}
