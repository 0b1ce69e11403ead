//! The engine of a shared cache: Redis in a directory of its own.

use std::fmt::Write as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::room::{Room, await_until};

pub const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub struct Engine {
    directory: TempDir,
    server: Child,
}

impl Engine {
    pub fn start() -> Self {
        Self::with("")
    }

    /// One with these lines in its configuration besides.
    pub fn with(lines: &str) -> Self {
        Self::within(&[], lines)
    }

    /// The same, started by these words.
    pub fn within(prefix: &[String], lines: &str) -> Self {
        let directory = TempDir::with_prefix("hallpass-engine-").unwrap();
        let server = start(&directory, prefix, lines);
        let engine = Self { directory, server };
        engine.await_ready();
        engine
    }

    fn await_ready(&self) {
        await_until(|| UnixStream::connect(self.socket()).is_ok(), || "redis-server".to_owned());
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// The room with the shared cache in its environment.
    pub fn shared_by(&self, room: Room) -> Room {
        room.with("HALLPASS_SHARED_CACHE", self.url())
            .with("HALLPASS_SHARED_CACHE_KEY_FROM", "env:FLEET_KEY")
            .with("FLEET_KEY", KEY)
    }

    /// What redis-cli prints.
    pub fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli").arg("-s").arg(self.socket()).args(words).output().unwrap();
        assert!(output.status.success(), "redis-cli {words:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes down all commands from now on, and gives those before the next `PING`.
    pub fn monitor(&self) -> impl FnOnce() -> String {
        let path = self.directory.path().join("commands");
        let mut command = Command::new("redis-cli");
        command.arg("-s").arg(self.socket()).arg("MONITOR").stdout(std::fs::File::create(&path).unwrap());
        let mut monitor = command.spawn().unwrap();
        let read = move || std::fs::read_to_string(&path).unwrap();
        await_until(|| read().contains("OK"), || "redis-cli MONITOR".to_owned());
        move || {
            await_until(|| read().contains("\"PING\""), || "the last command".to_owned());
            monitor.kill().unwrap();
            monitor.wait().unwrap();
            read()
        }
    }

    /// The keys that end so, in order.
    pub fn keys(&self, ending: &str) -> Vec<String> {
        let mut keys: Vec<String> = self.command(&["KEYS", &format!("*{ending}")]).lines().map(str::to_owned).collect();
        keys.retain(|key| !key.is_empty());
        keys.sort();
        keys
    }

    /// Changes one byte of an entry, whatever it is: what is sealed may have any value there.
    pub fn change_byte(&self, key: &str, at: usize) {
        let output = Command::new("redis-cli").arg("-s").arg(self.socket()).args(["GET", key]).output().unwrap();
        let other = if output.stdout[at] == b'x' { "y" } else { "x" };
        self.command(&["SETRANGE", key, &at.to_string(), other]);
    }

    /// Ends it at once, as a lost machine does.
    pub fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// Starts it again with these lines in its configuration, and with nothing in it but what was saved.
    pub fn restart_with(&mut self, lines: &str) {
        self.kill();
        let _ = std::fs::remove_file(self.socket());
        self.server = start(&self.directory, &[], lines);
        self.await_ready();
    }

    /// Sends its process a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.server.id().cast_signed()).unwrap(), signal).unwrap();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn start(directory: &TempDir, prefix: &[String], lines: &str) -> Child {
    let mut text = format!("port 0\nunixsocket {0}/socket\nunixsocketperm 700\ndir {0}\n", directory.path().display());
    text.push_str("save \"\"\nappendonly no\nenable-debug-command yes\n");
    writeln!(text, "{lines}").unwrap();
    let file = directory.path().join("redis.conf");
    std::fs::write(&file, text).unwrap();
    let mut words = prefix.iter().map(String::as_str).chain(["redis-server"]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("redis-server (tests/run installs it)")
}
