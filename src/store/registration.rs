//! Registrations of clients that are under way: a journal without a secret, so that one whose answer was lost is not
//! made twice unseen, what a server gave until the vault has it, and the private keys whose public halves were sent.
//!
//! A registration access token may be good for one use only, and a secret is told once. So an answer is put down whole
//! before anything else is done with it: into the runtime directory, which is memory, where there is one. It is removed
//! when the vault has what was in it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret::Secret;

use super::file::{self, Durability};
use super::{Fault, folder};

/// The most bytes of a journal.
const LIMIT: u64 = 64 * 1024;
/// The most bytes of what was put down: an answer of 1 MiB, each byte of it an escape.
const KEPT_LIMIT: u64 = 8 * 1024 * 1024;
/// How the name of what was put down ends.
const KEPT: &str = "rescue";
/// How the name of an answer ends that nothing could be made of.
const EXHIBIT: &str = "answer";
/// How the name of an answer ends that made room for another client's.
const ASIDE: &str = "former";
/// How the name of a private key ends.
const KEY: &str = "key";

/// A registration that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The issuer.
    pub issuer: String,
    /// The registration endpoint.
    pub endpoint: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// The method of client authentication that was asked for.
    #[serde(default)]
    pub auth: Option<String>,
    /// The zone's name of the grant that was asked for.
    #[serde(default)]
    pub grant: Option<String>,
    /// Id and algorithm of the key that was made for it and put down.
    #[serde(default)]
    pub key: Option<(String, String)>,
}

/// The folders of registrations.
#[derive(Debug, Clone)]
pub struct Registrations {
    folder: PathBuf,
    runtime: Option<PathBuf>,
}

impl Registrations {
    /// Nothing is touched before the first call.
    pub fn new(folder: PathBuf, runtime: Option<PathBuf>) -> Self {
        Self { folder, runtime }
    }

    /// Proves that a journal could be written now.
    ///
    /// # Errors
    /// As [`folder::private`] and [`file::rehearse`].
    pub fn rehearse(&self) -> Result<(), Fault> {
        folder::private(&self.folder)?;
        file::rehearse(&self.folder)
    }

    /// Notes that a registration into this zone is about to be sent.
    ///
    /// # Errors
    /// As [`file::write`].
    pub fn begin(&self, zone: &str, pending: &Pending) -> Result<(), Fault> {
        folder::private(&self.folder)?;
        let json = serde_json::to_vec(pending).unwrap_or_default();
        file::write(&path(&self.folder, zone, "json"), &json, Durability::Synced)
    }

    /// The registration into this zone whose outcome nobody wrote down.
    ///
    /// # Errors
    /// [`Fault::Damaged`] when the journal does not read back: it speaks of one all the same.
    pub fn pending(&self, zone: &str) -> Result<Option<Pending>, Fault> {
        if !folder::check(&self.folder)? {
            return Ok(None);
        }
        let path = path(&self.folder, zone, "json");
        let Some(bytes) = file::read(&path, LIMIT)? else { return Ok(None) };
        let damaged = |_| Fault::Damaged { place: path.display().to_string(), why: "it is no journal" };
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// The outcome is known.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn end(&self, zone: &str) -> Result<bool, Fault> {
        file::remove(&path(&self.folder, zone, "json"))
    }

    /// Puts down what a server gave until it is saved.
    ///
    /// # Errors
    /// As [`file::write`], when no place takes it.
    pub fn keep(&self, zone: &str, text: &Secret) -> Result<PathBuf, Fault> {
        if let Some(runtime) = &self.runtime
            && let Ok(path) = put(runtime, zone, KEPT, text)
        {
            return Ok(path);
        }
        put(&self.folder, zone, KEPT, text)
    }

    /// Puts down what could not be saved, to stay: on the disk, or where it is already when the disk is full.
    ///
    /// # Errors
    /// As [`file::write`], when no place has it.
    pub fn rescue(&self, zone: &str, text: &Secret) -> Result<PathBuf, Fault> {
        match put(&self.folder, zone, KEPT, text) {
            Ok(rescued) => {
                if let Some(runtime) = &self.runtime {
                    file::remove(&path(runtime, zone, KEPT))?;
                }
                Ok(rescued)
            }
            Err(fault) => self.kept(zone)?.map(|(path, _)| path).ok_or(fault),
        }
    }

    /// Puts down an answer that nothing can be made of, under a name of its own: it is for a person to look at.
    ///
    /// # Errors
    /// As [`file::write`].
    pub fn exhibit(&self, zone: &str, text: &Secret, at_ms: i64) -> Result<PathBuf, Fault> {
        put(&self.folder, &format!("{zone}.{at_ms}"), EXHIBIT, text)
    }

    /// The answers that nothing could be made of.
    ///
    /// # Errors
    /// As [`file::read`].
    pub fn exhibits(&self, zone: &str) -> Result<Vec<(PathBuf, Secret)>, Fault> {
        self.read_all(zone, EXHIBIT)
    }

    /// Puts what was kept under a name of its own, to stay: another client's answer takes its place.
    ///
    /// # Errors
    /// As [`file::write`].
    pub fn set_aside(&self, zone: &str, text: &Secret, at_ms: i64) -> Result<PathBuf, Fault> {
        let path = put(&self.folder, &format!("{zone}.{at_ms}"), ASIDE, text)?;
        self.settle(zone)?;
        Ok(path)
    }

    /// Puts down a private key before its public half goes to the server. Each has a name of its own: none ever takes
    /// the place of another one that a server may have.
    ///
    /// # Errors
    /// As [`file::write`].
    pub fn key(&self, zone: &str, kid: &str, pem: &Secret) -> Result<PathBuf, Fault> {
        put(&self.folder, &format!("{zone}.{kid}"), KEY, pem)
    }

    /// Where a private key is put down.
    pub fn key_path(&self, zone: &str, kid: &str) -> PathBuf {
        path(&self.folder, &format!("{zone}.{kid}"), KEY)
    }

    /// The private keys of a zone that were put down.
    ///
    /// # Errors
    /// As [`file::read`].
    pub fn keys(&self, zone: &str) -> Result<Vec<(PathBuf, Secret)>, Fault> {
        self.read_all(zone, KEY)
    }

    /// The key is where it belongs, or no server has it.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn forget_key(&self, zone: &str, kid: &str) -> Result<bool, Fault> {
        file::remove(&self.key_path(zone, kid))
    }

    /// Puts the private keys that are left of earlier registrations under another name, to stay: the zone has another
    /// client now, whose keys they are not.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn set_keys_aside(&self, zone: &str) -> Result<Vec<PathBuf>, Fault> {
        let keys = self.all(zone)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == KEY));
        keys.map(|from| {
            let to = from.with_extension(ASIDE);
            std::fs::rename(&from, &to).map_err(Fault::io("rename", &from))?;
            Ok(to)
        })
        .collect()
    }

    /// Whether anything of a registration into this zone is here.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn knows(&self, zone: &str) -> Result<bool, Fault> {
        Ok(!self.all(zone)?.is_empty())
    }

    /// Takes everything of a zone along to its new name, or nothing.
    ///
    /// # Errors
    /// [`Fault::Io`]: then all of it has the old name.
    pub fn rename(&self, old: &str, new: &str) -> Result<(), Fault> {
        let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
        for from in self.all(old)? {
            let name = from.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let to = from.with_file_name(name.replacen(old, new, 1));
            if let Err(error) = std::fs::rename(&from, &to) {
                for (from, to) in moved.iter().rev() {
                    let _ = std::fs::rename(to, from);
                }
                return Err(Fault::io("rename", &from)(error));
            }
            moved.push((from, to));
        }
        moved.iter().try_for_each(|(_, to)| file::sync_folder(to))
    }

    /// How many answers and keys were set aside for a zone, to stay.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn left_aside(&self, zone: &str) -> Result<usize, Fault> {
        let aside = |path: &&PathBuf| path.extension().is_some_and(|end| end == ASIDE || end == EXHIBIT);
        Ok(self.all(zone)?.iter().filter(aside).count())
    }

    /// Removes everything of a zone.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn remove(&self, zone: &str) -> Result<(), Fault> {
        self.all(zone)?.iter().try_for_each(|path| file::remove(path).map(drop))
    }

    /// The files of a zone, those that a killed writer left beside too.
    fn all(&self, zone: &str) -> Result<Vec<PathBuf>, Fault> {
        let prefix = format!("{zone}.");
        let mut paths = Vec::new();
        for folder in std::iter::once(&self.folder).chain(&self.runtime) {
            if !folder::check(folder)? {
                continue;
            }
            for entry in std::fs::read_dir(folder).map_err(Fault::io("read", folder))? {
                let path = entry.map_err(Fault::io("read", folder))?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if name.strip_prefix('.').unwrap_or(name).starts_with(&prefix) {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// The files of a zone that end so, and what is in them.
    fn read_all(&self, zone: &str, ending: &str) -> Result<Vec<(PathBuf, Secret)>, Fault> {
        let mut found = Vec::new();
        for path in self.all(zone)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == ending)) {
            if let Some(bytes) = file::read(&path, KEPT_LIMIT)?.map(Zeroizing::new) {
                found.push((path, Secret::new(String::from_utf8_lossy(&bytes))));
            }
        }
        Ok(found)
    }

    /// What was put down and not saved since.
    ///
    /// # Errors
    /// [`Fault::Damaged`] when it is not UTF-8; [`Fault::Unsafe`] when others could have written it.
    pub fn kept(&self, zone: &str) -> Result<Option<(PathBuf, Secret)>, Fault> {
        for folder in std::iter::once(&self.folder).chain(&self.runtime) {
            if !folder::check(folder)? {
                continue;
            }
            let mut path = path(folder, zone, KEPT);
            let mut bytes = file::read(&path, KEPT_LIMIT)?.map(Zeroizing::new);
            if bytes.is_none() {
                // Whoever was killed right before it was put in its place left it beside: whole, it is as good.
                path = file::temporary(&path);
                bytes = file::read(&path, KEPT_LIMIT)?.map(Zeroizing::new).filter(|bytes| is_whole(bytes));
            }
            if let Some(bytes) = bytes {
                let place = path.display().to_string();
                let text = std::str::from_utf8(&bytes).map_err(|_| Fault::Damaged { place, why: "it is not UTF-8" })?;
                return Ok(Some((path, Secret::new(text))));
            }
        }
        Ok(None)
    }

    /// What was put down is saved.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn settle(&self, zone: &str) -> Result<(), Fault> {
        for folder in std::iter::once(&self.folder).chain(&self.runtime) {
            let path = path(folder, zone, KEPT);
            file::remove(&path)?;
            file::remove(&file::temporary(&path))?;
        }
        Ok(())
    }

    /// The zones that something is under way for, sorted.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn zones(&self) -> Result<Vec<String>, Fault> {
        let mut zones = Vec::new();
        for folder in std::iter::once(&self.folder).chain(&self.runtime) {
            if !folder::check(folder)? {
                continue;
            }
            for entry in std::fs::read_dir(folder).map_err(Fault::io("read", folder))? {
                let name = entry.map_err(Fault::io("read", folder))?.file_name().into_string().unwrap_or_default();
                zones.extend(name.strip_suffix(".json").or(name.strip_suffix(".rescue")).map(str::to_owned));
            }
        }
        zones.retain(|zone| !zone.contains('.'));
        zones.sort();
        zones.dedup();
        Ok(zones)
    }
}

/// Whether a text was written to its end: what is put down is one JSON value.
fn is_whole(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn put(folder: &Path, name: &str, ending: &str, text: &Secret) -> Result<PathBuf, Fault> {
    folder::private(folder)?;
    let path = path(folder, name, ending);
    file::write(&path, text.expose().as_bytes(), Durability::Synced)?;
    Ok(path)
}

/// A zone's name has no dot and no slash, so it is safe here.
fn path(folder: &Path, zone: &str, ending: &str) -> PathBuf {
    folder.join(format!("{zone}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::{Pending, Registrations};
    use crate::secret::Secret;
    use crate::store::Fault;
    use crate::store::file::{self, Durability};

    fn pending() -> Pending {
        let (issuer, endpoint) = ("i".to_owned(), "e".to_owned());
        Pending { issuer, endpoint, at_ms: 7, auth: None, grant: None, key: Some(("k".to_owned(), "ES256".to_owned())) }
    }

    #[test]
    fn a_journal_of_before_reads_back() {
        let old: Pending = serde_json::from_str(r#"{"issuer":"i","endpoint":"e","at_ms":7}"#).unwrap();
        assert_eq!(old, Pending { key: None, ..pending() });
    }

    /// Of a zone `a` with everything, beside a zone `ab`: all of it has the new name, or none of it.
    #[test]
    fn all_of_a_zone_moves_along_or_nothing() {
        let room = tempfile::tempdir().unwrap();
        let (disk, memory) = (room.path().join("disk"), room.path().join("memory"));
        let all = Registrations::new(disk.clone(), Some(memory.clone()));
        all.begin("a", &pending()).unwrap();
        all.begin("ab", &pending()).unwrap();
        all.keep("a", &Secret::new("kept")).unwrap();
        all.key("a", "kid", &Secret::new("pem")).unwrap();
        all.exhibit("a", &Secret::new("odd"), 5).unwrap();
        assert!(all.knows("a").unwrap() && !all.knows("b").unwrap());
        // A folder stands where the last file would go.
        std::fs::create_dir(memory.join("b.rescue")).unwrap();
        assert!(
            all.rename("a", "b").is_err() && all.pending("a").unwrap().is_some() && all.keys("a").unwrap().len() == 1
        );
        std::fs::remove_dir(memory.join("b.rescue")).unwrap();
        all.rename("a", "b").unwrap();
        assert!(!all.knows("a").unwrap() && all.pending("ab").unwrap().is_some());
        assert_eq!((all.pending("b").unwrap(), all.kept("b").unwrap().unwrap().1.expose()), (Some(pending()), "kept"));
        assert_eq!((all.keys("b").unwrap()[0].1.expose(), all.exhibits("b").unwrap()[0].1.expose()), ("pem", "odd"));
        all.remove("b").unwrap();
        assert!(!all.knows("b").unwrap() && all.knows("ab").unwrap());
    }

    #[test]
    fn no_key_takes_the_place_of_another_one() {
        let room = tempfile::tempdir().unwrap();
        let all = Registrations::new(room.path().join("disk"), None);
        for (kid, pem) in [("k1", "one"), ("k2", "two")] {
            assert_eq!(all.key("a", kid, &Secret::new(pem)).unwrap(), all.key_path("a", kid));
        }
        assert!(all.forget_key("a", "k2").unwrap() && !all.forget_key("a", "k2").unwrap());
        assert_eq!(all.keys("a").unwrap()[0].1.expose(), "one");
        let [aside] = &all.set_keys_aside("a").unwrap()[..] else { panic!() };
        assert!(aside.exists() && all.keys("a").unwrap().is_empty());
    }

    #[test]
    fn a_journal_is_there_until_the_end_and_what_was_kept_until_it_is_settled() {
        let room = tempfile::tempdir().unwrap();
        let (disk, memory) = (room.path().join("disk"), room.path().join("memory"));
        let all = Registrations::new(disk.clone(), Some(memory.clone()));
        assert_eq!((all.pending("a").unwrap(), all.zones().unwrap().len(), disk.exists()), (None, 0, false));
        let pending = pending();
        all.begin("a", &pending).unwrap();
        assert!(all.keep("b", &Secret::new("x")).unwrap().starts_with(&memory));
        assert_eq!((all.pending("a").unwrap(), all.zones().unwrap()), (Some(pending), vec!["a".into(), "b".into()]));
        let lasting = all.rescue("b", &Secret::new("y")).unwrap();
        assert!(lasting.starts_with(&disk) && !memory.join("b.rescue").exists());
        assert_eq!(all.kept("b").unwrap().unwrap().1.expose(), "y");
        all.settle("b").unwrap();
        assert!(all.end("a").unwrap() && all.kept("b").unwrap().is_none() && all.zones().unwrap().is_empty());
    }

    #[test]
    fn what_a_killed_writer_left_beside_counts_when_it_is_whole() {
        let room = tempfile::tempdir().unwrap();
        let all = Registrations::new(room.path().join("disk"), None);
        all.rehearse().unwrap();
        let beside = room.path().join("disk/.a.rescue.tmp");
        for (left, expected) in [("", None), ("{\"v\":1", None), ("{\"v\":1}", Some("{\"v\":1}"))] {
            file::write(&beside, left.as_bytes(), Durability::Volatile).unwrap();
            let kept = all.kept("a").unwrap();
            assert_eq!(kept.as_ref().map(|(_, text)| text.expose()), expected, "{left}");
        }
        file::write(&room.path().join("disk/a.rescue"), b"{}", Durability::Volatile).unwrap();
        assert_eq!(all.kept("a").unwrap().unwrap().1.expose(), "{}", "what is in its place goes first");
        all.settle("a").unwrap();
        assert!(all.kept("a").unwrap().is_none() && !beside.exists());
    }

    #[test]
    fn a_journal_that_does_not_read_back_is_no_clean_slate() {
        let room = tempfile::tempdir().unwrap();
        let all = Registrations::new(room.path().join("disk"), None);
        all.rehearse().unwrap();
        file::write(&room.path().join("disk/a.json"), b"{", Durability::Volatile).unwrap();
        assert!(matches!(all.pending("a"), Err(Fault::Damaged { .. })));
    }
}
