//! Directories that are ours alone.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use super::Fault;
use super::file::{self, Durability, flush_directory};
use super::ownership::{Shape, check_ownership};

/// A directory with files of ours; nothing is touched before the first call.
#[derive(Debug, Clone)]
pub struct PrivateDirectory(PathBuf);

impl PrivateDirectory {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// The bytes of a file; `None` when it or the directory is absent.
    pub fn read(&self, name: impl AsRef<Path>, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
        if exists_private(&self.0)? { file::read(&self.join(name), limit) } else { Ok(None) }
    }

    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8], durability: Durability) -> Result<(), Fault> {
        create_private(&self.0)?;
        file::write(&self.join(name), bytes, durability)
    }

    /// The paths of its files, sorted; none when it is absent.
    pub fn list_files(&self) -> Result<Vec<PathBuf>, Fault> {
        if !exists_private(&self.0)? {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&self.0).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut paths: Vec<_> = entries.map_err(Fault::io("list", &self.0))?.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        Ok(paths)
    }

    /// Proves that a file could be written into it now.
    pub fn check_writable(&self) -> Result<(), Fault> {
        create_private(&self.0)?;
        file::check_writable(&self.0)
    }
}

/// Creates the directory and its missing parents, each 0700 whatever the umask, then checks it. Existing parents may be
/// the user's own, links included.
pub fn create_private(path: &Path) -> Result<(), Fault> {
    create_all(path, Shape::Directory)
}

/// As [`create_private`], for a directory that others may read, because the files in it are private themselves.
pub fn create_root(path: &Path) -> Result<(), Fault> {
    create_all(path, Shape::Root)
}

/// As [`create_root`], but creates nothing.
pub fn check_root(path: &Path) -> Result<(), Fault> {
    exists(path, Shape::Root).map(drop)
}

/// Whether the directory exists; refuses one that is not ours alone.
pub fn exists_private(path: &Path) -> Result<bool, Fault> {
    exists(path, Shape::Directory)
}

/// Refuses a home that others can write to. It may be a link and others may read it.
pub fn check_home(path: &Path) -> Result<(), Fault> {
    check_if_present(path, fs::metadata(path), Shape::Home).map(drop)
}

fn create_all(path: &Path, shape: Shape) -> Result<(), Fault> {
    if exists(path, shape)? {
        return Ok(());
    }
    let path = trim_slash(path);
    let missing: Vec<&Path> =
        path.ancestors().take_while(|part| !part.as_os_str().is_empty() && !part.exists()).collect();
    for part in missing.iter().rev() {
        create_one(part).map_err(Fault::io("create the directory", part))?;
        // A flushed file is lost anyway with a directory that was not flushed.
        flush_directory(part);
    }
    let metadata = fs::symlink_metadata(path).map_err(Fault::io("look at", path))?;
    check_ownership(path, &metadata, shape)
}

fn exists(path: &Path, shape: Shape) -> Result<bool, Fault> {
    let path = trim_slash(path);
    check_if_present(path, fs::symlink_metadata(path), shape)
}

fn check_if_present(path: &Path, metadata: io::Result<fs::Metadata>, shape: Shape) -> Result<bool, Fault> {
    match metadata {
        Ok(metadata) => check_ownership(path, &metadata, shape).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Fault::io("look at", path)(e)),
    }
}

/// Without a slash at the end, behind which the system would follow a link.
fn trim_slash(path: &Path) -> &Path {
    path.components().as_path()
}

fn create_one(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another process of ours was quicker.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        created => created?,
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let created = fs::symlink_metadata(path)?;
        if created.is_dir() && created.permissions().mode() & 0o777 != 0o700 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;

    use super::{create_private, exists_private};
    use crate::store::{Fault, Problem};

    #[test]
    fn home_may_be_looked_into_but_not_written_to() {
        let room = tempfile::tempdir().unwrap();
        let home = room.path().join("home");
        super::check_home(&home).unwrap();
        fs::create_dir(&home).unwrap();
        for (mode, fits) in [(0o700, true), (0o755, true), (0o775, false), (0o777, false)] {
            fs::set_permissions(&home, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(super::check_home(&home).is_ok(), fits, "{mode:o}");
        }
        let (problem, fix) = refused(super::check_home(&home));
        assert_eq!((problem, fix), (Problem::Loose { mode: 0o777 }, format!("chmod go-w {}", home.display())));
    }

    #[test]
    fn place_of_others_is_not_mended_but_left() {
        let room = tempfile::tempdir().unwrap();
        let (shared, file) = (room.path().join("shared"), room.path().join("file"));
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
        crate::store::file::write(&file, b"", crate::store::file::Durability::Volatile).unwrap();
        for place in [&shared, &file] {
            assert_eq!(refused(super::check_home(place)).1, "name another directory with HALLPASS_HOME");
        }
    }

    #[test]
    fn root_may_be_looked_into_but_is_no_link() {
        let room = tempfile::tempdir().unwrap();
        let (ours, link) = (room.path().join("root"), room.path().join("link"));
        super::check_root(&ours).unwrap();
        super::create_root(&ours).unwrap();
        assert_eq!(mode(&ours), 0o700, "born private");
        for (mode, fits) in [(0o755, true), (0o775, false), (0o777, false)] {
            fs::set_permissions(&ours, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!((super::create_root(&ours).is_ok(), super::check_root(&ours).is_ok()), (fits, fits), "{mode:o}");
        }
        assert_eq!(refused(super::create_root(&ours)).1, format!("chmod go-w {}", ours.display()));
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o700)).unwrap();
        symlink(&ours, &link).unwrap();
        assert_eq!(refused(super::check_root(&link)).0, Problem::Link);
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn refused(result: Result<(), Fault>) -> (Problem, String) {
        match result {
            Err(Fault::Unsafe { problem, fix, .. }) => (problem, fix),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn missing_parents_are_born_private() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a/b/c");
        assert!(!exists_private(&path).unwrap());
        create_private(&path).unwrap();
        for part in ["a", "a/b", "a/b/c"] {
            assert_eq!(mode(&room.path().join(part)), 0o700, "{part}");
        }
        assert!(exists_private(&path).unwrap());
        create_private(&path).unwrap();
    }

    #[test]
    fn parent_of_user_may_be_open_and_link() {
        let room = tempfile::tempdir().unwrap();
        let real = room.path().join("real");
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o755)).unwrap();
        symlink(&real, room.path().join("link")).unwrap();
        create_private(&room.path().join("link/ours")).unwrap();
        assert_eq!((mode(&real), mode(&real.join("ours"))), (0o755, 0o700));
    }

    #[test]
    fn open_directory_is_refused_with_its_chmod() {
        let room = tempfile::tempdir().unwrap();
        for open in [0o701, 0o750, 0o777] {
            fs::set_permissions(room.path(), fs::Permissions::from_mode(open)).unwrap();
            let (problem, fix) = refused(create_private(room.path()));
            assert_eq!(problem, Problem::Loose { mode: open });
            assert_eq!(fix, format!("chmod 700 {}", room.path().display()));
        }
    }

    #[test]
    fn link_is_refused_even_behind_slash() {
        let room = tempfile::tempdir().unwrap();
        let (real, link) = (room.path().join("real"), room.path().join("link"));
        create_private(&real).unwrap();
        symlink(&real, &link).unwrap();
        let slash = format!("{}/", link.display());
        for path in [link.as_path(), Path::new(&slash)] {
            let (problem, fix) = refused(create_private(path));
            assert_eq!((problem, fix), (Problem::Link, format!("rm {}", link.display())));
        }
    }

    #[test]
    fn file_is_not_directory() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        crate::store::file::write(&path, b"", crate::store::file::Durability::Volatile).unwrap();
        assert_eq!(refused(create_private(&path)).0, Problem::NotDirectory);
    }

    #[test]
    fn foreign_directory_is_refused() {
        let room = tempfile::tempdir().unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(room.path(), Some(65534), None).unwrap();
            let (problem, fix) = refused(create_private(room.path()));
            assert_eq!(problem, Problem::Owner { owner: 65534, expected: 0 });
            assert!(fix.starts_with("sudo -u '#65534' hallpass"), "{fix}");
        } else {
            let (problem, _) = refused(create_private(Path::new("/")));
            assert!(matches!(problem, Problem::Owner { owner: 0, .. }), "{problem:?}");
        }
    }
}
