//! stderr, and the spinner on its last line while a server is slow.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A wait shorter than this shows nothing.
const DELAY: Duration = Duration::from_millis(500);
const FRAME: Duration = Duration::from_millis(120);

/// stderr; a line that is written erases the spinner first.
pub struct Stderr {
    out: Box<dyn Write + Send>,
    turning: bool,
}

impl Stderr {
    pub fn new(out: Box<dyn Write + Send>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { out, turning: false }))
    }

    /// Writes and flushes. A failure of stderr itself cannot be reported anywhere.
    pub fn write_text(&mut self, text: &str) {
        let wiped = if std::mem::take(&mut self.turning) { "\r\u{1b}[K" } else { "" };
        let _ = self.out.write_all(wiped.as_bytes()).and_then(|()| self.out.write_all(text.as_bytes()));
        let _ = self.out.flush();
    }

    fn draw(&mut self, frame: char) {
        self.write_text(&format!("{frame} waiting for an answer"));
        self.turning = true;
    }
}

/// Turns from half a second after it was made until it is dropped.
pub struct Spinner {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    pub fn start(stderr: Arc<Mutex<Stderr>>) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut wait = DELAY;
            for frame in ['|', '/', '-', '\\'].into_iter().cycle() {
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                locked(&stderr).draw(frame);
                wait = FRAME;
            }
            locked(&stderr).write_text("");
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Locks the stream, also after a panic elsewhere.
pub fn locked(stderr: &Mutex<Stderr>) -> MutexGuard<'_, Stderr> {
    stderr.lock().unwrap_or_else(PoisonError::into_inner)
}
