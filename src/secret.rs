//! A secret that cannot print itself.
//!
//! [`Secret`] has no `Display` and no `Serialize`, its `Debug` is a constant, its memory is zeroed when it is dropped.
//! `expose()` is the border: searching the tree for it lists every place where a secret leaves its wrapper.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A string that must not be shown: a client secret, a token, an assertion, a key in PEM.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a string; the caller keeps no copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Hands out the text. Every call is a decision that the secret may leave here.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in constant time for texts of the same length; the length itself is not hidden.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    #[test]
    fn equality_looks_at_every_byte() {
        assert!(Secret::new("abc").matches(&Secret::new("abc")));
        assert!(!Secret::new("abc").matches(&Secret::new("abd")));
        assert!(!Secret::new("abc").matches(&Secret::new("ab")));
    }
}
