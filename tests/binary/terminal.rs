//! What only a real terminal shows: its width, and the sign of waiting. `script` (util-linux) makes one.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fault::{Server, stall, token, with_fields};
use crate::room::{Outcome, Room, await_until, finish};
use crate::screen::{Terminal, room};

/// Runs a line of the shell on a terminal of its own.
fn on_terminal(room: &Room, line: &str) -> Outcome {
    finish(room.program("script").args(["-qec", line, "/dev/null"]).spawn().expect("script, of util-linux"))
}

#[test]
fn table_is_as_wide_as_terminal_says() {
    let room = room();
    let issuer = format!("https://as.example/{}", "realm-".repeat(20));
    let room = room.with("NO_COLOR", "1");
    room.run(&["zone", "add", "z", "--issuer", &issuer, "--client-id", "a-client"]).answer();
    let table = |columns: u16, variable: &str| {
        let line = format!("stty cols {columns} rows 24; {variable} NO_COLOR=1 \"$HALLPASS\" zone list");
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
    assert!(shown(&outcome).iter().any(|line| is_wait_for(line, "waiting for 127.0.0.1:", "(token endpoint), 0 s")));
    // It is wiped away before the answer, and no line of it has it.
    let (_, answer) = outcome.stdout.rsplit_once("\r\u{1b}[K").unwrap();
    assert!(answer.starts_with("eyJ") && answer.trim_end().lines().count() == 1, "{outcome}");
    for (setting, call) in
        [("HALLPASS_NO_SPINNER=1", ""), ("CI=true", ""), ("TERM=dumb", ""), ("", "-q"), ("", "-v"), ("", "2>err")]
    {
        let outcome = run(setting, call);
        assert!(
            !outcome.stdout.contains("waiting") && !outcome.stdout.contains("\u{1b}[K"),
            "{setting} {call}\n{outcome}"
        );
    }
    assert_eq!(std::fs::read_to_string(room.directory().join("err")).unwrap(), "");
}

/// The lines that were shown and wiped away again, without what turns.
fn shown(outcome: &Outcome) -> Vec<&str> {
    outcome
        .stdout
        .split("\r\u{1b}[K")
        .filter_map(|line| line.trim_start_matches(['|', '/', '-', '\\']).strip_prefix(' '))
        .collect()
}

fn is_wait_for(line: &str, start: &str, end: &str) -> bool {
    line.starts_with(start) && line.ends_with(end)
}

#[test]
fn shell_in_sandbox_says_how_to_leave() {
    let mut terminal = Terminal::start(&room(), "\"$HALLPASS\" sandbox -- sh");
    terminal.types_after("to leave the sandbox", "exit 7\n");
    let (code, text) = terminal.finish();
    assert!(code == Some(7) && text.contains("HALLPASS_CLIENT_SECRET are set; try: hallpass header"), "{text}");
}

#[test]
fn waits_for_person_and_browser_say_so() {
    let room = room();
    for (call, start, end) in [
        ("login --no-browser --deadline 1500ms", "waiting for the browser", ", 1 s"),
        ("login --device --deadline 4s", "waiting for the code to be confirmed at 127.0.0.1:", ", 1 s"),
    ] {
        let (login, flags) = call.split_once(' ').unwrap();
        let client = "-z me --client-id sandbox-public";
        let line = format!("\"$HALLPASS\" sandbox -- sh -c 'hallpass {login} \"$HALLPASS_ISSUER\" {client} {flags}'");
        let outcome = on_terminal(&room, &line);
        assert!(shown(&outcome).iter().any(|line| is_wait_for(line, start, end)), "{call}\n{outcome}");
        // What comes last stands on a line of its own.
        assert!(outcome.stdout.contains("\r\u{1b}[K\u{1b}[1;31merror: "), "{call}\n{outcome}");
    }
}

#[test]
fn waits_for_retry_and_other_process_say_so() {
    let asked = AtomicUsize::new(0);
    let server = Server::with_token_answer(move |_, _| {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return with_fields(503, "Retry-After: 1\r\n", "{}");
        }
        std::thread::sleep(Duration::from_millis(1700));
        token("AT-1", 300)
    });
    let room = room().with("SECRET", "s3cret");
    let issuer = server.base();
    let zone = ["zone", "add", "a", "--issuer", &issuer, "--client-id", "c", "--client-secret-ref", "env:SECRET"];
    room.run(&zone).answer();
    // Both start at once: one of them asks, and the other one waits for it.
    let line = "\"$HALLPASS\" token & \"$HALLPASS\" token; wait";
    let outcome = on_terminal(&room, line);
    let lines = shown(&outcome);
    for (start, end) in [
        ("HTTP 503 from 127.0.0.1:", ", trying again in 1 s"),
        ("waiting for 127.0.0.1:", " (token endpoint), 1 s"),
        ("another hallpass is getting this token", ", 1 s"),
    ] {
        assert!(lines.iter().any(|line| is_wait_for(line, start, end)), "{start}\n{outcome}");
    }
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
    keys.write_all(b"y\n").unwrap();
    let is_asked = || server.requests().iter().any(|request| request.target() == "/revoke");
    await_until(is_asked, || "the answer to be taken".to_owned());
    let id = std::fs::read_to_string(room.directory().join("pid")).unwrap();
    let id = rustix::process::Pid::from_raw(id.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(finish(child).code(), 130);
    drop(keys);
}

/// A page on a terminal: its text, and whether it was coloured.
fn help_page(columns: u16, variables: &str, call: &str) -> (String, bool) {
    let outcome = on_terminal(&room(), &format!("stty cols {columns} rows 24; {variables} \"$HALLPASS\" {call}"));
    let mut parts = outcome.answer().split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    let plain = parts.map(|part| part.split_once('m').expect("an escape of colour").1);
    let text = plain.fold(first, |text, part| text + part);
    let colored = outcome.stdout.contains('\u{1b}');
    (text.replace('\r', ""), colored)
}

#[test]
fn help_is_colored_and_as_wide_as_terminal() {
    for call in ["token --help", "help token"] {
        let widest = |columns, variables| {
            let (text, colored) = help_page(columns, variables, call);
            assert!(colored, "{call} at {columns}: {text}");
            assert!(
                text.contains("\n  $ T=$(hallpass token --format env --name API_TOKEN) && eval \"$T\"\n"),
                "{text}"
            );
            text.split("Examples:").next().unwrap().lines().map(|line| line.trim_end().chars().count()).max().unwrap()
        };
        assert!((50..=60).contains(&widest(60, "")), "{}", widest(60, ""));
        assert!((70..=80).contains(&widest(80, "")));
        assert!((81..=100).contains(&widest(120, "")));
        assert!((50..=60).contains(&widest(120, "COLUMNS=60")), "the variable overrides the terminal");
        assert!((50..=60).contains(&widest(60, "COLUMNS=0")), "0 counts as unset");
        assert!((50..=60).contains(&widest(60, "COLUMNS=wide NO_COLOR=")), "what is no number counts as unset");
    }
    assert!(!help_page(80, "NO_COLOR=1", "token --help").1);
    assert!(!help_page(80, "CLICOLOR_FORCE=1", "token --help --color never").1);
    assert!(!help_page(80, "TERM=dumb", "help token").1);
}

/// A command that has the terminal when it shows `ask`: before that it changes a setting, for which it must have it.
const ASKS: &str = "cmd:stty echo </dev/tty; echo ask >/dev/tty; read x </dev/tty; echo $x";

#[test]
fn command_source_reads_terminal() {
    // What comes after the command has the terminal again: here stty, which fails in the background.
    let line = format!(
        "\"$HALLPASS\" header --from '{ASKS}' && \"$HALLPASS\" header --from '{}' && stty -echo echo",
        ASKS.replace("ask", "again")
    );
    let room = room();
    let mut terminal = Terminal::start(&room, &line);
    terminal.types_after("ask", "typed-1\n");
    terminal.types_after("again", "typed-2\n");
    let (code, shown) = terminal.finish();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Authorization: Bearer typed-1"), "{shown}");
    assert!(shown.contains("Authorization: Bearer typed-2"), "{shown}");
}

#[test]
fn command_source_interrupted_on_terminal_exits_130() {
    let room = room();
    let mut terminal = Terminal::start(&room, &format!("\"$HALLPASS\" header --from '{ASKS}'"));
    terminal.types_after("ask", "\u{3}");
    let (code, shown) = terminal.finish();
    assert_eq!(code, Some(130), "{shown}");
}

#[test]
fn command_source_suspended_on_terminal_goes_on_in_foreground() {
    let line = format!("set -m; \"$HALLPASS\" header --from '{ASKS}'; echo stopped=$?; fg; echo ended=$?");
    let room = room();
    let mut terminal = Terminal::start(&room, &line);
    terminal.types_after("ask", "\u{1a}");
    terminal.types_after("stopped=148", "typed-1\n");
    let (_, shown) = terminal.finish();
    assert!(shown.contains("Authorization: Bearer typed-1\r\nended=0"), "{shown}");
}

#[test]
fn command_source_in_background_reads_terminal_in_foreground() {
    for asks in [ASKS, "cmd:read x </dev/tty; echo $x"] {
        let stopped = "until grep -q '^State:.T' /proc/$!/status; do sleep 0.02; done";
        let line = format!("set -m; \"$HALLPASS\" header --from '{asks}' & {stopped}; echo stopped; fg; echo ended=$?");
        let room = room();
        let mut terminal = Terminal::start(&room, &line);
        terminal.types_after("stopped", "typed-1\n");
        let (_, shown) = terminal.finish();
        assert!(shown.contains("Authorization: Bearer typed-1\r\nended=0"), "{shown}");
    }
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
        let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        // The deaf one ignores the signal only from here on.
        let begun = |command: &str| !read(&pid).is_empty() && (!command.starts_with("trap ''") || read(&note) == "got");
        await_until(|| begun(&command), || command.clone());
        let ours = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(ours, rustix::process::Signal::from_named_raw(signal).unwrap()).unwrap();
        let sent = Instant::now();
        let status = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(signal), "{command}");
        // One that is deaf has two seconds; the rest is for a slow machine.
        assert!(sent.elapsed() < Duration::from_secs(20), "{command}");
        assert_eq!(read(&note), "got", "{command}");
        // It is killed by now, but may still be on its way out.
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", read(&pid))).unwrap_or_default();
        await_until(|| state().is_empty() || state().contains(") Z "), || format!("the end of {command}: {}", state()));
    }
}

#[test]
fn signals_are_as_before_after_command_source() {
    let room = room();
    let masks = "cmd:grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >>masks; echo s";
    room.run(&["check", "--secret-from", masks, masks]).answer();
    let masks = std::fs::read_to_string(room.directory().join("masks")).unwrap();
    let lines: Vec<&str> = masks.lines().collect();
    assert_eq!(lines[..3], lines[3..], "the second command starts as the first");
    for line in lines {
        let mask = u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap();
        assert_eq!(mask & 0x4007, 0, "HUP, INT, QUIT and TERM: {line}");
    }

    for (ignored, signal) in [(None, 1), (None, 2), (None, 3), (None, 15), (Some(1), 15)] {
        let server = Server::with_token_answer(|_, _| stall());
        let issuer = server.base();
        let room = Room::new().with("HALLPASS", env!("CARGO_BIN_EXE_hallpass")).with("HALLPASS_NO_CACHE", "1");
        let zone = ["zone", "add", "a", "--issuer", &issuer, "--client-id", "c"];
        room.run(&[&zone[..], &["--client-secret-ref", "cmd:echo s"]].concat()).answer();
        let trap = ignored.map_or(String::new(), |signal| format!("trap '' {signal}; "));
        let line = format!("{trap}exec \"$HALLPASS\" token");
        let mut child = room.program("/bin/sh").args(["-c", &line]).spawn().unwrap();
        server.await_token_requests(1);
        let send = |signal: i32| {
            let signal = rustix::process::Signal::from_named_raw(signal).unwrap();
            rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        };
        ignored.into_iter().chain([signal]).for_each(send);
        let status = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(signal), "{ignored:?}");
    }
}
