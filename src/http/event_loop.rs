//! The event loop of a client, on a thread of its own: connections are attended to also while nobody sends anything, and
//! many threads may send at once.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long after the end of a patience something may be undone.
const UNDO: Duration = Duration::from_secs(5);

/// Dropping it ends the thread, without waiting for a name that is still being looked up.
pub struct EventLoop {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl EventLoop {
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (handle, (stop, stopped)) = (runtime.handle().clone(), oneshot::channel());
        std::thread::Builder::new().spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _stop: stop })
    }

    /// What the work gives. It is given up, with `None`, after `patience`: a server that floods may keep the loop from
    /// looking at its clock, so the caller's thread looks at its own.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        patience: Duration,
    ) -> Option<T> {
        let (done, result) = mpsc::sync_channel(1);
        let task = self.handle.spawn(async move {
            let _ = done.send(work.await);
        });
        let result = result.recv_timeout(patience).ok();
        if result.is_none() {
            task.abort();
        }
        result
    }

    /// The same, but what comes later is handed to `undo`, which has [`UNDO`] for it while the process lives.
    pub fn run_or_undo<T: Send + 'static, U: Future + Send>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        patience: Duration,
        undo: impl FnOnce(T) -> U + Send + 'static,
    ) -> Option<T> {
        // Without a place in it, nothing is sent that is not received.
        let (done, result) = mpsc::sync_channel(0);
        let work = async move {
            if let Err(late) = done.send(work.await) {
                undo(late.0).await;
            }
        };
        self.handle.spawn(async move { timeout(patience + UNDO, work).await });
        result.recv_timeout(patience).ok()
    }

    /// The same for who waits on another event loop. The work ends in this time even where nobody waits for it any more.
    pub async fn run_async<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        patience: Duration,
    ) -> Option<T> {
        let handle = self.handle.clone();
        let work = handle.spawn(async move { timeout(patience, work).await.ok() });
        timeout(patience, work).await.ok()?.ok()?
    }
}
