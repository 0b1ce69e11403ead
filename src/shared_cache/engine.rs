//! The engine as a command sees it: asked within one second in all, given up at the first fault.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, FromRedisValue, Value, from_redis_value};

use crate::http::EventLoop;

use super::budget::{Budget, PATIENCE};
use super::connection::Way;
use super::fault::Fault;
use super::pool::Pool;

/// How long a fault is remembered, by other processes too.
pub const MEMORY: Duration = Duration::from_secs(10);

/// What an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The longest that this one may take.
    pub limit: Duration,
    /// Whether it counts: who waits for another machine's token does not wait for the engine.
    pub counts: bool,
}

pub struct Engine {
    pool: Arc<Pool>,
    event_loop: OnceLock<EventLoop>,
    state: Mutex<State>,
}

/// Of the last ten seconds: a program that runs on asks again after them.
struct State {
    since: Instant,
    budget: Budget,
    fault: Option<Fault>,
    /// The last fault since the engine last answered, however long ago.
    trouble: Option<Fault>,
}

/// A wait that was begun.
#[derive(Clone, Copy)]
struct Wait {
    began: Instant,
    limit: Duration,
    counts: bool,
}

impl State {
    fn new(fault: Option<Fault>) -> Self {
        Self { since: Instant::now(), budget: Budget::default(), trouble: fault.clone(), fault }
    }

    fn begin(&mut self, patience: Patience) -> Result<Wait, Fault> {
        if !self.budget.is_waited_on() && self.since.elapsed() > MEMORY {
            *self = Self { trouble: self.trouble.take(), ..Self::new(None) };
        }
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let (began, counts) = (Instant::now(), patience.counts);
        let left = if counts { self.budget.left(began) } else { PATIENCE };
        if left.is_zero() {
            self.fault = Some(Fault::Spent);
            return Err(Fault::Spent);
        }
        if counts {
            self.budget.begin(began);
        }
        Ok(Wait { began, limit: left.min(patience.limit), counts })
    }
}

impl Engine {
    /// `fault` is what another process met just now.
    pub fn new(way: Way, fault: Option<Fault>) -> Self {
        let (pool, event_loop) = (Arc::new(Pool::new(way)), OnceLock::new());
        Self { pool, event_loop, state: Mutex::new(State::new(fault)) }
    }

    /// The answer to a command. After a fault of the engine nothing is asked for a while.
    pub fn call<T: FromRedisValue>(&self, command: &Cmd, patience: Patience) -> Result<T, Fault> {
        let wait = self.state().begin(patience)?;
        let answer = self.start_event_loop().and_then(|event_loop| {
            event_loop.run(self.send(command), wait.limit).unwrap_or_else(|| Err(Fault::late(wait.limit)))
        });
        self.end(wait, answer)
    }

    /// The same. If it is done, but too late to be of use, it is undone, unless this process has ended by then.
    pub fn call_or_undo<T: FromRedisValue>(&self, command: &Cmd, undo: Cmd, patience: Patience) -> Result<T, Fault> {
        let wait = self.state().begin(patience)?;
        let pool = Arc::clone(&self.pool);
        let undo = async move |done: Result<Value, Fault>| {
            if done.is_ok() {
                let _ = pool.send(undo).await;
            }
        };
        let answer = self.start_event_loop().and_then(|event_loop| {
            let answer = event_loop.run_or_undo(self.send(command), wait.limit, undo);
            answer.unwrap_or_else(|| Err(Fault::late(wait.limit)))
        });
        self.end(wait, answer)
    }

    /// The same for who must not block. It does not count.
    pub async fn call_async<T: FromRedisValue>(&self, command: &Cmd, limit: Duration) -> Result<T, Fault> {
        let wait = self.state().begin(Patience { limit, counts: false })?;
        let answer = match self.start_event_loop() {
            Ok(event_loop) => {
                let answer = event_loop.run_async(self.send(command), wait.limit).await;
                answer.unwrap_or_else(|| Err(Fault::late(wait.limit)))
            }
            Err(fault) => Err(fault),
        };
        self.end(wait, answer)
    }

    pub fn has_password_of(&self, other: &Self) -> bool {
        match (self.pool.password(), other.pool.password()) {
            (Some(own), Some(theirs)) => own.matches(theirs),
            (own, theirs) => own.is_none() && theirs.is_none(),
        }
    }

    /// Whether it is asked at present.
    pub fn serves(&self) -> bool {
        self.state().fault.is_none()
    }

    /// Asks again, whatever was met and however long was waited.
    pub fn ask_again(&self) {
        let mut state = self.state();
        (state.fault, state.budget) = (None, Budget::default());
    }

    /// The last fault since the engine last answered.
    pub fn trouble(&self) -> Option<Fault> {
        self.state().trouble.clone()
    }

    /// Whether nothing was asked for a while, or a fault is no longer remembered.
    pub fn is_check_due(&self) -> bool {
        self.state().since.elapsed() > MEMORY
    }

    fn send(&self, command: &Cmd) -> impl Future<Output = Result<Value, Fault>> + Send + use<> {
        Arc::clone(&self.pool).send(command.clone())
    }

    /// Reads what came of a command, and remembers a fault of the engine.
    fn end<T: FromRedisValue>(&self, wait: Wait, answer: Result<Value, Fault>) -> Result<T, Fault> {
        let answer = answer.and_then(|value| from_redis_value(value).map_err(|_| Fault::Protocol));
        let mut state = self.state();
        if wait.counts {
            state.budget.end(wait.began, Instant::now());
        }
        if state.fault.is_none() {
            match &answer {
                Err(fault) if fault.is_outage() => {
                    state.since = Instant::now();
                    (state.fault, state.trouble) = (Some(fault.clone()), Some(fault.clone()));
                }
                Err(_) => {}
                Ok(_) => state.trouble = None,
            }
        }
        answer
    }

    fn start_event_loop(&self) -> Result<&EventLoop, Fault> {
        if let Some(event_loop) = self.event_loop.get() {
            return Ok(event_loop);
        }
        let event_loop = EventLoop::start().map_err(|error| Fault::NoConnection(error.to_string()))?;
        Ok(self.event_loop.get_or_init(|| event_loop))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use redis::cmd;

    use super::{Engine, Fault, MEMORY, Patience, Value, Wait, Way};

    /// An engine that there is no way to.
    fn engine(fault: Option<Fault>) -> Engine {
        let address = "redis://127.0.0.1:1/0".parse().unwrap();
        Engine::new(Way { address, dialer: None, password: None }, fault)
    }

    #[test]
    fn trouble_outlasts_the_memory_of_a_fault() {
        let engine = engine(None);
        assert_eq!((engine.trouble(), engine.is_check_due()), (None, false));
        let patience = Patience { limit: Duration::from_secs(1), counts: false };
        let fault = engine.call::<Value>(&cmd("PING"), patience).unwrap_err();
        assert!(fault.is_outage() && engine.trouble() == Some(fault.clone()) && !engine.is_check_due());
        engine.state().since = Instant::now().checked_sub(MEMORY + Duration::from_secs(1)).unwrap();
        assert!(engine.is_check_due() && engine.trouble() == Some(fault));
        let wait = engine.state().begin(patience).expect("it is asked again");
        assert!(engine.trouble().is_some(), "and has not answered yet");
        engine.end::<Value>(wait, Ok(Value::Okay)).unwrap();
        assert_eq!(engine.trouble(), None);
    }

    #[test]
    fn answer_to_earlier_question_does_not_end_trouble() {
        let engine = engine(Some(Fault::Protocol));
        let patience = Patience { limit: Duration::from_secs(1), counts: false };
        let wait = Wait { began: Instant::now(), limit: patience.limit, counts: false };
        engine.end::<Value>(wait, Ok(Value::Okay)).unwrap();
        assert_eq!(engine.trouble(), Some(Fault::Protocol));
        assert_eq!(engine.call::<Value>(&cmd("PING"), patience), Err(Fault::Protocol));
    }
}
