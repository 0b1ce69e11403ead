//! The command `sandbox` as a process: its child, its end, its directory, its switches.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::room::{Outcome, Room, finish};

/// A room with a `PATH` and a place for temporary files of its own.
fn room() -> Room {
    let room = Room::new();
    let place = room.directory().join("tmp");
    std::fs::create_dir(&place).unwrap();
    room.with("TMPDIR", place).with("PATH", std::env::var_os("PATH").unwrap())
}

fn shell(room: &Room, flags: &[&str], script: &str) -> Outcome {
    room.run(&[&["sandbox"], flags, &["--", "sh", "-c", script]].concat())
}

/// Asserts that nothing stays where the sandbox had its directory.
#[track_caller]
fn nothing_stays(room: &Room) {
    let left: Vec<_> =
        std::fs::read_dir(room.directory().join("tmp")).unwrap().map(|one| one.unwrap().path()).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
}

fn kill(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn its_exit_code_is_commands() {
    let room = room();
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 125", 125),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
        ("hallpass token --scope nope 2>/dev/null", 5),
    ] {
        let outcome = shell(&room, &[], script);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (code, ""), "{script}\n{outcome}");
        nothing_stays(&room);
    }
}

#[test]
fn what_cannot_be_run_is_126_or_127() {
    let room = room();
    let plain = room.directory().join("plain");
    std::fs::write(&plain, "no program").unwrap();
    std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o644)).unwrap();
    for (command, code) in [
        ("no-such-program-anywhere", 127),
        ("/no/such/program", 127),
        (plain.to_str().unwrap(), 126),
        (room.directory().to_str().unwrap(), 126),
    ] {
        let said = room.run(&["sandbox", "--", command]).refused(code).to_owned();
        assert!(said.contains(&format!("cannot run {command}\n")), "{said}");
        nothing_stays(&room);
    }
}

#[test]
fn signals_are_passed_on_and_directory_goes() {
    for (signal, name) in [(Signal::TERM, "TERM"), (Signal::INT, "INT"), (Signal::HUP, "HUP")] {
        let room = room();
        let script = format!("trap 'echo got; exit 9' {name}; echo ready; while :; do sleep 0.05; done");
        let mut child = room.hallpass(&["sandbox", "--", "sh", "-c", &script]).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        kill(&child, signal);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!((finish(child).code(), rest.as_str()), (9, "got\n"), "{name}");
        nothing_stays(&room);
    }
}

#[test]
fn sandbox_command_finds_program_and_zone() {
    let room = room()
        .with("HALLPASS_ZONE", "outer")
        .with("HALLPASS_TOKEN", "outer-token")
        .with("HALLPASS_CLIENT_SECRET", "outer-secret")
        .with("HALLPASS_SCOPE", "outer")
        .with("OUTER", "stays");
    let script = r#"
        echo "$OUTER|$HALLPASS_ZONE$HALLPASS_TOKEN$HALLPASS_SCOPE"
        test "$(command -v hallpass)" = "${PATH%%:*}/hallpass" && echo first
        echo "$HALLPASS_HOME"
        hallpass token && hallpass zone add z --issuer "$HALLPASS_ISSUER" --client-id "$HALLPASS_CLIENT_ID" \
            --client-secret-from env:HALLPASS_CLIENT_SECRET && hallpass vault list
    "#;
    let outcome = shell(&room, &[], script);
    let lines: Vec<&str> = outcome.answer().lines().collect();
    assert_eq!(lines[..2], ["stays|", "first"]);
    assert!(lines[2].starts_with(room.directory().join("tmp").to_str().unwrap()), "{outcome}");
    assert!(lines[3].starts_with("eyJ"), "{outcome}");
    assert!(lines[5].starts_with("z\t") && lines[5].contains("sealed"), "{outcome}");
    outcome.assert_hidden("outer-secret").assert_hidden("outer-token");
    assert_eq!(room.files(), Vec::<std::path::PathBuf>::new(), "the outer home is left alone");
}

#[test]
fn print_env_says_what_command_gets() {
    let room = room();
    let outcome = shell(&room, &["--print-env"], "env | grep ^HALLPASS_ | sort");
    let mut said: Vec<String> = outcome
        .stderr
        .lines()
        .filter_map(|line| Some(line.strip_prefix("export ")?.replacen("='", "=", 1).trim_end_matches('\'').to_owned()))
        .collect();
    said.sort();
    // A key in PEM has lines of its own.
    let got: Vec<&str> = outcome.answer().lines().collect();
    assert!(said.len() > 8, "{outcome}");
    for line in said.iter().filter(|line| !line.contains("$(cat ")) {
        assert!(got.contains(&line.as_str()), "{line} is not what the command got\n{outcome}");
    }
    assert!(!shell(&room, &[], "true").stderr.contains("export "), "only when it is asked for");
}

/// A sandbox without a command, serving.
struct Alone {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Alone {
    fn start(room: &Room, flags: &[&str]) -> Self {
        let mut child = room.hallpass(&[&["sandbox"], flags].concat()).stdin(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The lines on stdout up to the last variable.
    fn exports(&mut self) -> String {
        let mut text = String::new();
        while !text.lines().last().is_some_and(|line| line.starts_with("export HALLPASS_CLIENT_SECRET")) {
            assert!(self.stdout.read_line(&mut text).unwrap() > 0, "it ended: {text}");
        }
        text
    }

    fn until(&mut self, what: &str) -> String {
        let mut text = String::new();
        while !text.contains(what) {
            assert!(self.stderr.read_line(&mut text).unwrap() > 0, "it ended without {what}: {text}");
        }
        text
    }
}

#[test]
fn alone_it_prints_variables_and_requests_until_signal() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let room = room();
        let mut alone = Alone::start(&room, &[]);
        let exports = alone.exports();
        assert!(exports.lines().all(|line| line.starts_with("export HALLPASS_")), "{exports}");
        let names: Vec<&str> = exports.lines().filter_map(|line| line.split(['=', ' ']).nth(1)).collect();
        assert_eq!(
            names[names.len() - 3..],
            ["HALLPASS_ISSUER", "HALLPASS_CLIENT_ID", "HALLPASS_CLIENT_SECRET"],
            "what a person needs comes last"
        );
        let heard = alone.until("requests:");
        assert!(heard.contains("test server only"), "{heard}");
        let script = format!("{exports}\nexec \"$0\" token");
        let outcome =
            finish(room.program("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_hallpass")]).spawn().unwrap());
        assert!(outcome.answer().starts_with("eyJ"), "{outcome}");
        let heard = alone.until("grant=client_credentials");
        assert!(heard.contains("GET /") && heard.contains("POST /sandbox/token 200"), "{heard}");
        kill(&alone.child, signal);
        assert_eq!(finish(alone.child).code(), code);
        nothing_stays(&room);
    }
}

#[test]
fn alone_with_print_env_it_says_nothing_besides() {
    let room = room();
    let mut alone = Alone::start(&room, &["--print-env"]);
    // A private key has lines of its own, so it is in a file while the sandbox serves.
    let script = format!("{}\nprintf %s \"$HALLPASS_SANDBOX_PRIVATE_KEY\"", alone.exports());
    let outcome = finish(room.program("/bin/sh").args(["-c", &script]).spawn().unwrap());
    assert!(outcome.answer().starts_with("-----BEGIN PRIVATE KEY-----\n"), "{outcome}");
    kill(&alone.child, Signal::TERM);
    let (mut stdout, mut stderr) = (String::new(), String::new());
    alone.stdout.read_to_string(&mut stdout).unwrap();
    alone.stderr.read_to_string(&mut stderr).unwrap();
    assert_eq!(finish(alone.child).code(), 143);
    assert!(!stderr.contains("test server only"), "{stderr}");
    assert_eq!(stdout, "", "the secret of the main client is the last line");
}

#[test]
fn sandbox_listens_on_loopback_only() {
    let room = room();
    // Nobody else takes a port of this address meanwhile.
    let free = TcpListener::bind("127.9.8.7:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    let script = "echo $HALLPASS_ISSUER; hallpass header >/dev/null";
    room.run(&["sandbox", "--listen", &address, "--", "true"]).refused(3);
    drop(free);
    let outcome = shell(&room, &["--listen", &address], script);
    assert_eq!(outcome.answer(), format!("http://{address}/sandbox"));
    for bad in ["0.0.0.0:0", "192.0.2.1:0", "nowhere", "127.0.0.1"] {
        room.run(&["sandbox", "--listen", bad, "--", "true"]).refused(2);
    }
}

#[test]
fn latency_lifetime_and_faults_are_as_told() {
    let room = room();
    let quick = shell(&room, &[], "hallpass token >/dev/null");
    let slow = shell(&room, &["--latency", "700ms"], "hallpass token >/dev/null");
    quick.answer();
    slow.answer();
    assert!(slow.took > Duration::from_millis(1400), "two requests or more, each waits: {:?}", slow.took);
    let lives = shell(&room, &["--token-ttl", "77s"], "hallpass token --json").json();
    assert!((70..=77).contains(&lives["expires_in"].as_u64().unwrap()), "{lives}");
    let lives = shell(&room, &[], "hallpass token --json").json();
    assert!((290..=300).contains(&lives["expires_in"].as_u64().unwrap()), "{lives}");
    let outcome = shell(&room, &["--fault", "503*1"], "hallpass token -v >/dev/null");
    outcome.answer();
    assert!(outcome.stderr.contains("503"), "{outcome}");
    let outcome = shell(&room, &["--fault", "invalid-client"], "hallpass token");
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (5, ""), "{outcome}");
    let outcome = shell(&room, &["--fault", "metadata:404"], "hallpass token");
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (3, ""), "{outcome}");
    room.run(&["sandbox", "--fault", "nonsense", "--", "true"]).refused(2);
    room.run(&["sandbox", "--token-ttl", "5", "--", "true"]).refused(2);
}
