//! Files with tokens for one program: removed when it has ended, or by the next command after a crash.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::edges::{Clock, Deadline};
use crate::secret::Secret;

use super::Fault;
use super::directory::{PrivateDirectory, create_private};
use super::file::{self, Durability};
use super::lock::{Lock, LockOutcome};

/// The end of the name of the lock beside a directory. Whoever can take it knows that the owner has ended.
const LOCK: &str = "lock";

/// A directory of files; dropping it removes them.
pub struct HandedFiles {
    directory: PathBuf,
    lock_file: PathBuf,
    _lock: Lock,
}

impl HandedFiles {
    /// Creates the directory `parent`/`name`; removes what ended owners have left in `parent`.
    pub fn create(parent: &Path, name: &str, deadline: Deadline, clock: &dyn Clock) -> Result<Self, Fault> {
        remove_abandoned(parent)?;
        let directory = parent.join(name);
        let lock_file = directory.with_extension(LOCK);
        let lock = match Lock::acquire(&lock_file, deadline, clock, &mut || false)? {
            LockOutcome::Held(lock) => lock,
            LockOutcome::Superseded => return Err(Fault::Busy { path: lock_file, waited: std::time::Duration::ZERO }),
        };
        create_private(&directory)?;
        Ok(Self { directory, lock_file, _lock: lock })
    }

    /// Writes or replaces a file, 0600, and gives its path.
    pub fn write(&self, name: &str, secret: &Secret) -> Result<PathBuf, Fault> {
        let path = self.directory.join(name);
        file::write(&path, secret.expose().as_bytes(), Durability::Volatile)?;
        Ok(path)
    }
}

impl Drop for HandedFiles {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
        let _ = fs::remove_file(&self.lock_file);
    }
}

/// Removes the directories whose owners have ended without doing so.
pub fn remove_abandoned(parent: &Path) -> Result<(), Fault> {
    for path in PrivateDirectory::new(parent).list_files()? {
        if path.extension().is_some_and(|extension| extension == LOCK)
            && let Ok(lock) = File::open(&path)
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(path.with_extension(""));
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::{HandedFiles, remove_abandoned};
    use crate::edges::{Deadline, SystemClock};
    use crate::secret::Secret;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test writes what a killed owner left")]
    fn files_are_private_and_go_with_their_owner() {
        let home = tempfile::tempdir().unwrap();
        let parent = home.path().join("handed");
        let create =
            |name| HandedFiles::create(&parent, name, Deadline::after(Duration::from_secs(5)), &SystemClock).unwrap();
        let (one, other) = (create("one"), create("other"));
        let path = one.write("TOKEN", &Secret::new("first")).unwrap();
        assert_eq!(one.write("TOKEN", &Secret::new("second")).unwrap(), path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(one);
        assert!(!path.exists() && parent.join("other").exists());
        // What lives is left alone; what a killed owner left is removed.
        std::fs::create_dir(parent.join("dead")).unwrap();
        std::fs::write(parent.join("dead/TOKEN"), "x").unwrap();
        std::fs::write(parent.join("dead.lock"), "").unwrap();
        remove_abandoned(&parent).unwrap();
        assert!(!parent.join("dead").exists() && !parent.join("dead.lock").exists() && parent.join("other").exists());
        drop(other);
        assert_eq!(std::fs::read_dir(&parent).unwrap().count(), 0);
    }
}
