//! `cmd:COMMAND`: what a command of the shell prints.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::bytes::{Bytes, gather};
use super::{Fault, child_environment};
use crate::edges::{Deadline, Environment};
use crate::text::sanitize;

/// How much of the end of stderr is kept to find its last line.
const TAIL: usize = 4096;
/// How long a failed command's stderr is waited for: a child it left behind may hold it open.
const STDERR_TIMEOUT: Duration = Duration::from_millis(200);

/// Runs the command and returns what it printed, one byte more than the limit at the most. Its stdin is empty, its
/// stderr is captured, and it gets the variables of [`child_environment`]. `place` names it in a fault.
pub fn run(
    command: &str,
    place: &str,
    environment: &Environment,
    deadline: Deadline,
    limit: usize,
) -> Result<Bytes, Fault> {
    let late = || Fault::Late { place: place.to_owned() };
    let unreadable = |cause| Fault::Unreadable { place: place.to_owned(), cause };
    if deadline.remaining().is_none() {
        return Err(late());
    }
    let mut running = Running::start(command, environment).map_err(unreadable)?;
    let printed =
        spawn(running.child.stdout.take(), move |mut stdout| gather(&mut stdout, limit)).map_err(unreadable)?;
    let said = spawn(running.child.stderr.take(), tail).map_err(unreadable)?;

    let bytes = match printed.recv_timeout(deadline.remaining().ok_or_else(late)?) {
        Ok(bytes) => bytes.map_err(unreadable)?,
        Err(RecvTimeoutError::Timeout) => return Err(late()),
        Err(RecvTimeoutError::Disconnected) => return Err(unreadable(io::ErrorKind::BrokenPipe.into())),
    };
    if bytes.len() > limit {
        return Ok(bytes);
    }
    let status = running.wait(deadline).map_err(unreadable)?.ok_or_else(late)?;
    if status.success() {
        return Ok(bytes);
    }
    let said = said.recv_timeout(STDERR_TIMEOUT).ok().and_then(|bytes| last_line(&bytes));
    Err(Fault::Failed { place: place.to_owned(), status: describe(status), said })
}

/// A started command; whoever drops it before it has ended kills it and its process group.
struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    fn start(command: &str, environment: &Environment) -> io::Result<Self> {
        let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("/bin/sh") };
        shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command);
        shell.env_clear().envs(child_environment(environment));
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(directory) = &environment.current_dir {
            shell.current_dir(directory);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        shell.spawn().map(|child| Self { child, ended: false })
    }

    /// `None` when the deadline passed first.
    fn wait(&mut self, deadline: Deadline) -> io::Result<Option<ExitStatus>> {
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.ended = true;
                return Ok(Some(status));
            }
            let Some(left) = deadline.remaining() else { return Ok(None) };
            thread::park_timeout(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Nobody has waited for it, so its number still is its own, even when it has ended and only its children run.
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn<R: Send + 'static, T: Send + 'static>(
    pipe: Option<R>,
    work: impl FnOnce(R) -> T + Send + 'static,
) -> io::Result<Receiver<T>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        thread::Builder::new().spawn(move || drop(sender.send(work(pipe))))?;
    }
    Ok(receiver)
}

/// Reads to the end, so that the command never blocks on a full pipe, and keeps the last bytes.
fn tail(mut pipe: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; TAIL];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
        kept.extend_from_slice(&piece[..count]);
        kept.drain(..kept.len().saturating_sub(TAIL));
    }
    kept
}

fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(sanitize)
}

fn describe(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("ended by {status}"), |code| format!("ended with code {code}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::Fault;
    use super::run;
    use crate::edges::{Deadline, Environment};

    fn output(command: &str, environment: &Environment, span: Duration) -> Result<Vec<u8>, Fault> {
        run(command, "cmd:x", environment, Deadline::after(span), 1000).map(|bytes| bytes.to_vec())
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_it_prints_is_the_answer() {
        let environment = Environment::of([("A", "b")]);
        assert_eq!(output("echo noise >&2; printf '%s\\n' \"$A\"", &environment, LONG).unwrap(), b"b\n");
        assert_eq!(output("cat", &environment, LONG).unwrap(), b"");
    }

    #[test]
    fn a_failure_tells_the_code_and_the_last_words_washed() {
        let command = "echo out; echo first >&2; printf 'no \\033[2Jsuch item\\n\\n' >&2; exit 3";
        let fault = output(command, &Environment::default(), LONG).unwrap_err();
        assert_eq!(fault.to_string(), "cmd:x ended with code 3: no \\u{1b}[2Jsuch item");
        let killed = output("kill -9 $$", &Environment::default(), LONG).unwrap_err();
        assert!(killed.to_string().contains("ended by signal: 9"), "{killed}");
    }

    #[test]
    fn a_flood_is_cut_and_its_writer_killed() {
        let begun = Instant::now();
        let flood = output("yes", &Environment::of([("PATH", "/usr/bin:/bin")]), LONG).unwrap();
        assert_eq!(flood.len(), 1001);
        let noise = output("head -c 1000000 /dev/zero >&2; echo x", &Environment::default(), LONG).unwrap();
        assert_eq!(noise, b"x\n");
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn the_holders_of_secrets_are_not_inherited() {
        let environment = Environment::of([
            ("HALLPASS_CLIENT_SECRET", "hunter2"),
            ("HALLPASS_VAULT_KEY_FROM", "env:VAULT_KEY"),
            ("VAULT_KEY", "hunter3"),
        ]);
        let seen = String::from_utf8(output("/usr/bin/env", &environment, LONG).unwrap()).unwrap();
        assert!(seen.contains("HALLPASS_VAULT_KEY_FROM=env:VAULT_KEY"), "{seen}");
        let names = seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
        // The shell makes a few of its own; nothing comes past the environment that was handed in.
        let others = names.filter(|name| !["HALLPASS_VAULT_KEY_FROM", "PWD", "OLDPWD", "SHLVL", "_"].contains(name));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hanging_command_is_killed_with_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let note = directory.path().join("pid");
        let hangs = [
            format!("sleep 300 & echo $! > {}; wait", note.display()),
            format!("sleep 300 & echo $! > {}", note.display()),
            format!("exec >&-; sleep 300 & echo $! > {}; wait", note.display()),
        ];
        for command in hangs {
            let begun = Instant::now();
            let fault = output(&command, &Environment::default(), Duration::from_millis(200)).unwrap_err();
            assert!(matches!(fault, Fault::Late { .. }), "{fault}");
            assert!(begun.elapsed() < Duration::from_secs(5));
            let child = std::fs::read_to_string(&note).unwrap();
            assert!(gone(child.trim()), "{child} still runs");
        }
    }

    /// Gone, or dead and waiting for the first process to notice.
    #[cfg(target_os = "linux")]
    fn gone(process: &str) -> bool {
        (0..200).any(|_| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
            let dead = state.is_empty() || state.starts_with(['Z', 'X']);
            if !dead {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            dead
        })
    }
}
