//! The journal of a zone: one file, `ZONE.json`, which is also a JWK set (RFC 7517 §5) of the private keys in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::jose::SigningKey;
use crate::secret::Secret;
use crate::store::file::{self, Durability};
use crate::store::{Fault, directory};

use super::earlier;
use super::entry::{Entry, State};
use super::text::read_text;

/// Files without a version are those of hallpass 0.1.0: [`earlier`].
const FORMAT: u64 = 2;

#[derive(Debug, Clone)]
pub struct Registrations {
    directory: PathBuf,
    /// Where hallpass 0.1.0 kept responses.
    runtime: Option<PathBuf>,
}

/// The journal of a zone, the oldest entry first. Its file is there as long as it has one.
pub struct Journal {
    path: PathBuf,
    pub entries: Vec<Entry>,
    written: Zeroizing<String>,
    /// Files of hallpass 0.1.0 whose content is in the entries.
    earlier: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    v: u64,
    keys: Vec<Value>,
    entries: Vec<Entry>,
}

impl Registrations {
    /// Nothing is touched before the first call.
    pub fn new(directory: PathBuf, runtime: Option<PathBuf>) -> Self {
        Self { directory, runtime }
    }

    /// Proves that a journal could be written now.
    pub fn check_writable(&self) -> Result<(), Fault> {
        directory::create_private(&self.directory)?;
        file::check_writable(&self.directory)
    }

    /// Reads the journal of a zone, and what hallpass 0.1.0 left of it: the next [`Journal::save`] takes that in. What
    /// a killed process had written but not put in place counts.
    pub fn open(&self, zone: &str) -> Result<Journal, Fault> {
        let path = self.path(zone);
        let mut journal = Journal { path, entries: Vec::new(), written: Zeroizing::default(), earlier: Vec::new() };
        let files = self.files(zone)?;
        if let Some(text) = read_text(&file::temporary(&journal.path))?
            && let Ok(entries) = parse_entries(&journal.path, &text)
        {
            journal.entries = entries;
        } else if let Some(text) = read_text(&journal.path)?
            && !earlier::is_intent(&text)
        {
            journal.entries = parse_entries(&journal.path, &text)?;
            journal.written = text;
        }
        let others = files.into_iter().filter(|file| *file != file::temporary(&journal.path));
        let others: Vec<PathBuf> = others
            .filter(|file| *file != journal.path || journal.written.is_empty() && journal.entries.is_empty())
            .collect();
        for entry in earlier::read(zone, &others)? {
            if !journal.entries.iter().any(|known| known.holds_same_as(&entry)) {
                journal.record(&mut entry.clone());
            }
        }
        journal.earlier = others;
        Ok(journal)
    }

    /// Whether anything of a registration into this zone is here.
    pub fn has(&self, zone: &str) -> Result<bool, Fault> {
        Ok(!self.files(zone)?.is_empty())
    }

    /// The zones that have a journal, sorted.
    pub fn zones(&self) -> Result<Vec<String>, Fault> {
        let names = self.names()?.into_iter();
        let mut zones: Vec<String> = names.filter_map(|(_, name)| Some(name.split_once('.')?.0.to_owned())).collect();
        zones.retain(|zone| !zone.is_empty());
        zones.sort();
        zones.dedup();
        Ok(zones)
    }

    /// Takes the journal of a zone along to its new name.
    pub fn rename(&self, old: &str, new: &str) -> Result<(), Fault> {
        let mut journal = self.open(old)?;
        journal.save()?;
        if journal.entries.is_empty() {
            return Ok(());
        }
        let to = self.path(new);
        fs::rename(&journal.path, &to).map_err(Fault::io("rename", &journal.path))?;
        file::sync_directory(&to)
    }

    pub fn forget(&self, zone: &str) -> Result<(), Fault> {
        self.files(zone)?.iter().try_for_each(|path| file::remove(path).map(drop))
    }

    /// The journal of a zone, whose name has no dot and no slash.
    pub fn path(&self, zone: &str) -> PathBuf {
        self.directory.join(format!("{zone}.json"))
    }

    /// The files of a zone, those that a killed process left beside too.
    fn files(&self, zone: &str) -> Result<Vec<PathBuf>, Fault> {
        let own = |name: &str| name.split_once('.').is_some_and(|(first, _)| first == zone);
        Ok(self.names()?.into_iter().filter(|(_, name)| own(name)).map(|(path, _)| path).collect())
    }

    /// All files, sorted, with their names without a leading dot.
    fn names(&self) -> Result<Vec<(PathBuf, String)>, Fault> {
        let mut found = Vec::new();
        for directory in std::iter::once(&self.directory).chain(&self.runtime) {
            if !directory::check(directory)? {
                continue;
            }
            for entry in fs::read_dir(directory).map_err(Fault::io("read", directory))? {
                let path = entry.map_err(Fault::io("read", directory))?.path();
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let name = name.strip_prefix('.').unwrap_or(name).to_owned();
                found.push((path, name));
            }
        }
        found.sort();
        Ok(found)
    }
}

impl Journal {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it takes in files of hallpass 0.1.0.
    pub fn is_taken_over(&self) -> bool {
        self.earlier.iter().any(|file| *file != self.path)
    }

    /// Puts an operation in, or in place of what was known of it.
    pub fn record(&mut self, entry: &mut Entry) {
        if entry.id == 0 {
            entry.id = 1 + self.entries.iter().map(|entry| entry.id).max().unwrap_or(0);
        }
        match self.entries.iter_mut().find(|known| known.id == entry.id) {
            Some(known) => *known = entry.clone(),
            None => self.entries.push(entry.clone()),
        }
    }

    /// Removes an operation that is saved, or that the server did not do.
    pub fn discard(&mut self, entry: &Entry) {
        self.entries.retain(|known| known.id != entry.id);
    }

    /// Another client takes the place of these operations. What holds nothing goes.
    pub fn supersede(&mut self, which: impl Fn(&Entry) -> bool) {
        self.entries.retain(|entry| !which(entry) || !entry.is_empty());
        self.entries.iter_mut().filter(|entry| which(entry)).for_each(|entry| entry.state = State::Superseded);
    }

    /// Writes what has changed; an empty journal is removed.
    pub fn save(&mut self) -> Result<(), Fault> {
        if self.entries.is_empty() {
            file::remove(&file::temporary(&self.path))?;
            file::remove(&self.path)?;
        } else {
            let text = self.to_text()?;
            if *text != *self.written {
                if let Some(directory) = self.path.parent() {
                    directory::create_private(directory)?;
                }
                file::write(&self.path, text.as_bytes(), Durability::Synced)?;
                self.written = text;
            }
        }
        for path in self.earlier.drain(..).filter(|path| *path != self.path) {
            file::remove(&path)?;
        }
        Ok(())
    }

    fn to_text(&self) -> Result<Zeroizing<String>, Fault> {
        let broken = || Fault::Damaged { place: self.path.display().to_string(), why: "a key can't be written" };
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

fn parse_entries(path: &Path, text: &str) -> Result<Vec<Entry>, Fault> {
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    let place = || path.display().to_string();
    let damaged = || Fault::Damaged { place: place(), why: "it is not a journal of registrations" };
    let version: Version = serde_json::from_str(text).map_err(|_| damaged())?;
    if version.v != FORMAT {
        return Err(Fault::Newer { place: place(), version: version.v });
    }
    let mut content: Content = serde_json::from_str(text).map_err(|_| damaged())?;
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
    fn an_entry_reads_back_and_the_journal_is_gone_with_the_last_one() {
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
    fn what_is_superseded_stays_when_it_holds_something() {
        let room = tempfile::tempdir().unwrap();
        let mut journal = registrations(room.path()).open("a").unwrap();
        journal.record(&mut entry(None));
        journal.record(&mut entry(Some(SigningKey::generate(Algorithm::Es256).unwrap())));
        journal.supersede(|_| true);
        assert_eq!(journal.entries.iter().map(|entry| entry.state).collect::<Vec<_>>(), [State::Superseded]);
    }

    /// Of a zone `a` beside a zone `ab`: it has the new name, or the old one.
    #[test]
    fn a_journal_moves_along_or_stays() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        for zone in ["a", "ab"] {
            let mut journal = all.open(zone).unwrap();
            journal.record(&mut entry(None));
            journal.save().unwrap();
        }
        std::fs::create_dir(all.path("b")).unwrap();
        assert!(all.rename("a", "b").is_err() && all.open("a").unwrap().entries.len() == 1);
        std::fs::remove_dir(all.path("b")).unwrap();
        all.rename("a", "b").unwrap();
        assert_eq!(all.zones().unwrap(), ["ab", "b"]);
        all.forget("b").unwrap();
        assert!(!all.has("b").unwrap() && all.has("ab").unwrap());
    }

    #[test]
    fn what_a_killed_process_left_beside_counts_when_it_is_whole() {
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
        let beside = file::temporary(journal.path());
        for (left, state) in [(&[][..], State::Intended), (&whole[..9], State::Intended), (&whole, State::Answered)] {
            file::write(&beside, left, Durability::Volatile).unwrap();
            assert_eq!(all.open("a").unwrap().entries[0].state, state);
        }
        all.open("a").unwrap().save().unwrap();
        assert!(!beside.exists() && all.open("a").unwrap().entries[0].mentions("new"));
    }

    #[test]
    fn a_journal_that_does_not_read_back_is_no_clean_slate() {
        let room = tempfile::tempdir().unwrap();
        let all = registrations(room.path());
        file::write(&all.path("a"), br#"{"v":2"#, Durability::Volatile).unwrap();
        assert!(matches!(all.open("a"), Err(Fault::Damaged { .. })));
        file::write(&all.path("a"), br#"{"v":3}"#, Durability::Volatile).unwrap();
        assert!(matches!(all.open("a"), Err(Fault::Newer { version: 3, .. })));
    }
}
