//! Random bytes.

/// Where keys, nonces, `state` and jitter come from.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    ///
    /// # Errors
    /// The sentence of the operating system when it has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// `N` random bytes as lower-case hex.
///
/// # Errors
/// That of [`Entropy::fill`].
pub fn random_hex<const N: usize>(entropy: &dyn Entropy) -> Result<String, String> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(2 * N), |hex, byte| hex + &format!("{byte:02x}")))
}

/// The random numbers of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        getrandom::fill(bytes).map_err(|e| e.to_string())
    }
}
