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

/// Replaces the text. A link stays one: the file that it names is replaced. A new file is born 0600. `None`
/// removes the file.
pub fn replace_text(path: &Path, text: Option<&str>) -> Result<(), Fault> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Some(text) = text else { return fs::remove_file(&path).map_err(Fault::io("remove", &path)) };
    create_parent(&path)?;
    let modes = fs::metadata(&path).map_or(0o600, |found| found.permissions().mode() & 0o777);
    let claim = Claim::among_others(&path, Deadline::after(PATIENCE))?;
    claim.replace(text.as_bytes(), Durability::Synced, |file| file.set_permissions(fs::Permissions::from_mode(modes)))
}

/// What a link names; `None` for anything else.
pub fn read_link(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

/// Whether something has this name, a link without a target too.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Creates a link of this name.
pub fn create_link(path: &Path, target: &Path) -> Result<(), Fault> {
    create_parent(path)?;
    symlink(target, path).map_err(Fault::io("create", path))
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
