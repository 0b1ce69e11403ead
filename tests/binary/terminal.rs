//! What only a real terminal shows: its width, and the sign of waiting. `script` (util-linux) makes one.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fault::{Server, stall, token};
use crate::room::{Outcome, Room, finish};

/// Runs a line of the shell on a terminal of its own.
fn on_terminal(room: &Room, line: &str) -> Outcome {
    finish(room.program("script").args(["-qec", line, "/dev/null"]).spawn().expect("script, of util-linux"))
}

fn room() -> Room {
    Room::new()
        .with("PATH", std::env::var_os("PATH").unwrap())
        .with("SHELL", "/bin/sh")
        .with("TERM", "xterm")
        .with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"))
}

#[test]
fn table_is_as_wide_as_terminal_says() {
    let room = room();
    let issuer = format!("https://as.example/{}", "realm-".repeat(20));
    room.run(&["zone", "add", "z", "--issuer", &issuer, "--client-id", "a-client"]).answer();
    let table = |columns: u16, variable: &str| {
        let line = format!("stty cols {columns} rows 24; {variable} \"$HALLPASS\" zone list");
        let outcome = on_terminal(&room, &line);
        let widest = outcome.answer().lines().map(|line| line.trim_end().chars().count()).max().unwrap();
        let head = outcome.stdout.lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(head, "NAME CLIENT_ID ISSUER GRANT", "{outcome}");
        widest
    };
    assert!((60..=80).contains(&table(80, "")), "{}", table(80, ""));
    assert!((100..=120).contains(&table(120, "")));
    // The variable comes first; where the terminal does not know its width, nothing is broken.
    assert!(table(80, "COLUMNS=300").gt(&130));
    assert!(table(0, "").gt(&130));
}

#[test]
fn something_turns_while_server_is_slow() {
    let room = room();
    let run = |setting: &str, call: &str| {
        // The metadata is known after the first call, so each of these waits for one answer.
        let script = format!("hallpass token >/dev/null 2>&1; {setting} hallpass token --fresh {call}");
        let line = format!("\"$HALLPASS\" sandbox --latency 900ms -- sh -c '{script}'");
        let outcome = on_terminal(&room, &line);
        outcome.answer();
        outcome
    };
    let outcome = run("", "");
    assert!(outcome.stdout.contains("| waiting for an answer\r"), "{outcome}");
    // It is wiped away before the answer, and no line of it has it.
    let (_, answer) = outcome.stdout.rsplit_once("\r\u{1b}[K").unwrap();
    assert!(answer.starts_with("eyJ") && answer.trim_end().lines().count() == 1, "{outcome}");
    let outcome = run("", "-v");
    assert!(outcome.stdout.lines().all(|line| !line.trim_end().ends_with("waiting for an answer")), "{outcome}");
    for (setting, call) in
        [("HALLPASS_NO_SPINNER=1", ""), ("CI=true", ""), ("TERM=dumb", ""), ("", "-q"), ("", "2>err")]
    {
        let outcome = run(setting, call);
        assert!(
            !outcome.stdout.contains("waiting") && !outcome.stdout.contains('\u{1b}'),
            "{setting} {call}\n{outcome}"
        );
    }
    assert_eq!(std::fs::read_to_string(room.directory().join("err")).unwrap(), "");
}

#[test]
fn signal_ends_command_that_has_asked_before() {
    let server = Server::with_token_answer(|request, _| match request.target() {
        "/revoke" => stall(),
        _ => token("AT-1", 300),
    });
    let room = room().with("SECRET", "s3cret");
    let issuer = server.base();
    let zone = ["zone", "add", "a", "--issuer", &issuer, "--client-id", "c", "--client-secret-ref", "env:SECRET"];
    room.run(&[&zone[..], &["--revocation-endpoint", "/revoke"]].concat()).answer();
    room.run(&["token"]).answer();
    let line = "echo $$ >pid; exec \"$HALLPASS\" zone remove a --revoke";
    let mut command = room.program("script");
    let mut child = command.args(["-qec", line, "/dev/null"]).stdin(Stdio::piped()).spawn().expect("script");
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"y").unwrap();
    let begun = Instant::now();
    while !server.requests().iter().any(|request| request.target() == "/revoke") {
        assert!(begun.elapsed() < Duration::from_secs(20), "the answer was not taken");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = std::fs::read_to_string(room.directory().join("pid")).unwrap();
    let id = rustix::process::Pid::from_raw(id.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(finish(child).code(), 130);
    drop(keys);
}

/// Types a line on the terminal as soon as the command has asked for it.
fn on_terminal_typing(room: &Room, line: &str, typed: &str) -> Outcome {
    let mut script = room.program("script");
    let mut child = script.args(["-qec", line, "/dev/null"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
    // An end of stdin would be typed too.
    let stdin = child.stdin.take();
    let outcome = finish(child);
    drop(stdin);
    outcome
}

#[test]
fn command_source_reads_terminal() {
    let asks = "cmd:printf ask: >/dev/tty; read x </dev/tty; echo $x";
    // What comes after the command has the terminal again: here stty, which fails in the background.
    let line =
        format!("\"$HALLPASS\" header --from '{asks}' && \"$HALLPASS\" header --from '{asks}' && stty -echo echo");
    let begun = Instant::now();
    let outcome = on_terminal_typing(&room(), &line, "typed-1\ntyped-2\n");
    assert!(outcome.answer().contains("Authorization: Bearer typed-1"), "{outcome}");
    assert!(outcome.answer().contains("Authorization: Bearer typed-2"), "{outcome}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{outcome}");
}

#[test]
fn command_source_interrupted_on_terminal_exits_130() {
    let room = room();
    let line = "\"$HALLPASS\" header --from 'cmd:echo >asked; read x </dev/tty'";
    let mut child = room.program("script").args(["-qec", line, "/dev/null"]).stdin(Stdio::piped()).spawn().unwrap();
    // A key that comes before the command runs is for whoever has the terminal then.
    let begun = Instant::now();
    while !room.directory().join("asked").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the command did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"\x03").unwrap();
    let outcome = finish(child);
    drop(keys);
    assert_eq!(outcome.code(), 130, "{outcome}");
}

#[test]
fn command_source_gets_our_signals_and_ends_with_us() {
    for (signal, command) in [
        (15, "trap 'echo got >NOTE; exit 0' TERM; echo $$ >PID; while :; do sleep 0.05; done"),
        (1, "trap 'echo got >NOTE; exit 0' HUP; echo $$ >PID; while :; do sleep 0.05; done"),
        (15, "trap '' TERM; echo $$ >PID; echo got >NOTE; while :; do sleep 0.05; done"),
    ] {
        let room = room();
        let (note, pid) = (room.directory().join("note"), room.directory().join("pid"));
        let command = command.replace("NOTE", note.to_str().unwrap()).replace("PID", pid.to_str().unwrap());
        let mut child = room.hallpass(&["header", "--from", &format!("cmd:{command}")]).spawn().unwrap();
        let begun = Instant::now();
        let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        while read(&pid).is_empty() && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let ours = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(ours, rustix::process::Signal::from_named_raw(signal).unwrap()).unwrap();
        let sent = Instant::now();
        let status = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(signal), "{command}");
        assert!(sent.elapsed() < Duration::from_secs(3), "{command}");
        assert_eq!(read(&note), "got", "{command}");
        let state = std::fs::read_to_string(format!("/proc/{}/stat", read(&pid))).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{command}: {state}");
    }
}
