//! The body of a response, which may fail on the way.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::fault::FailureMode;

/// A body in parts, each after a delay.
pub struct ScriptedBody {
    parts: VecDeque<(Option<Duration>, io::Result<Bytes>)>,
    length: Option<u64>,
    delay: Option<Pin<Box<Sleep>>>,
}

impl ScriptedBody {
    pub fn new(mut body: Vec<u8>, mode: FailureMode) -> Self {
        if mode == FailureMode::Huge {
            body.resize(body.len() + 8 * 1024 * 1024, b' ');
        }
        let length = (mode != FailureMode::Huge).then_some(body.len() as u64);
        let whole = Bytes::from(body);
        let half = (None, Ok(whole.slice(..whole.len() / 2)));
        let millis = |millis| Some(Duration::from_millis(millis));
        let failure = || Err(io::Error::other("requested by --fault"));
        let parts = match mode {
            FailureMode::Slow => (0..whole.len()).map(|at| (millis(100), Ok(whole.slice(at..=at)))).collect(),
            FailureMode::Stall => [half, (Some(Duration::from_secs(86_400)), failure())].into(),
            // The delay lets the half leave before the connection ends.
            FailureMode::Truncate => [half, (millis(20), failure())].into(),
            _ if whole.is_empty() => VecDeque::new(),
            _ => [(None, Ok(whole))].into(),
        };
        Self { parts, length, delay: None }
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(delay) = self.parts.front_mut().and_then(|(delay, _)| delay.take()) {
            self.delay = Some(Box::pin(sleep(delay)));
        }
        if let Some(delay) = self.delay.as_mut() {
            ready!(delay.as_mut().poll(cx));
            self.delay = None;
        }
        Poll::Ready(self.parts.pop_front().map(|(_, part)| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
