//! The journal of a zone: one file, `ZONE.json`, which is also a JWK set (RFC 7517 §5) of the private keys in it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::jose::SigningKey;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::directory::PrivateDirectory;
use crate::store::fault::sanitize_path;
use crate::store::file::{self, Durability};
use crate::store::format::parse_version;

use super::earlier;
use super::entry::{Entry, State, read_text};

/// Files without a version are those of hallpass 0.1.0: [`earlier`].
const FORMAT: u64 = 2;

#[derive(Debug, Clone)]
pub struct Registrations {
    directory: PrivateDirectory,
    /// Where hallpass 0.1.0 stored responses.
    runtime: Option<PrivateDirectory>,
    dry: bool,
}

/// The unfinished registrations of a zone, the oldest entry first; without an entry it has no file.
pub struct Journal {
    directory: PrivateDirectory,
    name: String,
    pub entries: Vec<Entry>,
    written: Zeroizing<String>,
    /// Files of hallpass 0.1.0 whose content is in the entries.
    earlier: Vec<PathBuf>,
    dry: bool,
}

#[derive(Serialize, Deserialize)]
struct Content {
    v: u64,
    keys: Vec<Value>,
    entries: Vec<Entry>,
}

impl Registrations {
    pub fn new(directory: PathBuf, runtime: Option<PathBuf>) -> Self {
        let (directory, runtime) = (PrivateDirectory::new(directory), runtime.map(PrivateDirectory::new));
        Self { directory, runtime, dry: false }
    }

    /// The same for a dry run: there are no journals, and every change succeeds and changes nothing.
    #[must_use]
    pub fn dry(self) -> Self {
        Self { dry: true, ..self }
    }

    pub fn check_writable(&self) -> Result<(), Fault> {
        if self.dry { Ok(()) } else { self.directory.check_writable() }
    }

    /// Reads the journal of a zone and the files of hallpass 0.1.0, which the next [`Journal::save`] takes over. A
    /// complete temporary file of a killed process counts.
    pub fn open(&self, zone: &str) -> Result<Journal, Fault> {
        if self.dry {
            return Ok(self.empty_journal(zone));
        }
        let (path, mut earlier) = (self.path(zone), self.files(zone)?);
        let (temporary, place) = (file::temporary_path(&path), sanitize_path(&path));
        earlier.retain(|file| *file != temporary);
        let (mut entries, mut written) = (Vec::new(), Zeroizing::default());
        if let Some(Ok(found)) = read_text(&temporary)?.map(|json| parse_entries(&place, &json)) {
            entries = found;
        } else if let Some(json) = read_text(&path)?.filter(|json| !earlier::is_intent(json)) {
            entries = parse_entries(&place, &json)?;
            written = json;
        }
        if !written.is_empty() || !entries.is_empty() {
            earlier.retain(|file| *file != path);
        }
        let mut journal = Journal { entries, written, earlier, ..self.empty_journal(zone) };
        for mut entry in earlier::read_entries(zone, &journal.earlier)? {
            if !journal.entries.iter().any(|known| known.has_same_content(&entry)) {
                journal.record(&mut entry);
            }
        }
        Ok(journal)
    }

    pub fn has(&self, zone: &str) -> Result<bool, Fault> {
        Ok(!self.files(zone)?.is_empty())
    }

    /// The zones that have a journal, sorted.
    pub fn zones(&self) -> Result<Vec<String>, Fault> {
        let mut zones: Vec<String> = self.all_files()?.into_iter().map(|(zone, _)| zone).collect();
        zones.retain(|zone| !zone.is_empty());
        zones.sort();
        zones.dedup();
        Ok(zones)
    }

    pub fn copy(&self, old: &str, new: &str) -> Result<(), Fault> {
        let mut journal = self.open(old)?;
        journal.save()?;
        if journal.entries.is_empty() {
            return Ok(());
        }
        file::write(&self.path(new), journal.written.as_bytes(), Durability::Synced)
    }

    pub fn forget(&self, zone: &str) -> Result<(), Fault> {
        self.files(zone)?.iter().try_for_each(|path| file::remove(path).map(drop))
    }

    fn empty_journal(&self, zone: &str) -> Journal {
        let (directory, name) = (self.directory.clone(), file_name(zone));
        let (entries, written, earlier) = (Vec::new(), Zeroizing::default(), Vec::new());
        Journal { directory, name, entries, written, earlier, dry: self.dry }
    }

    pub fn path(&self, zone: &str) -> PathBuf {
        self.directory.join(file_name(zone))
    }

    /// The files of a zone, sorted, temporary ones too.
    fn files(&self, zone: &str) -> Result<Vec<PathBuf>, Fault> {
        let mut files = self.all_files()?;
        files.retain(|(owner, _)| owner == zone);
        Ok(files.into_iter().map(|(_, path)| path).collect())
    }

    /// All files with the zone that each name begins with, behind the dot of a temporary file.
    fn all_files(&self) -> Result<Vec<(String, PathBuf)>, Fault> {
        let mut found = Vec::new();
        if self.dry {
            return Ok(found);
        }
        for directory in std::iter::once(&self.directory).chain(&self.runtime) {
            for path in directory.list_files()? {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if let Some((zone, _)) = name.strip_prefix('.').unwrap_or(name).split_once('.') {
                    found.push((zone.to_owned(), path));
                }
            }
        }
        found.sort_by(|(_, one), (_, other)| one.cmp(other));
        Ok(found)
    }
}

/// A zone's name has no dot and no slash.
fn file_name(zone: &str) -> String {
    format!("{zone}.json")
}

impl Journal {
    pub fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    /// Whether it takes over files of hallpass 0.1.0.
    pub fn is_taken_over(&self) -> bool {
        self.earlier.iter().any(|file| *file != self.path())
    }

    /// Adds an operation, or replaces the entry of its number.
    pub fn record(&mut self, entry: &mut Entry) {
        if entry.id == 0 {
            entry.id = 1 + self.entries.iter().map(|entry| entry.id).max().unwrap_or(0);
        }
        match self.entries.iter_mut().find(|known| known.id == entry.id) {
            Some(known) => *known = entry.clone(),
            None => self.entries.push(entry.clone()),
        }
    }

    pub fn discard(&mut self, entry: &Entry) {
        self.entries.retain(|known| known.id != entry.id);
    }

    /// Marks operations as superseded by another client, and removes those that contain nothing.
    pub fn supersede(&mut self, which: impl Fn(&Entry) -> bool) {
        self.entries.retain(|entry| !which(entry) || !entry.is_empty());
        self.entries.iter_mut().filter(|entry| which(entry)).for_each(|entry| entry.state = State::Superseded);
    }

    /// Writes what has changed; an empty journal is removed.
    pub fn save(&mut self) -> Result<(), Fault> {
        if self.dry {
            return Ok(());
        }
        let path = self.path();
        if self.entries.is_empty() {
            file::remove(&file::temporary_path(&path))?;
            file::remove(&path)?;
        } else {
            let json = self.to_json()?;
            if *json != *self.written {
                self.directory.write(&self.name, json.as_bytes(), Durability::Synced)?;
                self.written = json;
            }
        }
        self.earlier.drain(..).filter(|file| *file != path).try_for_each(|file| file::remove(&file).map(drop))
    }

    fn to_json(&self) -> Result<Zeroizing<String>, Fault> {
        let broken = || Fault::Damaged { place: sanitize_path(&self.path()), why: "a key can't be written" };
        let keys = self.entries.iter().filter_map(|entry| entry.key.as_ref());
        let keys = keys.map(|key| serde_json::from_str(key.private_jwk().ok()?.expose()).ok());
        let keys = keys.collect::<Option<Vec<Value>>>().ok_or_else(broken)?;
        let mut content = Content { v: FORMAT, keys, entries: self.entries.clone() };
        for entry in &mut content.entries {
            entry.kid = entry.key.as_ref().map(|key| key.kid().to_owned());
        }
        Ok(Zeroizing::new(serde_json::to_string_pretty(&content).unwrap_or_default()))
    }
}

fn parse_entries(place: &str, json: &str) -> Result<Vec<Entry>, Fault> {
    const EXPECTED: &str = "it is not a journal of registrations";
    let damaged = || Fault::Damaged { place: place.to_owned(), why: EXPECTED };
    let mut content: Content = parse_version(json.as_bytes(), FORMAT, place, EXPECTED)?;
    for entry in &mut content.entries {
        let Some(kid) = &entry.kid else { continue };
        let key = content.keys.iter().find(|key| key["kid"] == kid.as_str()).ok_or_else(damaged)?;
        let key = SigningKey::from_text(&Secret::new(key.to_string()), None, None).map_err(|_| damaged())?;
        entry.key = Some(key);
    }
    Ok(content.entries)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Entry, Registrations, State};
    use crate::jose::{Algorithm, SigningKey};
    use crate::secret::Secret;
    use crate::store::Fault;
    use crate::store::file::{self, Durability};

    fn registrations(room: &Path) -> Registrations {
        let all = Registrations::new(room.join("disk"), Some(room.join("memory")));
        all.check_writable().unwrap();
        all
    }

    fn entry(key: Option<SigningKey>) -> Entry {
        Entry { key, ..Entry::new(7, "https://i.example", "https://i.example/r", None) }
    }

    #[test]
    fn journal_is_removed_with_last_entry() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        for algorithm in [Algorithm::Es256, Algorithm::Ps384, Algorithm::EdDsa] {
            let key = SigningKey::generate(algorithm).unwrap();
            let mut journal = all.open("a").unwrap();
            let mut entry = entry(Some(key.clone()));
            journal.record(&mut entry);
            entry.set_response(State::Answered, 201, b"{}");
            journal.record(&mut entry);
            journal.save().unwrap();
            // It is a JWK set as well: a key source that `zone edit` takes.
            let text = std::fs::read_to_string(journal.path()).unwrap();
            let back = SigningKey::from_text(&Secret::new(text), Some(key.kid()), Some(algorithm)).unwrap();
            assert_eq!(back.public_jwk(), key.public_jwk());
            let mut journal = all.open("a").unwrap();
            let [read] = &journal.entries[..] else { panic!() };
            assert_eq!((read.state, read.at_ms, read.mentions("{}")), (State::Answered, 7, true));
            assert_eq!(read.key.as_ref().unwrap().algorithm(), algorithm);
            journal.discard(&entry);
            journal.save().unwrap();
            assert!(!all.has("a").unwrap());
        }
    }

    #[test]
    fn superseded_entry_stays_when_it_contains_something() {
        let room = tempfile::tempdir().unwrap();
        let mut journal = registrations(room.path()).open("a").unwrap();
        journal.record(&mut entry(None));
        journal.record(&mut entry(Some(SigningKey::generate(Algorithm::Es256).unwrap())));
        journal.supersede(|_| true);
        assert_eq!(journal.entries.iter().map(|entry| entry.state).collect::<Vec<_>>(), [State::Superseded]);
    }

    /// Of a zone `a` beside a zone `ab`: it has the new name, or the old one.
    #[test]
    fn journal_moves_along_or_stays() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        for zone in ["a", "ab"] {
            let mut journal = all.open(zone).unwrap();
            journal.record(&mut entry(None));
            journal.save().unwrap();
        }
        std::fs::create_dir(all.path("b")).unwrap();
        assert!(all.copy("a", "b").is_err() && all.open("a").unwrap().entries.len() == 1);
        std::fs::remove_dir(all.path("b")).unwrap();
        all.copy("a", "b").unwrap();
        assert_eq!(all.zones().unwrap(), ["a", "ab", "b"]);
        assert_eq!(all.open("b").unwrap().entries.len(), 1);
        all.forget("b").unwrap();
        assert!(!all.has("b").unwrap() && all.has("ab").unwrap());
    }

    #[test]
    fn complete_temporary_journal_counts() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        let mut journal = all.open("a").unwrap();
        journal.record(&mut entry(None));
        journal.save().unwrap();
        let mut answered = journal.entries[0].clone();
        answered.set_response(State::Answered, 201, b"new");
        let mut next = all.open("b").unwrap();
        next.record(&mut answered);
        next.save().unwrap();
        let whole = std::fs::read(next.path()).unwrap();
        let beside = file::temporary_path(&journal.path());
        for (left, state) in [(&[][..], State::Intended), (&whole[..9], State::Intended), (&whole, State::Answered)] {
            file::write(&beside, left, Durability::Volatile).unwrap();
            assert_eq!(all.open("a").unwrap().entries[0].state, state);
        }
        all.open("a").unwrap().save().unwrap();
        assert!(!beside.exists() && all.open("a").unwrap().entries[0].mentions("new"));
    }

    #[test]
    fn corrupt_journal_is_refused() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        file::write(&all.path("a"), br#"{"v":2"#, Durability::Volatile).unwrap();
        assert!(matches!(all.open("a"), Err(Fault::Damaged { .. })));
        file::write(&all.path("a"), br#"{"v":3}"#, Durability::Volatile).unwrap();
        assert!(matches!(all.open("a"), Err(Fault::Newer { version: 3, .. })));
    }
}
