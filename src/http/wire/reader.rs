//! The bytes of a connection that have come and are not read yet.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use super::head::{Head, Malformed};

/// The most bytes of a head.
pub const HEAD_LIMIT: usize = 64 * 1024;
/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;
/// The memory of a connection that waits for a message: most heads fit.
const IDLE: usize = 2048;

#[derive(Debug)]
pub enum ReadFault {
    Malformed(Malformed),
    /// It took too long to come.
    Late,
    /// The connection ended or broke in the middle.
    Io(io::Error),
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub struct Reader<R> {
    stream: R,
    buffer: Vec<u8>,
    /// Where the bytes begin that are not read yet.
    start: usize,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new(), start: 0 }
    }

    pub fn into_stream(self) -> R {
        self.stream
    }

    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Waits for more bytes; 0 is the end of the connection. Nothing is lost when the wait is given up.
    pub async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.drain(..std::mem::take(&mut self.start));
        self.buffer.reserve(CHUNK);
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Waits for the next message to begin; `false` at the end of the connection.
    pub async fn wait_for_message(&mut self) -> io::Result<bool> {
        if !self.buffered().is_empty() {
            return Ok(true);
        }
        (self.buffer, self.start) = (Vec::with_capacity(IDLE), 0);
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// Reads a head. Nothing is lost when the wait is given up.
    pub async fn head(&mut self, most_fields: usize) -> Result<Head, ReadFault> {
        let mut searched = 0;
        loop {
            let bytes = self.buffered();
            let end = find_head_end(bytes, searched).map_err(ReadFault::Malformed)?;
            if end.unwrap_or(bytes.len()) > HEAD_LIMIT {
                return Err(ReadFault::Malformed("its head is larger than 64 KiB"));
            }
            if let Some(at) = end {
                let head = bytes[..at].to_vec();
                self.consume(at);
                return Head::parse(head, most_fields).map_err(ReadFault::Malformed);
            }
            searched = bytes.len();
            if self.fill().await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    /// As [`Reader::head`], if it comes within this time.
    pub async fn head_within(&mut self, longest: Duration, most_fields: usize) -> Result<Head, ReadFault> {
        timeout(longest, self.head(most_fields)).await.unwrap_or(Err(ReadFault::Late))
    }
}

/// Where the empty line behind a head ends; a line that ends in LF alone would be waited for in vain.
fn find_head_end(bytes: &[u8], searched: usize) -> Result<Option<usize>, Malformed> {
    for at in searched..bytes.len() {
        if bytes[at] == b'\n' {
            let before = &bytes[..at];
            if !before.ends_with(b"\r") {
                return Err("a line does not end in CR LF");
            }
            if before == b"\r" || before.ends_with(b"\r\n\r") {
                return Ok(Some(at + 1));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{HEAD_LIMIT, ReadFault, Reader};

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn heads_and_bodies_follow_one_another() {
        run(async {
            let mut reader = Reader::new(&b"GET / HTTP/1.1\r\nA: b\r\n\r\nbodyGET /b HTTP/1.1\r\n\r\n"[..]);
            assert!(reader.wait_for_message().await.unwrap());
            assert_eq!(reader.head(9).await.unwrap().fields().count(), 1);
            assert!(reader.buffered().starts_with(b"body"));
            reader.consume(4);
            assert_eq!(reader.head(9).await.unwrap().request_line().unwrap().target, "/b");
            assert!(!reader.wait_for_message().await.unwrap());
        });
    }

    #[test]
    fn head_has_end() {
        run(async {
            let long = [&b"GET / HTTP/1.1\r\nA: "[..], &b"x".repeat(HEAD_LIMIT)].concat();
            assert!(matches!(Reader::new(&long[..]).head(9).await, Err(ReadFault::Malformed(_))));
            let whole = [&long[..], b"\r\n\r\n"].concat();
            assert!(matches!(Reader::new(&whole[..]).head(9).await, Err(ReadFault::Malformed(_))), "its end is there");
            assert!(matches!(Reader::new(&b"GET / HTTP/1.1\n\n"[..]).head(9).await, Err(ReadFault::Malformed(_))));
            assert!(matches!(Reader::new(&b"GET / HTTP/1.1\r\n"[..]).head(9).await, Err(ReadFault::Io(_))));
            let (mut ours, _theirs) = tokio::io::duplex(64);
            let late = Reader::new(&mut ours).head_within(Duration::from_millis(1), 9).await;
            assert!(matches!(late, Err(ReadFault::Late)));
        });
    }
}
