//! The token that requests are sent with: looked at for each request, renewed ahead of time, obtained as every other
//! command obtains it, so that all of them together make one request.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::timeout;

use crate::context::Context;
use crate::edges::{Clock, Moment};
use crate::error::{Error, internal};
use crate::flows::token::freshness::Freshness;
use crate::flows::token::renewal::renew_here_at;
use crate::flows::token::single_flight::TokenResult;
use crate::secret::Secret;
use crate::store::Token;

/// Obtains a token, and the value of `Authorization` with it.
pub type Obtain = Box<dyn Fn(&Context, Freshness) -> Result<(TokenResult, Secret), Error> + Send + Sync>;

/// For how long a failure answers the requests that come after it.
const FAILURE_TTL: Duration = Duration::from_secs(1);
/// How long a token serves that should be in the cache and is not, and one that does not say when it expires.
const UNCACHED_TTL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The least time between two renewals that a refusal of the upstream asks for.
const BETWEEN_REFUSALS: Duration = Duration::from_secs(10);
/// How long a renewal that failed waits for the next try, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// The least time between two renewals, and how often the clock is looked at: a machine may have slept.
const LOOKS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// What tells a file from the one before it at the same path.
type Stamp = (u64, u64, i64, i64);

pub struct LiveToken {
    /// The value of `Authorization`.
    pub value: Secret,
    pub token: Token,
    due: Option<Moment>,
    obtained: Instant,
    file: Option<(PathBuf, Option<Stamp>)>,
}

impl LiveToken {
    fn new(cx: &Context, result: TokenResult, value: Secret) -> Self {
        let due = renew_here_at(cx, &result.token, Duration::ZERO);
        let file = result.file.map(|file| {
            let path = file.path();
            let known = stamp(&path);
            (path, known)
        });
        Self { value, token: result.token, due, obtained: Instant::now(), file }
    }

    /// Whether it lives, and its file is as it was: neither forgotten nor replaced.
    fn serves(&self, now: Moment) -> bool {
        let is_unchanged = self.file.as_ref().is_none_or(|(path, known)| stamp(path) == *known);
        let has_expiry = self.token.expires_at.is_some();
        let longest = match &self.file {
            Some((_, Some(_))) => Duration::MAX,
            None if has_expiry => Duration::MAX,
            _ if has_expiry => UNCACHED_TTL.0,
            _ => UNCACHED_TTL.1,
        };
        is_unchanged && self.token.left(now).is_some() && self.obtained.elapsed() < longest
    }

    /// What keeps it fresh: one that was forgotten is left alone, and one that another process put in its place is taken.
    fn next_step(&self, now: Moment) -> NextStep {
        let (known, found) = self.file.as_ref().map_or((None, None), |(path, known)| (*known, stamp(path)));
        match (self.due, found) {
            (_, None) if known.is_some() => NextStep::Wait,
            (_, Some(_)) if found != known => NextStep::Obtain,
            (Some(due), _) if due <= now => NextStep::Obtain,
            (Some(due), _) => NextStep::Sleep(due.since(now).clamp(LOOKS.0, LOOKS.1)),
            (None, _) => NextStep::Wait,
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = path.symlink_metadata().ok()?;
    Some((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

/// What is done ahead of time.
enum NextStep {
    /// Nothing, until a request has brought another token.
    Wait,
    Sleep(Duration),
    Obtain,
}

#[derive(Default)]
struct State {
    live: Option<Arc<LiveToken>>,
    failure: Option<(Instant, Error)>,
    /// When the upstream's refusal last asked for a renewal.
    refused: Option<Instant>,
}

pub struct TokenSupply {
    clock: Arc<dyn Clock>,
    context: Mutex<Context>,
    obtain: Obtain,
    state: Mutex<State>,
    /// Held by whoever obtains a token.
    turn: Arc<tokio::sync::Mutex<()>>,
    changed: Notify,
}

impl TokenSupply {
    pub fn new(cx: &Context, obtain: Obtain) -> Self {
        Self {
            clock: Arc::clone(&cx.clock),
            context: Mutex::new(cx.for_thread()),
            obtain,
            state: Mutex::default(),
            turn: Arc::default(),
            changed: Notify::new(),
        }
    }

    /// The token for a request that is about to be sent.
    pub async fn current(self: &Arc<Self>) -> Result<Arc<LiveToken>, Error> {
        if let Some(live) = self.live() {
            return Ok(live);
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Whoever had the turn before may have brought it, or failed.
        if let Some(live) = self.live() {
            return Ok(live);
        }
        let failure = self.state().failure.clone().filter(|(at, _)| at.elapsed() < FAILURE_TTL);
        match failure {
            Some((_, error)) => Err(error),
            None => self.obtain_in_turn(turn, Freshness::default()).await,
        }
    }

    /// A newer token than one that the upstream refused, if one may be asked for.
    pub async fn replace(self: &Arc<Self>, refused: &LiveToken) -> Option<Arc<LiveToken>> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let newer = self.live().filter(|live| !live.token.access_token.matches(&refused.token.access_token));
        if newer.is_some() {
            return newer;
        }
        let before = self.state().refused;
        if before.is_some_and(|at| at.elapsed() < BETWEEN_REFUSALS) {
            return None;
        }
        self.state().refused = Some(Instant::now());
        self.obtain_in_turn(turn, Freshness { fresh: true, ..Freshness::default() }).await.ok()
    }

    /// Obtains the first token, and renews it ahead of time. One that was forgotten, or that the server refuses to renew, is
    /// obtained again when a request needs it.
    pub async fn keep_fresh(self: Arc<Self>) {
        let _ = self.current().await;
        let mut pause = PAUSES.0;
        loop {
            let live = self.state().live.clone();
            match live.map_or(NextStep::Wait, |live| live.next_step(self.clock.now())) {
                NextStep::Wait => self.changed.notified().await,
                NextStep::Sleep(span) => drop(timeout(span, self.changed.notified()).await),
                NextStep::Obtain => {
                    let turn = Arc::clone(&self.turn).lock_owned().await;
                    let renewed = self.obtain_in_turn(turn, Freshness::default()).await;
                    let now = self.clock.now();
                    if renewed.is_ok_and(|renewed| renewed.due.is_none_or(|due| due > now)) {
                        pause = PAUSES.0;
                    } else {
                        tokio::time::sleep(pause).await;
                        pause = (2 * pause).min(PAUSES.1);
                    }
                }
            }
        }
    }

    fn live(&self) -> Option<Arc<LiveToken>> {
        self.state().live.clone().filter(|live| live.serves(self.clock.now()))
    }

    /// Obtains a token on another thread, which ends its work even if nobody waits for it any longer.
    async fn obtain_in_turn(
        self: &Arc<Self>,
        turn: OwnedMutexGuard<()>,
        freshness: Freshness,
    ) -> Result<Arc<LiveToken>, Error> {
        let supply = Arc::clone(self);
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            supply.obtain_now(freshness)
        });
        work.await.unwrap_or_else(|error| Err(internal::thread_ended(&error)))
    }

    fn obtain_now(&self, freshness: Freshness) -> Result<Arc<LiveToken>, Error> {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        context.restart();
        let result = (self.obtain)(&context, freshness);
        let result = result.map(|(result, value)| Arc::new(LiveToken::new(&context, result, value)));
        match &result {
            Ok(live) => {
                let mut state = self.state();
                (state.live, state.failure) = (Some(Arc::clone(live)), None);
            }
            Err(error) => {
                context.ui.report(error);
                let mut state = self.state();
                state.failure = Some((Instant::now(), error.clone()));
                if !freshness.fresh && !error.retriable() {
                    state.live = None;
                }
            }
        }
        context.ui.write_warnings();
        self.changed.notify_one();
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
