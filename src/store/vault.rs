//! Where secrets are stored: one interface to the operating system's keyring and the sealed file.

mod changes;
mod record;

pub use changes::Changes;
pub use record::Record;

use super::{Fault, SecretKind};

/// Keeps the secrets of zones, one record for each zone and kind.
pub trait Vault {
    /// Proves that the vault can be used now, for writing too, without changing a record.
    fn status(&self) -> Result<(), Fault>;
    /// The record of this zone and kind, if there is one. Whether it belongs to the zone's issuer and client is for the
    /// caller to ask: [`Record::belongs`].
    fn get(&self, zone: &str, kind: SecretKind) -> Result<Option<Record>, Fault>;
    /// Stores or replaces the record of this zone and of the record's kind. It is on the disk when this returns.
    fn put(&self, zone: &str, record: &Record) -> Result<(), Fault>;
    /// Removes a record; `false` when there was none.
    fn delete(&self, zone: &str, kind: SecretKind) -> Result<bool, Fault>;
    /// Zones and kinds that have a record, sorted.
    fn list(&self) -> Result<Vec<(String, SecretKind)>, Fault>;
}
