//! Where things are. The only place that names directories.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::Fault;
use crate::edges::Environment;

/// The directories and files of this user; none of them need exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `HALLPASS_HOME`, absolute, when it is set.
    pub home: Option<PathBuf>,
    pub config_dir: PathBuf,
    pub config_file: PathBuf,
    pub vault_dir: PathBuf,
    pub cache_dir: PathBuf,
    /// What ends with the session, in memory where the system has such a place.
    pub runtime_dir: Option<PathBuf>,
    /// Access tokens: in the runtime directory, else in the cache.
    pub tokens_dir: PathBuf,
    /// Where they rest when no variable but the home says otherwise.
    pub usual_tokens_dir: PathBuf,
    pub documents_dir: PathBuf,
    pub breaker_dir: PathBuf,
    /// Locks. They guard keyring items, which belong to the user: no XDG variable moves them.
    pub lock_dir: PathBuf,
}

impl Paths {
    /// What is known of sign-ins: beside the locks, because it speaks of the same keyring items.
    pub fn session_dir(&self) -> PathBuf {
        self.lock_dir.with_file_name("session")
    }

    /// Files with tokens for programs that run now.
    pub fn handed_dir(&self) -> PathBuf {
        self.runtime_dir.as_ref().unwrap_or(&self.cache_dir).join("handed")
    }

    /// What is known of registrations that are under way.
    pub fn registration_dir(&self) -> PathBuf {
        self.lock_dir.with_file_name("registration")
    }

    /// A rename of a zone that is under way.
    pub fn rename_journal(&self) -> PathBuf {
        self.lock_dir.with_file_name("rename.json")
    }

    /// Which directories hold cached tokens.
    pub fn cache_registry_dir(&self) -> PathBuf {
        self.lock_dir.with_file_name("cache-directory")
    }

    /// The directories that everything of ours lies in, but for `home`, which a person chose.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        let above =
            [&self.vault_dir, &self.breaker_dir, &self.lock_dir].into_iter().filter_map(|directory| directory.parent());
        let own = [Some(&self.config_dir), Some(&self.cache_dir), self.runtime_dir.as_ref()];
        let all = own.into_iter().flatten().map(PathBuf::as_path).chain(above);
        all.filter(|root| self.home.as_deref() != Some(root))
    }

    /// Where the last failure to get a token is shared, by the name of the token's file.
    pub fn token_failure(&self, file: &str) -> PathBuf {
        self.lock_dir.join(format!("{file}.failure"))
    }

    /// The random key that the credentials in shared failures are hashed under.
    pub fn failure_key(&self) -> PathBuf {
        self.lock_dir.join("failure.key")
    }

    /// Finds them from `HALLPASS_HOME`, else from the rules of the platform (on Linux the XDG base directories).
    pub fn find(environment: &Environment) -> Result<Self, Fault> {
        if let Some(home) = environment.os("HALLPASS_HOME").filter(|home| !home.is_empty()) {
            return own_home(home, environment);
        }
        if cfg!(any(windows, target_os = "macos")) {
            let directories = ProjectDirs::from("", "", "hallpass").ok_or(Fault::NoHome)?;
            Ok(native_paths(&directories, absolute_path(environment, "HOME").as_deref()))
        } else {
            let home = absolute_path(environment, "HOME").ok_or(Fault::NoHome)?;
            Ok(xdg_paths(&home, environment))
        }
    }
}

fn own_home(home: &OsStr, environment: &Environment) -> Result<Paths, Fault> {
    let home = Path::new(home);
    let home = if home.is_absolute() {
        home.to_owned()
    } else {
        environment.current_dir.as_ref().ok_or(Fault::NoHome)?.join(home)
    };
    // One spelling, because the keyring's user names are derived from it.
    let home: PathBuf = home.components().collect();
    let mut paths =
        assemble_paths(home.clone(), &home, home.join("cache"), &home.join("state"), Some(home.join("runtime")));
    paths.lock_dir = home.join("lock");
    paths.home = Some(home);
    Ok(paths)
}

fn xdg_paths(home: &Path, environment: &Environment) -> Paths {
    let base = |name: &str, otherwise: &str| {
        absolute_path(environment, name).unwrap_or_else(|| home.join(otherwise)).join("hallpass")
    };
    let runtime = absolute_path(environment, "XDG_RUNTIME_DIR").filter(|directory| ours_alone(directory));
    let mut paths = assemble_paths(
        base("XDG_CONFIG_HOME", ".config"),
        &base("XDG_DATA_HOME", ".local/share"),
        base("XDG_CACHE_HOME", ".cache"),
        &base("XDG_STATE_HOME", ".local/state"),
        runtime.map(|directory| directory.join("hallpass")),
    );
    paths.lock_dir = home.join(".local/state/hallpass/lock");
    paths.usual_tokens_dir = home.join(".cache/hallpass/tokens");
    paths
}

fn native_paths(directories: &ProjectDirs, home: Option<&Path>) -> Paths {
    let state = directories.state_dir().unwrap_or_else(|| directories.data_local_dir());
    let config = directories.config_dir().to_owned();
    let mut paths =
        assemble_paths(config, directories.data_local_dir(), directories.cache_dir().to_owned(), state, None);
    if let Some(home) = home.filter(|_| cfg!(unix)) {
        paths.lock_dir = home.join(".local/state/hallpass/lock");
    }
    paths
}

fn assemble_paths(config: PathBuf, data: &Path, cache: PathBuf, state: &Path, runtime: Option<PathBuf>) -> Paths {
    let tokens_dir = runtime.as_ref().unwrap_or(&cache).join("tokens");
    Paths {
        home: None,
        config_file: config.join("config.toml"),
        config_dir: config,
        vault_dir: data.join("vault"),
        usual_tokens_dir: tokens_dir.clone(),
        tokens_dir,
        documents_dir: cache.join("documents"),
        breaker_dir: state.join("breaker"),
        lock_dir: state.join("lock"),
        runtime_dir: runtime,
        cache_dir: cache,
    }
}

/// The XDG specification says that a relative path is to be ignored.
fn absolute_path(environment: &Environment, name: &str) -> Option<PathBuf> {
    environment.os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Whether a runtime directory is what the XDG specification promises: owned by the user, mode 0700.
#[cfg(unix)]
fn ours_alone(directory: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    directory.metadata().is_ok_and(|facts| {
        facts.is_dir() && facts.uid() == rustix::process::geteuid().as_raw() && facts.mode() & 0o777 == 0o700
    })
}

#[cfg(not(unix))]
fn ours_alone(_directory: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::Fault;
    use super::Paths;
    use crate::edges::Environment;

    #[test]
    fn one_home_holds_everything() {
        let environment = Environment::of([("HALLPASS_HOME", "/h/./x/"), ("HOME", "/u"), ("XDG_CONFIG_HOME", "/c")]);
        let paths = Paths::find(&environment).unwrap();
        assert_eq!(paths.home.as_deref().map(Path::as_os_str), Some("/h/x".as_ref()));
        assert_eq!(paths.config_file, Path::new("/h/x/config.toml"));
        assert_eq!(paths.lock_dir, Path::new("/h/x/lock"));
        for path in [&paths.vault_dir, &paths.cache_dir, &paths.tokens_dir, &paths.documents_dir, &paths.breaker_dir] {
            assert!(path.starts_with("/h/x") && path != Path::new("/h/x"), "{path:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn roots_are_ours_and_not_home_that_was_chosen() {
        let roots = |variables: &[(&str, &str)]| {
            let paths = Paths::find(&Environment::of(variables.iter().copied())).unwrap();
            let mut roots: Vec<String> = paths.roots().map(|root| root.display().to_string()).collect();
            roots.sort();
            roots.dedup();
            roots
        };
        assert_eq!(roots(&[("HALLPASS_HOME", "/h")]), ["/h/cache", "/h/runtime", "/h/state"]);
        let places = [".cache", ".config", ".local/share", ".local/state"].map(|place| format!("/u/{place}/hallpass"));
        assert_eq!(roots(&[("HOME", "/u")]), places);
    }

    #[test]
    fn relative_home_lies_in_working_directory() {
        let mut environment = Environment::of([("HALLPASS_HOME", "here")]);
        assert!(matches!(Paths::find(&environment), Err(Fault::NoHome)));
        environment.current_dir = Some(PathBuf::from("/w"));
        assert_eq!(Paths::find(&environment).unwrap().home, Some(PathBuf::from("/w/here")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn xdg_moves_everything_but_locks() {
        let plain = Paths::find(&Environment::of([("HOME", "/u"), ("XDG_CACHE_HOME", "relative")])).unwrap();
        assert_eq!(plain.config_file, Path::new("/u/.config/hallpass/config.toml"));
        assert_eq!(plain.vault_dir, Path::new("/u/.local/share/hallpass/vault"));
        assert_eq!(plain.tokens_dir, Path::new("/u/.cache/hallpass/tokens"));
        assert_eq!(plain.breaker_dir, Path::new("/u/.local/state/hallpass/breaker"));
        assert_eq!((plain.home, plain.runtime_dir), (None, None));
        let names = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"];
        let moved = names.iter().map(|name| (*name, "/m")).chain([("HOME", "/u")]);
        let moved = Paths::find(&Environment::of(moved)).unwrap();
        assert_eq!(moved.config_dir, Path::new("/m/hallpass"));
        assert_eq!(moved.breaker_dir, Path::new("/m/hallpass/breaker"));
        assert_eq!(moved.lock_dir, Path::new("/u/.local/state/hallpass/lock"));
        assert_eq!(moved.session_dir(), Path::new("/u/.local/state/hallpass/session"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_home_is_fault() {
        for environment in [Environment::default(), Environment::of([("HOME", "")]), Environment::of([("HOME", "u")])] {
            let fault = Paths::find(&environment).unwrap_err();
            assert!(fault.to_string().contains("HALLPASS_HOME"), "{fault}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_private_runtime_directory_is_used() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let found = || {
            let environment = Environment::of([("HOME", Path::new("/u")), ("XDG_RUNTIME_DIR", directory.path())]);
            Paths::find(&environment).unwrap().tokens_dir
        };
        set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(found(), Path::new("/u/.cache/hallpass/tokens"));
        set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        assert_eq!(found(), directory.path().join("hallpass/tokens"));
    }
}
