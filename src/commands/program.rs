//! Another program: found as execvp finds it, and run in the place of this process or below it.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver};

use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};
use tokio::sync::watch;

use crate::edges::{is_ignored, pass_signals_on};
use crate::error::{self, Error};

/// Finds a program: a name without a slash on this PATH.
///
/// # Errors
/// 127 where there is none, 126 where it can't be run, as in env(1).
pub fn find_program(name: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, Error> {
    if Path::new(name).components().count() != 1 || name.as_encoded_bytes().contains(&b'/') {
        return Ok(PathBuf::from(name));
    }
    let directories = path.unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
    let found: Vec<PathBuf> = std::env::split_paths(directories)
        .map(|directory| directory.join(name))
        .filter(|file| file.is_file())
        .collect();
    let runs = |file: &&PathBuf| access(*file, Access::EXEC_OK).is_ok();
    match found.iter().find(runs).or(found.first()) {
        Some(file) => Ok(file.clone()),
        None => Err(error::program::not_found(name)),
    }
}

/// Starts the program below this process. A script that names no interpreter is run by sh, as it is where this process
/// becomes the program.
pub fn spawn_program(command: &mut Command) -> io::Result<Child> {
    match command.spawn() {
        Err(cause) if Errno::from_io_error(&cause) == Some(Errno::NOEXEC) => {
            let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
            let mut shell = Command::new("/bin/sh");
            shell.arg(command.get_program()).args(command.get_args()).env_clear().envs(variables).spawn()
        }
        spawned => spawned,
    }
}

/// Becomes the program: its exit code, signals and terminal are then its own. It returns only if that fails.
pub fn replace_process(mut command: Command, name: &OsStr) -> Error {
    error::program::cannot_run(name, &command.exec())
}

/// The signals that end a process, while a child must end first.
pub struct CaughtSignals(Signals);

impl CaughtSignals {
    /// Catches them from here on; what runs a command to read a secret does not end this process either.
    pub fn catch() -> io::Result<Self> {
        Self::catch_all(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM])
    }

    /// The same, and the signals that have a meaning only to the program: sent to this process, they are for its child.
    pub fn catch_for_child() -> io::Result<Self> {
        Self::catch_all(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH])
    }

    fn catch_all(signals: &[i32]) -> io::Result<Self> {
        let signals = Signals::new(signals.iter().filter(|signal| !is_ignored(**signal)))?;
        pass_signals_on();
        Ok(Self(signals))
    }

    /// Waits for the first one.
    pub fn wait(&mut self) -> i32 {
        self.0.forever().next().unwrap_or(SIGTERM)
    }
}

/// A child that gets the signals which this process gets.
pub struct RunningProgram {
    ended: Receiver<io::Result<ExitStatus>>,
    handle: Handle,
}

impl RunningProgram {
    pub fn watch(mut child: Child, CaughtSignals(mut signals): CaughtSignals) -> Self {
        let handle = signals.handle();
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        std::thread::spawn(move || {
            for signal in &mut signals {
                if let Some(pid) = pid.filter(|_| !came_from_terminal(signal)) {
                    let _ = kill_process(pid, Signal::from_named_raw(signal).unwrap_or(Signal::TERM));
                }
            }
        });
        let (sender, ended) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait()));
        Self { ended, handle }
    }

    /// Its exit code, as a shell reports it; `None` if it runs longer than that.
    pub fn wait(&self, longest: Option<std::time::Duration>) -> io::Result<Option<u8>> {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let status = match longest {
            None => self.ended.recv().map_err(|_| broken())?,
            Some(longest) => match self.ended.recv_timeout(longest) {
                Ok(status) => status,
                Err(mpsc::RecvTimeoutError::Timeout) => return Ok(None),
                Err(mpsc::RecvTimeoutError::Disconnected) => return Err(broken()),
            },
        };
        self.handle.close();
        status.map(|status| Some(exit_code(status)))
    }
}

/// Whether the terminal sent the signal: then the child, which is of the same group, has got it too.
fn came_from_terminal(signal: i32) -> bool {
    let terminal = || std::fs::File::open("/dev/tty").ok().and_then(|terminal| tcgetpgrp(terminal).ok());
    matches!(signal, SIGINT | SIGQUIT | SIGWINCH) && terminal() == Some(getpgrp())
}

fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// Counts the signals that would end the process; HUP does something else where `on_hangup` says what.
pub fn count_signals(mut signals: CaughtSignals, on_hangup: Option<Box<dyn Fn() + Send>>) -> watch::Receiver<u8> {
    let (sender, receiver) = watch::channel(0_u8);
    std::thread::spawn(move || {
        loop {
            let signal = signals.wait();
            if let (SIGHUP, Some(on_hangup)) = (signal, &on_hangup) {
                on_hangup();
                continue;
            }
            sender.send_modify(|count| *count = count.saturating_add(1));
        }
    });
    receiver
}
