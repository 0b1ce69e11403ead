//! Documents that were fetched without a credential and are kept for a while: metadata, by issuer.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::edges::Moment;

use super::Fault;
use super::digest::Digest;
use super::directory;
use super::file::{self, Durability};

/// Twice what a document may have over the network, for the escapes of JSON in JSON.
const LIMIT: u64 = 1 << 20;

#[derive(Debug, Clone)]
pub struct Documents {
    directory: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The text as it was handed in.
    pub body: String,
    pub stored_at: Moment,
    /// When it has to be asked for again.
    pub expires_at: Moment,
}

impl Document {
    /// Whether it may be used at this moment; not before it was stored, for then a clock is wrong.
    pub fn is_fresh(&self, now: Moment) -> bool {
        self.stored_at <= now && now < self.expires_at
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u64,
    issuer: String,
    body: String,
    fetched_ms: i64,
    expires_ms: i64,
}

impl Documents {
    /// Nothing is touched before the first call.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The document of this issuer, fresh or not. A corrupt file counts as absent.
    pub fn get(&self, issuer: &str) -> Result<Option<Document>, Fault> {
        if !directory::check(&self.directory)? {
            return Ok(None);
        }
        let bytes = match file::read(&self.path(issuer), LIMIT) {
            Ok(Some(bytes)) => bytes,
            Ok(None) | Err(Fault::TooLarge { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let stored = serde_json::from_slice::<Stored>(&bytes).ok().filter(|it| it.v == 1 && it.issuer == issuer);
        Ok(stored.map(|it| Document {
            body: it.body,
            stored_at: Moment::from_millis(it.fetched_ms),
            expires_at: Moment::from_millis(it.expires_ms),
        }))
    }

    /// Keeps or replaces the document of this issuer. Needs no lock.
    pub fn put(&self, issuer: &str, document: &Document) -> Result<(), Fault> {
        directory::create_private(&self.directory)?;
        let stored = Stored {
            v: 1,
            issuer: issuer.to_owned(),
            body: document.body.clone(),
            fetched_ms: document.stored_at.millis(),
            expires_ms: document.expires_at.millis(),
        };
        let json = serde_json::to_vec(&stored).unwrap_or_default();
        file::write(&self.path(issuer), &json, Durability::Volatile)
    }

    fn path(&self, issuer: &str) -> PathBuf {
        Path::join(&self.directory, Digest::new("document").text(issuer).hex())
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Documents};
    use crate::edges::Moment;
    use crate::store::Fault;
    use crate::store::file::{self, Durability};

    fn document(body: &str) -> Document {
        Document {
            body: body.to_owned(),
            stored_at: Moment::from_millis(1_000_500),
            expires_at: Moment::from_millis(4_600_500),
        }
    }

    #[test]
    fn a_document_is_kept_for_its_issuer() {
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        assert_eq!(documents.get("https://a").unwrap(), None);
        documents.put("https://a", &document("{\"é\":1}")).unwrap();
        documents.put("https://a/", &document("2")).unwrap();
        assert_eq!(documents.get("https://a").unwrap(), Some(document("{\"é\":1}")));
        assert_eq!(documents.get("https://a/").unwrap(), Some(document("2")));
        file::remove(&documents.path("https://a")).unwrap();
        assert_eq!(documents.get("https://a").unwrap(), None);
    }

    #[test]
    fn freshness_has_two_ends() {
        let document = document("x");
        assert!(document.is_fresh(Moment::from_millis(1_000_500)));
        assert!(!document.is_fresh(Moment::from_millis(1_000_499)));
        assert!(!document.is_fresh(Moment::from_millis(4_600_500)));
    }

    #[test]
    fn what_does_not_read_back_is_absent() {
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        documents.put("https://a", &document("x")).unwrap();
        let path = documents.path("https://a");
        let good = String::from_utf8(file::read(&path, 10_000).unwrap().unwrap()).unwrap();
        let long = good.replace("\"x\"", &format!("\"{}\"", "x".repeat(1 << 20)));
        let newer = good.replace("\"v\":1", "\"v\":2");
        let other = good.replace("https://a", "https://b");
        for bad in ["", "{}", "null", &good[..good.len() - 1], &newer, &other, &long] {
            file::write(&path, bad.as_bytes(), Durability::Volatile).unwrap();
            assert_eq!(documents.get("https://a").unwrap(), None);
        }
        file::write(&path, good.as_bytes(), Durability::Volatile).unwrap();
        assert!(documents.get("https://a").unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn an_open_file_is_a_fault_not_an_absence() {
        use std::os::unix::fs::PermissionsExt as _;
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        documents.put("https://a", &document("x")).unwrap();
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(documents.path("https://a"), open).unwrap();
        assert!(matches!(documents.get("https://a"), Err(Fault::Unsafe { .. })));
    }
}
