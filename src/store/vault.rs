//! Where secrets are stored: one interface to the operating system's keyring and the sealed file.

mod changes;
mod record;

pub use changes::Changes;
pub use record::Record;

use super::secret_kind::{parse_record_name, record_name};
use super::{Fault, SecretKind};
use crate::secret::Secret;

/// Stores the secrets of zones: JSON by the name of a record (`zone/kind`), one for each zone and kind.
pub trait Vault {
    /// What a fault calls it.
    fn title(&self) -> &'static str;
    /// Proves that the vault can be used now, for writing too, without changing a record.
    fn status(&self) -> Result<(), Fault>;
    /// As [`Vault::status`], but a person may be asked to unlock it.
    fn unlock(&self) -> Result<(), Fault> {
        self.status()
    }
    fn read(&self, name: &str) -> Result<Option<Secret>, Fault>;
    /// Stores or replaces a record, on the disk when this returns.
    fn write(&self, name: &str, json: Secret) -> Result<(), Fault>;
    /// Removes a record; `false` when there was none.
    fn remove(&self, name: &str) -> Result<bool, Fault>;
    fn names(&self) -> Result<Vec<String>, Fault>;

    /// The record of this zone and kind. The caller checks whether it [belongs](Record::belongs) to issuer and client.
    fn get(&self, zone: &str, kind: SecretKind) -> Result<Option<Record>, Fault> {
        let name = record_name(zone, kind);
        let json = self.read(&name)?;
        json.map(|json| Record::from_json(&json, kind, &format!("{name} in {}", self.title()))).transpose()
    }

    fn put(&self, zone: &str, record: &Record) -> Result<(), Fault> {
        self.write(&record_name(zone, record.kind), record.to_json())
    }

    fn delete(&self, zone: &str, kind: SecretKind) -> Result<bool, Fault> {
        self.remove(&record_name(zone, kind))
    }

    /// Zones and kinds that have a record, sorted.
    fn list(&self) -> Result<Vec<(String, SecretKind)>, Fault> {
        let mut places: Vec<_> = self.names()?.iter().filter_map(|name| parse_record_name(name)).collect();
        places.sort();
        places.dedup();
        Ok(places)
    }
}
