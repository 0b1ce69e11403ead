//! Reads that may block, on threads of their own.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use zeroize::Zeroizing;

/// Bytes that may be a secret.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Reads at most one byte more than the limit, so that too long is seen, into memory that never moves.
pub(super) fn read_limited(reader: &mut dyn Read, limit: usize) -> io::Result<Bytes> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Does the work on a thread of its own, which is left behind when nobody waits for it any more: a blocked read can't be
/// cancelled, and the process ends soon.
pub(super) fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<Receiver<T>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || drop(sender.send(work())))?;
    Ok(receiver)
}
