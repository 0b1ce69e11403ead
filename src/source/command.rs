//! `cmd:COMMAND`: runs a command of the shell and reads what it prints.

use std::io::Read;
use std::time::Duration;

use super::Fault;
use super::blocking::{Bytes, read_limited, spawn};
use super::job::Job;
use crate::edges::{Deadline, Environment};
use crate::text::sanitize;

/// How much of the end of stderr is searched for its last line.
const TAIL: usize = 4096;
/// How long to wait for a failed command's stderr, which a child of it may keep open.
const STDERR_TIMEOUT: Duration = Duration::from_millis(200);

/// Runs the command and returns what it printed, at most one byte more than the limit. It has no stdin, but it
/// may use the terminal, and it sees exactly these variables. `place` names it in a fault.
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
    let (mut job, mut stdout, stderr) = Job::start(command, environment).map_err(unreadable)?;
    let output = spawn(move || read_limited(&mut stdout, limit)).map_err(unreadable)?;
    let message = spawn(move || read_tail(stderr)).map_err(unreadable)?;

    let left = || deadline.remaining();
    let bytes = job.receive(&output, left).map_err(unreadable)?.ok_or_else(late)?.map_err(unreadable)?;
    if bytes.len() > limit {
        return Ok(bytes);
    }
    let status = job.wait(left).map_err(unreadable)?.ok_or_else(late)?;
    if status.success() {
        return Ok(bytes);
    }
    let message = message.recv_timeout(STDERR_TIMEOUT).ok().and_then(|bytes| last_line(&bytes));
    let status = status.code().map_or_else(|| format!("ended by {status}"), |code| format!("ended with code {code}"));
    Err(Fault::Failed { place: place.to_owned(), status, message })
}

/// Reads to the end, so that the command never blocks on a full pipe, and returns the last bytes.
fn read_tail(mut pipe: impl Read) -> Vec<u8> {
    let mut tail = Vec::new();
    let mut piece = [0; TAIL];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
        tail.extend_from_slice(&piece[..count]);
        tail.drain(..tail.len().saturating_sub(TAIL));
    }
    tail
}

fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(sanitize)
}

#[cfg(test)]
#[cfg(unix)]
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
    fn what_it_prints_is_answer() {
        let environment = Environment::of([("A", "b")]);
        assert_eq!(output("echo noise >&2; printf '%s\\n' \"$A\"", &environment, LONG).unwrap(), b"b\n");
        assert_eq!(output("cat", &environment, LONG).unwrap(), b"");
    }

    #[test]
    fn failure_reports_code_and_last_line_sanitized() {
        let command = "echo out; echo first >&2; printf 'no \\033[2Jsuch item\\n\\n' >&2; exit 3";
        let fault = output(command, &Environment::default(), LONG).unwrap_err();
        assert_eq!(fault.to_string(), "cmd:x ended with code 3: no \\u{1b}[2Jsuch item");
        let killed = output("kill -9 $$", &Environment::default(), LONG).unwrap_err();
        assert!(killed.to_string().contains("ended by signal: 9"), "{killed}");
    }

    #[test]
    fn flood_is_cut_and_its_writer_killed() {
        let begun = Instant::now();
        let flood = output("yes", &Environment::of([("PATH", "/usr/bin:/bin")]), LONG).unwrap();
        assert_eq!(flood.len(), 1001);
        let noise = output("head -c 1000000 /dev/zero >&2; echo x", &Environment::default(), LONG).unwrap();
        assert_eq!(noise, b"x\n");
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn it_sees_variables_that_it_is_given() {
        let seen = output("/usr/bin/env", &Environment::of([("A", "b")]), LONG).unwrap();
        let seen = String::from_utf8(seen).unwrap();
        // The shell makes a few of its own.
        let others =
            seen.lines().filter(|line| !["PWD", "OLDPWD", "SHLVL", "_"].iter().any(|own| line.starts_with(own)));
        assert_eq!(others.collect::<Vec<_>>(), ["A=b"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn hanging_command_is_killed_with_its_children() {
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
