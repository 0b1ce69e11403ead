//! The vault in the operating system's keyring.
//!
//! A keyring may never answer (a frozen daemon, a dialog that nobody sees), so each call runs on a thread of its own with
//! a deadline, after a probe that opens no dialog. A thread that did not answer still holds the keyring's lock: the
//! process does not call it again.

pub mod os;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::edges::{Deadline, Keyring, KeyringFault, Waiting};

use super::Fault;
use super::digest::Digest;
use super::vault::Vault;
use crate::secret::Secret;

/// The limit of probe and call together, when nobody can unlock anything.
const UNATTENDED: Duration = Duration::from_secs(2);
/// The limit of a call, when a person may be typing the keyring's password.
const ATTENDED: Duration = Duration::from_secs(60);

/// Records in the operating system's keyring under the service `hallpass` and the user `<zone>/<kind>`.
pub struct KeyringVault {
    keyring: Arc<dyn Keyring>,
    prefix: String,
    /// Announces that the keyring waits to be unlocked; without it, nobody can.
    attended: Option<Box<dyn Fn() + Send + Sync>>,
    /// Until when a person may unlock it.
    person_deadline: Option<Deadline>,
    deadline: Option<Deadline>,
    waiting: Waiting,
    unattended_limit: Duration,
    attended_limit: Duration,
    dead: AtomicBool,
}

impl KeyringVault {
    /// A vault for unattended use, one per process. With `HALLPASS_HOME` the users are
    /// `@<8 hex of its path's SHA-256>/<zone>/<kind>`, so that two homes never share a record.
    pub fn new(keyring: Arc<dyn Keyring>, home: Option<&Path>) -> Self {
        let prefix = home.map(|home| format!("@{}/", Digest::short_hash(home.as_os_str().as_encoded_bytes(), 8)));
        Self {
            keyring,
            prefix: prefix.unwrap_or_default(),
            attended: None,
            person_deadline: None,
            deadline: None,
            waiting: Waiting::default(),
            unattended_limit: UNATTENDED,
            attended_limit: ATTENDED,
            dead: AtomicBool::new(false),
        }
    }

    /// Lets a locked keyring ask a person for its password; `announce` is called before the wait, which ends at `deadline`,
    /// if there is one.
    #[must_use]
    pub fn attended(self, deadline: Option<Deadline>, announce: impl Fn() + Send + Sync + 'static) -> Self {
        Self { attended: Some(Box::new(announce)), person_deadline: deadline, ..self }
    }

    /// The same, showing a person that it waits.
    #[must_use]
    pub fn with_waiting(self, waiting: Waiting) -> Self {
        Self { waiting, ..self }
    }

    #[must_use]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn user(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Probes, then calls. `unlocks`: a person may be asked to unlock it first.
    fn call<T: Send + 'static>(
        &self,
        unlocks: bool,
        action: impl FnOnce(&dyn Keyring) -> Result<T, KeyringFault> + Send + 'static,
    ) -> Result<T, Fault> {
        if self.dead.load(Ordering::SeqCst) {
            return Err(Fault::Keyring(silent(self.unattended_limit)));
        }
        let begin = Instant::now();
        let probed = self.call_within(self.unattended_limit, self.deadline, |keyring| keyring.probe());
        let (limit, deadline) = match (probed, &self.attended) {
            (Ok(()), None) => (self.unattended_limit.saturating_sub(begin.elapsed()), self.deadline),
            (Ok(()), Some(_)) => (self.attended_limit, self.deadline),
            (Err(KeyringFault::Locked), Some(announce)) if unlocks => {
                announce();
                let unlocked = self.call_within(self.attended_limit, self.person_deadline, |keyring| keyring.unlock());
                unlocked.map_err(|fault| match fault {
                    // It is the person who did not answer.
                    KeyringFault::Silent(_) => Fault::Keyring(KeyringFault::Locked),
                    fault => Fault::Keyring(fault),
                })?;
                (self.attended_limit, self.person_deadline)
            }
            (Err(fault), _) => return Err(Fault::Keyring(fault)),
        };
        self.call_within(limit, deadline, action).map_err(Fault::Keyring)
    }

    fn call_within<T: Send + 'static>(
        &self,
        limit: Duration,
        deadline: Option<Deadline>,
        action: impl FnOnce(&dyn Keyring) -> Result<T, KeyringFault> + Send + 'static,
    ) -> Result<T, KeyringFault> {
        let left = deadline.map(|deadline| deadline.remaining().unwrap_or_default());
        let limit = left.map_or(limit, |left| limit.min(left));
        let (answer, wait) = sync_channel(1);
        let keyring = Arc::clone(&self.keyring);
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                let _ = answer.send(action(&*keyring));
            })
            .map_err(|e| KeyringFault::Failed(format!("no thread for it: {e}")))?;
        let _shown = self.waiting.show(|| "waiting for the keyring".to_owned());
        match wait.recv_timeout(limit) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                self.dead.store(true, Ordering::SeqCst);
                Err(silent(limit))
            }
            Err(RecvTimeoutError::Disconnected) => Err(KeyringFault::Failed("its client broke down".to_owned())),
        }
    }
}

fn silent(limit: Duration) -> KeyringFault {
    KeyringFault::Silent(limit.as_secs().max(1))
}

impl Vault for KeyringVault {
    fn title(&self) -> &'static str {
        "the keyring"
    }

    fn status(&self) -> Result<(), Fault> {
        self.call(false, |_| Ok(()))
    }

    fn unlock(&self) -> Result<(), Fault> {
        self.call(true, |_| Ok(()))
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, Fault> {
        let user = self.user(name);
        self.call(true, move |keyring| keyring.get(&user))
    }

    fn write(&self, name: &str, json: Secret) -> Result<(), Fault> {
        let user = self.user(name);
        self.call(true, move |keyring| {
            keyring.set(&user, &json)?;
            match keyring.get(&user)? {
                Some(back) if back.matches(&json) => Ok(()),
                _ => Err(KeyringFault::Failed("the keyring returned something else than was stored".to_owned())),
            }
        })
    }

    fn remove(&self, name: &str) -> Result<bool, Fault> {
        let user = self.user(name);
        self.call(true, move |keyring| keyring.delete(&user))
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        // A locked keyring hides its names, so a search could find only half of them.
        let users = self.call(false, |keyring| keyring.users())?;
        Ok(users.iter().filter_map(|user| user.strip_prefix(&self.prefix)).map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use super::{KeyringVault, silent};
    use crate::edges::{Deadline, Keyring, KeyringFault, Moment};
    use crate::secret::Secret;
    use crate::store::Fault;
    use crate::store::SecretKind;
    use crate::store::vault::{Record, Vault as _};

    /// What the fake does wrong.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum KeyringState {
        Fine,
        Locked,
        /// Locked by a person who takes their time.
        Slow,
        Absent,
        Frozen,
        /// The probe answers, the call does not.
        Dialog,
        Forgetful,
    }

    fn block() {
        loop {
            std::thread::park();
        }
    }

    struct Fake {
        state: KeyringState,
        calls: AtomicU32,
        items: Mutex<BTreeMap<String, Secret>>,
    }

    impl Fake {
        fn new(state: KeyringState) -> Arc<Self> {
            Arc::new(Self { state, calls: AtomicU32::new(0), items: Mutex::default() })
        }

        fn call(&self) {
            self.calls.fetch_add(1, Ordering::SeqCst);
            if self.state == KeyringState::Dialog {
                block();
            }
        }
    }

    impl Keyring for Fake {
        fn probe(&self) -> Result<(), KeyringFault> {
            self.calls.fetch_add(1, Ordering::SeqCst);
            if self.state == KeyringState::Frozen {
                block();
            }
            match self.state {
                KeyringState::Locked | KeyringState::Slow => Err(KeyringFault::Locked),
                KeyringState::Absent => Err(KeyringFault::Absent("no bus".to_owned())),
                _ => Ok(()),
            }
        }

        fn unlock(&self) -> Result<(), KeyringFault> {
            if self.state == KeyringState::Slow {
                std::thread::park_timeout(Duration::from_millis(400));
            }
            Ok(())
        }

        fn get(&self, user: &str) -> Result<Option<Secret>, KeyringFault> {
            self.call();
            Ok(self.items.lock().unwrap().get(user).cloned())
        }

        fn set(&self, user: &str, secret: &Secret) -> Result<(), KeyringFault> {
            self.call();
            if self.state != KeyringState::Forgetful {
                self.items.lock().unwrap().insert(user.to_owned(), secret.clone());
            }
            Ok(())
        }

        fn delete(&self, user: &str) -> Result<bool, KeyringFault> {
            self.call();
            Ok(self.items.lock().unwrap().remove(user).is_some())
        }

        fn users(&self) -> Result<Vec<String>, KeyringFault> {
            self.call();
            Ok(self.items.lock().unwrap().keys().cloned().collect())
        }
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

    fn quick(fake: &Arc<Fake>) -> KeyringVault {
        let mut vault = KeyringVault::new(Arc::clone(fake) as Arc<dyn Keyring>, None);
        vault.unattended_limit = Duration::from_millis(80);
        vault.attended_limit = Duration::from_millis(160);
        vault
    }

    fn keyring_fault<T: std::fmt::Debug>(result: Result<T, Fault>) -> KeyringFault {
        match result {
            Err(Fault::Keyring(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn records_live_under_zone_and_kind() {
        let fake = Fake::new(KeyringState::Fine);
        let vault = KeyringVault::new(Arc::clone(&fake) as Arc<dyn Keyring>, None);
        vault.status().unwrap();
        assert!(vault.get("z", SecretKind::ClientSecret).unwrap().is_none());
        vault.put("z", &record(SecretKind::ClientSecret, "hunter2")).unwrap();
        vault.put("a", &record(SecretKind::RefreshToken, "r")).unwrap();
        assert!(fake.items.lock().unwrap().contains_key("z/client_secret"));
        assert_eq!(vault.get("z", SecretKind::ClientSecret).unwrap().unwrap().secret.expose(), "hunter2");
        fake.set("stranger", &Secret::new("x")).unwrap();
        let all = [("a".to_owned(), SecretKind::RefreshToken), ("z".to_owned(), SecretKind::ClientSecret)];
        assert_eq!(vault.list().unwrap(), all);
        assert!(vault.delete("z", SecretKind::ClientSecret).unwrap());
        assert!(!vault.delete("z", SecretKind::ClientSecret).unwrap());
    }

    #[test]
    fn two_homes_share_nothing() {
        let fake = Fake::new(KeyringState::Fine);
        let home = |path: Option<&str>| KeyringVault::new(Arc::clone(&fake) as Arc<dyn Keyring>, path.map(Path::new));
        let (none, one, two) = (home(None), home(Some("/h/1")), home(Some("/h/2")));
        for (vault, secret) in [(&none, "0"), (&one, "1"), (&two, "2")] {
            vault.put("z", &record(SecretKind::ClientSecret, secret)).unwrap();
        }
        for (vault, secret) in [(&none, "0"), (&one, "1"), (&two, "2")] {
            assert_eq!(vault.get("z", SecretKind::ClientSecret).unwrap().unwrap().secret.expose(), secret);
            assert_eq!(vault.list().unwrap().len(), 1);
        }
        // The first digits of `printf /h/1 | sha256sum`.
        assert!(fake.items.lock().unwrap().contains_key("@9b6089a5/z/client_secret"));
    }

    #[test]
    fn locked_keyring_fails_at_once() {
        for (state, fault) in [
            (KeyringState::Locked, KeyringFault::Locked),
            (KeyringState::Absent, KeyringFault::Absent("no bus".to_owned())),
        ] {
            let fake = Fake::new(state);
            let vault = quick(&fake);
            assert_eq!(keyring_fault(vault.status()), fault);
            assert_eq!(keyring_fault(vault.get("z", SecretKind::ClientSecret)), fault);
            assert_eq!(keyring_fault(vault.put("z", &record(SecretKind::ClientSecret, "s"))), fault);
            assert_eq!(keyring_fault(vault.delete("z", SecretKind::ClientSecret)), fault);
            assert_eq!(keyring_fault(vault.list()), fault);
            assert_eq!(fake.calls.load(Ordering::SeqCst), 5, "five probes and no call");
        }
    }

    #[test]
    fn silent_keyring_is_given_up_for_good() {
        for state in [KeyringState::Frozen, KeyringState::Dialog] {
            let fake = Fake::new(state);
            let vault = quick(&fake);
            let begin = Instant::now();
            let fault = keyring_fault(vault.put("z", &record(SecretKind::ClientSecret, "s")));
            assert_eq!(fault, silent(Duration::from_secs(1)));
            assert!(begin.elapsed() >= Duration::from_millis(75) && begin.elapsed() < Duration::from_secs(2));
            let calls = fake.calls.load(Ordering::SeqCst);
            assert!(matches!(keyring_fault(vault.get("z", SecretKind::ClientSecret)), KeyringFault::Silent(_)));
            assert!(matches!(keyring_fault(vault.status()), KeyringFault::Silent(_)));
            assert_eq!(fake.calls.load(Ordering::SeqCst), calls, "never called again");
        }
    }

    #[test]
    fn unattended_limit_is_within_three_seconds() {
        let vault = KeyringVault::new(Fake::new(KeyringState::Fine), None);
        assert!(vault.unattended_limit < Duration::from_secs(3));
    }

    #[test]
    fn person_may_unlock_it() {
        let fake = Fake::new(KeyringState::Locked);
        let reported = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&reported);
        let vault = quick(&fake).attended(None, move || {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        vault.put("z", &record(SecretKind::ClientSecret, "s")).unwrap();
        assert_eq!(reported.load(Ordering::SeqCst), 1);
        assert_eq!(keyring_fault(vault.status()), KeyringFault::Locked);
        assert_eq!(keyring_fault(vault.list()), KeyringFault::Locked);
        assert_eq!(reported.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn time_of_person_counts_only_where_deadline_was_set() {
        let soon = || Deadline::after(Duration::from_millis(300));
        let put = |deadline| {
            let vault = KeyringVault::new(Fake::new(KeyringState::Slow), None).until(soon());
            vault.attended(deadline, || {}).put("z", &record(SecretKind::ClientSecret, "s"))
        };
        put(None).unwrap();
        assert_eq!(keyring_fault(put(Some(soon()))), KeyringFault::Locked);
    }

    #[test]
    fn deadline_of_command_comes_first() {
        let fake = Fake::new(KeyringState::Frozen);
        let vault = KeyringVault::new(fake, None).until(Deadline::after(Duration::from_millis(30)));
        let begin = Instant::now();
        assert!(matches!(keyring_fault(vault.status()), KeyringFault::Silent(_)));
        assert!(begin.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn write_is_read_back() {
        let vault = quick(&Fake::new(KeyringState::Forgetful));
        assert!(matches!(
            keyring_fault(vault.put("z", &record(SecretKind::ClientSecret, "s"))),
            KeyringFault::Failed(why) if why.contains("something else")
        ));
    }

    #[test]
    fn corrupt_record_is_reported_with_its_place() {
        let fake = Fake::new(KeyringState::Fine);
        fake.set("z/client_secret", &Secret::new("hunter2")).unwrap();
        let fault = quick(&fake).get("z", SecretKind::ClientSecret).unwrap_err();
        assert_eq!(fault.to_string(), "z/client_secret in the keyring is damaged: it is not a record of a vault");
    }
}
