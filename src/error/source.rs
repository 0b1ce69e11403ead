//! Failures of a source that needs more than its name.

use super::{Error, Kind, exit};
use crate::source::Source;

pub const GITHUB_PERMISSION: &str = "in the workflow, for this job: permissions: id-token: write";

impl Error {
    /// Says what was to be read from a source that failed.
    #[must_use]
    pub fn read_for(mut self, what: &str) -> Self {
        // The request of a dry run is no failure.
        if !self.silent {
            self.causes.insert(0, std::mem::replace(&mut self.message, format!("could not read the {what}")));
        }
        self
    }
}

pub fn needs_zone(source: &Source) -> Error {
    Error::config(format!("the source `{source}` needs a zone")).hint("name one with -z")
}

/// The request for the job's ID token failed; what does not pass is the workflow's to fix.
pub fn github_failure(error: impl Into<Error>) -> Error {
    let error = error.into();
    let kept = error.retriable() || error.kind == Kind::Unsafe;
    let exit = if kept { error.exit } else { exit::CONFIG };
    Error { exit, ..error.because("the source github requested the job's ID token") }
}

/// As [`github_failure`], for a response with another status than 200.
pub fn github_refusal(error: impl Into<Error>) -> Error {
    let error = github_failure(error);
    if error.retriable() { error } else { error.hint(GITHUB_PERMISSION) }
}
