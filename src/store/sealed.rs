//! The vault in a file: each record encrypted by itself, for machines without a keyring.
//!
//! The names of the records are not encrypted, so that listing and deleting need no key. The key is never stored
//! beside the file.

pub mod cipher;
mod envelope;
mod key;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::edges::{Clock, Deadline, Entropy};
use crate::secret::Secret;

pub use key::{Cost, Key, KeySource, decode as decode_key};

use super::Fault;
use super::directory::PrivateDirectory;
use super::fault::sanitize_path;
use super::file::{self, Durability};
use super::lock::{Lock, LockOutcome};
use super::vault::Vault;
use envelope::Envelope;
use key::Kdf;

const FILE: &str = "sealed.json";
const LIMIT: u64 = 4 << 20;

/// What the key is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// A vault is made with it.
    Create,
    Open,
    /// The last one was wrong.
    OpenAgain,
}

/// Gives the vault's key when it is needed; `None` when the user has given none, or no other one.
pub type KeyOpener<'a> = Box<dyn Fn(KeyUse) -> Result<Option<KeySource>, Fault> + 'a>;

pub struct SealedVault<'a> {
    directory: PrivateDirectory,
    opener: KeyOpener<'a>,
    cost: Cost,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    deadline: Deadline,
    known: Mutex<KnownKey>,
}

/// What was read and derived once: stdin can't be read twice, and a passphrase takes a while.
#[derive(Default)]
struct KnownKey {
    source: Option<KeySource>,
    derived: Option<(Kdf, Key)>,
}

impl<'a> SealedVault<'a> {
    /// The vault in this directory, whose lock is waited for until the deadline. Nothing is touched and no key is read
    /// before the first call.
    pub fn new(
        directory: &Path,
        opener: KeyOpener<'a>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        deadline: Deadline,
    ) -> Self {
        let (directory, known) = (PrivateDirectory::new(directory), Mutex::default());
        Self { directory, opener, cost: Cost::default(), entropy, clock, deadline, known }
    }

    fn path(&self) -> PathBuf {
        self.directory.join(FILE)
    }

    fn load(&self) -> Result<Option<Envelope>, Fault> {
        let bytes = self.directory.read(FILE, LIMIT)?;
        bytes.map(|bytes| Envelope::parse(&bytes, &sanitize_path(&self.path()))).transpose()
    }

    fn save(&self, envelope: &Envelope) -> Result<(), Fault> {
        let json = envelope.to_json();
        if json.len() as u64 > LIMIT {
            return Err(Fault::TooLarge { path: self.path(), limit: LIMIT });
        }
        self.directory.write(FILE, &json, Durability::Synced)
    }

    fn lock(&self) -> Result<Lock, Fault> {
        let path = self.directory.join("sealed.lock");
        match Lock::acquire(&path, self.deadline, &*self.clock, &mut || false)? {
            LockOutcome::Held(lock) => Ok(lock),
            // Nothing can appear that would make the lock unnecessary.
            LockOutcome::Superseded => Err(Fault::Busy { path, waited: std::time::Duration::ZERO }),
        }
    }

    /// The key of a vault with this derivation (`None`: of a bare key), derived once.
    fn derive_key(&self, key_use: KeyUse, kdf: Option<&Kdf>) -> Result<Key, Fault> {
        self.with_source(key_use, |source, derived| match (source, kdf) {
            (KeySource::Raw(text), None) => key::decode(text),
            (KeySource::Passphrase(passphrase), Some(kdf)) => {
                if let Some((_, key)) = derived.as_ref().filter(|(of, _)| of == kdf) {
                    return Ok(key.clone());
                }
                let key = kdf.derive(passphrase)?;
                *derived = Some((kdf.clone(), key.clone()));
                Ok(key)
            }
            (KeySource::Raw(_), Some(_)) | (KeySource::Passphrase(_), None) => Err(self.wrong_key(kdf)),
        })
    }

    fn with_source<T>(
        &self,
        key_use: KeyUse,
        action: impl FnOnce(&KeySource, &mut Option<(Kdf, Key)>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let KnownKey { source, derived } = &mut *known;
        if source.is_none() || key_use == KeyUse::OpenAgain {
            (*source, *derived) = ((self.opener)(key_use)?, None);
        }
        match source {
            Some(source) => action(source, derived),
            None => Err(Fault::KeyMissing { path: self.path() }),
        }
    }

    fn wrong_key(&self, kdf: Option<&Kdf>) -> Fault {
        Fault::WrongKey { path: self.path(), made_with: if kdf.is_some() { "passphrase" } else { "key" } }
    }

    /// The key of this envelope, proven by its check value.
    fn unlock(&self, envelope: &Envelope) -> Result<Key, Fault> {
        let mut key_use = KeyUse::Open;
        loop {
            match self.derive_key(key_use, envelope.kdf()) {
                Ok(key) if envelope.is_opened_by(&key) => return Ok(key),
                Ok(_) => {}
                // Nobody has another one.
                Err(Fault::KeyMissing { .. }) if key_use == KeyUse::OpenAgain => {
                    return Err(self.wrong_key(envelope.kdf()));
                }
                Err(fault) => return Err(fault),
            }
            key_use = KeyUse::OpenAgain;
        }
    }

    fn create(&self) -> Result<(Envelope, Key), Fault> {
        let passphrase =
            self.with_source(KeyUse::Create, |source, _| Ok(matches!(source, KeySource::Passphrase(_))))?;
        let kdf = if passphrase { Some(Kdf::new(self.cost, &*self.entropy)?) } else { None };
        let key = self.derive_key(KeyUse::Create, kdf.as_ref())?;
        Ok((Envelope::new(kdf, &key, &*self.entropy)?, key))
    }
}

impl Vault for SealedVault<'_> {
    fn title(&self) -> &'static str {
        "the sealed vault"
    }

    fn status(&self) -> Result<(), Fault> {
        match self.load()? {
            Some(envelope) => drop(self.unlock(&envelope)?),
            // No envelope is created for a check: a passphrase takes its time.
            None => self.with_source(KeyUse::Create, |source, _| source.check())?,
        }
        self.directory.check_writable()
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let Some(envelope) = self.load()?.filter(|envelope| envelope.records.contains_key(name)) else {
            return Ok(None);
        };
        let key = self.unlock(&envelope)?;
        let tampered = || Fault::Tampered { path: self.path(), name: name.to_owned() };
        envelope.open(&key, name).ok_or_else(tampered).map(Some)
    }

    fn write(&self, name: &str, json: Secret) -> Result<(), Fault> {
        let _lock = self.lock()?;
        let (mut envelope, key) = match self.load()? {
            Some(envelope) => {
                let key = self.unlock(&envelope)?;
                (envelope, key)
            }
            None => self.create()?,
        };
        envelope.seal(&key, name, &json, &*self.entropy)?;
        self.save(&envelope)
    }

    fn remove(&self, name: &str) -> Result<bool, Fault> {
        if !self.load()?.is_some_and(|envelope| envelope.records.contains_key(name)) {
            return Ok(false);
        }
        let _lock = self.lock()?;
        let Some(mut envelope) = self.load()? else { return Ok(false) };
        let removed = envelope.records.remove(name).is_some();
        if envelope.records.is_empty() {
            // An empty vault would still insist on its old key.
            file::remove(&self.path())?;
            file::flush_directory(&self.path());
        } else if removed {
            self.save(&envelope)?;
        }
        Ok(removed)
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        Ok(self.load()?.map(|envelope| envelope.records.into_keys().collect()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::{Cost, KeySource, KeyUse, SealedVault};
    use crate::edges::{Deadline, Moment, OsEntropy, SystemClock};
    use crate::secret::Secret;
    use crate::store::Fault;
    use crate::store::SecretKind;
    use crate::store::file::{self, Durability};
    use crate::store::vault::{Record, Vault as _};

    fn vault(room: &Path, source: impl Fn() -> Option<KeySource> + Send + Sync + 'static) -> SealedVault<'static> {
        let deadline = Deadline::after(Duration::from_secs(20));
        let opener = Box::new(move |key_use| Ok(if key_use == KeyUse::OpenAgain { None } else { source() }));
        let vault = SealedVault::new(&room.join("v"), opener, Arc::new(OsEntropy), Arc::new(SystemClock), deadline);
        SealedVault { cost: Cost { memory_kib: 64, passes: 1, lanes: 1 }, ..vault }
    }

    fn keyed(room: &Path, digit: &str) -> SealedVault<'static> {
        let key = digit.repeat(64);
        vault(room, move || Some(KeySource::Raw(Secret::new(key.as_str()))))
    }

    fn phrased(room: &Path, passphrase: &'static str) -> SealedVault<'static> {
        vault(room, move || Some(KeySource::Passphrase(Secret::new(passphrase))))
    }

    fn keyless(room: &Path) -> SealedVault<'static> {
        vault(room, || None)
    }

    fn record(kind: SecretKind, secret: &str) -> Record {
        Record {
            issuer: "https://a".to_owned(),
            client_id: "c".to_owned(),
            origins: None,
            kind,
            secret: Secret::new(secret),
            created: Moment::from_epoch(1),
        }
    }

    fn secret(vault: &SealedVault<'_>, zone: &str) -> String {
        vault.get(zone, SecretKind::ClientSecret).unwrap().unwrap().secret.expose().to_owned()
    }

    fn text(room: &Path) -> String {
        String::from_utf8(file::read(&room.join("v/sealed.json"), 1 << 20).unwrap().unwrap()).unwrap()
    }

    fn plant(room: &Path, json: &serde_json::Value) {
        file::write(&room.join("v/sealed.json"), json.to_string().as_bytes(), Durability::Volatile).unwrap();
    }

    #[test]
    fn records_are_sealed_and_come_back() {
        let room = tempfile::tempdir().unwrap();
        for (vault, again) in [
            (keyed(room.path(), "a"), keyed(room.path(), "a")),
            (phrased(room.path(), "correct horse"), phrased(room.path(), "correct horse")),
        ] {
            vault.status().unwrap();
            assert!(vault.list().unwrap().is_empty());
            assert!(vault.get("z", SecretKind::ClientSecret).unwrap().is_none());
            assert!(!vault.delete("z", SecretKind::ClientSecret).unwrap());
            vault.put("z", &record(SecretKind::ClientSecret, "hunter1")).unwrap();
            vault.put("z", &record(SecretKind::ClientSecret, "hunter2")).unwrap();
            vault.put("a", &record(SecretKind::RefreshToken, "r")).unwrap();
            assert!(!text(room.path()).contains("hunter") && !text(room.path()).contains("https://a"));
            again.status().unwrap();
            assert_eq!(secret(&again, "z"), "hunter2");
            let all = [("a".to_owned(), SecretKind::RefreshToken), ("z".to_owned(), SecretKind::ClientSecret)];
            assert_eq!(keyless(room.path()).list().unwrap(), all);
            assert!(vault.delete("z", SecretKind::ClientSecret).unwrap());
            assert!(keyless(room.path()).delete("a", SecretKind::RefreshToken).unwrap());
            assert!(!room.path().join("v/sealed.json").exists(), "an empty vault binds no key");
        }
    }

    #[test]
    fn no_key_is_stored_beside_vault() {
        let room = tempfile::tempdir().unwrap();
        keyed(room.path(), "a").put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(room.path().join("v")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["sealed.json", "sealed.lock"]);
        assert_eq!(file::read(&room.path().join("v/sealed.lock"), 10).unwrap().unwrap(), b"");
    }

    #[test]
    fn wrong_key_says_what_right_one_is() {
        let room = tempfile::tempdir().unwrap();
        keyed(room.path(), "a").put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        for wrong in [keyed(room.path(), "b"), phrased(room.path(), "a")] {
            for fault in [
                wrong.status().unwrap_err(),
                wrong.get("z", SecretKind::ClientSecret).unwrap_err(),
                wrong.put("y", &record(SecretKind::ClientSecret, "s")).unwrap_err(),
            ] {
                assert!(matches!(fault, Fault::WrongKey { made_with: "key", .. }), "{fault:?}");
            }
        }
        let before = text(room.path());
        assert!(matches!(keyless(room.path()).get("z", SecretKind::ClientSecret), Err(Fault::KeyMissing { .. })));
        assert!(matches!(keyless(room.path()).status(), Err(Fault::KeyMissing { .. })));
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(matches!(keyless(elsewhere.path()).status(), Err(Fault::KeyMissing { .. })));
        assert!(matches!(keyed(elsewhere.path(), "é").status(), Err(Fault::KeyMalformed(_))));
        assert!(matches!(phrased(elsewhere.path(), "").status(), Err(Fault::KeyMalformed(_))));
        assert!(keyless(room.path()).get("y", SecretKind::ClientSecret).unwrap().is_none(), "absent needs no key");
        assert_eq!(text(room.path()), before);

        let room = tempfile::tempdir().unwrap();
        phrased(room.path(), "a").put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        for wrong in [keyed(room.path(), "a"), phrased(room.path(), "b")] {
            assert!(matches!(wrong.status(), Err(Fault::WrongKey { made_with: "passphrase", .. })));
        }
    }

    #[test]
    fn key_is_asked_for_once_and_only_when_needed() {
        let room = tempfile::tempdir().unwrap();
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let vault = vault(room.path(), move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Some(KeySource::Passphrase(Secret::new("p")))
        });
        vault.list().unwrap();
        vault.get("z", SecretKind::ClientSecret).unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        assert_eq!(secret(&vault, "z"), "s");
        vault.status().unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn failing_source_is_cause() {
        let room = tempfile::tempdir().unwrap();
        let opener: super::KeyOpener<'_> = Box::new(|_| Err(Fault::KeySource("the command failed".into())));
        let deadline = Deadline::after(Duration::from_secs(1));
        let vault =
            SealedVault::new(&room.path().join("v"), opener, Arc::new(OsEntropy), Arc::new(SystemClock), deadline);
        let fault = vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap_err();
        assert_eq!(std::error::Error::source(&fault).unwrap().to_string(), "the command failed");
    }

    #[test]
    fn tampering_is_seen() {
        let room = tempfile::tempdir().unwrap();
        let vault = keyed(room.path(), "a");
        vault.put("z", &record(SecretKind::ClientSecret, "good")).unwrap();
        vault.put("y", &record(SecretKind::ClientSecret, "evil")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text(room.path())).unwrap();
        let tampered = |json: &serde_json::Value| {
            plant(room.path(), json);
            let got = vault.get("z", SecretKind::ClientSecret);
            assert!(matches!(&got, Err(Fault::Tampered { name, .. }) if name == "z/client_secret"), "{got:?}");
        };
        let mut swapped = json.clone();
        swapped["records"]["z/client_secret"] = json["records"]["y/client_secret"].clone();
        tampered(&swapped);
        let mut moved = json.clone();
        moved["records"]["z/refresh_token"] = json["records"]["z/client_secret"].clone();
        plant(room.path(), &moved);
        assert!(matches!(vault.get("z", SecretKind::RefreshToken), Err(Fault::Tampered { .. })));
        for member in ["nonce", "sealed"] {
            let good = json["records"]["z/client_secret"][member].as_str().unwrap();
            let flipped = if good.starts_with('A') { "B" } else { "A" };
            for bad in [format!("{flipped}{}", &good[1..]), String::new(), "%".to_owned()] {
                let mut changed = json.clone();
                changed["records"]["z/client_secret"][member] = bad.into();
                tampered(&changed);
            }
        }
        plant(room.path(), &json);
        assert_eq!(secret(&vault, "z"), "good");
    }

    #[test]
    fn record_of_another_vault_does_not_open() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for room in [&one, &two] {
            keyed(room.path(), "a").put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        }
        let foreign: serde_json::Value = serde_json::from_str(&text(two.path())).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&text(one.path())).unwrap();
        json["records"] = foreign["records"].clone();
        plant(one.path(), &json);
        assert!(matches!(keyed(one.path(), "a").get("z", SecretKind::ClientSecret), Err(Fault::Tampered { .. })));
    }

    #[test]
    fn file_that_is_not_vault_is_never_overwritten() {
        let room = tempfile::tempdir().unwrap();
        let vault = keyed(room.path(), "a");
        vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        for (bad, newer) in [("", false), ("{}", false), ("[1]", false), (r#"{"v":1}"#, false), (r#"{"v":9}"#, true)] {
            file::write(&room.path().join("v/sealed.json"), bad.as_bytes(), Durability::Volatile).unwrap();
            let fault = vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap_err();
            assert_eq!(matches!(fault, Fault::Newer { version: 9, .. }), newer, "{fault:?}");
            assert!(vault.status().is_err() && vault.list().is_err());
            assert_eq!(text(room.path()), bad);
        }
    }

    #[test]
    fn two_writers_lose_nothing() {
        let room = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in ["a", "b"] {
                let room = room.path();
                scope.spawn(move || {
                    let vault = keyed(room, "a");
                    for turn in 0..10 {
                        vault.put(&format!("{writer}{turn}"), &record(SecretKind::ClientSecret, writer)).unwrap();
                    }
                });
            }
        });
        let vault = keyed(room.path(), "a");
        assert_eq!(vault.list().unwrap().len(), 20);
        assert_eq!((secret(&vault, "a9"), secret(&vault, "b0")), ("a".to_owned(), "b".to_owned()));
    }

    #[test]
    fn nonce_is_never_used_twice() {
        let room = tempfile::tempdir().unwrap();
        let vault = keyed(room.path(), "a");
        let mut seen = std::collections::HashSet::new();
        for _ in 0..5 {
            vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text(room.path())).unwrap();
            assert!(seen.insert(json["records"]["z/client_secret"]["nonce"].as_str().unwrap().to_owned()));
        }
    }
}
