//! The key of a sealed vault: 32 bytes as they are, or made from a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edges::Entropy;
use crate::hex;
use crate::secret::Secret;
use crate::store::Fault;

/// 32 bytes for XChaCha20-Poly1305, zeroed when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// What the user gave to open a sealed vault.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// 32 random bytes in base64 (either alphabet, padded or not) or hexadecimal.
    Raw(Secret),
    Passphrase(Secret),
}

impl KeySource {
    /// Whether a vault could be made with it.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Raw(text) => decode(text).map(drop),
            Self::Passphrase(passphrase) if passphrase.is_empty() => Err(EMPTY),
            Self::Passphrase(_) => Ok(()),
        }
    }
}

const EMPTY: Fault = Fault::KeyMalformed("the passphrase is empty");

/// What one try of a passphrase costs (Argon2id, RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for Cost {
    /// RFC 9106 §4, the second recommendation with one lane: 64 MiB, 3 passes.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

impl Cost {
    /// Whether a file may ask for this: a forged one must not use up the machine.
    fn is_sane(self) -> bool {
        self.memory_kib <= 1024 * 1024 && self.passes <= 32 && self.lanes <= 16
    }
}

/// How the key is derived from a passphrase; stored in the vault's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kdf {
    name: String,
    #[serde(flatten)]
    cost: Cost,
    salt: String,
}

const ARGON2ID: &str = "argon2id";

impl Kdf {
    /// Of this cost, with a fresh salt.
    pub(super) fn new(cost: Cost, entropy: &dyn Entropy) -> Result<Self, Fault> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt).map_err(Fault::Entropy)?;
        Ok(Self { name: ARGON2ID.to_owned(), cost, salt: STANDARD.encode(salt) })
    }

    pub(super) fn derive(&self, passphrase: &Secret) -> Result<Key, Fault> {
        if passphrase.is_empty() {
            return Err(EMPTY);
        }
        if self.name != ARGON2ID {
            return Err(Fault::KeyMalformed("the vault asks for a key derivation that is not known here"));
        }
        if !self.cost.is_sane() {
            return Err(Fault::KeyMalformed("the vault asks for an absurd amount of memory or time"));
        }
        let salt = STANDARD.decode(&self.salt).map_err(|_| Fault::KeyMalformed("the vault's salt is not base64"))?;
        let params = Params::new(self.cost.memory_kib, self.cost.passes, self.cost.lanes, Some(32))
            .map_err(|_| Fault::KeyMalformed("the vault asks for a cost that Argon2 does not allow"))?;
        let mut key = Key::default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, &mut *key)
            .map_err(|_| Fault::KeyMalformed("the vault's salt has a length that Argon2 does not allow"))?;
        Ok(key)
    }
}

/// Reads 32 bytes in base64 or hexadecimal.
pub fn decode(text: &Secret) -> Result<Key, Fault> {
    let text = text.expose().trim();
    let bytes = if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Zeroizing::new(hex::decode(text).unwrap_or_default())
    } else {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let standard = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
        let decoded = GeneralPurpose::new(&alphabet::STANDARD, config).decode(standard.as_bytes());
        Zeroizing::new(decoded.map_err(|_| Fault::KeyMalformed("it is neither base64 nor hexadecimal"))?)
    };
    match <[u8; 32]>::try_from(bytes.as_slice()) {
        Ok(key) => Ok(Zeroizing::new(key)),
        Err(_) => Err(Fault::KeyMalformed("it does not have 32 bytes")),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::{Cost, Kdf, decode};
    use crate::edges::OsEntropy;
    use crate::secret::Secret;

    #[test]
    fn key_has_many_spellings() {
        let key: [u8; 32] = std::array::from_fn(|i| 251 - u8::try_from(i).unwrap());
        let hex = crate::hex::encode(&key);
        let standard = STANDARD.encode(key);
        assert!(standard.contains('+') || standard.contains('/'), "the vector must tell the alphabets apart");
        for text in [
            hex.clone(),
            hex.to_uppercase(),
            standard.clone(),
            standard.trim_end_matches('=').to_owned(),
            URL_SAFE_NO_PAD.encode(key),
            format!(" {standard}\n"),
        ] {
            assert_eq!(*decode(&Secret::new(text.as_str())).unwrap(), key, "{text}");
        }
    }

    #[test]
    fn invalid_key_is_refused_without_quoting_it() {
        for bad in ["", "hunter2!", &"ab".repeat(31), &"ab".repeat(33), &STANDARD.encode([1; 31]), &"é".repeat(32)] {
            let fault = decode(&Secret::new(bad)).unwrap_err();
            assert!(bad.is_empty() || !format!("{fault:?}").contains(bad));
        }
    }

    // argon2 1.3 (the reference program): echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32 -r, with -m 8
    // meaning 2^8 KiB.
    #[test]
    fn derivation_is_argon2id() {
        let cost = Cost { memory_kib: 256, passes: 2, lanes: 1 };
        let kdf = Kdf { name: "argon2id".to_owned(), cost, salt: STANDARD.encode("somesalt") };
        let key = kdf.derive(&Secret::new("password")).unwrap();
        assert_eq!(crate::hex::encode(&*key), "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    }

    #[test]
    fn absurd_cost_is_refused_before_it_is_paid() {
        let sane = Kdf::new(Cost { memory_kib: 64, passes: 1, lanes: 1 }, &OsEntropy).unwrap();
        let passphrase = Secret::new("x");
        sane.derive(&passphrase).unwrap();
        let with = |memory_kib, passes, lanes| Kdf { cost: Cost { memory_kib, passes, lanes }, ..sane.clone() };
        for bad in [
            with(u32::MAX, 1, 1),
            with(64, u32::MAX, 1),
            with(1 << 20, 1, 100),
            with(0, 1, 1),
            with(64, 0, 1),
            with(64, 1, 0),
            Kdf { salt: "%".to_owned(), ..sane.clone() },
            Kdf { salt: String::new(), ..sane.clone() },
            Kdf { name: "md5".to_owned(), ..sane.clone() },
        ] {
            assert!(bad.derive(&passphrase).is_err(), "{bad:?}");
        }
        assert!(sane.derive(&Secret::new("")).is_err());
    }
}
