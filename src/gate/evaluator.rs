//! Threads that evaluate credentials: what proves one may have to ask a server, which must not hold up the others.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::{Error, gate, internal};
use crate::guard::{Presented, Proof};

/// Evaluates what is presented, by the evidences of one thread.
pub type Prove = Box<dyn FnMut(&Presented) -> Result<Proof, Error>>;

/// What came of an evaluation.
pub type Evaluated = Result<Arc<Proof>, Error>;

/// How long a question waits for what proves a credential.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The most credentials that wait for a thread; further ones are not evaluated.
const MOST_WAITING: usize = 10_000;

struct Job {
    offered: Presented,
    since: Instant,
    done: oneshot::Sender<Evaluated>,
}

pub struct Evaluator(SyncSender<Job>);

impl Evaluator {
    /// Starts so many threads, each with the evidences that `prepare` makes on it.
    pub fn start(threads: usize, prepare: impl Fn() -> Box<dyn FnOnce() -> Prove + Send>) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::sync_channel::<Job>(MOST_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let (make, waiting) = (prepare(), Arc::clone(&waiting));
            let work = move || {
                let mut prove = make();
                while let Some(Job { offered, since, done }) = next_job(&waiting) {
                    // Whoever asked no longer waits for one that is older.
                    let is_late = since.elapsed() >= PATIENCE;
                    let evaluated = if is_late { Err(gate::overloaded()) } else { prove(&offered).map(Arc::new) };
                    let _ = done.send(evaluated);
                }
            };
            std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
        }
        Ok(Self(jobs))
    }

    /// Evaluates what is presented, on whichever thread is free first.
    pub fn evaluate(&self, offered: Presented) -> oneshot::Receiver<Evaluated> {
        let (done, result) = oneshot::channel();
        let job = Job { offered, since: Instant::now(), done };
        if let Err(mpsc::TrySendError::Full(job) | mpsc::TrySendError::Disconnected(job)) = self.0.try_send(job) {
            let _ = job.done.send(Err(gate::overloaded()));
        }
        result
    }
}

fn next_job(waiting: &Mutex<Receiver<Job>>) -> Option<Job> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
