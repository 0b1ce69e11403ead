//! Work that may block for ever, done within a deadline.

use std::sync::mpsc;
use std::thread;

use crate::edges::Deadline;

/// Does the work on a thread of its own; `None` when the deadline passed first. The thread is left behind then: a
/// blocked read can't be called off, and the process ends soon.
pub fn within<T: Send + 'static>(deadline: Deadline, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let left = deadline.remaining()?;
    let (sender, receiver) = mpsc::channel();
    let worker = move || drop(sender.send(work()));
    thread::Builder::new().spawn(worker).ok()?;
    receiver.recv_timeout(left).ok()
}
