//! Tokens that can't be obtained, trusted, introspected or revoked.

use crate::jose;
use crate::oauth::grant::Grant;

use super::{Error, Hint};

/// The grant needs a token or assertion, and the zone names no source; `flag` is that of the source, without its ending.
pub fn no_input(zone: &str, grant: Grant, flag: &str) -> Error {
    Error::config(format!("zone {zone} uses the grant {grant} but has no {}", flag.replace('-', " ")))
        .hint(format!("for this call: --{flag}-from SOURCE"))
        .hint(Hint::edit(zone, format!("--{flag}-ref SOURCE")).purpose("for every call"))
}

pub fn bad_token_type(zone: &str, reason: &str) -> Error {
    Error::config(format!("zone {zone}: subject_token_type: {reason}"))
}

/// A warning.
pub fn extension_grant(uri: &str) -> String {
    format!("the grant {uri} is not one that hallpass knows: its parameters are sent as given, and nothing is checked")
}

pub fn unsupported_grant(zone: &str, grant: Grant) -> Error {
    Error::config(format!("zone {zone} uses the grant {grant}, which this version does not support"))
        .hint(Hint::edit(zone, "--grant client_credentials"))
}

pub fn untrusted_introspection(fault: &jose::Fault) -> Error {
    Error::refused("the introspection answer is not to be trusted").because(fault.to_string())
}

pub fn untrusted_id_token(fault: &jose::Fault) -> Error {
    Error::refused("the ID token is not to be trusted").because(fault.to_string())
}

pub fn foreign_id_token(zone: &str) -> Error {
    Error::refused("the ID token is not to be trusted")
        .because("it names another user than the one who signed in (OpenID Connect Core §12.2)")
        .hint(Hint::login(zone).purpose("sign in again"))
}

impl Error {
    /// The introspection answer is not signed, or not as it must be.
    #[must_use]
    pub fn or_unsigned(self) -> Self {
        self.hint("retry without --jwt; servers that sign list introspection_signing_alg_values_supported")
    }
}
