//! Files that are ours alone: written whole or not at all, read only when nobody else could have.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::ownership::{Shape, check_ownership, find_shut_mode, is_ours_alone, is_same_file, is_trusted_link, refuse};
use super::{Fault, Problem};
use crate::edges::{Deadline, ignore_sigxfsz};

/// What a write has to survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: the file and its directory are flushed to the disk.
    Synced,
    /// Nothing: it is only a cache.
    Volatile,
}

/// How long another writer of the same file is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Replaces the file by these bytes: a reader sees the old ones or the new ones, never a mix.
///
/// The temporary file beside it has a fixed name, so that a killed process leaves one at most, which the next write
/// reuses. The caller holds the lock that makes read-and-replace one step.
pub fn write(path: &Path, bytes: &[u8], durability: Durability) -> Result<(), Fault> {
    check_replaceable(path)?;
    let claim = Claim::new(path, temporary_path(path), Deadline::after(PATIENCE))?;
    claim.replace(bytes, durability, |_| Ok(()))
}

/// As [`write()`], for a file that a person named: what else lies in its directory is theirs.
pub fn write_named(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    check_replaceable(path)?;
    Claim::among_others(path, Deadline::after(PATIENCE))?.replace(bytes, Durability::Synced, |_| Ok(()))
}

fn check_replaceable(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => Err(refuse(path, Problem::Link, Shape::File)),
        Ok(there) if !there.is_file() => Err(refuse(path, Problem::NotFile, Shape::File)),
        _ => Ok(()),
    }
}

/// The temporary file beside a file, ours alone and locked: whoever holds it is the file's only writer among all
/// processes of hallpass, whatever their user and home. Dropping it removes the temporary file.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    replaced: bool,
}

impl Claim {
    /// Claims a file in a directory that others use too: an existing temporary file is taken over, so its name,
    /// `.NAME.hallpass-tmp`, is one that nobody else gives a file.
    pub(super) fn among_others(path: &Path, deadline: Deadline) -> Result<Self, Fault> {
        Self::new(path, hidden_path(path, ".hallpass-tmp"), deadline).map_err(|fault| match fault {
            Fault::Io { source, .. } => Fault::io("write", path)(source),
            other => other,
        })
    }

    fn new(path: &Path, temporary: PathBuf, deadline: Deadline) -> Result<Self, Fault> {
        let file = open_temporary(&temporary, deadline)?;
        Ok(Self { path: path.to_owned(), temporary, file, replaced: false })
    }

    /// Replaces the file by these bytes; `prepare` gives the new file its modes, for example.
    pub(super) fn replace(
        mut self,
        bytes: &[u8],
        durability: Durability,
        prepare: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<(), Fault> {
        let path = &self.path;
        prepare(&self.file)
            .and_then(|()| fill_file(&self.file, bytes, durability))
            .map_err(Fault::io("write", path))
            .and_then(|()| fs::rename(&self.temporary, path).map_err(Fault::io("replace", path)))?;
        self.replaced = true;
        if durability == Durability::Synced {
            flush_directory(path);
        }
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.replaced {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// How much a file may grow by one write: a token of 16 KiB is the most that one record has, each byte of it an escape.
const GROWTH: u64 = 128 * 1024;

/// Proves that the largest file of this directory, and what may come to it, can be written now.
pub fn check_writable(directory: &Path) -> Result<(), Fault> {
    let claim = Claim::new(directory, directory.join(".rehearsal.tmp"), Deadline::after(PATIENCE))?;
    let entries = fs::read_dir(directory).map_err(Fault::io("list", directory))?;
    let sizes = entries.filter_map(|entry| entry.ok()?.metadata().ok().filter(fs::Metadata::is_file));
    let size = GROWTH + sizes.map(|file| file.len()).max().unwrap_or(0);
    let bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
    fill_file(&claim.file, &bytes, Durability::Synced).map_err(Fault::io("write into", directory))
}

/// The bytes of the file, `None` when it is absent.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
    read_shape(path, limit, Shape::File)
}

/// As [`read`], for a file without secrets: root may own it, and a link of the user's or root's is followed.
pub fn read_settings(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
    match read_shape(path, limit, Shape::Settings) {
        Err(Fault::Unsafe { problem: Problem::Link, .. })
            if fs::symlink_metadata(path).is_ok_and(|link| is_trusted_link(&link)) =>
        {
            let target = fs::canonicalize(path).map_err(Fault::io("read", path))?;
            read_shape(&target, limit, Shape::LinkedSettings)
        }
        read => read,
    }
}

/// Refuses to replace what [`read_settings`] may read: a link, and what belongs to root.
pub fn check_editable(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(refuse(path, Problem::Link, Shape::Settings)),
        Ok(metadata) => check_ownership(path, &metadata, Shape::File),
        Err(_) => Ok(()),
    }
}

fn read_shape(path: &Path, limit: u64, shape: Shape) -> Result<Option<Vec<u8>>, Fault> {
    let mut file = match open_options().open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) if is_link(path) => return Err(refuse(path, Problem::Link, shape)),
        Err(e) => return Err(check_readable(path, shape).err().unwrap_or_else(|| Fault::io("read", path)(e))),
    };
    let metadata = file.metadata().map_err(Fault::io("look at", path))?;
    check_ownership(path, &metadata, shape)?;
    let size = match usize::try_from(metadata.len()) {
        Ok(size) if metadata.len() <= limit => size,
        _ => return Err(Fault::TooLarge { path: path.to_owned(), limit }),
    };
    // Files are replaced, never appended to, so the size holds and the end need not be read.
    let mut bytes = vec![0; size];
    file.read_exact(&mut bytes).map_err(Fault::io("read", path))?;
    Ok(Some(bytes))
}

/// Explains by its owner and modes why a file could not be opened, if they are the reason.
fn check_readable(path: &Path, shape: Shape) -> Result<(), Fault> {
    let Ok(there) = fs::symlink_metadata(path) else { return Ok(()) };
    check_ownership(path, &there, shape)?;
    find_shut_mode(&there).map_or(Ok(()), |mode| Err(refuse(path, Problem::Shut { mode }, shape)))
}

/// Removes the file, whatever its owner and modes; `false` when there was none. A link is not followed.
pub fn remove(path: &Path) -> Result<bool, Fault> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Fault::io("remove", path)(e)),
    }
}

thread_local! {
    static UNFLUSHED: RefCell<Vec<Fault>> = const { RefCell::new(Vec::new()) };
}

/// Flushes the directory of this file, so that a rename or a removal survives a power cut.
///
/// A failure is no failure of the change, which every reader sees already: whoever took it for one would undo half of
/// what was done. It is kept for [`take_unflushed`].
pub(super) fn flush_directory(path: &Path) {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(not(unix)) {
        return;
    }
    match File::open(directory).and_then(|directory| directory.sync_all()) {
        // Some file systems can't flush a directory and say so.
        Err(e) if e.kind() != io::ErrorKind::InvalidInput => {
            UNFLUSHED.with_borrow_mut(|faults| faults.push(Fault::io("flush", directory)(e)));
        }
        _ => {}
    }
}

/// The directories that could not be flushed since this was last asked: what changed in them might not survive a power
/// cut, which is worth a warning.
pub fn take_unflushed() -> Vec<Fault> {
    UNFLUSHED.take()
}

/// Opens a file for reading and writing, creates it 0600 when it is missing, and refuses what is not ours alone.
pub(super) fn open_private(path: &Path) -> Result<File, Fault> {
    let file = match open_options().write(true).create(true).truncate(false).open(path) {
        Ok(file) => file,
        Err(_) if is_link(path) => return Err(refuse(path, Problem::Link, Shape::File)),
        Err(e) => return Err(Fault::io("open", path)(e)),
    };
    let metadata = file.metadata().map_err(Fault::io("look at", path))?;
    check_ownership(path, &metadata, Shape::File)?;
    set_private_mode(&file, &metadata).map_err(Fault::io("set the modes of", path))?;
    Ok(file)
}

/// `.NAME.tmp` beside the file, which a killed writer leaves behind, complete or not.
pub(super) fn temporary_path(path: &Path) -> PathBuf {
    hidden_path(path, ".tmp")
}

fn hidden_path(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(ending);
    path.with_file_name(name)
}

/// Opens the temporary file, empty, ours alone and locked. The lock ends with its process, so a stale file is reused.
fn open_temporary(path: &Path, deadline: Deadline) -> Result<File, Fault> {
    let begin = Instant::now();
    let mut denied = None;
    while deadline.remaining().is_some() {
        let file = match open_options().write(true).create(true).truncate(false).open(path) {
            Ok(file) => file,
            Err(_) if is_link(path) => {
                remove(path)?;
                continue;
            }
            // Another user's writer has created it, and removes it at its end.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied && path.exists() => {
                denied = Some(e);
                std::thread::park_timeout(Duration::from_millis(1));
                continue;
            }
            Err(e) => return Err(Fault::io("create", path)(e)),
        };
        if matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            std::thread::park_timeout(Duration::from_millis(1));
            continue;
        }
        let metadata = file.metadata().map_err(Fault::io("look at", path))?;
        match fs::symlink_metadata(path) {
            Ok(there) if is_same_file(&there, &metadata) => {}
            // The previous writer has renamed it since it was opened here.
            _ => continue,
        }
        if !is_ours_alone(&metadata) {
            remove(path)?;
            continue;
        }
        set_private_mode(&file, &metadata).map_err(Fault::io("set the modes of", path))?;
        if metadata.len() > 0 {
            file.set_len(0).map_err(Fault::io("write", path))?;
        }
        return Ok(file);
    }
    // Another user's writer was killed and left it.
    denied.map_or_else(
        || Err(Fault::Busy { path: path.to_owned(), waited: begin.elapsed() }),
        |e| Err(Fault::io("create", path)(e)),
    )
}

fn fill_file(mut file: &File, bytes: &[u8], durability: Durability) -> io::Result<()> {
    ignore_sigxfsz();
    file.write_all(bytes)?;
    if durability == Durability::Synced { file.sync_all() } else { Ok(()) }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink())
}

/// Options that read, never follow a link and don't block on a pipe.
fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Sets 0600 where a strange umask or an older process has left other bits.
#[cfg(unix)]
fn set_private_mode(file: &File, metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode == 0o600 { Ok(()) } else { file.set_permissions(fs::Permissions::from_mode(0o600)) }
}

#[cfg(not(unix))]
fn set_private_mode(_file: &File, _metadata: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use super::{Durability, check_writable, read, remove, take_unflushed, write};
    use crate::edges::Environment;
    use crate::store::{Fault, Problem};

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn problem<T: std::fmt::Debug>(result: Result<T, Fault>) -> Problem {
        match result {
            Err(Fault::Unsafe { problem, .. }) => problem,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Runs one test of this file in a process of its own, behind a few words of shell. It leaves a file `ran`.
    fn elsewhere(shell: &str, test: &str, room: &Path) {
        let status = Command::new("sh")
            .arg("-c")
            .arg(format!("{shell}; exec \"$0\" --exact store::file::tests::{test}"))
            .arg(Environment::real().exe.unwrap())
            .env("HALLPASS_TEST_ROOM", room)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{test} failed behind {shell:?}");
        assert!(remove(&room.join("ran")).unwrap(), "{test} did not run");
    }

    /// `None` in the parent's process, where these halves of a test have nothing to do.
    fn room_elsewhere() -> Option<PathBuf> {
        let room = PathBuf::from(Environment::real().os("HALLPASS_TEST_ROOM")?);
        write(&room.join("ran"), b"", Durability::Volatile).unwrap();
        Some(room)
    }

    #[test]
    fn what_is_written_is_read_and_private() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        assert_eq!(read(&path, 10).unwrap(), None);
        for (how, bytes) in
            [(Durability::Synced, b"one".as_slice()), (Durability::Volatile, b""), (Durability::Synced, b"3")]
        {
            write(&path, bytes, how).unwrap();
            assert_eq!(read(&path, 10).unwrap().unwrap(), bytes);
            assert_eq!((mode(&path), names(room.path())), (0o600, vec!["f".to_owned()]));
        }
        assert!(remove(&path).unwrap());
        assert!(!remove(&path).unwrap());
    }

    // As root the file could be opened anyway, so this asks what is asked when it could not.
    #[test]
    fn file_that_is_shut_is_opened_by_chmod() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        write(&path, b"x", Durability::Volatile).unwrap();
        super::check_readable(&path, super::Shape::File).unwrap();
        for (mode, expected) in [(0o000, Problem::Shut { mode: 0 }), (0o044, Problem::Loose { mode: 0o044 })] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            match super::check_readable(&path, super::Shape::File) {
                Err(Fault::Unsafe { problem, fix, .. }) => {
                    assert_eq!((problem, fix), (expected, format!("chmod 600 {}", path.display())));
                }
                other => panic!("{mode:o}: {other:?}"),
            }
        }
        if !rustix::process::geteuid().is_root() {
            assert_eq!(problem(read(&path, 1)), Problem::Loose { mode: 0o044 });
        }
    }

    // With one free descriptor the temporary file can be opened, but not the directory after it.
    #[test]
    fn a_directory_that_is_not_flushed_does_not_undo_a_write() {
        let Some(room) = room_elsewhere() else {
            let room = tempfile::tempdir().unwrap();
            elsewhere("ulimit -n 40", "a_directory_that_is_not_flushed_does_not_undo_a_write", room.path());
            return;
        };
        let path = room.join("f");
        write(&path, b"one", Durability::Synced).unwrap();
        assert_eq!(take_unflushed().len(), 0);
        let mut held: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
        held.pop();
        let written = write(&path, b"two", Durability::Synced);
        drop(held);
        written.unwrap();
        let reported: Vec<_> = take_unflushed().iter().map(ToString::to_string).collect();
        assert_eq!(reported, [format!("can't flush {}", room.display())]);
        assert_eq!(read(&path, 10).unwrap().unwrap(), b"two");
        assert_eq!((names(&room).len(), take_unflushed().len()), (2, 0));
    }

    #[test]
    fn umask_does_not_matter() {
        for umask in ["000", "022", "077", "777"] {
            let room = tempfile::tempdir().unwrap();
            elsewhere(&format!("umask {umask}"), "modes_behind_a_umask", room.path());
            assert_eq!((mode(&room.path().join("d")), mode(&room.path().join("d/e"))), (0o700, 0o700), "{umask}");
            assert_eq!(mode(&room.path().join("d/e/f")), 0o600, "{umask}");
            assert_eq!(mode(&room.path().join("d/e/lock")), 0o600, "{umask}");
        }
    }

    #[test]
    fn modes_behind_a_umask() {
        let Some(room) = room_elsewhere() else { return };
        let directory = room.join("d/e");
        crate::store::directory::create_private(&directory).unwrap();
        write(&directory.join("f"), b"x", Durability::Synced).unwrap();
        super::open_private(&directory.join("lock")).unwrap();
        assert_eq!(read(&directory.join("f"), 1).unwrap().unwrap(), b"x");
    }

    #[test]
    fn disk_that_is_full_leaves_old_file() {
        let room = tempfile::tempdir().unwrap();
        write(&room.path().join("f"), b"old", Durability::Synced).unwrap();
        elsewhere("ulimit -f 1", "a_write_beyond_the_limit", room.path());
        assert_eq!(read(&room.path().join("f"), 10).unwrap().unwrap(), b"old");
        assert_eq!(names(room.path()), ["f"]);
    }

    #[test]
    fn space_is_proven_for_the_largest_file_and_its_growth() {
        let Some(room) = room_elsewhere() else {
            let room = tempfile::tempdir().unwrap();
            elsewhere("ulimit -f 300", "space_is_proven_for_the_largest_file_and_its_growth", room.path());
            return;
        };
        check_writable(&room).unwrap();
        write(&room.join("f"), &vec![b'x'; 50_000], Durability::Volatile).unwrap();
        assert!(matches!(check_writable(&room), Err(Fault::Io { action: "write into", .. })));
    }

    #[test]
    fn a_write_beyond_the_limit() {
        let Some(room) = room_elsewhere() else { return };
        let path = room.join("f");
        for how in [Durability::Synced, Durability::Volatile] {
            let fault = write(&path, &vec![b'x'; 100_000], how).unwrap_err();
            assert!(matches!(&fault, Fault::Io { action: "write", path: named, .. } if *named == path), "{fault:?}");
        }
        let fault = check_writable(&room).unwrap_err();
        assert!(matches!(fault, Fault::Io { action: "write into", .. }), "{fault:?}");
    }

    #[test]
    fn stale_temporary_file_is_used_up() {
        let room = tempfile::tempdir().unwrap();
        let (path, stale) = (room.path().join("f"), room.path().join(".f.tmp"));
        write(&stale, b"", Durability::Volatile).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&stale).unwrap();
        file.set_len(1000).unwrap();
        file.set_permissions(Permissions::from_mode(0o644)).unwrap();
        write(&path, b"new", Durability::Synced).unwrap();
        assert_eq!((read(&path, 10).unwrap().unwrap(), names(room.path())), (b"new".to_vec(), vec!["f".to_owned()]));
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn planted_temporary_link_is_not_followed() {
        let room = tempfile::tempdir().unwrap();
        let victim = room.path().join("victim");
        write(&victim, b"dear", Durability::Synced).unwrap();
        symlink(&victim, room.path().join(".f.tmp")).unwrap();
        write(&room.path().join("f"), b"new", Durability::Synced).unwrap();
        fs::hard_link(&victim, room.path().join(".f.tmp")).unwrap();
        write(&room.path().join("f"), b"newer", Durability::Synced).unwrap();
        assert_eq!(read(&victim, 10).unwrap().unwrap(), b"dear");
        assert_eq!(read(&room.path().join("f"), 10).unwrap().unwrap(), b"newer");
    }

    #[test]
    fn links_and_strange_files_are_refused() {
        let room = tempfile::tempdir().unwrap();
        let (file, link) = (room.path().join("f"), room.path().join("l"));
        write(&file, b"x", Durability::Synced).unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(problem(read(&link, 10)), Problem::Link);
        assert_eq!(problem(write(&link, b"y", Durability::Synced)), Problem::Link);
        assert_eq!(problem(read(room.path(), 10)), Problem::NotFile);
        assert_eq!(problem(write(room.path(), b"y", Durability::Synced)), Problem::NotFile);
        let pipe = room.path().join("p");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(problem(read(&pipe, 10)), Problem::NotFile);
        assert_eq!(problem(write(&pipe, b"y", Durability::Synced)), Problem::NotFile);
        assert_eq!(read(&file, 10).unwrap().unwrap(), b"x");
    }

    #[test]
    fn open_modes_are_refused_with_their_chmod() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        write(&path, b"x", Durability::Synced).unwrap();
        for open in [0o604, 0o640, 0o610, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            match read(&path, 10) {
                Err(Fault::Unsafe { problem: Problem::Loose { mode }, fix, .. }) => {
                    assert_eq!((mode, fix), (open, format!("chmod 600 {}", path.display())));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn foreign_file_is_refused() {
        if rustix::process::geteuid().is_root() {
            let room = tempfile::tempdir().unwrap();
            let path = room.path().join("f");
            write(&path, b"x", Durability::Synced).unwrap();
            std::os::unix::fs::chown(&path, Some(65534), None).unwrap();
            assert_eq!(problem(read(&path, 10)), Problem::Owner { owner: 65534, expected: 0 });
        } else {
            assert!(matches!(problem(read(Path::new("/etc/passwd"), 1 << 20)), Problem::Owner { owner: 0, .. }));
        }
    }

    #[test]
    fn limit_is_exact() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        write(&path, b"12345", Durability::Volatile).unwrap();
        assert_eq!(read(&path, 5).unwrap().unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(Fault::TooLarge { limit: 4, .. })));
    }

    #[test]
    fn writers_at_once_never_mix() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("f");
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..40 {
                        write(path, &vec![writer; 1000 + usize::from(writer) * 500], Durability::Volatile).unwrap();
                        let seen = read(path, 100_000).unwrap().unwrap();
                        assert!(seen.len() == 1000 + usize::from(seen[0]) * 500 && seen.iter().all(|b| *b == seen[0]));
                    }
                });
            }
        });
        assert_eq!(names(room.path()), ["f"]);
    }
}
