//! The ancestors are asked: the published packages that hallpass descends from, beside the real program.
//!
//! `tests/run` installs them, pinned, into a virtual environment outside of the tree. The small programs of
//! `tests/ancestors/*.py` put a table of cases to them; the same table is put to hallpass. Where the answers differ, the
//! row says both and why.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "ancestors/identity.rs"]
mod identity;
mod room;
#[path = "ancestors/secret.rs"]
mod secret;
#[path = "ancestors/signature.rs"]
mod signature;
#[path = "ancestors/token_file.rs"]
mod token_file;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The directory of the auth-gate that reads v1 signatures, below the environment.
const V1: &str = "auth-gate-0.2.0";

/// Puts a table to a program of `tests/ancestors/`, and gives its answers. The arguments are directories of packages,
/// below the environment, that count before its own.
fn ask(program: &str, directories: &[&str], cases: &[Value]) -> Vec<Value> {
    let environment = match std::env::var_os("HALLPASS_TEST_ANCESTORS") {
        Some(directory) if !directory.is_empty() => PathBuf::from(directory),
        _ => panic!("HALLPASS_TEST_ANCESTORS is not set: tests/run installs the Python packages and sets it"),
    };
    let mut child = Command::new(environment.join("bin/python"))
        .args(["-I", "-B"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ancestors").join(program))
        .args(directories.iter().map(|directory| environment.join(directory)))
        .env_clear()
        .current_dir(&environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(Value::from(cases).to_string().as_bytes()).unwrap();
    let outcome = child.wait_with_output().unwrap();
    assert!(outcome.status.success(), "{program}: {}", String::from_utf8_lossy(&outcome.stderr));
    let answers: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(answers.len(), cases.len(), "{program} left something out");
    answers
}
