//! A project's file: `.hallpass.toml` of this directory or the nearest above. It may only name a zone: whoever wrote
//! the project must not send the user's tokens anywhere.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::reader::{self, Reader};
use super::{Fault, check_name};
use crate::text::sanitize;

const NAME: &str = ".hallpass.toml";
/// The most bytes of it.
const LIMIT: u64 = 64 * 1024;

/// Finds the nearest file from this directory up to the root: its path and the zone it names.
pub fn find(current_dir: &Path) -> Result<Option<(PathBuf, String)>, Fault> {
    for directory in current_dir.ancestors() {
        let path = directory.join(NAME);
        if let Some(owner) = find_foreign_owner(&path) {
            return Err(Fault::ForeignOwner { path, owner });
        }
        match read(&path) {
            Ok(Some(text)) => return read_zone_name(&text, &path).map(|zone| Some((path, zone))),
            Ok(None) => return Err(Fault::TooLarge { path, limit: LIMIT }),
            // A link that leads nowhere must not look absent: another zone would be used.
            Err(cause) if is_absent(&cause) && !path.is_symlink() => {}
            Err(cause) => return Err(Fault::Unreadable { path, cause }),
        }
    }
    Ok(None)
}

/// The user that the file or a link to it belongs to, when it is neither this one nor root: in a directory where others
/// may write, such as `/tmp`, they would choose the zone.
#[cfg(unix)]
fn find_foreign_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = [path.symlink_metadata(), path.metadata()];
    let mut owners = metadata.into_iter().flatten().map(|metadata| metadata.uid());
    owners.find(|owner| *owner != 0 && *owner != rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn find_foreign_owner(_path: &Path) -> Option<u32> {
    None
}

fn is_absent(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// `None` when the file is too large.
fn read(path: &Path) -> io::Result<Option<String>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

fn read_zone_name(text: &str, path: &Path) -> Result<String, Fault> {
    let document = reader::parse(text, path)?;
    if let Some((key, _)) = document.iter().find(|(key, _)| *key != "zone") {
        return Err(Fault::ForeignKey { path: path.to_owned(), key: sanitize(key) });
    }
    let reader = Reader::root(&document, path);
    let name = reader.string("zone")?.ok_or_else(|| reader.missing("zone"))?;
    check_name(name).map_err(|_| reader.wrong("zone", "must be the name of a zone"))?;
    Ok(name.to_owned())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test writes what a project would hold")]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::Fault;
    use super::find;

    fn found(root: &Path, text: &str) -> Result<Option<String>, Fault> {
        fs::write(root.join(".hallpass.toml"), text).unwrap();
        find(root).map(|found| found.map(|(_, zone)| zone))
    }

    #[test]
    fn nearest_wins() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        assert!(find(&deep).unwrap().is_none_or(|(path, _)| !path.starts_with(root.path())));
        fs::write(root.path().join(".hallpass.toml"), "zone = \"outer\"\n").unwrap();
        assert_eq!(find(&deep).unwrap(), Some((root.path().join(".hallpass.toml"), "outer".to_owned())));
        fs::write(root.path().join("a/.hallpass.toml"), "# mine\r\nzone = \"inner\"\r\n").unwrap();
        assert_eq!(find(&deep).unwrap(), Some((root.path().join("a/.hallpass.toml"), "inner".to_owned())));
    }

    #[test]
    fn anything_but_zone_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for text in [
            "zone = \"a\"\nissuer = \"https://evil.example\"",
            "[settings]\nproxy = \"x\"",
            "[zone]\nname = \"a\"",
            "zone = 3",
            "zone = \"\"",
            "zone = \"../a\"",
            "zone = \"env\"",
            "",
            "zone = ",
        ] {
            let fault = found(root.path(), text).unwrap_err().to_string();
            assert!(fault.contains(".hallpass.toml"), "{fault}");
        }
        let fault = found(root.path(), "zone = \"a\"\n\"x\\u001b\" = 1").unwrap_err().to_string();
        assert!(fault.ends_with("a project may only name a zone, but this file sets x\\u{1b}"), "{fault}");
    }

    #[test]
    fn large_file_and_directory_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let text = format!("zone = \"a\" #{}", "x".repeat(64 * 1024));
        assert!(matches!(found(root.path(), &text), Err(Fault::TooLarge { .. })));
        fs::remove_file(root.path().join(".hallpass.toml")).unwrap();
        fs::create_dir(root.path().join(".hallpass.toml")).unwrap();
        assert!(matches!(find(root.path()), Err(Fault::Unreadable { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn file_of_another_user_is_refused() {
        use std::os::unix::fs::lchown;
        let root = tempfile::tempdir().unwrap();
        assert_eq!(found(root.path(), "zone = \"a\"\n").unwrap().as_deref(), Some("a"));
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            let path = root.path().join(".hallpass.toml");
            lchown(&path, Some(1234), None).unwrap();
            assert!(matches!(find(root.path()), Err(Fault::ForeignOwner { owner: 1234, .. })));
            let deep = root.path().join("a");
            fs::create_dir(&deep).unwrap();
            let link = deep.join(".hallpass.toml");
            std::os::unix::fs::symlink("/dev/null", &link).unwrap();
            lchown(&link, Some(1234), None).unwrap();
            assert!(matches!(find(&deep), Err(Fault::ForeignOwner { .. })));
        }
    }

    #[cfg(unix)]
    #[test]
    fn link_that_leads_nowhere_is_not_absent() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a");
        fs::create_dir(&deep).unwrap();
        fs::write(root.path().join(".hallpass.toml"), "zone = \"outer\"\n").unwrap();
        let link = deep.join(".hallpass.toml");
        for target in ["/nonexistent", "/dev/null/x"] {
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(matches!(find(&deep), Err(Fault::Unreadable { path, .. }) if path == link), "{target}");
            fs::remove_file(&link).unwrap();
        }
        std::os::unix::fs::symlink(root.path().join(".hallpass.toml"), &link).unwrap();
        assert_eq!(find(&deep).unwrap(), Some((link, "outer".to_owned())));
    }
}
