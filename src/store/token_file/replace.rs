//! Replaces a token file: one writer at a time, never a mix of the old and the new content, the modes kept.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::edges::Deadline;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::fault::sanitize_path;
use crate::store::file::{Claim, Durability};

use super::file::TokenFile;
use super::open::{Opened, collect_warnings, find_outside_target, parent_directory};

#[derive(Debug)]
pub struct Changed<T> {
    /// What the edit returned.
    pub answer: T,
    pub warnings: Vec<String>,
}

/// Reads a token file and replaces it by what `edit` returns, if anything; with `create` a missing one is created 0600.
///
/// Its writers wait for each other, whatever their user and the name they use. An existing file keeps its modes, its owner
/// and its group.
pub fn change<T, E: From<Fault>>(
    path: &Path,
    deadline: Deadline,
    create: bool,
    edit: impl FnOnce(&TokenFile) -> Result<(Option<Secret>, T), E>,
) -> Result<Changed<T>, E> {
    let target = resolve_target(path, create)?;
    let claim = Claim::among_others(&target, deadline).map_err(|fault| fault.foreign(path))?;
    let (file, metadata) = match Opened::open(&target) {
        Ok(opened) => {
            let metadata = opened.metadata.clone();
            (TokenFile::from_text(opened.read_text(path)?), Some(metadata))
        }
        Err(Fault::Foreign { source, .. }) if create && source.kind() == io::ErrorKind::NotFound => {
            (TokenFile::from_text(Secret::new("")), None)
        }
        Err(fault) => return Err(fault.foreign(path).into()),
    };
    let mut warnings = metadata.as_ref().map(|metadata| collect_warnings(path, metadata)).unwrap_or_default();
    let (text, answer) = edit(&file)?;
    if let Some(text) = text {
        let prepare = |new: &File| {
            warnings.extend(
                metadata.iter().map(|old| copy_attributes(new, old, path)).collect::<io::Result<Vec<_>>>()?.concat(),
            );
            Ok(())
        };
        let replaced = claim.replace(text.expose().as_bytes(), Durability::Synced, prepare);
        replaced.map_err(|fault| fault.foreign(path))?;
    }
    Ok(Changed { answer, warnings })
}

/// Follows the links of a path, which must stay in its directory.
fn resolve_target(path: &Path, create: bool) -> Result<PathBuf, Fault> {
    let foreign = |e| Fault::Foreign { action: "read", path: path.to_owned(), source: e };
    if let Some(target) = find_outside_target(path) {
        return Err(Fault::LeadsAway { path: path.to_owned(), target });
    }
    match fs::canonicalize(path) {
        Ok(target) if !target.is_file() => Err(Fault::NotFile { path: path.to_owned() }),
        Ok(target) => Ok(target),
        // A link that leads to nothing is not written through.
        Err(e) if e.kind() == io::ErrorKind::NotFound && create && fs::symlink_metadata(path).is_err() => {
            let name = path.file_name().ok_or_else(|| Fault::NotFile { path: path.to_owned() })?;
            Ok(fs::canonicalize(parent_directory(path)).map_err(foreign)?.join(name))
        }
        Err(e) => Err(foreign(e)),
    }
}

/// Copies modes, owner, group and access control list to the new file. Returns what could not be kept.
#[cfg(unix)]
fn copy_attributes(new: &File, old: &Metadata, path: &Path) -> io::Result<Vec<String>> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let mut warnings = Vec::new();
    let mut mode = old.mode() & 0o777;
    let born = new.metadata()?;
    if (born.uid(), born.gid()) != (old.uid(), old.gid()) && fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
        let group = born.gid() == old.gid() || fchown(new, None, Some(old.gid())).is_ok();
        warnings.push(format!("{} belongs to you now: its owner could not be kept", sanitize_path(path)));
        if !group {
            // The modes of one group are not for another.
            mode &= 0o707;
        }
    }
    if old.nlink() > 1 {
        warnings.push(format!("{} had other names (hard links), which keep its old content", sanitize_path(path)));
    }
    new.set_permissions(fs::Permissions::from_mode(mode))?;
    copy_access_list(new, path)?;
    Ok(warnings)
}

/// Copies the access control list: without it, the group's bits, which are the list's mask, would let more users in.
#[cfg(target_os = "linux")]
fn copy_access_list(new: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr};
    use rustix::io::Errno;
    const LIST: &str = "system.posix_acl_access";
    let mut list = vec![0; 64 * 1024];
    match getxattr(path, LIST, list.as_mut_slice()) {
        Ok(length) => Ok(fsetxattr(new, LIST, &list[..length], XattrFlags::empty())?),
        Err(Errno::NODATA | Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn copy_access_list(_new: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn copy_attributes(_new: &File, _old: &Metadata, _path: &Path) -> io::Result<Vec<String>> {
    Ok(Vec::new())
}
