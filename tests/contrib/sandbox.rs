//! A sandbox that serves as long as a test: the authorization server of a platform's jobs.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::room::{Outcome, Room, finish};

/// Of the sandbox: the client that authenticates with the ID token of a platform.
pub const CLIENT: &str = "sandbox-workload";

pub struct Sandbox {
    child: Child,
    variables: BTreeMap<String, String>,
}

impl Sandbox {
    pub fn start(room: &Room) -> Self {
        let mut child = room.hallpass(&["sandbox", "--print-env"]).stderr(std::process::Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut exports = String::new();
        while !exports.lines().last().is_some_and(|line| line.starts_with("export HALLPASS_CLIENT_SECRET")) {
            assert!(lines.read_line(&mut exports).unwrap() > 0, "it ended: {exports}");
        }
        let script = format!("{exports}\nenv -0");
        let printed =
            finish(room.program("/bin/sh").args(["-c", &script]).env("PATH", "/usr/bin:/bin").spawn().unwrap());
        let pairs = printed.answer().split('\0').filter_map(|pair| pair.split_once('='));
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { child, variables }
    }

    /// A variable of `sandbox --print-env`.
    pub fn variable(&self, name: &str) -> &str {
        &self.variables[name]
    }

    pub fn issuer(&self) -> &str {
        self.variable("HALLPASS_ISSUER")
    }

    /// The ID token that the platform gives to a job.
    pub fn id_token(&self) -> &str {
        self.variable("HALLPASS_SANDBOX_ASSERTION")
    }

    /// Asserts that this is an access token of the sandbox for a client, and gives its claims.
    #[track_caller]
    pub fn verify(&self, token: &str, client: &str) -> serde_json::Value {
        let room = Room::new();
        let outcome: Outcome =
            room.run_with_stdin(&["inspect", "--verify", "--issuer", self.issuer(), "--json"], token);
        let claims = outcome.json()["claims"].clone();
        assert_eq!(claims["client_id"], client, "{outcome}");
        claims
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = kill_process(id, Signal::TERM);
        let _ = self.child.wait();
    }
}

/// Writes a program into the directory `bin` of the room.
pub fn play(room: &Room, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = room.directory().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// `PATH` with the directory `bin` of the room first, and without the programs of the person at this machine.
pub fn search_path(room: &Room) -> String {
    format!("{}:/usr/bin:/bin", room.directory().join("bin").display())
}

/// hallpass in the directory `bin` of the room.
pub fn install(room: &Room) {
    let bin = room.directory().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hallpass"), bin.join("hallpass")).unwrap();
}
