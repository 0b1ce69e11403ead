//! What is known of a person's sign-in to a zone, and what became of its last refresh: one file per zone, without a
//! secret, so that `status` needs no vault. Beside it, in need, a rescue file: a refresh token that the vault did not
//! take.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::edges::Moment;
use crate::secret::Secret;

use super::digest::Digest;
use super::file::{self, Durability};
use super::secret_kind::SecretKind;
use super::vault::Record;
use super::{Fault, directory};

/// The most bytes of a session's file.
const LIMIT: u64 = 64 * 1024;
/// The most bytes of a rescue file: a token of 16 KiB, each byte of it an escape.
const RESCUE_LIMIT: u64 = 256 * 1024;

/// A sign-in. It binds issuer and client, as the records of a vault do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The issuer, byte for byte.
    pub issuer: String,
    pub client_id: String,
    pub refresh_token: bool,
    /// Who signed in, as the server names them.
    pub who: Option<String>,
    /// Who signed in, as the verified ID token names them for ever (`sub`); `None` where there was no ID token.
    pub subject: Option<String>,
    /// The scopes that were asked for at the sign-in.
    pub scope: Vec<String>,
    pub signed_in_at: Moment,
    /// Whether a refresh brings a new refresh token; `None` as long as nobody knows.
    pub rotates: Option<bool>,
    /// A refresh that was sent and whose outcome nobody wrote down.
    pub sent: Option<Sent>,
}

/// The journal's mark: this refresh token was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub fingerprint: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

impl Session {
    /// Whether it was made at this issuer by this client.
    pub fn belongs(&self, issuer: &str, client_id: &str) -> bool {
        self.issuer == issuer && self.client_id == client_id
    }
}

/// Tells refresh tokens apart without holding them: 16 hexadecimal digits of the SHA-256.
pub fn fingerprint(refresh_token: &Secret) -> String {
    Digest::short_hash(refresh_token.expose().as_bytes(), 16)
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u64,
    zone: String,
    issuer: String,
    client_id: String,
    refresh_token: bool,
    who: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    scope: Vec<String>,
    signed_in_ms: i64,
    rotates: Option<bool>,
    sent: Option<Sent>,
}

#[derive(Debug, Clone)]
pub struct Sessions {
    directory: PathBuf,
}

impl Sessions {
    /// Nothing is touched before the first call.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Proves that a session could be written now.
    pub fn check_writable(&self) -> Result<(), Fault> {
        directory::create_private(&self.directory)?;
        file::check_writable(&self.directory)
    }

    pub fn get(&self, zone: &str) -> Result<Option<Session>, Fault> {
        if !directory::check(&self.directory)? {
            return Ok(None);
        }
        let path = self.path(zone, "json");
        let Some(bytes) = file::read(&path, LIMIT)? else { return Ok(None) };
        let place = || path.display().to_string();
        let stored: Stored =
            serde_json::from_slice(&bytes).map_err(|_| Fault::Damaged { place: place(), why: "it is no session" })?;
        if stored.v > 1 {
            return Err(Fault::Newer { place: place(), version: stored.v });
        }
        if stored.zone != zone {
            return Err(Fault::Damaged { place: place(), why: "it belongs to another zone" });
        }
        Ok(Some(Session {
            issuer: stored.issuer,
            client_id: stored.client_id,
            refresh_token: stored.refresh_token,
            who: stored.who,
            subject: stored.subject,
            scope: stored.scope,
            signed_in_at: Moment::from_millis(stored.signed_in_ms),
            rotates: stored.rotates,
            sent: stored.sent,
        }))
    }

    /// Keeps or replaces the session of a zone. It rests on the disk when this returns.
    pub fn put(&self, zone: &str, session: &Session) -> Result<(), Fault> {
        directory::create_private(&self.directory)?;
        let stored = Stored {
            v: 1,
            zone: zone.to_owned(),
            issuer: session.issuer.clone(),
            client_id: session.client_id.clone(),
            refresh_token: session.refresh_token,
            who: session.who.clone(),
            subject: session.subject.clone(),
            scope: session.scope.clone(),
            signed_in_ms: session.signed_in_at.millis(),
            rotates: session.rotates,
            sent: session.sent.clone(),
        };
        let json = serde_json::to_vec(&stored).unwrap_or_default();
        file::write(&self.path(zone, "json"), &json, Durability::Synced)
    }

    /// Removes the session of a zone and what was rescued of it; `false` when there was neither.
    pub fn remove(&self, zone: &str) -> Result<bool, Fault> {
        let rescued = self.discard_rescued(zone)?;
        Ok(file::remove(&self.path(zone, "json"))? || rescued)
    }

    /// Moves the session of a zone to its new name.
    pub fn rename(&self, old: &str, new: &str) -> Result<(), Fault> {
        if let Some(session) = self.get(old)? {
            self.put(new, &session)?;
        }
        if let Some(record) = self.rescued(old)? {
            self.rescue(new, &record)?;
        }
        self.remove(old).map(drop)
    }

    /// Writes a refresh token that the vault did not take into a private file of its own, and says where.
    pub fn rescue(&self, zone: &str, record: &Record) -> Result<PathBuf, Fault> {
        directory::create_private(&self.directory)?;
        let path = self.path(zone, "rescue");
        file::write(&path, record.to_json().expose().as_bytes(), Durability::Synced)?;
        Ok(path)
    }

    /// The refresh token that was rescued and still waits for the vault.
    pub fn rescued(&self, zone: &str) -> Result<Option<Record>, Fault> {
        if !directory::check(&self.directory)? {
            return Ok(None);
        }
        let path = self.path(zone, "rescue");
        let Some(bytes) = file::read(&path, RESCUE_LIMIT)?.map(Zeroizing::new) else { return Ok(None) };
        let place = path.display().to_string();
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Fault::Damaged { place: place.clone(), why: "it is not UTF-8" })?;
        Record::from_json(&Secret::new(text), SecretKind::RefreshToken, &place).map(Some)
    }

    /// Removes the rescue file: the vault has what was in it, or something newer.
    pub fn discard_rescued(&self, zone: &str) -> Result<bool, Fault> {
        file::remove(&self.path(zone, "rescue"))
    }

    /// A zone's name has no dot and no slash, so it is safe here.
    fn path(&self, zone: &str, ending: &str) -> PathBuf {
        self.directory.join(format!("{zone}.{ending}"))
    }
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
    fn a_session_reads_back_whole_and_moves_with_its_zone() {
        let (_room, sessions) = room();
        assert_eq!(sessions.get("a").unwrap(), None);
        assert!(!sessions.directory.exists(), "reading makes no directory");
        sessions.put("a", &session()).unwrap();
        sessions.rescue("a", &record()).unwrap();
        assert_eq!(sessions.get("a").unwrap(), Some(session()));
        sessions.rename("a", "b").unwrap();
        assert_eq!((sessions.get("a").unwrap(), sessions.get("b").unwrap()), (None, Some(session())));
        assert_eq!(sessions.rescued("b").unwrap().unwrap().secret.expose(), "hunter2");
        assert!(sessions.discard_rescued("b").unwrap() && sessions.rescued("b").unwrap().is_none());
        assert!(sessions.remove("b").unwrap() && !sessions.remove("b").unwrap());
    }

    #[test]
    fn what_does_not_read_back_is_told_and_not_taken_for_absent() {
        let (_room, sessions) = room();
        sessions.put("a", &session()).unwrap();
        let path = sessions.path("a", "json");
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
    fn a_fingerprint_tells_tokens_apart() {
        let print = |text: &str| fingerprint(&Secret::new(text));
        assert_eq!(print("abc"), "ba7816bf8f01cfea");
        assert_ne!(print("abc"), print("abd"));
    }
}
