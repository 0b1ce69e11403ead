//! A configuration file of another program: read and replaced as its owner would, its modes and links kept.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Fault;
use super::file::{Claim, Durability};
use crate::edges::Deadline;

/// The most bytes of one.
const LIMIT: u64 = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The text of the file; empty where there is none.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        Ok(found) if found.len() > LIMIT => return Err(Fault::TooLarge { path: path.to_owned(), limit: LIMIT }),
        _ => {}
    }
    fs::read_to_string(path).map_err(Fault::io("read", path))
}

/// Edits the text, which no other process of hallpass changes meanwhile; `None` stands for no file. A link stays one: the
/// file that it names is replaced. A new file is born 0600.
pub fn edit_text<E: From<Fault>>(
    path: &Path,
    edit: impl FnOnce(Option<&str>) -> Result<Option<String>, E>,
) -> Result<(), E> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    create_parent(&path)?;
    let claim = Claim::among_others(&path, Deadline::after(PATIENCE))?;
    let found = if path.exists() { Some(read_text(&path)?) } else { None };
    let Some(text) = edit(found.as_deref())? else {
        return Ok(fs::remove_file(&path).map_err(Fault::io("remove", &path))?);
    };
    let modes = fs::metadata(&path).map_or(0o600, |found| found.permissions().mode() & 0o777);
    let prepare = |file: &fs::File| file.set_permissions(fs::Permissions::from_mode(modes));
    Ok(claim.replace(text.as_bytes(), Durability::Synced, prepare)?)
}

/// What a link names; `None` for anything else.
pub fn read_link(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

/// Whether something has this name, a link without a target too.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether something else than a regular file has this name, or is what a link of it leads to.
pub fn is_no_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file())
}

/// Creates a link of this name, unless another process has just done so.
pub fn create_link(path: &Path, target: &Path) -> Result<(), Fault> {
    create_parent(path)?;
    symlink(target, path).or_else(|error| match read_link(path) {
        Some(found) if found == target => Ok(()),
        _ => Err(Fault::io("create", path)(error)),
    })
}

/// Creates a program of the owner's.
pub fn create_script(path: &Path, text: &str) -> Result<(), Fault> {
    create_parent(path)?;
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o700).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Fault::io("create", path))
}

pub fn remove(path: &Path) -> Result<(), Fault> {
    fs::remove_file(path).map_err(Fault::io("remove", path))
}

fn create_parent(path: &Path) -> Result<(), Fault> {
    let create = |parent| fs::DirBuilder::new().recursive(true).create(parent).map_err(Fault::io("create", parent));
    path.parent().map_or(Ok(()), create)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{Fault, edit_text};

    #[test]
    fn edits_at_once_are_all_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/file");
        let add = || {
            let edit = |found: Option<&str>| Ok::<_, Fault>(Some(format!("{}x", found.unwrap_or_default())));
            (0..20).for_each(|_| edit_text(&path, edit).unwrap());
        };
        thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(add))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "x".repeat(80));
        edit_text(&path, |_| Ok::<_, Fault>(None)).unwrap();
        assert_eq!(std::fs::read_dir(directory.path().join("new")).unwrap().count(), 0);
    }
}
