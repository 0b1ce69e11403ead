//! The body and the connection, for answers that end badly.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::fault::Manner;

/// A body that plays its parts in turn.
pub struct Script {
    parts: VecDeque<Part>,
    length: Option<u64>,
    pause: Option<Pin<Box<Sleep>>>,
}

enum Part {
    Data(Bytes),
    Wait(Duration),
    Fail,
}

impl Script {
    /// The body of an answer, in that manner.
    pub fn new(body: Vec<u8>, manner: Manner) -> Self {
        let length = (manner != Manner::Endless).then_some(body.len() as u64);
        let whole = Bytes::from(body);
        let half = Part::Data(whole.slice(..whole.len() / 2));
        let parts = match manner {
            Manner::Slow => (0..whole.len())
                .flat_map(|at| [Part::Wait(Duration::from_millis(100)), Part::Data(whole.slice(at..=at))])
                .collect(),
            Manner::Stall => [half, Part::Wait(Duration::from_secs(86_400))].into(),
            // The pause lets the half leave before the connection ends.
            Manner::Truncate => [half, Part::Wait(Duration::from_millis(20)), Part::Fail].into(),
            _ if whole.is_empty() => VecDeque::new(),
            _ => [Part::Data(whole)].into(),
        };
        Self { parts, length, pause: None }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(pause) = self.pause.as_mut() {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match self.parts.pop_front() {
                None => return Poll::Ready(None),
                Some(Part::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Some(Part::Fail) => return Poll::Ready(Some(Err(io::Error::other("asked for by --fault")))),
                Some(Part::Wait(span)) => self.pause = Some(Box::pin(sleep(span))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty() && self.pause.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// How a connection ends when there is no answer.
pub type End = Arc<OnceLock<Manner>>;

/// A connection that can end badly.
pub struct Wire {
    stream: TcpStream,
    end: End,
}

impl Wire {
    /// Wraps a connection; what is put into `end` is done when it is dropped.
    pub fn new(stream: TcpStream, end: End) -> Self {
        Self { stream, end }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // A failure here means that the other side has gone: then nobody is left to be told.
        match self.end.get() {
            Some(Manner::Reset) => drop(self.stream.set_zero_linger()),
            Some(Manner::NotHttp) => drop(self.stream.try_write(b"220 mail.example ESMTP\r\n")),
            _ => {}
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
