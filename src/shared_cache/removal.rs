//! An entry is removed only where it is still the one that was read: a newer token of another machine stays.

use redis::Value;

use crate::secret::Secret;
use crate::store::Token;

use super::cache::{SharedCache, millis, script};
use super::engine::Patience;
use super::entry;
use super::fault::Fault;
use super::lookup::{FORGET, NUMBERS, over_keys, split_end};

const READ: &str = "return redis.call('GET', KEYS[1])";

/// ARGV: state in ms, as [`FORGET`] wants it; the entry as it was read.
const UNLESS_CHANGED: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end";

/// An entry as it was read.
pub struct FoundEntry {
    name: String,
    sealed: Vec<u8>,
    /// Its token, with the times of the clock of the machine that stored it.
    pub token: Token,
}

impl FoundEntry {
    pub fn is_of(&self, token: &Secret) -> bool {
        self.token.access_token.matches(token)
    }
}

impl SharedCache {
    /// The entry under this fingerprint of a key.
    pub fn find_entry(&self, fingerprint: &str, patience: Patience) -> Result<Option<FoundEntry>, Fault> {
        let name = self.name_of(fingerprint);
        let command = script(READ, &name, &["token"], |cmd| cmd);
        let Some(sealed) = self.ask::<Option<Vec<u8>>>(&command, patience)? else { return Ok(None) };
        let (_, plain) = entry::open(&self.keys, &name, &sealed, 0)?;
        let (_, token) = split_end(&plain)?;
        let token = Token::decode_entry(token).ok_or(Fault::Forged("an entry of it is not ours"))?;
        Ok(Some(FoundEntry { name, sealed, token }))
    }

    /// Removes it, unless there is another one by now.
    pub fn forget_entry(&self, found: &FoundEntry, patience: Patience) -> Result<(), Fault> {
        let text = format!("{UNLESS_CHANGED}{FORGET}");
        let command = over_keys(&text, &found.name, |cmd| cmd.arg(millis(NUMBERS)).arg(&found.sealed));
        self.ask::<Value>(&command, patience).map(drop)
    }
}
