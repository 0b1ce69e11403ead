//! One process at a time: a kernel lock on a file of its own, which dies with its holder.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::edges::{Clock, Deadline};

use super::Fault;
use super::ownership::is_same_file;
use super::{directory, file};

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LAST_PAUSE: Duration = Duration::from_millis(20);

/// A held lock, until it is dropped. The file stays: removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

#[derive(Debug)]
pub enum LockOutcome {
    Held(Lock),
    /// The wait was ended: what the lock was wanted for has appeared.
    Superseded,
}

impl Lock {
    /// Takes the lock, waiting for its holder until the deadline. `while_waiting` returns `true` to end the wait.
    pub fn acquire(
        path: &Path,
        deadline: Deadline,
        clock: &dyn Clock,
        while_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<LockOutcome, Fault> {
        Self::acquire_with(path, &File::try_lock, deadline, clock, while_waiting)
    }

    /// As [`Lock::acquire`], for one of the many locks that share a file, so that not each leaves one. Where the system
    /// can't lock a part of a file it is a file of its own.
    pub fn acquire_part(
        path: &Path,
        number: u64,
        deadline: Deadline,
        clock: &dyn Clock,
        while_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<LockOutcome, Fault> {
        #[cfg(target_os = "linux")]
        return Self::acquire_with(path, &|file| try_lock_byte(file, number), deadline, clock, while_waiting);
        #[cfg(not(target_os = "linux"))]
        Self::acquire(&path.with_extension(format!("{number:016x}.lock")), deadline, clock, while_waiting)
    }

    fn acquire_with(
        path: &Path,
        try_lock: &dyn Fn(&File) -> Result<(), TryLockError>,
        deadline: Deadline,
        clock: &dyn Clock,
        while_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<LockOutcome, Fault> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            directory::create_private(parent)?;
        }
        let begin = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut file = file::open_private(path)?;
        loop {
            match try_lock(&file) {
                Ok(()) if is_still_there(&file, path) => return Ok(LockOutcome::Held(Self { _file: file })),
                Ok(()) => file = file::open_private(path)?,
                Err(TryLockError::Error(e)) => return Err(Fault::io("lock", path)(e)),
                Err(TryLockError::WouldBlock) => {
                    if while_waiting() {
                        return Ok(LockOutcome::Superseded);
                    }
                    let Some(left) = deadline.remaining() else {
                        return Err(Fault::Busy { path: path.to_owned(), waited: begin.elapsed() });
                    };
                    clock.sleep(pause.min(left));
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
    }
}

/// Locks one byte, which need not exist, for this opening of the file alone.
#[cfg(target_os = "linux")]
fn try_lock_byte(file: &File, number: u64) -> Result<(), TryLockError> {
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_WRLCK, SEEK_SET, c_short, flock, off_t};
    #[expect(clippy::cast_possible_truncation, reason = "the C library gives its small constants as int")]
    let (l_type, l_whence) = (F_WRLCK as c_short, SEEK_SET as c_short);
    let l_start = off_t::try_from(number % off_t::MAX.unsigned_abs()).unwrap_or_default();
    let byte = flock { l_type, l_whence, l_start, l_len: 1, l_pid: 0 };
    match fcntl(file, FcntlArg::F_OFD_SETLK(&byte)) {
        Ok(_) => Ok(()),
        Err(Errno::EAGAIN | Errno::EACCES) => Err(TryLockError::WouldBlock),
        Err(errno) => Err(TryLockError::Error(errno.into())),
    }
}

/// Whether the locked file still has this name: the directory may have been removed meanwhile.
fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(there)) => is_same_file(&held, &there),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    use super::{Lock, LockOutcome};
    use crate::edges::{Clock as _, Deadline, SystemClock};
    use crate::store::Fault;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(20))
    }

    fn held(acquired: Result<LockOutcome, Fault>) -> Lock {
        match acquired {
            Ok(LockOutcome::Held(lock)) => lock,
            other => panic!("not held: {other:?}"),
        }
    }

    #[test]
    fn eight_threads_take_turns() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("locks/x.lock");
        let (inside, turns) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let lock = held(Lock::acquire(&path, soon(), &SystemClock, &mut || false));
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(turns.into_inner(), 40);
    }

    #[test]
    fn parts_of_file_are_locks_of_their_own() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        let lock =
            |number| Lock::acquire_part(&path, number, Deadline::after(Duration::ZERO), &SystemClock, &mut || false);
        let (first, last) = (held(lock(1)), held(lock(u64::MAX - 1)));
        for busy in [1, u64::MAX - 1] {
            assert!(matches!(lock(busy), Err(Fault::Busy { .. })), "{busy}");
        }
        let _third = held(lock(2));
        drop(first);
        let _again = held(lock(1));
        assert!(matches!(lock(u64::MAX - 1), Err(Fault::Busy { .. })), "one that is dropped takes no other along");
        drop(last);
        #[cfg(target_os = "linux")]
        assert_eq!(std::fs::read_dir(room.path().join("l")).unwrap().count(), 1);
        assert_eq!(path.metadata().map(|file| file.len()).unwrap_or_default(), 0);
    }

    #[test]
    fn busy_lock_ends_at_deadline() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        let holder = held(Lock::acquire(&path, soon(), &SystemClock, &mut || false));
        let begin = Instant::now();
        let fault = Lock::acquire(&path, Deadline::after(Duration::from_millis(60)), &SystemClock, &mut || false);
        assert!(matches!(fault, Err(Fault::Busy { .. })), "{fault:?}");
        assert!(begin.elapsed() >= Duration::from_millis(60) && begin.elapsed() < Duration::from_secs(5));
        drop(holder);
        held(Lock::acquire(&path, Deadline::after(Duration::ZERO), &SystemClock, &mut || false));
    }

    #[test]
    fn wait_ends_when_thing_appears() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        let _holder = held(Lock::acquire(&path, soon(), &SystemClock, &mut || false));
        let mut looks = 0;
        let mut look = || {
            looks += 1;
            looks == 3
        };
        assert!(matches!(Lock::acquire(&path, soon(), &SystemClock, &mut look), Ok(LockOutcome::Superseded)));
        assert_eq!(looks, 3);
    }

    #[test]
    fn holder_that_drops_lets_waiter_in() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        let holder = held(Lock::acquire(&path, soon(), &SystemClock, &mut || false));
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| held(Lock::acquire(&path, soon(), &SystemClock, &mut || false)));
            SystemClock.sleep(Duration::from_millis(20));
            assert!(!waiter.is_finished());
            drop(holder);
        });
    }

    #[test]
    fn lock_file_that_was_removed_does_not_split_lock() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        let holder = held(Lock::acquire(&path, soon(), &SystemClock, &mut || false));
        let (mut holder, mut second) = (Some(holder), None);
        let mut look = || {
            if holder.is_some() {
                crate::store::file::remove(&path).unwrap();
                second = Some(held(Lock::acquire(&path, soon(), &SystemClock, &mut || false)));
                holder = None;
                return false;
            }
            true
        };
        let third = Lock::acquire(&path, soon(), &SystemClock, &mut look);
        assert!(matches!(third, Ok(LockOutcome::Superseded)), "two processes hold the lock");
    }

    #[cfg(unix)]
    #[test]
    fn open_lock_file_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("l/x.lock");
        drop(held(Lock::acquire(&path, soon(), &SystemClock, &mut || false)));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let refused = Lock::acquire(&path, soon(), &SystemClock, &mut || false);
        assert!(matches!(refused, Err(Fault::Unsafe { .. })), "{refused:?}");
    }
}
