//! Reads a file of the journals' directory as text.

use std::path::Path;

use zeroize::Zeroizing;

use crate::store::{Fault, file};

/// The most bytes of a journal: some responses of 1 MiB, each byte of them an escape.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Reads a file, if there is one. What is not UTF-8 in it is replaced: it may be a response that nobody could read.
pub fn read_text(path: &Path) -> Result<Option<Zeroizing<String>>, Fault> {
    let bytes = file::read(path, LIMIT)?.map(Zeroizing::new);
    Ok(bytes.map(|bytes| Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())))
}
