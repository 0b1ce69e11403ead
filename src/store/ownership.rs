//! Whether a file or directory is ours alone, and how to fix it when it is not.

use std::fs::Metadata;
use std::path::Path;

use super::{Fault, Problem};

/// What something of ours has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    File,
    /// A file without secrets, which root may own too; then others may read it.
    Settings,
    /// The same behind a link: others may read it.
    LinkedSettings,
    Directory,
    /// A directory that others may read, but not write to.
    Root,
    /// The same, where the user pointed to.
    Home,
}

/// The mode of a directory that is everybody's on purpose, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// Refuses a link, a wrong shape, a foreign owner and loose modes. `metadata` never comes from a followed link.
pub(super) fn check_ownership(path: &Path, metadata: &Metadata, shape: Shape) -> Result<(), Fault> {
    let problem = match shape {
        _ if metadata.is_symlink() => Some(Problem::Link),
        Shape::File | Shape::Settings | Shape::LinkedSettings if !metadata.is_file() => Some(Problem::NotFile),
        Shape::Directory | Shape::Root | Shape::Home if !metadata.is_dir() => Some(Problem::NotDirectory),
        shape => Access::of(metadata).and_then(|access| access.find_problem(shape)),
    };
    problem.map_or(Ok(()), |problem| Err(refuse(path, problem, shape)))
}

/// Whether a link was made by this user or root.
pub(super) fn is_trusted_link(metadata: &Metadata) -> bool {
    Access::of(metadata).is_none_or(|access| access.owner == access.user || access.owner == 0)
}

/// The modes of a file that its owner can't read.
pub(super) fn find_shut_mode(metadata: &Metadata) -> Option<u32> {
    Access::of(metadata).map(|access| access.mode).filter(|mode| mode & 0o400 == 0)
}

/// The modes of a file that group or others may use.
pub(super) fn find_loose_mode(metadata: &Metadata) -> Option<u32> {
    Access::of(metadata).map(|access| access.mode).filter(|mode| mode & 0o077 != 0)
}

/// Whether it is a regular file of the effective user with no other name.
pub(super) fn is_ours_alone(metadata: &Metadata) -> bool {
    metadata.is_file() && Access::of(metadata).is_none_or(|access| access.owner == access.user && access.links == 1)
}

struct Access {
    owner: u32,
    /// The effective user of this process.
    user: u32,
    mode: u32,
    links: u64,
}

impl Access {
    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere there are no owners and modes")]
    fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let user = rustix::process::geteuid().as_raw();
        Some(Self { owner: metadata.uid(), user, mode: metadata.mode() & 0o7777, links: metadata.nlink() })
    }

    /// A foreign owner, or modes that are too loose.
    fn find_problem(&self, shape: Shape) -> Option<Problem> {
        let Self { owner, user, mode, .. } = *self;
        let of_root = owner == 0 && user != 0 && matches!(shape, Shape::Settings | Shape::LinkedSettings);
        if owner != user && !of_root {
            return Some(Problem::Owner { owner, expected: user });
        }
        let forbidden = match shape {
            Shape::Root | Shape::Home | Shape::LinkedSettings => 0o022,
            Shape::Settings if of_root => 0o022,
            Shape::File | Shape::Directory | Shape::Settings => 0o077,
        };
        (mode & forbidden != 0).then_some(Problem::Loose { mode })
    }

    /// Elsewhere the directories of the user's profile are private by inheritance.
    #[cfg(not(unix))]
    fn of(_metadata: &Metadata) -> Option<Self> {
        None
    }
}

#[cfg(unix)]
pub(super) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(not(unix))]
pub(super) fn is_same_file(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

/// The fault with the command that fixes it.
pub(super) fn refuse(path: &Path, problem: Problem, shape: Shape) -> Fault {
    let quoted_path = |path: &Path| crate::text::quote_for_shell(&path.to_string_lossy());
    let name = quoted_path(path);
    let fix = match (problem, shape) {
        // What the user pointed to by mistake is not moved, given away or closed to those who need it.
        (Problem::Loose { mode }, Shape::Home) if mode & STICKY == 0 => format!("chmod go-w {name}"),
        (_, Shape::Home) => "name another directory with HALLPASS_HOME".to_owned(),
        (Problem::Link, Shape::Settings) => {
            let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            format!("edit {} itself, or name another directory with HALLPASS_HOME", quoted_path(&target))
        }
        (Problem::Link, _) => format!("rm {name}"),
        (Problem::NotFile | Problem::NotDirectory, _) => {
            format!("mv {name} {}", quoted_path(&path.with_extension("old")))
        }
        // Root had somebody's home in its environment: it stays theirs.
        (Problem::Owner { owner, expected: 0 }, _) => {
            format!("sudo -u '#{owner}' hallpass …, or with a HOME of your own")
        }
        (Problem::Owner { expected, .. }, Shape::File | Shape::Settings | Shape::LinkedSettings) => {
            format!("sudo chown {expected} {name}")
        }
        (Problem::Owner { expected, .. }, _) => format!("sudo chown -R {expected} {name}"),
        (Problem::Loose { .. }, Shape::Root | Shape::LinkedSettings) => format!("chmod go-w {name}"),
        (Problem::Loose { .. }, Shape::Directory) => format!("chmod 700 {name}"),
        (Problem::Loose { .. } | Problem::Shut { .. }, Shape::File | Shape::Settings) => format!("chmod 600 {name}"),
        (Problem::Shut { .. }, _) => format!("chmod u+rwx {name}"),
    };
    Fault::Unsafe { path: path.to_owned(), problem, fix }
}

#[cfg(test)]
mod tests {
    use super::{Access, Problem, Shape};

    #[test]
    fn settings_of_root_may_be_read_by_others() {
        let problem = |owner, mode, shape| Access { owner, user: 1000, mode, links: 1 }.find_problem(shape);
        for shape in [Shape::Settings, Shape::LinkedSettings] {
            assert_eq!(problem(0, 0o644, shape), None);
            assert_eq!(problem(0, 0o664, shape), Some(Problem::Loose { mode: 0o664 }));
            assert_eq!(problem(1001, 0o600, shape), Some(Problem::Owner { owner: 1001, expected: 1000 }));
        }
        assert_eq!(problem(1000, 0o644, Shape::Settings), Some(Problem::Loose { mode: 0o644 }));
        assert_eq!(problem(0, 0o600, Shape::File), Some(Problem::Owner { owner: 0, expected: 1000 }));
    }
}
