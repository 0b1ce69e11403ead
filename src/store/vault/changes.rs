//! Several changes of a vault that can be taken back: a zone's secrets move as one, or not at all.

use super::{Record, SecretKind, Vault};
use crate::store::Fault;

/// Changes that were made, and what stood there before.
pub struct Changes<'a> {
    vault: &'a dyn Vault,
    before: Vec<(String, SecretKind, Option<Record>)>,
}

impl<'a> Changes<'a> {
    pub fn of(vault: &'a dyn Vault) -> Self {
        Self { vault, before: Vec::new() }
    }

    pub fn put(&mut self, zone: &str, record: &Record) -> Result<(), Fault> {
        let before = match self.vault.get(zone, record.kind) {
            Err(Fault::Damaged { .. } | Fault::Newer { .. }) => None,
            other => other?,
        };
        self.vault.put(zone, record)?;
        self.before.push((zone.to_owned(), record.kind, before));
        Ok(())
    }

    /// Takes everything back, the last change first, as far as it can.
    pub fn undo(self) -> Result<(), Fault> {
        let mut first = Ok(());
        for (zone, kind, before) in self.before.iter().rev() {
            let undone = match before {
                Some(record) => self.vault.put(zone, record),
                None => self.vault.delete(zone, *kind).map(drop),
            };
            first = first.and(undone);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::super::{Record, Vault};
    use super::Changes;
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::secret_kind::record_name;
    use crate::store::{Fault, SecretKind};

    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<String, Record>>);

    impl Vault for Memory {
        fn status(&self) -> Result<(), Fault> {
            Ok(())
        }
        fn get(&self, zone: &str, kind: SecretKind) -> Result<Option<Record>, Fault> {
            Ok(self.0.borrow().get(&record_name(zone, kind)).cloned())
        }
        fn put(&self, zone: &str, record: &Record) -> Result<(), Fault> {
            self.0.borrow_mut().insert(record_name(zone, record.kind), record.clone());
            Ok(())
        }
        fn delete(&self, zone: &str, kind: SecretKind) -> Result<bool, Fault> {
            Ok(self.0.borrow_mut().remove(&record_name(zone, kind)).is_some())
        }
        fn list(&self) -> Result<Vec<(String, SecretKind)>, Fault> {
            Ok(Vec::new())
        }
    }

    fn record(secret: &str) -> Record {
        Record {
            issuer: "https://a.example".to_owned(),
            client_id: "c".to_owned(),
            kind: SecretKind::ClientSecret,
            secret: Secret::new(secret),
            created: Moment::from_epoch(0),
        }
    }

    fn held(vault: &Memory) -> Vec<(String, String)> {
        let records = vault.0.borrow();
        records.iter().map(|(place, record)| (place.clone(), record.secret.expose().to_owned())).collect()
    }

    #[test]
    fn what_stood_before_stands_again() {
        let vault = Memory::default();
        vault.put("a", &record("one")).unwrap();
        vault.put("b", &record("two")).unwrap();
        let before = held(&vault);
        let mut changes = Changes::of(&vault);
        changes.put("a", &record("three")).unwrap();
        changes.put("a", &record("four")).unwrap();
        changes.put("new", &record("five")).unwrap();
        assert_ne!(held(&vault), before);
        changes.undo().unwrap();
        assert_eq!(held(&vault), before);
    }
}
