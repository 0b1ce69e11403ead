//! Why a token or a key could not be used.

use super::algorithm::{Algorithm, Family};

/// It holds nothing of the token but its `alg` and `kid`, with control characters escaped.
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
    /// The header has an extension that is not understood and must not be ignored (RFC 7515 §4.1.11, RFC 7797 §6).
    #[error("the token has critical extensions (crit), which hallpass does not understand")]
    Critical,
    #[error("no key for algorithm {algorithm}{} in the key set", .kid.as_ref().map(|kid| format!(" and kid {kid:?}")).unwrap_or_default())]
    NoKey { algorithm: String, kid: Option<String> },
    /// The key set has the token's key, and it can't verify this token.
    #[error("the key set has the key{}, but {why}", .kid.as_ref().map(|kid| format!(" {kid:?}")).unwrap_or_default())]
    UnusableKey { kid: Option<String>, why: String },
    #[error("the signature is invalid")]
    Signature,
    #[error("the key cannot be used: {0}")]
    Key(&'static str),
    #[error("the key cannot be used: it is encrypted")]
    EncryptedKey,
    /// An RSA key of fewer than 2048 bits (RFC 7518 §3.3).
    #[error("the key cannot be used: it has {bits} bits, and an RSA key needs 2048")]
    Weak { bits: usize },
    /// The algorithm needs another kind of key (RFC 8725 §3.1).
    #[error("the key cannot be used: {algorithm} needs {}, and this is {key}", .algorithm.family())]
    Unfit { algorithm: Algorithm, key: Family },
    #[error("the key cannot be used: its alg is {stated}, not {wanted}")]
    OtherAlgorithm { stated: Algorithm, wanted: Algorithm },
    #[error("the key cannot be used: no key has this id; known ids: {}", .known.join(", "))]
    NoSuchKey { known: Vec<String> },
    #[error("the key cannot be used: the set contains several: {}", .known.join(", "))]
    SeveralKeys { known: Vec<String> },
}
