//! stderr, and on its last line what a command waits for.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::edges::WaitLine;
use crate::text::escape_control;

/// A wait shorter than this shows nothing.
const DELAY: Duration = Duration::from_millis(500);
const FRAME: Duration = Duration::from_millis(120);

/// stderr; a line that is written erases the spinner first.
pub struct Stderr {
    out: Box<dyn Write + Send>,
    /// The wait whose line is on the terminal.
    drawn: Option<u64>,
    /// The waits that have not ended, the innermost last: that one is shown.
    waits: Vec<u64>,
    next_wait: u64,
}

impl Stderr {
    pub fn new(out: Box<dyn Write + Send>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { out, drawn: None, waits: Vec::new(), next_wait: 0 }))
    }

    /// Writes and flushes. A failure of stderr itself cannot be reported anywhere.
    pub fn write_text(&mut self, text: impl AsRef<[u8]>) {
        let wiped = if self.drawn.take().is_some() { "\r\u{1b}[K" } else { "" };
        let _ = self.out.write_all(wiped.as_bytes()).and_then(|()| self.out.write_all(text.as_ref()));
        let _ = self.out.flush();
    }

    fn begin_wait(&mut self) -> u64 {
        self.next_wait += 1;
        self.waits.push(self.next_wait);
        self.next_wait
    }

    fn draw(&mut self, wait: u64, line: &str) {
        if self.waits.last() == Some(&wait) {
            self.write_text(line);
            self.drawn = Some(wait);
        }
    }

    fn end_wait(&mut self, wait: u64) {
        self.waits.retain(|other| *other != wait);
        if self.drawn == Some(wait) {
            self.write_text("");
        }
    }
}

/// Turns from half a second after it was made until it is dropped.
pub struct Spinner {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    /// `columns` is the width of the terminal: only a line that does not reach its end can be erased.
    pub fn start(stderr: Arc<Mutex<Stderr>>, columns: usize, line: WaitLine) -> Self {
        let (stop, stopped) = mpsc::channel();
        let began = Instant::now();
        let wait = locked(&stderr).begin_wait();
        let thread = std::thread::spawn(move || {
            let mut pause = DELAY;
            for frame in ['|', '/', '-', '\\'].into_iter().cycle() {
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                let text = format!("{frame} {}", escape_control(&line(began.elapsed())));
                locked(&stderr).draw(wait, &fit(&text, columns.saturating_sub(1)));
                pause = FRAME;
            }
            locked(&stderr).end_wait(wait);
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

/// A line that is no wider than this; of one that says since when, that part stays.
fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    match text.rsplit_once(", ") {
        Some((what, since)) if since.width() + 4 < columns => {
            format!("{}…, {since}", cut(what, columns - since.width() - 3))
        }
        _ => cut(text, columns).to_owned(),
    }
}

/// As much of a string as is no wider than this.
fn cut(text: &str, columns: usize) -> &str {
    let mut width = 0;
    let end = text.char_indices().find(|(_, c)| {
        width += c.width().unwrap_or_default();
        width > columns
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Locks the stream, also after a panic elsewhere.
pub fn locked(stderr: &Mutex<Stderr>) -> MutexGuard<'_, Stderr> {
    stderr.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::{Stderr, cut, fit, locked};

    #[derive(Clone, Default)]
    struct Capture(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Capture {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn innermost_wait_is_shown_and_each_line_is_erased() {
        let capture = Capture::default();
        let stderr = Stderr::new(Box::new(capture.clone()));
        let mut stderr = locked(&stderr);
        let (outer, inner) = (stderr.begin_wait(), stderr.begin_wait());
        stderr.draw(outer, "outer");
        stderr.draw(inner, "inner");
        stderr.end_wait(inner);
        stderr.draw(outer, "outer");
        stderr.write_text("a line\n");
        stderr.end_wait(outer);
        let written = String::from_utf8(capture.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written.replace("\r\u{1b}[K", "<"), "inner<outer<a line\n");
    }

    #[test]
    fn line_fits_terminal() {
        assert_eq!((cut("waiting", 4), cut("日本", 3), cut("ab", 4)), ("wait", "日", "ab"));
        let line = "| waiting for sso.example, 12 s";
        assert_eq!((fit(line, 31).as_str(), fit(line, 22).as_str()), (line, "| waiting for s…, 12 s"));
        assert_eq!(fit(line, 6), "| wait");
    }
}
