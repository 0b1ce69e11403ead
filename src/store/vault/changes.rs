//! Changes of a vault that can be undone, so that a zone's secrets change together or not at all.

use super::{Record, SecretKind, Vault};
use crate::store::Fault;

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

    /// Undoes the last change first, as far as it can.
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
    use crate::store::{Fault, SecretKind};

    #[derive(Default)]
    struct Memory(RefCell<BTreeMap<String, Secret>>);

    impl Vault for Memory {
        fn title(&self) -> &'static str {
            "memory"
        }
        fn status(&self) -> Result<(), Fault> {
            Ok(())
        }
        fn read(&self, name: &str) -> Result<Option<Secret>, Fault> {
            Ok(self.0.borrow().get(name).cloned())
        }
        fn write(&self, name: &str, json: Secret) -> Result<(), Fault> {
            self.0.borrow_mut().insert(name.to_owned(), json);
            Ok(())
        }
        fn remove(&self, name: &str) -> Result<bool, Fault> {
            Ok(self.0.borrow_mut().remove(name).is_some())
        }
        fn names(&self) -> Result<Vec<String>, Fault> {
            Ok(self.0.borrow().keys().cloned().collect())
        }
    }

    fn record(secret: &str) -> Record {
        Record {
            issuer: "https://a.example".to_owned(),
            client_id: "c".to_owned(),
            origins: None,
            kind: SecretKind::ClientSecret,
            secret: Secret::new(secret),
            created: Moment::from_epoch(0),
        }
    }

    fn held(vault: &Memory) -> Vec<(String, String)> {
        vault.0.borrow().iter().map(|(name, json)| (name.clone(), json.expose().to_owned())).collect()
    }

    #[test]
    fn undo_restores_every_record() {
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
