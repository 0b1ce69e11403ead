//! Documents that were fetched without a credential and are cached: metadata, by issuer.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edges::Moment;

use super::Fault;
use super::digest::Digest;
use super::directory::PrivateDirectory;
use super::file::Durability;
use super::format::milliseconds;

/// Twice what a document may have over the network, for the escapes of JSON in JSON.
const LIMIT: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub body: String,
    #[serde(rename = "fetched_ms", with = "milliseconds")]
    pub stored_at: Moment,
    #[serde(rename = "expires_ms", with = "milliseconds")]
    pub expires_at: Moment,
}

impl Document {
    /// Whether it may be used now; not before it was stored, because then a clock is wrong.
    pub fn is_fresh(&self, now: Moment) -> bool {
        self.stored_at <= now && now < self.expires_at
    }
}

#[derive(Serialize, Deserialize)]
struct Stored<D> {
    v: u64,
    issuer: String,
    #[serde(flatten)]
    document: D,
}

#[derive(Debug, Clone)]
pub struct Documents {
    directory: PrivateDirectory,
}

impl Documents {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: PrivateDirectory::new(directory) }
    }

    /// The document of this issuer, fresh or not. A corrupt file counts as absent.
    pub fn get(&self, issuer: &str) -> Result<Option<Document>, Fault> {
        let bytes = match self.directory.read(file_name(issuer), LIMIT) {
            Ok(Some(bytes)) => bytes,
            Ok(None) | Err(Fault::TooLarge { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let stored = serde_json::from_slice::<Stored<Document>>(&bytes).ok();
        Ok(stored.filter(|stored| stored.v == 1 && stored.issuer == issuer).map(|stored| stored.document))
    }

    /// Stores or replaces the document of this issuer. Needs no lock.
    pub fn put(&self, issuer: &str, document: &Document) -> Result<(), Fault> {
        let json = serde_json::to_vec(&Stored { v: 1, issuer: issuer.to_owned(), document }).unwrap_or_default();
        self.directory.write(file_name(issuer), &json, Durability::Volatile)
    }
}

fn file_name(issuer: &str) -> String {
    Digest::new("document").text(issuer).hex()
}

#[cfg(test)]
mod tests {
    use super::{Document, Documents, file_name};
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
    fn document_is_kept_for_its_issuer() {
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        assert_eq!(documents.get("https://a").unwrap(), None);
        documents.put("https://a", &document("{\"é\":1}")).unwrap();
        documents.put("https://a/", &document("2")).unwrap();
        assert_eq!(documents.get("https://a").unwrap(), Some(document("{\"é\":1}")));
        assert_eq!(documents.get("https://a/").unwrap(), Some(document("2")));
        file::remove(&documents.directory.join(file_name("https://a"))).unwrap();
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
    fn corrupt_document_is_absent() {
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        documents.put("https://a", &document("x")).unwrap();
        let path = documents.directory.join(file_name("https://a"));
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
    fn open_file_is_fault_not_absence() {
        use std::os::unix::fs::PermissionsExt as _;
        let room = tempfile::tempdir().unwrap();
        let documents = Documents::new(room.path().join("d"));
        documents.put("https://a", &document("x")).unwrap();
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(documents.directory.join(file_name("https://a")), open).unwrap();
        assert!(matches!(documents.get("https://a"), Err(Fault::Unsafe { .. })));
    }
}
