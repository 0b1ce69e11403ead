//! Threads that ask a server about tokens, so many at once and no more. Nothing else waits for them.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::{Error, gate, internal};
use crate::guard::{Finding, Presented};

/// What was found, and how long ago a server was asked for it: it may have been another replica that asked.
pub type Found = (Finding, Duration);

/// Asks about a token, on one thread.
pub type Ask = Box<dyn FnMut(&Presented) -> Result<Found, Error>>;

/// How long a question of a proxy may take in all.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// How long a server may take, other tries included: a question whose methods are over leaves first, and an outage would be
/// counted after its answer, if the process lives.
pub const ASKING: Duration = Duration::from_millis(1700);

/// The most tokens that wait for a thread; further ones are not asked about.
const MOST_WAITING: usize = 10_000;

struct Job {
    offered: Presented,
    since: Instant,
    done: oneshot::Sender<Result<Found, Error>>,
}

pub struct Evaluator(SyncSender<Job>);

impl Evaluator {
    /// Starts so many threads, each with what `prepare` makes on it.
    pub fn start(threads: usize, prepare: impl Fn() -> Box<dyn FnOnce() -> Ask + Send>) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::sync_channel::<Job>(MOST_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let (make, waiting) = (prepare(), Arc::clone(&waiting));
            let work = move || {
                let mut ask = make();
                while let Some(Job { offered, since, done }) = next_job(&waiting) {
                    // Whoever asked no longer waits for one that is older.
                    let is_late = since.elapsed() >= PATIENCE;
                    let _ = done.send(if is_late { Err(gate::overloaded()) } else { ask(&offered) });
                }
            };
            std::thread::Builder::new().spawn(work).map_err(|cause| internal::io(&cause))?;
        }
        Ok(Self(jobs))
    }

    /// Asks about a token, on whichever thread is free first.
    pub fn evaluate(&self, offered: Presented) -> oneshot::Receiver<Result<Found, Error>> {
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
