//! The command that runs inside the sandbox, its folder, and its end.

use std::ffi::OsString;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use zeroize::Zeroizing;

use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::sandbox::Sandbox;
use crate::sandbox::environment::{self, Place};
use crate::secret::Secret;
use crate::store::file::{Durability, write};
use crate::text::shell_quote::quote_posix;

/// A folder of our own below the one for temporary files; gone when this is dropped.
struct Room {
    folder: PathBuf,
    place: Place,
}

impl Room {
    fn make(cx: &Context, sandbox: &Sandbox) -> Result<Self, Error> {
        let mut bytes = [0; 8];
        cx.entropy.fill(&mut bytes).map_err(Error::internal)?;
        let name = u64::from_le_bytes(bytes);
        let below = cx.environment.os("TMPDIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let below = below.unwrap_or_else(|| PathBuf::from("/tmp"));
        let path = below.join(format!("hallpass-sandbox-{name:016x}"));
        let folder = |path: &Path| std::fs::DirBuilder::new().mode(0o700).create(path);
        let place = Place {
            home: path.join("home"),
            bin: path.join("bin"),
            files: path.join("files"),
            vault_key: vault_key(cx)?,
        };
        let made = [&path, &place.home, &place.bin, &place.files].into_iter().try_for_each(|path| folder(path));
        made.map_err(|error| {
            Error::storage("a folder for the sandbox can't be made")
                .because(format!("{}: {error}", path.display()))
                .hint("name another place with TMPDIR")
        })?;
        let room = Self { folder: path, place };
        for file in environment::files(sandbox) {
            write(&room.place.files.join(file.name), file.content.expose().as_bytes(), Durability::Volatile)?;
        }
        if let Some(exe) = &cx.environment.exe {
            std::os::unix::fs::symlink(exe, room.place.bin.join("hallpass"))
                .map_err(|error| Error::storage("the program can't be put on PATH").because(error.to_string()))?;
        }
        Ok(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn vault_key(cx: &Context) -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    cx.entropy.fill(&mut *bytes).map_err(Error::internal)?;
    Ok(Secret::new(STANDARD.encode(*bytes)))
}

/// Runs a command in the sandbox; its exit code is ours.
///
/// # Errors
/// 127 when it is not found, 126 when it can't be run, 7 when there is no place for its folder.
pub fn run(cx: &Context, sandbox: &Sandbox, command: &[OsString], shown: bool) -> Result<Outcome, Error> {
    let room = Room::make(cx, sandbox)?;
    let (program, arguments) = command.split_first().ok_or_else(|| Error::usage("a command is missing"))?;
    let child_environment =
        environment::child_environment(sandbox, &cx.environment, &room.place).map_err(super::refused)?;
    cx.ui.info("this authorization server is for trying out: it guards nothing");
    if shown {
        cx.ui.write_line("", "", exports(sandbox, &room).trim_end());
    }
    // From here on a signal waits for the child, so that no folder and no child stays behind.
    let signals = caught().map_err(|error| Error::internal(error.to_string()))?;
    let path = child_environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
    let child = std::process::Command::new(found(program, path.as_deref()))
        .args(arguments)
        .env_clear()
        .envs(child_environment)
        .spawn()
        .map_err(|error| {
            let code = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
            Error::new(Kind::Usage, code, "the command can't be run").because(error.to_string())
        })?;
    let status = attended(child, signals).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Outcome::Exit(code(status)))
}

/// A bare name is looked up on the child's PATH, where this program comes first.
fn found(program: &OsString, path: Option<&std::ffi::OsStr>) -> PathBuf {
    let name = Path::new(program);
    if name.components().count() == 1
        && let Some(path) = path
        && let Some(hit) = std::env::split_paths(path).map(|folder| folder.join(name)).find(|hit| hit.is_file())
    {
        return hit;
    }
    name.to_owned()
}

/// The signals that end us, from now on.
fn caught() -> std::io::Result<Signals> {
    Signals::new([SIGHUP, SIGINT, SIGTERM])
}

/// Waits for the child and passes on the signals that end us, so that it ends first and its folder goes.
fn attended(mut child: Child, mut signals: Signals) -> std::io::Result<ExitStatus> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let watch = signals.handle();
    let passing = std::thread::spawn(move || {
        for signal in &mut signals {
            let signal = match signal {
                SIGHUP => Signal::HUP,
                SIGINT => Signal::INT,
                _ => Signal::TERM,
            };
            if let Some(pid) = pid {
                let _ = kill_process(pid, signal);
            }
        }
    });
    let status = child.wait();
    watch.close();
    let _ = passing.join();
    status
}

fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// The variables of the sandbox as lines that a shell evaluates.
fn exports(sandbox: &Sandbox, room: &Room) -> String {
    let lines = environment::variables(sandbox, &room.place).into_iter().map(|(name, value)| {
        // The folder's name comes from TMPDIR.
        format!("export {}={}\n", name.to_string_lossy(), quote_posix(&value.to_string_lossy()))
    });
    lines.collect::<Vec<_>>().concat()
}

/// Prints the environment, then serves until a signal comes.
///
/// # Errors
/// 7 when there is no place for the folder or stdout can't be written.
pub fn alone(cx: &Context, sandbox: &Sandbox, only_environment: bool) -> Result<Outcome, Error> {
    let mut signals = caught().map_err(|error| Error::internal(error.to_string()))?;
    let room = Room::make(cx, sandbox)?;
    cx.ui.print(&exports(sandbox, &room)).map_err(|error| Error::writing(&error))?;
    if !only_environment {
        cx.ui.info(
            "this authorization server is for trying out: it guards nothing, and everybody on this machine can ask it",
        );
        for client in sandbox.clients() {
            cx.ui.info(&format!("client {}: {}", client.id, client.purpose));
        }
        cx.ui.info("it serves until ^C; requests follow");
    }
    let signal = signals.forever().next().unwrap_or(SIGTERM);
    drop(room);
    Ok(Outcome::Exit(u8::try_from(128 + signal).unwrap_or(1)))
}
