//! Names of files made from what they hold: SHA-256 over an encoding that no two inputs share.

use sha2::{Digest as _, Sha256};

use crate::hex;

/// Takes fields one after another, each preceded by its length.
pub(super) struct Digest(Sha256);

impl Digest {
    /// `purpose` keeps the names of one use apart from those of another.
    pub(super) fn new(purpose: &str) -> Self {
        Self(Sha256::new()).text(purpose)
    }

    pub(super) fn text(mut self, field: &str) -> Self {
        self.0.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(field);
        self
    }

    pub(super) fn list<T: AsRef<str>>(mut self, fields: impl IntoIterator<Item = T>) -> Self {
        let fields: Vec<T> = fields.into_iter().collect();
        self.0.update(u64::try_from(fields.len()).unwrap_or(u64::MAX).to_be_bytes());
        fields.iter().fold(self, |digest, field| digest.text(field.as_ref()))
    }

    /// The first hexadecimal digits of the bare SHA-256 of these bytes.
    pub(super) fn short_hash(bytes: &[u8], digits: usize) -> String {
        let mut hex = hex::encode(&Sha256::digest(bytes));
        hex.truncate(digits);
        hex
    }

    /// 64 lower-case hexadecimal digits.
    pub(super) fn hex(self) -> String {
        hex::encode(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::Digest;
    use crate::hex;

    #[test]
    fn hash_is_sha_256() {
        // FIPS 180-4, the first example of the NIST vectors.
        assert_eq!(
            hex::encode(&Sha256::digest("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn borders_between_fields_count() {
        let names = [
            Digest::new("p").text("ab").text("c").hex(),
            Digest::new("p").text("a").text("bc").hex(),
            Digest::new("pab").text("c").hex(),
            Digest::new("p").list(["ab", "c"]).hex(),
            Digest::new("p").list(["ab"]).list(["c"]).hex(),
            Digest::new("p").list([""]).hex(),
            Digest::new("p").list(None::<&str>).hex(),
        ];
        let distinct: std::collections::HashSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert!(names.iter().all(|name| name.len() == 64));
    }
}
