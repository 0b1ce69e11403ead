//! A sealed entry: its fencing number in clear, then what is sealed, bound to its name and that number.

use zeroize::Zeroizing;

use crate::edges::Entropy;
use crate::store::sealed::cipher;

use super::fault::Fault;
use super::keys::Keys;

/// The format of entries; another one is for another version.
const VERSION: u8 = 1;

fn binding(name: &str, number: u64) -> String {
    format!("hallpass shared cache {VERSION} {name} {number}")
}

pub fn seal(keys: &Keys, name: &str, number: u64, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
    let sealed = cipher::seal(&keys.sealing, &binding(name, number), plain, entropy)
        .map_err(|fault| Fault::Refused(fault.to_string()))?;
    Ok([&[VERSION], number.to_be_bytes().as_slice(), &sealed].concat())
}

/// The number and the plain bytes. `newest` is the number of the entry that was last written under this name.
pub fn open(keys: &Keys, name: &str, bytes: &[u8], newest: u64) -> Result<(u64, Zeroizing<Vec<u8>>), Fault> {
    let parts = bytes.strip_prefix(&[VERSION]).and_then(<[u8]>::split_first_chunk::<8>);
    let (number, sealed) = parts.ok_or(Fault::Forged("an entry of it is not ours"))?;
    let number = u64::from_be_bytes(*number);
    let plain = cipher::open(&keys.sealing, &binding(name, number), sealed)
        .ok_or(Fault::Forged("an entry of it was changed, moved, or sealed under another key"))?;
    if number < newest {
        return Err(Fault::Forged("an old entry of it was put back"));
    }
    Ok((number, Zeroizing::new(plain)))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Keys, open, seal};
    use crate::edges::OsEntropy;
    use crate::secret::Secret;

    fn keys(byte: &str) -> Keys {
        Keys::new(&Secret::new(byte.repeat(32))).unwrap()
    }

    #[test]
    fn entry_opens_in_its_place_only() {
        let keys = keys("ab");
        let sealed = seal(&keys, "n", 7, b"token", &OsEntropy).unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        let (number, plain) = open(&keys, "n", &sealed, 7).unwrap();
        assert_eq!((number, plain.as_slice()), (7, b"token".as_slice()));
        assert_eq!(open(&keys, "n", &sealed, 8), Err(Fault::Forged("an old entry of it was put back")));
        assert!(open(&keys, "m", &sealed, 7).is_err(), "moved");
        assert!(open(&super::tests::keys("ac"), "n", &sealed, 7).is_err(), "another key");
    }

    #[test]
    fn whatever_is_flipped_or_cut_is_refused() {
        let keys = keys("ab");
        let sealed = seal(&keys, "n", 7, b"token", &OsEntropy).unwrap();
        for at in 0..sealed.len() {
            assert!(open(&keys, "n", &sealed[..at], 0).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(open(&keys, "n", &changed, 0).is_err(), "{at} {bit}");
            }
        }
    }

    #[test]
    fn names_tell_nothing_and_depend_on_the_key() {
        let (one, other) = (keys("ab"), keys("ac"));
        assert_eq!(one.name("token", "x"), one.name("token", "x"));
        assert_ne!(one.name("token", "x"), other.name("token", "x"));
        assert_ne!(one.name("token", "x"), one.name("jti", "x"));
        assert_eq!(one.name("token", "x").len(), 64);
    }
}
