//! Proofs of possession that one replica of a gate let in, so that they count at no other one.

use std::time::Duration;

use crate::edges::Entropy;

use super::cache::{SharedCache, millis, script};
use super::entry;
use super::fault::Fault;

/// ARGV: a new entry, its ms. Gives the entry that is there then.
const USE: &str = "
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return redis.call('GET', KEYS[1])";

impl SharedCache {
    /// Uses a proof, by its key and `jti`, and says whether that was the first time in this life. An entry is sealed although
    /// nothing is in it: an engine can't make up a use, and a use whose answer was lost differs from that of somebody else.
    pub async fn use_proof(
        &self,
        (key, jti): (&str, &str),
        life: Duration,
        entropy: &dyn Entropy,
        limit: Duration,
    ) -> Result<bool, Fault> {
        let name = self.keys.name("proof", &format!("{key}\n{jti}"));
        let ours = entry::seal(&self.keys, &name, 0, &[], entropy)?;
        let command = script(USE, &name, &["proof"], |cmd| cmd.arg(&ours).arg(millis(life)));
        let there: Vec<u8> = self.ask_async(&command, limit).await?;
        Ok(there == ours || entry::open(&self.keys, &name, &there, 0).map(|_| false)?)
    }
}
