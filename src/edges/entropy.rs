//! Random bytes.

use crate::hex;

/// Where keys, nonces, `state` and jitter come from.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer, or fails with the message of the operating system.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// `N` random bytes as lower-case hex.
pub fn random_hex<const N: usize>(entropy: &dyn Entropy) -> Result<String, String> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(hex::encode(&bytes))
}

/// The random numbers of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        getrandom::fill(bytes).map_err(|e| e.to_string())
    }
}
