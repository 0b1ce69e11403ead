//! The command that runs inside the sandbox.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use super::directory::SandboxDirectory;
use super::failure::into_error;
use crate::commands::Outcome;
use crate::commands::program::{CaughtSignals, RunningProgram, find_program, spawn_program};
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
    let signals = CaughtSignals::catch_for_child().map_err(|cause| error::sandbox::internal(&cause))?;
    let path = variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
    let mut command = Command::new(find_program(program, path.as_deref())?);
    command.args(arguments).env_clear().envs(variables);
    let child = spawn_program(&mut command).map_err(|cause| error::program::cannot_run(program, &cause))?;
    let ended = RunningProgram::watch(child, signals).wait(None).map_err(|cause| error::sandbox::internal(&cause))?;
    Ok(Outcome::Exit(ended.unwrap_or_default()))
}

/// Prints the environment, then serves until a signal comes.
pub fn serve(cx: &Context, sandbox: &Sandbox, only_environment: bool) -> Result<Outcome, Error> {
    let mut signals = CaughtSignals::catch().map_err(|cause| error::sandbox::internal(&cause))?;
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
    let signal = signals.wait();
    drop(directory);
    Ok(Outcome::Exit(u8::try_from(128 + signal).unwrap_or(1)))
}

/// Whether a program is a shell, which a person types into when it has no arguments.
fn is_interactive_shell(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| ["sh", "bash", "dash", "fish", "ksh", "nu", "pwsh", "zsh"].contains(&name))
}
