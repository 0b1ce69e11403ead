//! Changes of a file that others see.

use std::path::Path;
use std::time::Duration;

use super::{finds, now};
use crate::edges::Deadline;
use crate::secret::Secret;
use crate::store::Fault;
use crate::store::token_file::{TokenFile, change};

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn appended(path: &Path, more: &str, create: bool) -> Result<Vec<String>, Fault> {
    let deed = |file: &TokenFile| Ok((Some(Secret::new(format!("{}{more}", file.text.expose()))), ()));
    change(path, Deadline::after(Duration::from_secs(20)), create, deed).map(|changed| changed.warnings)
}

#[cfg(unix)]
#[test]
fn change_keeps_modes_and_links() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    let room = tempfile::tempdir().unwrap();
    let (path, link) = (room.path().join("tokens"), room.path().join("link"));
    assert!(matches!(appended(&path, "a\n", false), Err(Fault::Foreign { .. })));
    assert_eq!(appended(&path, "a\n", true).unwrap(), [] as [&str; 0]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    symlink("tokens", &link).unwrap();
    for kept in [0o644, 0o640, 0o400, 0o666] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(kept)).unwrap();
        let warned = appended(&link, "b\n", true).unwrap();
        assert_eq!((mode(&path), warned.len()), (kept, usize::from(kept != 0o400)), "{warned:?}");
    }
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(text_of(&path), "a\nb\nb\nb\nb\n");
    let names: Vec<_> = std::fs::read_dir(room.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_of_its_directory_is_refused() {
    use std::os::unix::fs::symlink;
    let room = tempfile::tempdir().unwrap();
    let (inner, outer) = (room.path().join("in"), room.path().join("out"));
    std::fs::create_dir(&inner).unwrap();
    appended(&outer, "a\n", true).unwrap();
    let link = inner.join("link");
    symlink(&outer, &link).unwrap();
    assert!(matches!(appended(&link, "b\n", true), Err(Fault::LeadsAway { .. })));
    let (file, warnings) = TokenFile::read(&link).unwrap();
    assert!(finds(file.text.expose(), "a") && warnings.len() == 1, "{warnings:?}");
    let dangling = inner.join("dangling");
    symlink("nothing", &dangling).unwrap();
    assert!(matches!(appended(&dangling, "b\n", true), Err(Fault::Foreign { .. })));
    assert!(matches!(appended(&inner, "b\n", true), Err(Fault::NotFile { .. })));
    assert!(matches!(appended(&room.path().join("no/where"), "b\n", true), Err(Fault::Foreign { .. })));
    let bad = inner.join("bad");
    #[expect(clippy::disallowed_methods, reason = "it is a file of the user's")]
    std::fs::write(&bad, b"a\nb\xff\n").unwrap();
    assert!(matches!(appended(&bad, "b\n", true), Err(Fault::NotText { line: 2, .. })));
    assert!(matches!(TokenFile::search_file(&bad, &Secret::new("a"), now()), Err(Fault::NotText { line: 2, .. })));
    assert_eq!((text_of(&outer), std::fs::read(&bad).unwrap().len()), ("a\n".to_owned(), 5));
}

#[test]
fn writers_by_two_names_lose_nothing() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("tokens");
    appended(&path, "", true).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("tokens", room.path().join("other")).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let name = if cfg!(unix) && writer % 2 == 0 { "other" } else { "tokens" };
            let path = room.path().join(name);
            scope.spawn(move || {
                for turn in 0..20 {
                    appended(&path, &format!("{writer}-{turn}\n"), false).unwrap();
                }
            });
        }
    });
    let text = text_of(&path);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 160);
}

#[cfg(target_os = "linux")]
#[test]
fn access_control_list_stays() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    const LIST: &str = "system.posix_acl_access";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokens");
    crate::store::file::write(&path, b"abc\n", crate::store::file::Durability::Volatile).unwrap();
    // Version 2; owner rw, user 33 r, group nothing, mask r, others nothing: its mode is 0640.
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in
        [(1_u16, 6_u16, u32::MAX), (2, 4, 33), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)]
    {
        list.extend([&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    }
    match setxattr(&path, LIST, &list, XattrFlags::empty()) {
        Err(rustix::io::Errno::OPNOTSUPP) => return,
        set => set.unwrap(),
    }
    let added = change(&path, Deadline::after(Duration::from_secs(5)), false, |_| -> Result<_, Fault> {
        Ok((Some(Secret::new("abc\ndef\n")), ()))
    });
    added.unwrap();
    let mut kept = vec![0; 1024];
    let length = getxattr(&path, LIST, kept.as_mut_slice()).unwrap();
    assert_eq!(&kept[..length], list);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc\ndef\n");
}
