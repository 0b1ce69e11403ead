//! A person's sign-in to a zone and the outcome of its last refresh: one file per zone, without a secret, so that
//! `status` needs no vault. Beside it, if the vault failed, a rescue file with a refresh token.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edges::Moment;
use crate::secret::Secret;

use super::Fault;
use super::digest::Digest;
use super::directory::PrivateDirectory;
use super::file::{self, Durability};
use super::format::{milliseconds, parse_version};
use super::secret_kind::SecretKind;
use super::vault::Record;

/// The most bytes of a session's file.
const LIMIT: u64 = 64 * 1024;
/// The most bytes of a rescue file: a token of 16 KiB, each byte of it an escape.
const RESCUE_LIMIT: u64 = 256 * 1024;

/// A sign-in, bound to issuer and client as the records of a vault are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub issuer: String,
    pub client_id: String,
    /// Whether the vault has a refresh token of it.
    pub refresh_token: bool,
    pub who: Option<String>,
    /// The `sub` of the verified ID token; `None` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The scopes that were requested at the sign-in.
    pub scope: Vec<String>,
    #[serde(rename = "signed_in_ms", with = "milliseconds")]
    pub signed_in_at: Moment,
    /// Whether a refresh returns a new refresh token; `None` until it is known.
    pub rotates: Option<bool>,
    /// A refresh that was sent and whose outcome was not recorded.
    pub sent: Option<Sent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub fingerprint: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

impl Session {
    pub fn belongs(&self, issuer: &str, client_id: &str) -> bool {
        self.issuer == issuer && self.client_id == client_id
    }
}

/// Identifies a refresh token without storing it: 16 hexadecimal digits of the SHA-256.
pub fn fingerprint(refresh_token: &Secret) -> String {
    Digest::short_hash(refresh_token.expose().as_bytes(), 16)
}

#[derive(Serialize, Deserialize)]
struct Stored<S> {
    v: u64,
    zone: String,
    #[serde(flatten)]
    session: S,
}

#[derive(Debug, Clone)]
pub struct Sessions {
    directory: PrivateDirectory,
    read_only: bool,
}

impl Sessions {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: PrivateDirectory::new(directory), read_only: false }
    }

    /// The same for a dry run: every change succeeds and changes nothing, and no token waits to be recovered.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    pub fn check_writable(&self) -> Result<(), Fault> {
        if self.read_only { Ok(()) } else { self.directory.check_writable() }
    }

    /// The file of the session of a zone.
    pub fn path_of(&self, zone: &str) -> PathBuf {
        self.directory.join(session_name(zone))
    }

    pub fn get(&self, zone: &str) -> Result<Option<Session>, Fault> {
        let Some(bytes) = self.directory.read(session_name(zone), LIMIT)? else { return Ok(None) };
        let place = self.directory.join(session_name(zone)).display().to_string();
        let stored: Stored<Session> = parse_version(&bytes, 1, &place, "it is not a session")?;
        if stored.zone != zone {
            return Err(Fault::Damaged { place, why: "it belongs to another zone" });
        }
        Ok(Some(stored.session))
    }

    /// Stores or replaces the session of a zone, on the disk when this returns.
    pub fn put(&self, zone: &str, session: &Session) -> Result<(), Fault> {
        if self.read_only {
            return Ok(());
        }
        let json = serde_json::to_vec(&Stored { v: 1, zone: zone.to_owned(), session }).unwrap_or_default();
        self.directory.write(session_name(zone), &json, Durability::Synced)
    }

    /// Removes the session of a zone and its rescue file; `false` when there was neither.
    pub fn remove(&self, zone: &str) -> Result<bool, Fault> {
        if self.read_only {
            return Ok(false);
        }
        let rescued = self.discard_rescued(zone)?;
        for name in [session_name(zone), rescue_name(zone)] {
            file::remove(&file::temporary_path(&self.directory.join(name)))?;
        }
        Ok(file::remove(&self.directory.join(session_name(zone)))? || rescued)
    }

    pub fn copy(&self, old: &str, new: &str) -> Result<(), Fault> {
        if let Some(session) = self.get(old)? {
            self.put(new, &session)?;
        }
        if let Some(record) = self.rescued(old)? {
            self.rescue(new, &record)?;
        }
        Ok(())
    }

    /// Writes a refresh token that the vault did not take into a private file, whose path it returns.
    pub fn rescue(&self, zone: &str, record: &Record) -> Result<PathBuf, Fault> {
        self.directory.write(rescue_name(zone), record.to_json().expose().as_bytes(), Durability::Synced)?;
        Ok(self.directory.join(rescue_name(zone)))
    }

    pub fn rescued(&self, zone: &str) -> Result<Option<Record>, Fault> {
        if self.read_only {
            return Ok(None);
        }
        let Some(bytes) = self.directory.read(rescue_name(zone), RESCUE_LIMIT)? else { return Ok(None) };
        let place = self.directory.join(rescue_name(zone)).display().to_string();
        let not_text = || Fault::Damaged { place: place.clone(), why: "it is not UTF-8" };
        let json = Secret::from_utf8(bytes).ok_or_else(not_text)?;
        Record::from_json(&json, SecretKind::RefreshToken, &place).map(Some)
    }

    /// Removes the rescue file: the vault has its refresh token, or a newer one.
    pub fn discard_rescued(&self, zone: &str) -> Result<bool, Fault> {
        if self.read_only { Ok(false) } else { file::remove(&self.directory.join(rescue_name(zone))) }
    }
}

/// A zone's name has no dot and no slash, so it is safe here.
fn session_name(zone: &str) -> String {
    format!("{zone}.json")
}

fn rescue_name(zone: &str) -> String {
    format!("{zone}.rescue")
}

#[cfg(test)]
mod tests {
    use super::{Sent, Session, Sessions, fingerprint};
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::file::{self, Durability};
    use crate::store::{Fault, Record, SecretKind};

    fn session() -> Session {
        Session {
            issuer: "https://a.example".to_owned(),
            client_id: "c".to_owned(),
            refresh_token: true,
            who: Some("ada".to_owned()),
            subject: Some("u-1".to_owned()),
            scope: vec!["read".to_owned()],
            signed_in_at: Moment::from_millis(1_000_123),
            rotates: Some(true),
            sent: Some(Sent { fingerprint: "f".to_owned(), at_ms: 7 }),
        }
    }

    fn record() -> Record {
        Record {
            issuer: "https://a.example".to_owned(),
            client_id: "c".to_owned(),
            origins: None,
            kind: SecretKind::RefreshToken,
            secret: Secret::new("hunter2"),
            created: Moment::from_epoch(5),
        }
    }

    fn room() -> (tempfile::TempDir, Sessions) {
        let room = tempfile::tempdir().unwrap();
        let sessions = Sessions::new(room.path().join("s"));
        (room, sessions)
    }

    #[test]
    fn session_reads_back_whole_and_moves_with_its_zone() {
        let (_room, sessions) = room();
        assert_eq!(sessions.get("a").unwrap(), None);
        assert!(!sessions.directory.path().exists(), "reading makes no directory");
        sessions.put("a", &session()).unwrap();
        sessions.rescue("a", &record()).unwrap();
        assert_eq!(sessions.get("a").unwrap(), Some(session()));
        sessions.copy("a", "b").unwrap();
        assert_eq!((sessions.get("a").unwrap(), sessions.get("b").unwrap()), (Some(session()), Some(session())));
        assert_eq!(sessions.rescued("b").unwrap().unwrap().secret.expose(), "hunter2");
        assert!(sessions.discard_rescued("b").unwrap() && sessions.rescued("b").unwrap().is_none());
        assert!(sessions.remove("b").unwrap() && !sessions.remove("b").unwrap());
    }

    #[test]
    fn corrupt_session_is_not_taken_for_absent() {
        let (_room, sessions) = room();
        sessions.put("a", &session()).unwrap();
        let path = sessions.directory.join("a.json");
        let good = String::from_utf8(file::read(&path, 10_000).unwrap().unwrap()).unwrap();
        let write = |text: &str| file::write(&path, text.as_bytes(), Durability::Volatile).unwrap();
        for bad in ["", "{}", &good[..good.len() - 1], &good.replace("\"zone\":\"a\"", "\"zone\":\"b\"")] {
            write(bad);
            assert!(matches!(sessions.get("a"), Err(Fault::Damaged { .. })), "{bad}");
        }
        write(&good.replace("\"v\":1", "\"v\":2"));
        assert!(matches!(sessions.get("a"), Err(Fault::Newer { version: 2, .. })));
    }

    #[test]
    fn fingerprint_tells_tokens_apart() {
        let print = |text: &str| fingerprint(&Secret::new(text));
        assert_eq!(print("abc"), "ba7816bf8f01cfea");
        assert_ne!(print("abc"), print("abd"));
    }
}
