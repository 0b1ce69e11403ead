//! The command that runs inside the sandbox.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::directory::SandboxDirectory;
use super::failure::into_error;
use crate::commands::Outcome;
use crate::context::Context;
use crate::error::{self, Error};
use crate::sandbox::Sandbox;
use crate::sandbox::environment::child_environment;

/// Runs a command in the sandbox; its exit code is ours.
pub fn run(
    cx: &Context,
    sandbox: &Sandbox,
    (program, arguments): (&OsString, &[OsString]),
    print_env: bool,
) -> Result<Outcome, Error> {
    let directory = SandboxDirectory::create(cx, sandbox)?;
    let variables = child_environment(sandbox, &cx.environment, &directory.place).map_err(into_error)?;
    cx.ui.info("test server only: it protects nothing");
    if print_env {
        cx.ui.write_line(directory.exports(sandbox)?.trim_end());
    }
    if is_interactive_shell(program) && arguments.is_empty() && cx.ui.stdin_terminal() {
        cx.ui.info("HALLPASS_ISSUER, HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET are set; try: hallpass header");
        cx.ui.info("to leave the sandbox, which ends with all that is in it: exit");
    }
    // From here on signals go to the child, so that the directory is removed after it has ended.
    let signals = catch_signals()?;
    let path = variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
    let child = Command::new(find_program(program, path.as_deref()))
        .args(arguments)
        .env_clear()
        .envs(variables)
        .spawn()
        .map_err(|cause| error::sandbox::cannot_run(program, &cause))?;
    Ok(Outcome::Exit(exit_code(wait_for_child(child, signals).map_err(|cause| error::sandbox::internal(&cause))?)))
}

/// Prints the environment, then serves until a signal comes.
pub fn serve(cx: &Context, sandbox: &Sandbox, only_environment: bool) -> Result<Outcome, Error> {
    let mut signals = catch_signals()?;
    let directory = SandboxDirectory::create(cx, sandbox)?;
    if !only_environment {
        cx.ui.info("test server only: it protects nothing, and every user of this machine can send requests to it");
        for client in sandbox.clients() {
            cx.ui.info(&format!("client {}: {}", client.id, client.purpose));
        }
    }
    cx.ui.print(&directory.exports(sandbox)?).map_err(|error| Error::writing(&error))?;
    if !only_environment {
        cx.ui.info("Ctrl-C stops it; requests:");
    }
    let signal = signals.forever().next().unwrap_or(SIGTERM);
    drop(directory);
    Ok(Outcome::Exit(u8::try_from(128 + signal).unwrap_or(1)))
}

/// Whether a program is a shell, which a person types into when it has no arguments.
fn is_interactive_shell(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| ["sh", "bash", "dash", "fish", "ksh", "nu", "pwsh", "zsh"].contains(&name))
}

/// Looks up a bare name on the child's PATH, where this program comes first.
fn find_program(program: &OsStr, path: Option<&OsStr>) -> PathBuf {
    let name = Path::new(program);
    let is_bare = name.components().count() == 1;
    let directories = path.filter(|_| is_bare).into_iter().flat_map(std::env::split_paths);
    directories.map(|directory| directory.join(name)).find(|file| file.is_file()).unwrap_or_else(|| name.to_owned())
}

/// Catches the signals that end us.
fn catch_signals() -> Result<Signals, Error> {
    Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(|cause| error::sandbox::internal(&cause))
}

/// Waits for the child, and passes on the signals that end us.
fn wait_for_child(mut child: Child, mut signals: Signals) -> std::io::Result<ExitStatus> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let handle = signals.handle();
    let forwarder = std::thread::spawn(move || {
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
    handle.close();
    let _ = forwarder.join();
    status
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
