//! Every command of the README is run, in the order in which it stands there, by one shell in one sandbox; what it prints,
//! stdout and stderr, is what the README shows below it.
//!
//! Times, ports, client ids, tokens and other random values are masked on both sides. A word that ends in `…` is cut.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Commands that are not run, by what they begin with, and the reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("tests/run", "it runs all tests, this one among them"),
    ("export HALLPASS_ISSUER=https://sso.example", "there is no such server"),
    ("hallpass header  # in the job", "it asks that server"),
    ("hallpass token --format github-env", "it asks that server"),
    ("secret-tool ", "it needs a keyring"),
    ("hallpass token -z ci", "that zone was made with secret-tool"),
];

/// Programs that are played, and the reason.
const PLAYED: &[(&str, &str, &str)] = &[
    ("curl", "it needs a network", "exec cat >/dev/null"),
    (
        "cargo",
        "it builds and installs",
        "[ \"$1 $2 $3\" = 'run --release --' ] || exit 0; shift 3; exec hallpass \"$@\"",
    ),
];

/// What the README speaks of and nobody makes in it.
const SURROUNDINGS: &str = r#"
cd "$0" || exit 99
exec 2>&1 </dev/null
export PATH="${PATH%%:*}:$0/played:${PATH#*:}" HOME="$0"
mkdir -p .local/share/bash-completion/completions
"#;

/// A command and what stands below it.
struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

/// The blocks ```` ```console ```` of a page, taken apart.
fn shown(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = if inside { line.strip_prefix("   ").unwrap_or(line) } else { line.trim_start() };
        match (inside, line.strip_prefix("$ ")) {
            (_, _) if line.trim_start().starts_with("```") => inside = line == "```console",
            (true, Some(command)) => {
                found.push(Shown { line: number + 1, command: command.to_owned(), output: Vec::new() });
            }
            (true, None) => found.last_mut().expect("output follows a command").output.push(line.to_owned()),
            (false, _) => {}
        }
    }
    found
}

/// A line with every random value called by what it is.
fn masked(line: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || "._:-…".contains(c);
    let mut done = String::new();
    let mut rest = line;
    while let Some(begin) = rest.find(word) {
        let end = rest[begin..].find(|c| !word(c)).map_or(rest.len(), |length| begin + length);
        done.push_str(&rest[..begin]);
        done.push_str(&name(&rest[begin..end]));
        rest = &rest[end..];
    }
    done + rest
}

/// A word, or what kind of random value it is.
fn name(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if let Some(("v2", seal)) = word.split_once(':') {
        return format!("v2:{}", name(seal));
    }
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00T00:00:00Z" {
        return "TIME".to_owned();
    }
    if let Some(port) = word.strip_prefix("127.0.0.1:").filter(|port| digits(port)) {
        let _ = port;
        return "127.0.0.1:PORT".to_owned();
    }
    if word.strip_prefix("sandbox-").is_some_and(|id| id.len() >= 8 && hex(id)) {
        return "sandbox-ID".to_owned();
    }
    if digits(word) && word.len() == 10 {
        return "EPOCH".to_owned();
    }
    // A thumbprint: a SHA-256 in base64url.
    let thumbprint = word.len() == 43 && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let random = thumbprint || word.ends_with('…') || word.starts_with("eyJ") || (word.len() >= 12 && hex(word));
    if random { "RANDOM".to_owned() } else { word.to_owned() }
}

#[test]
fn readme_shows_what_is_printed() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown = shown(&readme);
    assert!(shown.len() > 20, "only {} commands", shown.len());
    let skipped = |command: &str| NOT_RUN.iter().find(|(begin, _)| command.starts_with(begin));
    for (begin, _) in NOT_RUN {
        assert!(shown.iter().any(|one| one.command.starts_with(begin)), "nothing begins with {begin} any more");
    }

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::create_dir(path.join("played")).unwrap();
    for (name, _, script) in PLAYED {
        let program = path.join("played").join(name);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let mut script = SURROUNDINGS.to_owned();
    for (number, one) in shown.iter().enumerate().filter(|(_, one)| skipped(&one.command).is_none()) {
        writeln!(script, "printf '\\036%d\\n' {number}\n{}", one.command).unwrap();
    }
    let outcome = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["sandbox", "--", "sh", "-c", &script])
        .arg(path)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", path)
        .output()
        .unwrap();
    let said = String::from_utf8(outcome.stdout).unwrap();
    let mut wrong = String::new();
    let mut run = 0;
    for piece in said.split('\u{1e}').skip(1) {
        let (number, output) = piece.split_once('\n').unwrap();
        let one = &shown[number.parse::<usize>().unwrap()];
        run += 1;
        let (is, was) = (output.lines().map(masked), one.output.iter().map(|line| masked(line)));
        if !is.eq(was) {
            writeln!(wrong, "README.md:{}: $ {}\nprints\n{output}", one.line, one.command).unwrap();
        }
    }
    assert_eq!(run + shown.iter().filter(|one| skipped(&one.command).is_some()).count(), shown.len(), "{said}");
    assert!(wrong.is_empty(), "\n{wrong}\n{}", String::from_utf8_lossy(&outcome.stderr));
}

#[test]
fn only_random_values_are_masked() {
    for (line, mask) in [
        ("issued_at: 2026-11-22T04:38:07Z", "issued_at: TIME"),
        ("http://127.0.0.1:18080/sandbox/token", "http://127.0.0.1:PORT/sandbox/token"),
        ("Authorization: Bearer eyJ0eXAi…", "Authorization: Bearer RANDOM"),
        ("Authorization: Bearer eyJ0eXAi.eyJpc3Mi.c2ln_X-9", "Authorization: Bearer RANDOM"),
        ("the service sandbox-f69d533b, proven", "the service sandbox-ID, proven"),
        ("X-Authz-Ts: 1795322347", "X-Authz-Ts: EPOCH"),
        ("X-Authz-Signature: v2:6d5df7c7f7dfb0b1…", "X-Authz-Signature: v2:RANDOM"),
        ("2\t6d1c1a3a1f3b\tci", "2\tRANDOM\tci"),
        ("exit 1", "exit 1"),
        ("http://127.0.0.1:18080/sandbox/tokens", "http://127.0.0.1:PORT/sandbox/tokens"),
    ] {
        assert_eq!(masked(line), mask);
    }
    let text = "a\n```console\n$ x\none\n\n$ y\n```\n$ z\n   ```console\n   $ w\n   two\n   ```\n";
    let found: Vec<_> = shown(text).into_iter().map(|one| (one.line, one.command, one.output.join("|"))).collect();
    let expected = [(3, "x", "one|"), (6, "y", ""), (10, "w", "two")];
    assert_eq!(found, expected.map(|(line, command, output)| (line, command.to_owned(), output.to_owned())));
}
