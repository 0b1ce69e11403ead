//! Proof key for code exchange (RFC 7636): the verifier that only we know, and its challenge, by `S256` alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::fault::Fault;
use crate::secret::Secret;

/// The one method that is used: `plain` proves nothing to who sees the request (RFC 9700 §2.1.1).
pub const METHOD: &str = "S256";
/// The fewest and the most characters of a verifier (RFC 7636 §4.1).
pub const LENGTH: std::ops::RangeInclusive<usize> = 43..=128;
/// The random bytes that the longest verifier takes.
pub const RANDOM: usize = 96;

#[derive(Debug, Clone)]
pub struct Verifier(Secret);

impl Verifier {
    /// A verifier of that many characters (of [`LENGTH`]) out of random bytes: six bits of each character are random.
    pub fn from_random(random: &[u8; RANDOM], length: usize) -> Self {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(random));
        Self(Secret::new(&text[..length.clamp(*LENGTH.start(), *LENGTH.end())]))
    }

    /// Takes a verifier that somebody else made.
    pub fn read(text: Secret) -> Result<Self, Fault> {
        let malformed = |reason: &str| Fault::malformed("the code verifier", reason);
        if !LENGTH.contains(&text.expose().len()) {
            return Err(malformed("it does not have 43 to 128 characters (RFC 7636 §4.1)"));
        }
        if !text.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)) {
            return Err(malformed("it contains other characters than A-Z a-z 0-9 - . _ ~ (RFC 7636 §4.1)"));
        }
        Ok(Self(text))
    }

    /// The challenge: base64url of the SHA-256 of the verifier (RFC 7636 §4.2).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose()))
    }

    /// The verifier itself, for the token request.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, RANDOM, Verifier};
    use crate::secret::Secret;

    #[test]
    fn example_of_rfc_7636_appendix_b() {
        let verifier = Verifier::read(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).unwrap();
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        // The verifier of the example is what these bytes become.
        let bytes: [u8; 32] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let mut random = [0; RANDOM];
        random[..32].copy_from_slice(&bytes);
        assert_eq!(
            &Verifier::from_random(&random, 43).secret().expose()[..42],
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX"
        );
    }

    #[test]
    fn every_length_is_verifier() {
        for length in LENGTH {
            let verifier = Verifier::from_random(&[0xfb; RANDOM], length);
            assert_eq!(verifier.secret().expose().len(), length);
            Verifier::read(verifier.secret().clone()).unwrap();
        }
    }

    #[test]
    fn what_is_no_verifier_is_refused_and_not_repeated() {
        let hunter = "hunter2".repeat(6);
        for bad in [hunter.clone(), "a".repeat(129), format!("{hunter}é"), format!("{hunter} "), format!("{hunter}+/")]
        {
            let fault = Verifier::read(Secret::new(&*bad)).unwrap_err().to_string();
            assert!(!fault.contains("hunter2"), "{fault}");
        }
        Verifier::read(Secret::new("a".repeat(42) + "~")).unwrap();
    }
}
