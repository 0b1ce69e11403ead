//! How far a request has come, as the connector reports it: before there is a connection nothing of it was sent.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_service::Service;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking up the name, connecting, TLS handshake. Nothing of the request was sent.
    Connect,
    /// The request was sent, at least in part, and there are no headers yet.
    Wait,
    /// The headers came, the body is not complete.
    Body,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "while connecting",
            Self::Wait => "while waiting for an answer",
            Self::Body => "while reading the answer",
        })
    }
}

tokio::task_local! {
    static CURRENT: Arc<Progress>;
}

/// Called before the first byte of a request leaves; `false` keeps it back. A journal is written here.
pub type BeforeSend = Arc<dyn Fn() -> bool + Send + Sync>;

/// Where one request is, and since when. On a connection that is used again it starts in [`Phase::Wait`].
pub struct Progress {
    now: Mutex<(Phase, Instant)>,
    before_send: Option<BeforeSend>,
}

impl Progress {
    pub fn start(before_send: Option<BeforeSend>) -> Arc<Self> {
        Arc::new(Self { now: Mutex::new((Phase::Wait, Instant::now())), before_send })
    }

    pub fn now(&self) -> (Phase, Instant) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn enter_phase(&self, phase: Phase) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    /// Runs a future whose connections report here.
    pub async fn watch<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A connector that reports to the task's [`Progress`].
#[derive(Clone)]
pub struct Reporting<S>(pub S);

impl<S, R> Service<R> for Reporting<S>
where
    S: Service<R, Error = Fault>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, Fault>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let progress = CURRENT.try_with(Arc::clone).ok();
        if let Some(progress) = &progress {
            progress.enter_phase(Phase::Connect);
        }
        let connecting = self.0.call(target);
        Box::pin(async move {
            let connection = connecting.await?;
            if let Some(progress) = progress {
                if progress.before_send.as_ref().is_some_and(|before_send| !before_send()) {
                    return Err("the request was kept back".into());
                }
                progress.enter_phase(Phase::Wait);
            }
            Ok(connection)
        })
    }
}
