//! JSON Web Tokens: decoding, verifying, signing and keys (RFC 7515, 7517, 7519). The only room that names
//! `jsonwebtoken` and `aws-lc-rs`.

mod decode;
mod key;
mod sign;
mod thumbprint;
mod verify;

pub use decode::{Decoded, decode};
pub use key::SigningKey;
pub use sign::sign;
pub use thumbprint::thumbprint;
pub use verify::verify;

/// Why a token or a key could not be used. Holds nothing of the token but its `alg` and `kid`, washed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text is not a JWS in compact form with JSON objects inside (RFC 7515 §3.1).
    #[error("not a JSON Web Token: {0}")]
    Malformed(&'static str),
    /// The token is encrypted (RFC 7516): nobody but its receiver can look inside.
    #[error("the token is encrypted (five parts, RFC 7516), only its receiver can read it")]
    Encrypted,
    /// The header names an algorithm that is never trusted, such as `none` or one with a shared secret.
    #[error("the algorithm {0:?} is not one that hallpass verifies")]
    Algorithm(String),
    /// The header marks an extension as critical that is not understood (RFC 7515 §4.1.11).
    #[error("the token has critical extensions (crit), which hallpass does not understand")]
    Critical,
    /// The key set has no key of that id and of the kind that the algorithm needs.
    #[error("no key for algorithm {algorithm}{} in the key set", .kid.as_ref().map(|kid| format!(" and kid {kid:?}")).unwrap_or_default())]
    NoKey {
        /// The algorithm of the token's header.
        algorithm: String,
        /// The `kid` of the token's header.
        kid: Option<String>,
    },
    /// Keys fit, but none of them made this signature.
    #[error("the signature does not fit")]
    Signature,
    /// The library could not make, read or use a key.
    #[error("the key cannot be used: {0}")]
    Key(&'static str),
}
