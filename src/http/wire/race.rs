//! Two things that are waited for at the same time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

pub enum First<A, B> {
    One(A),
    Other(B),
}

/// Waits for whichever ends first; the other one can be waited for again. Where both have ended, the first one counts.
pub async fn race<A: Future, B: Future>(mut one: Pin<&mut A>, mut other: Pin<&mut B>) -> First<A::Output, B::Output> {
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(First::One(output)),
        Poll::Pending => other.as_mut().poll(cx).map(First::Other),
    })
    .await
}
