//! Access tokens in the cache, one file each.
//!
//! Reading is the hot path of the program: one look at the directory, one file, one pass over its JSON.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::store::Fault;
use crate::store::directory::PrivateDirectory;
use crate::store::file::{self, Durability};

use super::key::{self, TokenKey};
use super::registry::CacheRegistry;
use super::token::{Provenance, Stored, Token};

/// An access token of 16 KiB and an ID token beside it fit; what is larger is not ours.
const LIMIT: u64 = 256 * 1024;

#[derive(Debug, Clone)]
pub struct Cache {
    directory: PrivateDirectory,
    /// Remembers the directory, if another environment could not find it.
    registry: Option<CacheRegistry>,
}

impl Cache {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: PrivateDirectory::new(directory), registry: None }
    }

    /// The same, remembered in the registry before the first token is written.
    #[must_use]
    pub fn remembered_in(self, registry: CacheRegistry) -> Self {
        Self { registry: Some(registry), ..self }
    }

    /// The file of the token of this key.
    pub fn path_of(&self, key: &TokenKey) -> PathBuf {
        self.directory.join(key::file_name(&key.asked.zone, &key.fingerprint()))
    }

    /// The token of this key, expired or not. A file that is corrupt, newer or for another key counts as absent.
    pub fn get(&self, key: &TokenKey) -> Result<Option<Token>, Fault> {
        let fingerprint = key.fingerprint();
        let name = key::file_name(&key.asked.zone, &fingerprint);
        let Some(bytes) = ignore_too_large(self.directory.read(name, LIMIT))? else { return Ok(None) };
        let stored = Stored::parse(&bytes).filter(|stored| {
            stored.fingerprint == fingerprint
                && stored.zone == key.asked.zone
                && stored.issuer == key.asked.issuer
                && stored.client_id == key.asked.client_id
        });
        Ok(stored.map(Stored::into_token))
    }

    /// Stores or replaces the token of this key.
    pub fn put(&self, key: &TokenKey, token: &Token) -> Result<(), Fault> {
        if let Some(registry) = &self.registry {
            registry.add(self.directory.path())?;
        }
        self.store(&token.provenance.zone, &key.fingerprint(), token)
    }

    /// Removes this token under whatever key. Returns how many copies there were.
    pub fn forget_token(&self, token: &Secret) -> Result<usize, Fault> {
        self.remove_if(|path| match load(path) {
            Ok(Some(bytes)) => {
                Stored::parse(&bytes).is_some_and(|stored| stored.into_token().access_token.matches(token))
            }
            Ok(None) | Err(_) => false,
        })
    }

    /// Removes the tokens of a zone and every corrupt file, which may have been one. Returns how many.
    pub fn forget_zone(&self, zone: &str) -> Result<usize, Fault> {
        self.remove_if(|path| match load(path) {
            Ok(Some(bytes)) => Stored::parse(&bytes).is_none_or(|stored| stored.zone == zone),
            Ok(None) | Err(_) => true,
        })
    }

    pub fn forget_all(&self) -> Result<usize, Fault> {
        self.remove_if(|_| true)
    }

    /// Copies the tokens of a zone to another name.
    pub fn copy_zone(&self, old: &str, new: &str) -> Result<(), Fault> {
        for path in self.list_files(is_token_name)? {
            let Some(bytes) = load(&path)? else { continue };
            let Some(stored) = Stored::parse(&bytes).filter(|stored| stored.zone == old) else { continue };
            let fingerprint = stored.fingerprint.to_string();
            let mut token = stored.into_token();
            new.clone_into(&mut token.provenance.zone);
            self.store(new, &fingerprint, &token)?;
        }
        Ok(())
    }

    /// What the keys of these tokens are known by elsewhere.
    pub fn fingerprints(&self, is_wanted: &dyn Fn(&Token) -> bool) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        for path in self.list_files(is_token_name)? {
            let bytes = load(&path)?;
            let Some(stored) = bytes.as_ref().and_then(|bytes| Stored::parse(bytes)) else { continue };
            let fingerprint = stored.fingerprint.to_string();
            found.extend(is_wanted(&stored.into_token()).then_some(fingerprint));
        }
        Ok(found)
    }

    /// Every readable token, by zone, then by what was requested.
    pub fn list(&self) -> Result<Vec<Token>, Fault> {
        let mut tokens = Vec::new();
        for path in self.list_files(is_token_name)? {
            if let Some(stored) = load(&path)?.as_ref().and_then(|bytes| Stored::parse(bytes)) {
                tokens.push(stored.into_token());
            }
        }
        tokens.sort_by_cached_key(|token| {
            let Provenance { zone, grant, scopes, audiences, resources, .. } = token.provenance.clone();
            (zone, grant, scopes, audiences, resources, token.expires_at)
        });
        Ok(tokens)
    }

    fn store(&self, zone: &str, fingerprint: &str, token: &Token) -> Result<(), Fault> {
        let name = key::file_name(zone, fingerprint);
        let stored = Stored::of(token, fingerprint);
        let json = stored.to_json();
        if json.len() as u64 > LIMIT {
            return Err(Fault::TooLarge { path: self.directory.join(name), limit: LIMIT });
        }
        self.directory.write(name, &json, Durability::Volatile)
    }

    /// Removes these tokens, and every temporary file that a killed process has left.
    fn remove_if(&self, is_wanted: impl Fn(&Path) -> bool) -> Result<usize, Fault> {
        let mut removed = 0;
        for path in self.list_files(is_token_name)? {
            if is_wanted(&path) && file::remove(&path)? {
                removed += 1;
            }
        }
        let is_temporary =
            |name: &str| name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp")).is_some_and(is_token_name);
        self.list_files(is_temporary)?.iter().try_for_each(|path| file::remove(path).map(drop))?;
        Ok(removed)
    }

    fn list_files(&self, has_name: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Fault> {
        let mut paths = self.directory.list_files()?;
        paths.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&has_name));
        Ok(paths)
    }
}

fn is_token_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

fn load(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    ignore_too_large(file::read(path, LIMIT))
}

fn ignore_too_large(read: Result<Option<Vec<u8>>, Fault>) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    match read {
        Err(Fault::TooLarge { .. }) => Ok(None),
        read => Ok(read?.map(Zeroizing::new)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Cache, Provenance, Token, TokenKey};
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::Fault;
    use crate::store::file::{self, Durability};

    fn asked(zone: &str, scopes: &[&str], audiences: &[&str]) -> Provenance {
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Provenance {
            zone: zone.to_owned(),
            issuer: "https://a.example".to_owned(),
            client_id: "c".to_owned(),
            grant: "client_credentials".to_owned(),
            scopes: list(scopes),
            audiences: list(audiences),
            resources: Vec::new(),
        }
    }

    fn key(zone: &str, scopes: &[&str]) -> TokenKey {
        TokenKey { asked: asked(zone, scopes, &[]), ..TokenKey::default() }
    }

    fn token(zone: &str, access_token: &str) -> Token {
        Token {
            access_token: Secret::new(access_token),
            token_type: "Bearer".to_owned(),
            scope: Some("a b".to_owned()),
            id_token: Some(Secret::new("x.\"y\".z")),
            sent_at: Moment::from_millis(1_000_123),
            obtained_at: Moment::from_millis(1_000_456),
            expires_at: Some(Moment::from_millis(1_300_123)),
            provenance: asked(zone, &["a", "b"], &["x"]),
        }
    }

    fn room() -> (tempfile::TempDir, Cache) {
        let room = tempfile::tempdir().unwrap();
        let cache = Cache::new(room.path().join("t"));
        (room, cache)
    }

    fn tokens(cache: &Cache) -> Vec<String> {
        cache.list().unwrap().iter().map(|t| format!("{} {}", t.provenance.zone, t.access_token.expose())).collect()
    }

    #[test]
    fn token_reads_back_whole() {
        let (_room, cache) = room();
        assert!(cache.get(&key("z", &[])).unwrap().is_none());
        assert!(!cache.directory.path().exists(), "reading makes no directory");
        cache.put(&key("z", &["b", "a"]), &token("z", "tok")).unwrap();
        let back = cache.get(&key("z", &["a", "b", "a"])).unwrap().unwrap();
        assert_eq!(back.access_token.expose(), "tok");
        assert_eq!(back.id_token.as_ref().unwrap().expose(), "x.\"y\".z");
        assert_eq!((back.sent_at.millis(), back.obtained_at.millis()), (1_000_123, 1_000_456));
        assert_eq!((back.scope.as_deref(), &back.provenance), (Some("a b"), &asked("z", &["a", "b"], &["x"])));
        assert_eq!(back.lifetime(), Duration::from_secs(300));
        assert!(cache.get(&key("z", &["a"])).unwrap().is_none());
        assert!(cache.get(&key("y", &["a", "b"])).unwrap().is_none());
    }

    #[test]
    fn clock_decides_in_both_directions() {
        let token = token("z", "t");
        assert_eq!(token.left(Moment::from_millis(1_000_122)), None);
        assert_eq!(token.left(Moment::from_millis(1_000_123)), Some(Duration::from_secs(300)));
        assert_eq!(token.left(Moment::from_millis(1_300_122)), Some(Duration::from_millis(1)));
        assert_eq!(token.left(Moment::from_millis(1_300_123)), None);
    }

    #[test]
    fn corrupt_file_is_miss_wherever_it_breaks() {
        let (_room, cache) = room();
        let key = key("z", &[]);
        cache.put(&key, &token("z", "tok")).unwrap();
        let path = cache.directory.join(key.file_name());
        let good = file::read(&path, 100_000).unwrap().unwrap();
        let write = |bytes: &[u8]| file::write(&path, bytes, Durability::Volatile).unwrap();
        for cut in 0..good.len() {
            write(&good[..cut]);
            assert!(cache.get(&key).unwrap().is_none(), "cut at {cut}");
        }
        let text = String::from_utf8(good.clone()).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"zone\":\"z\"", "\"zone\":\"y\""),
            ("https://a.example", "https://b.example"),
            ("\"client_id\":\"c\"", "\"client_id\":\"d\""),
            ("\"access_token\":\"tok\"", "\"access_token\":7"),
            ("{", "[{"),
        ] {
            assert!(text.contains(from), "{from}");
            write(text.replacen(from, to, 1).as_bytes());
            assert!(cache.get(&key).unwrap().is_none(), "{to}");
        }
        write(&vec![0xff; 300_000]);
        assert!(cache.get(&key).unwrap().is_none());
        assert!(cache.list().unwrap().is_empty());
        write(&good);
        assert!(cache.get(&key).unwrap().is_some());
    }

    #[test]
    fn token_put_under_another_name_is_miss() {
        let (_room, cache) = room();
        let (one, other) = (key("z", &["read"]), key("z", &["admin"]));
        cache.put(&one, &token("z", "tok")).unwrap();
        std::fs::rename(cache.directory.join(one.file_name()), cache.directory.join(other.file_name())).unwrap();
        assert!(cache.get(&other).unwrap().is_none());
    }

    #[test]
    fn token_that_no_header_may_carry_is_miss() {
        let (_room, cache) = room();
        let key = key("a", &["x"]);
        for bad in ["to\r\nX: y", "to ken", ""] {
            cache.put(&key, &token("a", bad)).unwrap();
            assert!(cache.get(&key).unwrap().is_none(), "{bad:?}");
        }
        cache.put(&key, &token("a", "token")).unwrap();
        assert!(cache.get(&key).unwrap().is_some());
    }

    #[test]
    fn forgetting() {
        let (_room, cache) = room();
        for (zone, scope) in [("a", "1"), ("a", "2"), ("b", "1")] {
            cache.put(&key(zone, &[scope]), &token(zone, scope)).unwrap();
        }
        assert_eq!(tokens(&cache), ["a 1", "a 2", "b 1"]);
        assert_eq!(cache.forget_token(&Secret::new("1")).unwrap(), 2, "every copy goes");
        assert_eq!(cache.forget_token(&Secret::new("1")).unwrap(), 0);
        cache.put(&key("b", &["1"]), &token("b", "1")).unwrap();
        for extra in [".gitignore", &format!(".{}.tmp", "0".repeat(64)), &"1".repeat(64)] {
            file::write(&cache.directory.join(extra), b"?", Durability::Volatile).unwrap();
        }
        assert_eq!(cache.forget_zone("a").unwrap(), 2, "the token and the unreadable file");
        assert_eq!(tokens(&cache), ["b 1"]);
        assert_eq!(cache.forget_all().unwrap(), 1);
        let left: Vec<_> = std::fs::read_dir(cache.directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [".gitignore"]);
    }

    #[test]
    fn tokens_of_zone_are_copied() {
        let (_room, cache) = room();
        cache.put(&key("a", &["1"]), &token("a", "1")).unwrap();
        cache.put(&key("b", &["1"]), &token("b", "2")).unwrap();
        cache.copy_zone("a", "c").unwrap();
        assert_eq!(tokens(&cache), ["a 1", "b 2", "c 1"]);
        assert_eq!(cache.get(&key("c", &["1"])).unwrap().unwrap().access_token.expose(), "1");
    }

    #[test]
    fn too_large_token_is_not_kept() {
        let (_room, cache) = room();
        let fault = cache.put(&key("z", &[]), &token("z", &"x".repeat(300_000)));
        assert!(matches!(fault, Err(Fault::TooLarge { .. })), "{fault:?}");
    }

    #[cfg(unix)]
    #[test]
    fn state_that_is_open_or_link_is_fault() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (room, cache) = room();
        let key = key("z", &[]);
        cache.put(&key, &token("z", "tok")).unwrap();
        let path = cache.directory.join(key.file_name());
        let set = |path: &std::path::Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let unsafe_ = || matches!(cache.get(&key), Err(Fault::Unsafe { .. }));
        set(&path, 0o640);
        assert!(unsafe_());
        set(&path, 0o600);
        set(cache.directory.path(), 0o755);
        assert!(unsafe_());
        set(cache.directory.path(), 0o700);
        assert!(cache.get(&key).unwrap().is_some());
        std::fs::rename(&path, room.path().join("moved")).unwrap();
        symlink(room.path().join("moved"), &path).unwrap();
        assert!(unsafe_());
        assert_eq!(cache.forget_zone("z").unwrap(), 1);
        assert!(room.path().join("moved").exists());
        std::fs::rename(cache.directory.path(), room.path().join("real")).unwrap();
        symlink(room.path().join("real"), cache.directory.path()).unwrap();
        assert!(unsafe_());
    }
}
