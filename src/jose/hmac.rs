//! HMAC-SHA256 (RFC 2104), for what is not a JWT.

use aws_lc_rs::hmac;

use crate::secret::Secret;

pub struct MacKey(hmac::Key);

impl MacKey {
    /// `None` for an empty secret, which everybody knows.
    pub fn new(secret: &Secret) -> Option<Self> {
        (!secret.is_empty()).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())))
    }

    pub fn tag(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, message).as_ref().to_vec()
    }

    /// In constant time; a shortened tag is refused.
    pub fn proves(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::MacKey;
    use crate::secret::Secret;

    #[test]
    fn rfc_4231_test_case_2() {
        let key = MacKey::new(&Secret::new("Jefe")).unwrap();
        let message = b"what do ya want for nothing?";
        let tag = key.tag(message);
        assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(tag[28..], [0x64, 0xec, 0x38, 0x43]);
        assert!(key.proves(message, &tag));
        assert!(!key.proves(b"what do ya want for nothing!", &tag));
        assert!(!key.proves(message, &tag[..31]) && !key.proves(message, b""));
        assert!(!MacKey::new(&Secret::new("jefe")).unwrap().proves(message, &tag));
    }

    #[test]
    fn empty_key_is_none() {
        assert!(MacKey::new(&Secret::new("")).is_none());
    }
}
