//! Finds a token in the shared cache or fetches it, so that a fleet of machines makes one request.
//!
//! Who has the lease of a name fetches; the others serve a token that is still valid, or look again until theirs comes. What
//! goes wrong with the engine is a warning, and the token is fetched as without it.

use std::time::{Duration, Instant};

use crate::context::{Caches, Context};
use crate::edges::random_hex;
use crate::error::{self, Error};
use crate::oauth::grant::Grant;
use crate::shared_cache::{LEASE, Lease, Lookup, Patience, SharedCache};
use crate::store::{Token, TokenKey};

use super::cache;
use super::freshness::Freshness;
use super::single_flight::{Fetched, Source};

/// Between the first two looks of who waits, and at most; half of it is drawn by lot.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// The least time in which an engine may be asked.
const SHORTEST: Duration = Duration::from_millis(50);
/// How long a turn may take to be ended, when the deadline is over too: all others wait for that.
const ENDING: Duration = Duration::from_millis(250);
/// How much longer than a lease a machine waits for the same holder.
const GRACE: Duration = Duration::from_secs(2);

/// The one request that the machines wait for which want the token of a key.
pub struct SharedFlight<'a> {
    pub cx: &'a Context,
    pub caches: Option<&'a Caches>,
    pub key: &'a TokenKey,
    pub freshness: Freshness,
}

/// What came of the looks.
enum Turn {
    Found(Box<Token>),
    /// It is ours to fetch.
    Ours(Lease),
    /// Nobody else's will do: the engine is of no use, or what another machine began ended with nothing.
    Alone,
}

impl SharedFlight<'_> {
    /// The token of the shared cache if it will do, else a fetched one.
    pub fn get_or_fetch(&self, fetch: impl FnOnce() -> Result<Fetched, Error>) -> Result<Fetched, Error> {
        if Grant::by_name(&self.key.asked.grant) != Some(Grant::ClientCredentials) || self.key.subject.is_some() {
            return fetch();
        }
        let Some(shared) = self.cx.shared_cache()? else { return fetch() };
        let mut valid = None;
        match self.wait_for_turn(&shared, &mut valid) {
            Ok(Turn::Found(token)) => Ok(found(*token)),
            Ok(Turn::Ours(lease)) => {
                let fetched = fetch();
                self.end_turn(&shared, &lease, &fetched);
                fetched.or_else(|error| self.fall_back(error, valid))
            }
            Ok(Turn::Alone) => fetch().or_else(|error| self.fall_back(error, valid)),
            Err(error) => self.fall_back(error, valid),
        }
    }

    /// Looks until there is a token or the lease is ours. `valid` is the newest token that was seen and is still valid.
    fn wait_for_turn(&self, shared: &SharedCache, valid: &mut Option<Token>) -> Result<Turn, Error> {
        let Ok(owner) = random_hex::<16>(&*self.cx.entropy) else { return Ok(Turn::Alone) };
        let Some(found) = self.look(shared, None, true) else { return Ok(Turn::Alone) };
        let first = found.fence;
        if let Some(token) = self.choose(found.token, first, Freshness::serves, valid) {
            return Ok(Turn::Found(token));
        }
        let (mut shown, mut pause, mut holder, mut tries_again) = (None, PAUSES.0, None, false);
        loop {
            let Some(found) = self.look(shared, Some(&owner), holder.is_none()) else { return Ok(Turn::Alone) };
            let (fence, barren) = (found.fence, found.barren);
            // Whoever had the lease before us may have brought it; one that is only still valid is ours to renew.
            let serves = if found.lease.is_some() { Freshness::serves } else { Freshness::serves_while_waiting };
            match (self.choose(found.token, first, serves, valid), found.lease) {
                (Some(token), lease) => {
                    if let Some(Err(fault)) = lease.map(|lease| shared.release(self.key, &lease, self.patience(true))) {
                        self.cx.warn_shared_cache(shared, &fault);
                    }
                    return Ok(Turn::Found(token));
                }
                (None, Some(lease)) => return Ok(Turn::Ours(lease)),
                (None, None) => {}
            }
            let (waited_for, since) = *holder.get_or_insert((fence, Instant::now()));
            if barren >= waited_for && fence > waited_for && !tries_again {
                // What failed elsewhere need not fail at the next one.
                (holder, tries_again, pause) = (Some((fence, Instant::now())), true, PAUSES.0);
            } else if barren >= waited_for || (fence == waited_for && since.elapsed() > LEASE + GRACE) {
                return Ok(Turn::Alone);
            }
            if let Some(token) = self.local_token().filter(|token| self.freshness.serves_while_waiting(self.cx, token))
            {
                return Ok(Turn::Found(token.into()));
            }
            // The last look is shortly before the end.
            let left = self.cx.deadline().remaining().and_then(|left| left.checked_sub(SHORTEST * 5));
            let drawn = left.ok_or_else(error::shared_cache::is_busy)?.min(self.draw(pause));
            if shown.is_none() {
                shown = Some(self.cx.ui.waiting().show(|| "another machine is getting this token".to_owned()));
            }
            self.cx.clock.sleep(drawn);
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Shares what was fetched, or lets the next machine try.
    fn end_turn(&self, shared: &SharedCache, lease: &Lease, fetched: &Result<Fetched, Error>) {
        let patience = self.patience(true);
        let patience = Patience { limit: patience.limit.max(ENDING), ..patience };
        let ended = match fetched {
            Ok(Fetched { token, cacheable: true, .. }) => {
                shared.store(self.key, lease, token, self.cx.clock.now(), &*self.cx.entropy, patience).map(|in_time| {
                    if !in_time {
                        self.cx.ui.debug("the token is not in the shared cache: it came too late, or has no lifetime");
                    }
                })
            }
            _ => shared.release(self.key, lease, patience),
        };
        if let Err(fault) = ended {
            self.cx.warn_shared_cache(shared, &fault);
        }
    }

    /// What the engine has; `None` when it is of no use or there is no time. An entry that can't be trusted counts as absent.
    fn look(&self, shared: &SharedCache, owner: Option<&str>, counts: bool) -> Option<Lookup> {
        let patience = Some(self.patience(counts)).filter(|patience| patience.limit >= SHORTEST)?;
        let looked = shared.look(self.key, owner, self.cx.clock.now(), patience);
        let fault = looked.as_ref().map_or_else(Some, |found| found.fault.as_ref());
        if let Some(fault) = fault {
            self.cx.warn_shared_cache(shared, fault);
        }
        looked.ok()
    }

    /// A quarter of the time that is left at most, so that the rest is enough to do without.
    fn patience(&self, counts: bool) -> Patience {
        Patience { limit: self.cx.deadline().remaining().unwrap_or_default() / 4, counts }
    }

    /// The token, if it will do. One whose number is beyond `first` was asked for after this command had begun to look, and no
    /// other one, whatever the clocks say. One that is valid is kept in any case: it serves when nothing newer comes.
    fn choose(
        &self,
        token: Option<(Token, u64)>,
        first: u64,
        serves: fn(Freshness, &Context, &Token) -> bool,
        valid: &mut Option<Token>,
    ) -> Option<Box<Token>> {
        let (mut token, number) = token?;
        let before = self.cx.started().minus(Duration::from_millis(1));
        token.obtained_at = if number > first { self.cx.clock.now() } else { token.obtained_at.min(before) };
        if serves(self.freshness, self.cx, &token) {
            return Some(token.into());
        }
        *valid = Some(token);
        None
    }

    /// A token of the shared cache that is still valid is cached here when nothing newer comes, and serves by the rules for
    /// those; without a cache it serves at once.
    fn fall_back(&self, error: Error, valid: Option<Token>) -> Result<Fetched, Error> {
        let valid = valid.filter(|token| token.left(self.cx.clock.now()).is_some());
        let Some(token) = valid.filter(|_| !self.freshness.fresh && !error.silent) else { return Err(error) };
        let is_newer = self.local_token().is_none_or(|ours| ours.expires_at < token.expires_at);
        if self.caches.is_some_and(|caches| !is_newer || cache::put(self.cx, caches, self.key, &token)) {
            return Err(error);
        }
        self.cx.ui.warn(&error::token::renewal_failed(token.expires_at, &error));
        Ok(Fetched { cacheable: false, ..found(token) })
    }

    fn local_token(&self) -> Option<Token> {
        self.caches?.tokens.get(self.key).ok()?
    }

    fn draw(&self, pause: Duration) -> Duration {
        let mut lot = [0];
        // Without a lot everybody looks at the same time, which is no harm.
        let _ = self.cx.entropy.fill(&mut lot);
        pause / 2 + pause * u32::from(lot[0]) / 255 / 2
    }
}

fn found(token: Token) -> Fetched {
    Fetched { token, source: Source::Cache, cacheable: true, stored: Ok(()) }
}
