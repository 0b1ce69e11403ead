//! Completions in real shells: each case is typed on a terminal, Tab is pressed, and the line is looked at.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is typed, and what becomes of its last word at Tab.
const CASES: &[(&str, &str)] = &[
    ("stat", "status"),
    ("bearer list tok", "tokens.txt"),
    ("bearer list spa", "space in name"),
    ("token -o tok", "tokens.txt"),
    ("header --tokens-file tok", "tokens.txt"),
    ("token --cacert tok", "tokens.txt"),
    ("zone add a --cert tok", "tokens.txt"),
    ("man subd", "subdirectory/"),
    ("token -z st", "staging"),
    ("token --zone=st", "--zone=staging"),
    ("zone show st", "staging"),
    ("zone has st", "staging"),
    ("help exi", "exit-codes"),
    ("help zone ren", "rename"),
    ("schema zone exp", "export"),
    ("sandbox --fault 503-", "503-hour"),
    ("vault move prod --to se", "sealed"),
    ("zone edit prod --unset aud", "audience"),
    ("client update --unset client_n", "client_name"),
    ("client register --set tos", "tos_uri="),
    ("discover --require grant:tok", "grant:token_exchange"),
    ("inspect fil", "file:"),
    ("inspect file:tok", "file:tokens.txt"),
    ("inspect file:subd", "file:subdirectory/"),
    ("zone edit prod --client-secret-ref env:ONLY_", "env:ONLY_HERE"),
    ("zone show --no-br", "--no-breaker"),
    ("vault list ", ""), // no global flag without a dash
    ("token --min", "--min-ttl"),
];

/// A shell on a terminal of its own, made by `script` (util-linux).
struct Shell {
    child: std::process::Child,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Shell {
    fn start(room: &Path, line: &str) -> Self {
        let path = format!("{}:{}", room.join("bin").display(), std::env::var("PATH").unwrap());
        let mut child = Command::new("script")
            .args(["-qec", line, "/dev/null"])
            .env_clear()
            .env("PATH", path)
            .env("HOME", room)
            .env("ZDOTDIR", room)
            .env("XDG_CONFIG_HOME", room.join("config"))
            .env("HALLPASS_HOME", room.join("home"))
            .env("ONLY_HERE", "x")
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(room.join("work"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script, of util-linux");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut stdout, into) = (child.stdout.take().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                into.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self { child, shown }
    }

    /// What the terminal got so far.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    fn press(&mut self, keys: &str) {
        self.child.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Types a call and Tab, and then turns the line into one that writes itself into a file.
    fn complete(&mut self, room: &Path, typed: &str) -> String {
        let file = room.join("completed");
        let _ = std::fs::remove_file(&file);
        self.press(&format!("hallpass {typed}\t\u{1}echo >~/completed :\r"));
        let begun = Instant::now();
        loop {
            let line = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some(line) = line.strip_suffix('\n') {
                return line.trim_end().trim_start_matches(":hallpass ").to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{typed}: {}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A home with two zones, a directory with files, and this program as `hallpass`.
fn room() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let path = room.path();
    for directory in ["bin", "work/subdirectory", "zfunc", "config/fish/completions"] {
        std::fs::create_dir_all(path.join(directory)).unwrap();
    }
    for file in ["work/tokens.txt", "work/space in name"] {
        std::fs::write(path.join(file), "").unwrap();
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hallpass"), path.join("bin/hallpass")).unwrap();
    for zone in ["prod", "staging"] {
        hallpass(path, &["zone", "add", zone, "--issuer", "https://as.example", "--client-id", "c"]);
    }
    room
}

fn hallpass(room: &Path, arguments: &[&str]) -> String {
    let mut call = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    let answer = call.args(arguments).env_clear().env("HALLPASS_HOME", room.join("home")).output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
    String::from_utf8(answer.stdout).unwrap()
}

/// Runs every case; the first one is the first Tab of the session.
fn assert_completes(room: &Path, line: &str) {
    let mut shell = Shell::start(room, line);
    let mut wrong = Vec::new();
    for (typed, expected) in CASES {
        let done = shell.complete(room, typed);
        let start = typed.rsplit_once(' ').map(|(start, _)| format!("{start} ")).unwrap_or_default();
        if done != format!("{start}{expected}").trim_end() {
            wrong.push(format!("{typed} -> {done}"));
        }
    }
    assert!(wrong.is_empty(), "{line}\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "it needs shells that tests/run installs"]
fn bash_completes_at_tab() {
    let room = room();
    std::fs::write(room.path().join("bashrc"), "PS1='$ '\n. \"$HOME/completions\"\n").unwrap();
    std::fs::write(room.path().join("completions"), hallpass(room.path(), &["completions", "bash"])).unwrap();
    assert_completes(room.path(), "bash --noprofile --rcfile \"$HOME/bashrc\" -i");
}

#[test]
#[ignore = "it needs shells that tests/run installs"]
fn zsh_completes_at_first_tab() {
    let room = room();
    let script = "PS1='$ '\nfpath=(\"$HOME/zfunc\" $fpath)\nautoload -Uz compinit && compinit -u -D\n";
    std::fs::write(room.path().join(".zshrc"), script).unwrap();
    std::fs::write(room.path().join("zfunc/_hallpass"), hallpass(room.path(), &["completions", "zsh"])).unwrap();
    assert_completes(room.path(), "zsh -i");
}

#[test]
#[ignore = "it needs shells that tests/run installs"]
fn fish_completes_at_tab() {
    let room = room();
    let script = hallpass(room.path(), &["completions", "fish"]);
    std::fs::write(room.path().join("config/fish/completions/hallpass.fish"), script).unwrap();
    std::fs::write(
        room.path().join("config/fish/config.fish"),
        "set fish_greeting\nset -g fish_autosuggestion_enabled 0\n",
    )
    .unwrap();
    assert_completes(room.path(), "fish -i");
}
