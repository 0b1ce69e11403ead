//! Whether a file or directory is ours alone, and how to fix it when it is not.

use std::fs::Metadata;
use std::path::Path;

use super::{Fault, Problem};

/// What something of ours has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    File,
    Directory,
    /// A directory that others may look into, but not write to.
    Root,
    /// The same, where a person pointed to.
    Home,
}

/// The mode of a directory that is everybody's on purpose, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// Refuses what is a link, has the wrong shape, belongs to somebody else or is open to group or others.
///
/// `metadata` must come from the opened file or from `symlink_metadata`, never from a followed link.
pub(super) fn examine(path: &Path, metadata: &Metadata, shape: Shape) -> Result<(), Fault> {
    let problem = match shape {
        _ if metadata.is_symlink() => Some(Problem::Link),
        Shape::File if !metadata.is_file() => Some(Problem::NotFile),
        Shape::Directory | Shape::Root | Shape::Home if !metadata.is_dir() => Some(Problem::NotDirectory),
        Shape::Root | Shape::Home => foreign_or_loose(metadata, 0o022),
        Shape::File | Shape::Directory => foreign_or_loose(metadata, 0o077),
    };
    problem.map_or(Ok(()), |problem| Err(refusal(path, problem, shape)))
}

/// Whether the file belongs to the effective user. Where there are no owners, everything does.
#[cfg(unix)]
pub(super) fn is_ours(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// The modes of a file that its owner can't read.
#[cfg(unix)]
pub(super) fn shut_mode(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o7777;
    (mode & 0o400 == 0).then_some(mode)
}

/// Whether both describe the same file.
#[cfg(unix)]
pub(super) fn same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(unix)]
fn foreign_or_loose(metadata: &Metadata, closed: u32) -> Option<Problem> {
    use std::os::unix::fs::MetadataExt as _;
    let expected = rustix::process::geteuid().as_raw();
    let mode = metadata.mode() & 0o7777;
    if metadata.uid() != expected {
        Some(Problem::Owner { owner: metadata.uid(), expected })
    } else if mode & closed != 0 {
        Some(Problem::Loose { mode })
    } else {
        None
    }
}

// Elsewhere the directories of the user's profile are private by inheritance, and there are no modes to look at.
#[cfg(not(unix))]
fn foreign_or_loose(_metadata: &Metadata, _closed: u32) -> Option<Problem> {
    None
}

#[cfg(not(unix))]
pub(super) fn shut_mode(_metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(not(unix))]
pub(super) fn is_ours(_metadata: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
pub(super) fn same_file(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

/// The refusal with the command that fixes it.
pub(super) fn refusal(path: &Path, problem: Problem, shape: Shape) -> Fault {
    let name = quoted_path(path);
    let fix = match (problem, shape) {
        // Whatever a person pointed to by mistake is not to be moved, given away or closed to those who need it.
        (Problem::Loose { mode }, Shape::Home) if mode & STICKY == 0 => format!("chmod go-w {name}"),
        (_, Shape::Home) => "name another directory with HALLPASS_HOME".to_owned(),
        (Problem::Link, _) => format!("rm {name}"),
        (Problem::NotFile | Problem::NotDirectory, _) => {
            format!("mv {name} {}", quoted_path(&path.with_extension("old")))
        }
        // What belongs to somebody is not made root's: root had their home in its environment.
        (Problem::Owner { owner, expected: 0 }, _) => {
            format!("sudo -u '#{owner}' hallpass …, or with a HOME of your own")
        }
        (Problem::Owner { expected, .. }, Shape::File) => format!("sudo chown {expected} {name}"),
        (Problem::Owner { expected, .. }, _) => format!("sudo chown -R {expected} {name}"),
        (Problem::Loose { .. }, Shape::Root) => format!("chmod go-w {name}"),
        (Problem::Loose { .. }, Shape::Directory) => format!("chmod 700 {name}"),
        (Problem::Loose { .. } | Problem::Shut { .. }, Shape::File) => format!("chmod 600 {name}"),
        (Problem::Shut { .. }, _) => format!("chmod u+rwx {name}"),
    };
    Fault::Unsafe { path: path.to_owned(), problem, fix }
}

/// The path as one word of a shell.
fn quoted_path(path: &Path) -> String {
    crate::text::quote_for_shell(&path.to_string_lossy())
}
