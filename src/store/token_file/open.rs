//! Opens a token file whatever its modes, and warns of them.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::store::Fault;
use crate::store::fault::sanitize_path;
use crate::store::ownership::find_loose_mode;

/// The most bytes of a token file: some two million tokens that have a label each.
pub(super) const LIMIT: u64 = 256 * 1024 * 1024;

pub(super) struct Opened {
    pub file: File,
    pub metadata: Metadata,
}

impl Opened {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let read = |e| Fault::io("read", path)(e).foreign(path);
        let file = read_options().open(path).map_err(read)?;
        let metadata = file.metadata().map_err(read)?;
        if !metadata.is_file() {
            return Err(Fault::NotFile { path: path.to_owned() });
        }
        if metadata.len() > LIMIT {
            return Err(Fault::TooLarge { path: path.to_owned(), limit: LIMIT });
        }
        Ok(Self { file, metadata })
    }

    pub(super) fn read_text(mut self, path: &Path) -> Result<Secret, Fault> {
        let size = usize::try_from(self.metadata.len()).unwrap_or_default();
        // One byte more than there is: the end is seen without growing, so that no copy stays behind in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
        let read = (&mut self.file).take(LIMIT + 1).read_to_end(&mut bytes);
        read.map_err(|e| Fault::io("read", path)(e).foreign(path))?;
        if bytes.len() as u64 > LIMIT {
            return Err(Fault::TooLarge { path: path.to_owned(), limit: LIMIT });
        }
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Secret::new(text)),
            Err(error) => {
                let sound = error.utf8_error().valid_up_to();
                let bytes = Zeroizing::new(error.into_bytes());
                let line = bytes[..sound].split(|b| *b == b'\n').count();
                Err(Fault::NotText { path: path.to_owned(), line })
            }
        }
    }
}

/// Warns of loose modes and of a link to another directory.
pub(super) fn collect_warnings(path: &Path, metadata: &Metadata) -> Vec<String> {
    let mode = find_loose_mode(metadata);
    let loose = mode.map(|mode| format!("{0} is open to others (mode {mode:04o}): chmod 600 {0}", sanitize_path(path)));
    let away = find_outside_target(path)
        .map(|target| format!("{} is a link out of its directory, to {}", sanitize_path(path), sanitize_path(&target)));
    loose.into_iter().chain(away).collect()
}

/// Warns of a byte order mark and of a file without a token.
pub(super) fn content_warnings(path: &Path, marked: bool, empty: bool) -> Vec<String> {
    let path = sanitize_path(path);
    let mark =
        format!("{path} starts with a byte order mark, which toolregistry-server reads as part of the first line");
    let open = format!("{path} has no token: it lets nobody in, but toolregistry-server then lets everybody in");
    marked.then_some(mark).into_iter().chain(empty.then_some(open)).collect()
}

/// Where a link leads that leaves its directory.
pub(super) fn find_outside_target(path: &Path) -> Option<PathBuf> {
    if !fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
        return None;
    }
    let target = fs::canonicalize(path).ok()?;
    let home = fs::canonicalize(parent_directory(path)).ok()?;
    (!target.starts_with(home)).then_some(target)
}

pub(super) fn parent_directory(path: &Path) -> &Path {
    path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Options that don't block on a pipe.
fn read_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    options
}
