//! Issuers that can't be asked.

use super::Error;

pub fn not_a_url() -> Error {
    Error::usage("the issuer is not a URL").hint("an issuer looks like https://host/path; a zone is named with -z")
}

impl Error {
    /// No zone is named, which an issuer may replace.
    #[must_use]
    pub fn or_issuer(self) -> Self {
        self.hint("or name the issuer: --issuer URL")
    }
}
