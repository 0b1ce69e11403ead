//! A clean room for the real program: an empty environment, a fresh `HALLPASS_HOME`, captured streams.

#![allow(dead_code, reason = "each test crate uses its part of the room")]

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The key of the sealed vault in every room: 32 bytes in hex.
pub const VAULT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The longest that any single run may take; a run that hangs is a failed test, not a hung one.
const PATIENCE: Duration = Duration::from_secs(60);

/// One home and one environment, given to every process that is started in it.
pub struct Room {
    directory: TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Room {
    /// An empty room: only `HALLPASS_HOME` is set.
    pub fn new() -> Self {
        let directory = TempDir::with_prefix("hallpass-room-").expect("a temporary directory");
        let home = directory.path().join("home");
        let room = Self { directory, variables: Vec::new() };
        room.with("HALLPASS_HOME", home)
    }

    /// A room whose vault is the sealed file, with its key in the environment.
    pub fn sealed() -> Self {
        Self::new()
            .with("HALLPASS_VAULT", "sealed")
            .with("HALLPASS_VAULT_KEY_FROM", "env:ROOM_VAULT_KEY")
            .with("ROOM_VAULT_KEY", VAULT_KEY)
    }

    /// A room with the ephemeral zone `env` for client credentials.
    pub fn ephemeral(issuer: &str, client_id: &str, secret: &str) -> Self {
        Self::new()
            .with("HALLPASS_ISSUER", issuer)
            .with("HALLPASS_CLIENT_ID", client_id)
            .with("HALLPASS_CLIENT_SECRET", secret)
    }

    /// Sets a variable for every process of this room.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable away from every process of this room.
    #[must_use]
    pub fn without_variable(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// What every process of this room has in its environment.
    pub fn variables(&self) -> impl Iterator<Item = (OsString, OsString)> {
        self.variables.iter().cloned()
    }

    /// The directory around the home, for the files of a test.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// `HALLPASS_HOME`.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Any program in this room's environment, in the room's directory.
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.directory()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// hallpass with these arguments, not started yet.
    pub fn hallpass<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_hallpass"));
        command.args(args);
        command
    }

    /// Runs hallpass to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Outcome {
        finish(self.hallpass(args).spawn().expect("hallpass starts"))
    }

    /// Runs hallpass with this text on stdin.
    pub fn run_with_stdin<S: AsRef<OsStr>>(&self, args: &[S], stdin: &str) -> Outcome {
        let mut child = self.hallpass(args).stdin(Stdio::piped()).spawn().expect("hallpass starts");
        let mut pipe = child.stdin.take().expect("stdin is piped");
        // The program may end without reading: that is its answer, not a fault of the test.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        finish(child)
    }

    /// Every file below the home.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut directories = vec![self.home()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
                let kind = entry.file_type().expect("a file has a type");
                if kind.is_dir() {
                    directories.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }

    /// Every directory in the home, the home first.
    pub fn directories(&self) -> Vec<PathBuf> {
        let mut found = vec![self.home()];
        let mut next = 0;
        while let Some(directory) = found.get(next).cloned() {
            next += 1;
            for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    found.push(entry.path());
                }
            }
        }
        found
    }
}

/// Waits for something to happen, however slow the machine is; a minute of it is a failed test.
#[track_caller]
pub fn await_until(mut happened: impl FnMut() -> bool, what: impl FnOnce() -> String) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {}", what());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A port of loopback that nothing else gets meanwhile: the system gives none away below 32768.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = std::iter::repeat_with(|| {
        let number = std::process::id().wrapping_mul(97) + NEXT.fetch_add(1, Ordering::SeqCst);
        u16::try_from(20_000 + number % 12_000).unwrap()
    });
    free.take(12_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// Waits until each of these processes holds the lock of a token or waits for it.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn await_token_lock(children: &[Child]) {
    let is_lock = |path: PathBuf| path.file_name().is_some_and(|name| name == "tokens.lock");
    let open = |child: &Child| std::fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten().flatten();
    let waits = |child: &Child| open(child).filter_map(|entry| std::fs::read_link(entry.path()).ok()).any(is_lock);
    await_until(|| children.iter().all(waits), || "every process at the lock".to_owned());
}

/// Waits for a process, at most a minute: then it is killed and the test fails.
pub fn finish(mut child: Child) -> Outcome {
    let begun = Instant::now();
    let id = child.id();
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().expect("a child can be killed");
            let _ = child.wait();
            panic!("process {id} did not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let took = begun.elapsed();
    let text = |drained: Option<std::thread::JoinHandle<Vec<u8>>>| {
        drained.map_or_else(String::new, |thread| {
            String::from_utf8_lossy(&thread.join().expect("a pipe is read")).into_owned()
        })
    };
    Outcome { status, took, stdout: text(stdout), stderr: text(stderr) }
}

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// How a process ended and what it said.
#[derive(Clone)]
pub struct Outcome {
    status: ExitStatus,
    /// From start to end.
    pub took: Duration,
    /// The answer.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Outcome {
    /// The exit code as a shell reports it: 128 + n for signal n.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or_default())
    }

    /// Asserts success and gives stdout without its final newline.
    #[track_caller]
    pub fn answer(&self) -> &str {
        assert_eq!(self.code(), 0, "should have succeeded:\n{self}");
        self.stdout.strip_suffix('\n').unwrap_or(&self.stdout)
    }

    /// Asserts success and reads stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.answer()).unwrap_or_else(|fault| panic!("no JSON ({fault}):\n{self}"))
    }

    /// Asserts this exit code with nothing on stdout and an error on stderr, and gives stderr.
    #[track_caller]
    pub fn refused(&self, code: i32) -> &str {
        assert_eq!(self.code(), code, "the exit code is another one:\n{self}");
        assert_eq!(self.stdout, "", "stdout must be empty on failure:\n{self}");
        assert!(self.stderr.contains("error"), "stderr must say what is wrong:\n{self}");
        &self.stderr
    }

    /// Asserts that neither stream holds this text.
    #[track_caller]
    pub fn assert_hidden(&self, secret: &str) -> &Self {
        assert!(!self.stdout.contains(secret) && !self.stderr.contains(secret), "it shows {secret}:\n{self}");
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { took, stdout, stderr, .. } = self;
        write!(f, "exit {} after {took:?}\n-- stdout\n{stdout}\n-- stderr\n{stderr}", self.code())
    }
}
