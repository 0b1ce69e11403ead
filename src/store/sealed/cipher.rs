//! XChaCha20-Poly1305: what is sealed opens only under the same key and the same binding.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::key::Key;
use crate::edges::Entropy;
use crate::store::Fault;

/// The bytes of a nonce.
pub(super) const NONCE: usize = 24;

/// A random nonce and what it seals.
pub fn seal(key: &Key, binding: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce).map_err(Fault::Entropy)?;
    let sealed = XChaCha20Poly1305::new((&**key).into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: binding.as_bytes() })
        .map_err(|_| Fault::KeyMalformed("the record is too long to be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The plain bytes; `None` when anything of it was changed, or it was sealed under another key or for something else.
pub fn open(key: &Key, binding: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg: sealed, aad: binding.as_bytes() };
    XChaCha20Poly1305::new((&**key).into()).decrypt(&XNonce::from(*nonce), payload).ok()
}
