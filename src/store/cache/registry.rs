//! Which directories contain cached tokens, so that what forgets a token finds it whatever the environment is by then.
//!
//! One file per directory, named by the hash of its path, with the path in it: two processes never write the same file
//! with different content, so no lock is needed. A path is added before its first token is written.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::Fault;
use crate::store::digest::Digest;
use crate::store::directory::PrivateDirectory;
use crate::store::file::{self, Durability};

/// More directories than any real environment has.
const MOST: usize = 64;
/// The longest path that Linux takes.
const PATH_LIMIT: u64 = 4096;
/// How the path of every token cache ends. Nothing else is ever searched, whatever an entry names.
const ENDING: &str = "hallpass/tokens";

#[derive(Debug, Clone)]
pub struct CacheRegistry {
    directory: PrivateDirectory,
}

impl CacheRegistry {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: PrivateDirectory::new(directory) }
    }

    /// Remembers a directory. A full list first drops directories that are gone.
    pub fn add(&self, directory: &Path) -> Result<(), Fault> {
        let name = entry_name(directory);
        if self.directory.list_files()?.contains(&self.directory.join(&name)) {
            return Ok(());
        }
        if self.entries()?.len() >= MOST {
            self.drop_gone()?;
        }
        if self.entries()?.len() >= MOST {
            let why = io::Error::other(format!("it already names {MOST} directories"));
            return Err(Fault::io("add a token cache to", self.directory.path())(why));
        }
        self.directory.write(name, directory.as_os_str().as_encoded_bytes(), Durability::Synced)
    }

    pub fn directories(&self) -> Result<Vec<PathBuf>, Fault> {
        Ok(self.entries()?.into_iter().filter_map(|(_, directory)| directory).collect())
    }

    /// The files of the list, each with its directory, if it is an entry that we could have written.
    fn entries(&self) -> Result<Vec<(PathBuf, Option<PathBuf>)>, Fault> {
        let mut found = Vec::new();
        for file in self.directory.list_files()? {
            let named = match file::read(&file, PATH_LIMIT) {
                Ok(bytes) => bytes.and_then(parse_path).filter(|path| is_entry(path, &file)),
                Err(Fault::TooLarge { .. }) => None,
                Err(fault) => return Err(fault),
            };
            found.push((file, named));
        }
        Ok(found)
    }

    fn drop_gone(&self) -> Result<(), Fault> {
        for (file, directory) in self.entries()? {
            if !directory.is_some_and(|directory| directory.exists()) {
                file::remove(&file)?;
            }
        }
        Ok(())
    }
}

/// Whether this path is a token cache, and this file its entry.
fn is_entry(path: &Path, file: &Path) -> bool {
    path.is_absolute() && path.ends_with(ENDING) && file.file_name().is_some_and(|name| *name == *entry_name(path))
}

fn entry_name(directory: &Path) -> String {
    Digest::short_hash(directory.as_os_str().as_encoded_bytes(), 64)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path is UTF-8")]
fn parse_path(bytes: Vec<u8>) -> Option<PathBuf> {
    Some(PathBuf::from(<OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes)))
}

#[cfg(not(unix))]
fn parse_path(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(|path| PathBuf::from(OsString::from(path)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{CacheRegistry, MOST, entry_name};
    use crate::store::directory;
    use crate::store::file::{self, Durability};

    fn registry() -> (tempfile::TempDir, CacheRegistry) {
        let room = tempfile::tempdir().unwrap();
        let registry = CacheRegistry::new(room.path().join("list"));
        (room, registry)
    }

    #[test]
    fn add_remembers_each_directory_once() {
        let (_room, registry) = registry();
        assert_eq!(registry.directories().unwrap(), Vec::<PathBuf>::new());
        for path in ["/a/hallpass/tokens", "/b\n/hallpass/tokens", "/a/hallpass/tokens"] {
            registry.add(path.as_ref()).unwrap();
        }
        let mut found = registry.directories().unwrap();
        found.sort();
        assert_eq!(found, [PathBuf::from("/a/hallpass/tokens"), PathBuf::from("/b\n/hallpass/tokens")]);
    }

    #[test]
    fn directories_ignores_entries_that_we_never_write() {
        let (_room, registry) = registry();
        directory::create_private(registry.directory.path()).unwrap();
        let hostile = ["/home/ada/documents", "relative/hallpass/tokens", "/a/../b", "", "/tokens"];
        for path in hostile {
            file::write(&registry.directory.join(entry_name(path.as_ref())), path.as_bytes(), Durability::Volatile)
                .unwrap();
        }
        let other = registry.directory.join("0".repeat(64));
        file::write(&other, b"/a/hallpass/tokens", Durability::Volatile).unwrap();
        file::write(&registry.directory.join("x"), &[b'/'; 9000], Durability::Volatile).unwrap();
        assert_eq!(registry.directories().unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn full_list_drops_directories_that_are_gone() {
        let (room, registry) = registry();
        let there = |name: usize| room.path().join(format!("{name}/hallpass/tokens"));
        for name in 0..MOST {
            directory::create_private(&there(name)).unwrap();
            registry.add(&there(name)).unwrap();
        }
        assert!(registry.add(&there(MOST)).is_err(), "every directory is there");
        std::fs::remove_dir(there(3)).unwrap();
        registry.add(&there(MOST)).unwrap();
        let found = registry.directories().unwrap();
        assert_eq!(found.len(), MOST);
        assert!(found.contains(&there(MOST)) && !found.contains(&there(3)));
    }
}
