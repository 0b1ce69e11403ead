//! How far a request has come, told by the connector: before there is a connection nothing of it was sent.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_layer::Layer;
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
    /// The progress of the request that this task is sending.
    static CURRENT: Arc<Progress>;
}

/// What is done when there is a connection and before the first byte of the request leaves; `false` keeps it back.
/// A request that must not be repeated writes its journal here: until then nothing is in doubt.
pub type BeforeSend = Arc<dyn Fn() -> bool + Send + Sync>;

/// Where one request is, and since when. It starts in [`Phase::Wait`]: on a connection that is used again the
/// connector is never called.
pub struct Progress {
    now: Mutex<(Phase, Instant)>,
    before_send: Option<BeforeSend>,
}

impl Progress {
    pub fn start(before_send: Option<BeforeSend>) -> Arc<Self> {
        Arc::new(Self { now: Mutex::new((Phase::Wait, Instant::now())), before_send })
    }

    /// The phase, and when it began.
    pub fn now(&self) -> (Phase, Instant) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter_phase(&self, phase: Phase) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    fn may_leave(&self) -> bool {
        self.before_send.as_ref().is_none_or(|before_send| before_send())
    }

    /// Runs a future whose connections report here.
    pub async fn watch<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The layer around the connector that reports to the task's [`Progress`].
#[derive(Debug, Clone, Copy)]
pub struct Reporter;

impl<S> Layer<S> for Reporter {
    type Service = Reporting<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Reporting(inner)
    }
}

#[derive(Debug, Clone)]
pub struct Reporting<S>(S);

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
                if !progress.may_leave() {
                    return Err("the request was kept back".into());
                }
                progress.enter_phase(Phase::Wait);
            }
            Ok(connection)
        })
    }
}
