//! Failures of a source that needs more than its name.

use super::{Error, Kind, exit};
use crate::source::Source;

pub const GITHUB_PERMISSION: &str = "in the workflow, for this job: permissions: id-token: write";

impl Error {
    /// Says which setting of a zone was to be read.
    #[must_use]
    pub fn read_for(self, what: &str, zone: &str) -> Self {
        self.because(format!("it is the {what} of zone {zone}"))
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
