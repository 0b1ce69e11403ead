//! Tokens in the engine, and the lease of who mints the next one.
//!
//! Under one name there are three keys: the entry; a state with the numbers of the last lease, of the newest entry and of
//! the last lease that ended with nothing; and the lease itself, which expires with its holder. Each step is one script, so
//! that nobody sees half of one. Numbers are read as text: to a script large ones are not exact.

use std::time::Duration;

use redis::{Cmd, Value};
use zeroize::Zeroizing;

use crate::edges::{Entropy, Moment};
use crate::store::{Token, TokenKey};

use super::cache::{SKEW, SharedCache, millis, script};
use super::engine::Patience;
use super::entry;
use super::fault::Fault;

/// After this time a lease is anybody's.
pub const LEASE: Duration = Duration::from_secs(15);
const NUMBERS_CHANGED: Fault = Fault::Forged("its numbers were changed");

/// How long the numbers of a name are kept after their last use; an entry that lives longer keeps them longer.
pub(super) const NUMBERS: Duration = Duration::from_secs(30 * 24 * 3600);

/// KEYS: entry, state, lease. ARGV: owner (empty: no lease is wanted), lease and state in ms. Numbers that can't be ours go,
/// and the entry with them.
const LOOK: &str = "
local state = redis.call('HMGET', KEYS[2], 'fence', 'newest', 'barren')
local broken = 0
for at = 1, 3 do
  if state[at] and (#state[at] > 15 or not string.match(state[at], '^%d+$')) then broken = 1 end
end
if broken == 1 then
  redis.call('DEL', KEYS[1], KEYS[2])
  state = {false, false, false}
end
local won = '0'
if ARGV[1] ~= '' then
  local holder = redis.call('GET', KEYS[3])
  if not holder then
    redis.call('HINCRBY', KEYS[2], 'fence', 1)
    if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
    redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2])
    state[1] = redis.call('HGET', KEYS[2], 'fence')
  end
  if not holder or holder == ARGV[1] then won = state[1] or '0' end
end
local time = redis.call('TIME')
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]), won, redis.call('PTTL', KEYS[3]),
  state[1], state[2], state[3], broken, time[1], time[2]}";

/// ARGV: owner, number, entry, its end by the clock of the engine, ms of the state. It comes too late when there is a newer
/// entry; a number that no lease had is one from before the engine was emptied.
const STORE: &str = "
local function less(a, b) return #a < #b or (#a == #b and a < b) end
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
local state = redis.call('HMGET', KEYS[2], 'fence', 'newest')
if less(state[1] or '', ARGV[2]) or not less(state[2] or '', ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[2], 'newest', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1";

/// Nothing came of a lease: who waits for it need not any more. ARGV: owner.
const RELEASE: &str = "
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
local fence = redis.call('HGET', KEYS[2], 'fence')
if fence then redis.call('HSET', KEYS[2], 'barren', fence) end
return redis.call('DEL', KEYS[3])";

/// The entry is gone, and none with a number of before is one any more. ARGV: state in ms.
pub(super) const FORGET: &str = "
redis.call('HINCRBY', KEYS[2], 'fence', 1)
redis.call('HSET', KEYS[2], 'newest', redis.call('HGET', KEYS[2], 'fence'))
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[2], ARGV[1]) end
return redis.call('DEL', KEYS[1])";

/// What [`LOOK`] gives: the entry, its ms, the number of the lease won, the ms of the lease, the numbers of the last lease, of
/// the newest entry and of the last lease that ended with nothing, whether they were broken, and the time of the engine.
type Found = (Option<Vec<u8>>, i64, u64, i64, Option<u64>, Option<u64>, Option<u64>, u8, i64, i64);

/// What the engine knows of a token.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The token, and the number of the lease under which it was obtained.
    pub token: Option<(Token, u64)>,
    /// The number of the last lease.
    pub fence: u64,
    /// The number of the last lease that ended with nothing.
    pub barren: u64,
    /// The lease, if it was wanted and nobody else has it.
    pub lease: Option<Lease>,
    /// Why there is an entry or a lease that does not count.
    pub fault: Option<Fault>,
}

/// The right to mint the token of a name, for a while.
#[derive(Debug, Clone)]
pub struct Lease {
    owner: String,
    number: u64,
    /// When it was won, in milliseconds by the clock of the engine, which is the same for all machines, and by ours.
    won_at: (i64, Moment),
}

impl SharedCache {
    /// The token of this key as the engine has it at `now`, and the lease for `owner`, if one is named.
    pub fn look(&self, key: &TokenKey, owner: Option<&str>, now: Moment, patience: Patience) -> Result<Lookup, Fault> {
        let name = self.name_of(&key.fingerprint());
        let owner = owner.unwrap_or_default();
        let command = over_keys(LOOK, &name, |cmd| cmd.arg(owner).arg(millis(LEASE)).arg(millis(NUMBERS)));
        let found: Found = match owner {
            "" => self.ask(&command, patience)?,
            // A lease that is won too late would keep everybody waiting.
            owner => self.ask_or_undo(&command, release(&name, owner), patience)?,
        };
        let (entry, left, won, lease_left, fence, newest, barren, broken, seconds, micros) = found;
        let time = seconds.saturating_mul(1000).saturating_add(micros / 1000);
        let lease = (won > 0).then(|| Lease { owner: owner.to_owned(), number: won, won_at: (time, now) });
        let (fence, barren) = (fence.unwrap_or_default(), barren.unwrap_or_default());
        let mut found = Lookup { fence, barren, lease, ..Lookup::default() };
        if lease_left == -1 || lease_left > i64::try_from(millis(LEASE)).unwrap_or(i64::MAX) {
            return Err(Fault::Forged("a lease of it has no end"));
        }
        if !owner.is_empty() && won == 0 && lease_left < 0 {
            return Err(Fault::Forged("a lease of it has no holder"));
        }
        found.fault = (broken != 0).then_some(NUMBERS_CHANGED);
        // Without its numbers, which an engine may drop when it is full, an entry could be an old one.
        if let (Some(entry), Some(newest)) = (entry, newest) {
            let opened = entry::open(&self.keys, &name, &entry, newest);
            match opened.and_then(|(number, plain)| Ok((place_in_time(&plain, key, (left, time), now)?, number))) {
                Ok((_, number)) if number > newest || newest > fence => found.fault = Some(NUMBERS_CHANGED),
                Ok(token) => found.token = Some(token),
                Err(fault) => found.fault = Some(fault),
            }
        }
        Ok(found)
    }

    /// Stores the token that was obtained under this lease, and gives the lease back; `false` when it came too late.
    pub fn store(
        &self,
        key: &TokenKey,
        lease: &Lease,
        token: &Token,
        now: Moment,
        entropy: &dyn Entropy,
        patience: Patience,
    ) -> Result<bool, Fault> {
        let Some(left) = token.left(now).filter(|left| *left < Duration::MAX && millis(*left) > 0) else {
            return self.release(key, lease, patience).map(|()| false);
        };
        let name = self.name_of(&key.fingerprint());
        let (won_at, here) = lease.won_at;
        let end = won_at.saturating_add_unsigned(millis(now.since(here) + left));
        let plain = Zeroizing::new([end.to_be_bytes().as_slice(), &key.encode_token(token)].concat());
        let entry = entry::seal(&self.keys, &name, lease.number, &plain, entropy)?;
        let command = over_keys(STORE, &name, |cmd| {
            cmd.arg(&lease.owner).arg(lease.number).arg(entry).arg(end).arg(millis(NUMBERS.max(left * 2)))
        });
        self.ask::<i64>(&command, patience).map(|stored| stored == 1)
    }

    /// Gives the lease back: nothing came of it.
    pub fn release(&self, key: &TokenKey, lease: &Lease, patience: Patience) -> Result<(), Fault> {
        let name = self.name_of(&key.fingerprint());
        self.ask::<Value>(&release(&name, &lease.owner), patience).map(drop)
    }

    /// Removes what is stored under this fingerprint of a key.
    pub fn forget(&self, fingerprint: &str, patience: Patience) -> Result<(), Fault> {
        let command = over_keys(FORGET, &self.name_of(fingerprint), |cmd| cmd.arg(millis(NUMBERS)));
        self.ask::<Value>(&command, patience).map(drop)
    }

    pub(super) fn name_of(&self, fingerprint: &str) -> String {
        self.keys.name("token", fingerprint)
    }
}

fn release(name: &str, owner: &str) -> Cmd {
    over_keys(RELEASE, name, |cmd| cmd.arg(owner))
}

/// A script over the three keys of a name, which a cluster keeps together.
pub(super) fn over_keys(text: &str, name: &str, add: impl FnOnce(&mut Cmd) -> &mut Cmd) -> Cmd {
    script(text, name, &["token", "state", "lease"], add)
}

/// When an entry ends, in milliseconds by the clock of the engine, and its token.
pub(super) fn split_end(plain: &[u8]) -> Result<(i64, &[u8]), Fault> {
    let (end, token) = plain.split_first_chunk().ok_or(Fault::Forged("an entry of it is of another token"))?;
    Ok((i64::from_be_bytes(*end), token))
}

/// The stored token with the times of this machine's clock. The engine says for how many milliseconds it keeps the entry, and
/// what time it is: by its clock the entry has its end in itself, whatever the clocks of the machines say, and whoever keeps
/// it for longer. An engine that lies about its time gains no more than the clocks may be apart.
fn place_in_time(plain: &[u8], key: &TokenKey, (kept, time): (i64, i64), now: Moment) -> Result<Token, Fault> {
    const LONG: Fault = Fault::Forged("an entry of it outlives its token, or a clock is wrong");
    const OTHER: Fault = Fault::Forged("an entry of it is of another token");
    /// By how much one engine may count otherwise than another one, in milliseconds.
    const ROUNDING: i64 = 1000;
    let (end, token) = split_end(plain)?;
    let mut token = key.decode_token(token).ok_or(OTHER)?;
    let (left, lifetime) = (end.saturating_sub(time), token.lifetime());
    let left = if kept > left.saturating_add(ROUNDING) { return Err(LONG) } else { kept.min(left) };
    let left = u64::try_from(left).map(Duration::from_millis).ok().filter(|left| !left.is_zero() && *left <= lifetime);
    let latest = token.expires_at.map(|expires_at| expires_at.plus(SKEW)).filter(|latest| *latest > now).ok_or(LONG)?;
    let expires_at = now.plus(left.ok_or(LONG)?).min(latest);
    token.sent_at = expires_at.minus(lifetime);
    token.obtained_at = token.sent_at;
    token.expires_at = Some(expires_at);
    Ok(token)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, place_in_time};
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::{Provenance, Token, TokenKey};

    /// A token of an hour, stored at this moment of its machine's clock.
    fn stored(at: Moment) -> Token {
        Token {
            access_token: Secret::new("tok"),
            token_type: "Bearer".to_owned(),
            scope: None,
            id_token: None,
            sent_at: at,
            obtained_at: at,
            expires_at: Some(at.plus(Duration::from_secs(3600))),
            provenance: Provenance {
                zone: "theirs".to_owned(),
                issuer: "https://a.example".to_owned(),
                ..Provenance::default()
            },
        }
    }

    /// When it was stored, by the clock of the engine.
    const TIME: i64 = 5_000_000_000;

    fn plain(at: Moment) -> Vec<u8> {
        [(TIME + 3_600_000).to_be_bytes().as_slice(), &key().encode_token(&stored(at))].concat()
    }

    fn key() -> TokenKey {
        let asked =
            Provenance { zone: "ours".to_owned(), issuer: "https://a.example".to_owned(), ..Provenance::default() };
        TokenKey { asked, ..TokenKey::default() }
    }

    #[test]
    fn clocks_may_be_five_minutes_apart() {
        let now = Moment::from_millis(1_000_000_000);
        let five = Duration::from_secs(300);
        for theirs in [now, now.plus(five), now.minus(five)] {
            let token = place_in_time(&plain(theirs), &key(), (1_800_000, TIME + 1_800_000), now).unwrap();
            assert_eq!(token.expires_at, Some(now.plus(Duration::from_secs(1800))));
            assert_eq!(
                (token.lifetime(), token.left(now)),
                (Duration::from_secs(3600), Some(Duration::from_secs(1800)))
            );
            assert_eq!(token.provenance.zone, "ours");
        }
    }

    #[test]
    fn engine_gives_no_token_a_longer_life() {
        let now = Moment::from_millis(1_000_000_000);
        let plain = plain(now);
        let place = |kept: i64, after: i64, now| place_in_time(&plain, &key(), (kept, TIME + after), now);
        for kept in [-2, -1, 0] {
            assert!(matches!(place(kept, 0, now), Err(Fault::Forged(_))), "{kept}");
        }
        let token = place(1900, 3_599_000, now).unwrap();
        assert_eq!(token.left(now), Some(Duration::from_secs(1)), "kept for a little longer, it ends when it ends");
        for (kept, after) in [(1900, 3_600_000), (3_600_000, 1_800_000), (i64::MAX, 0), (1000, i64::MAX - TIME)] {
            assert!(place(kept, after, now).is_err(), "{kept} {after}");
        }
        assert!(place(1000, -1, now).is_ok() && place(3_600_001, -1, now).is_err(), "it would live for longer");
        let over = now.plus(Duration::from_secs(3600 + 601));
        assert!(place(1000, 0, over).is_err(), "it has expired on every clock");
        let mut other = key();
        other.asked.scopes.push("admin".to_owned());
        assert!(place_in_time(&plain, &other, (1000, TIME), now).is_err());
        assert!(place_in_time(b"short", &key(), (1000, TIME), now).is_err());
    }
}
