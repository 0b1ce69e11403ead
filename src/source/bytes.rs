//! Bytes that may be a secret, and how they are gathered.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// Bytes that are zeroed when they are dropped.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Reads one byte more than the limit at the most, so that too long is seen, into memory that never moves.
pub(super) fn gather(reader: &mut dyn Read, limit: usize) -> io::Result<Bytes> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
