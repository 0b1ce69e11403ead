//! The real keyring: gnome-keyring on a session bus of its own, in every state that people meet.
//!
//! Each test starts its own bus and daemon in a fresh home and stops them, so the keyring of the person at this machine
//! is never touched.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(target_os = "linux")]

mod fault;
#[path = "keyring/prompter.rs"]
mod prompter;
mod room;
mod screen;

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fault::{Server, TOKEN};
use prompter::{Person, Prompter};
use room::{Outcome, Room, finish};
use rustix::process::{Pid, Signal, kill_process};
use screen::{Terminal, with_shell};
use tempfile::TempDir;

const SECRET: &str = "canary-keyring-5e1f";

/// No answer about a dead keyring may take longer.
const LIMIT: Duration = Duration::from_secs(3);
/// What the start of a process may take on a busy machine.
const SLACK: Duration = Duration::from_secs(1);

/// A session bus with fresh directories, and what runs on it.
struct Session {
    directory: TempDir,
    bus: Child,
    daemon: Option<Child>,
}

impl Session {
    /// A bus on which nothing runs. `service` is the command that would bring up the Secret Service, if any.
    fn bare(service: Option<&str>) -> Self {
        let directory = TempDir::with_prefix("hallpass-session-").unwrap();
        for name in ["home", "data", "run", "services"] {
            fs::DirBuilder::new().mode(0o700).create(directory.path().join(name)).unwrap();
        }
        if let Some(command) = service {
            let text = format!("[D-BUS Service]\nName=org.freedesktop.secrets\nExec={command}\n");
            fs::write(directory.path().join("services/org.freedesktop.secrets.service"), text).unwrap();
        }
        let config = directory.path().join("bus.conf");
        let socket = directory.path().join("run/bus");
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="service_start_timeout">120000</limit>
</busconfig>
"#,
            socket.display(),
            directory.path().join("services").display()
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg("--config-file").arg(&config).arg("--nofork").stdin(Stdio::null());
        let bus =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("dbus-daemon (tests/run installs it)");
        let session = Self { directory, bus, daemon: None };
        await_that("the bus", || socket.exists());
        session
    }

    /// A session with an unlocked login keyring.
    fn unlocked() -> Self {
        let mut session = Self::bare(None);
        session.start_daemon(true);
        session
    }

    /// A session whose login keyring exists and is locked.
    fn locked() -> Self {
        let mut session = Self::unlocked();
        session.secret_tool(&["store", "--label=x", "service", "other", "username", "x"], "something");
        session.stop_daemon();
        session.start_daemon(false);
        session
    }

    fn start_daemon(&mut self, unlock: bool) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if unlock {
            command.arg("--unlock");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = command.spawn().expect("gnome-keyring-daemon (tests/run installs it)");
        let mut stdin = daemon.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, b"password").unwrap();
        drop(stdin);
        self.daemon = Some(daemon);
        await_that("the Secret Service", || {
            let mut ask = self.command("dbus-send");
            ask.args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus.NameHasOwner",
            ]);
            let answer = ask.arg("string:org.freedesktop.secrets").output().expect("dbus-send");
            String::from_utf8_lossy(&answer.stdout).contains("boolean true")
        });
    }

    fn stop_daemon(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    fn signal_daemon(&self, signal: Signal) {
        let id = self.daemon.as_ref().expect("a daemon runs").id();
        kill_process(Pid::from_raw(i32::try_from(id).unwrap()).unwrap(), signal).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.path("run/bus").display())
    }

    fn variables(&self) -> [(&'static str, String); 4] {
        let path = |name| self.path(name).display().to_string();
        [
            ("HOME", path("home")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("DBUS_SESSION_BUS_ADDRESS", self.address()),
        ]
    }

    /// A program in this session.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(self.variables());
        command
    }

    /// A room in this session, with the keyring as its vault.
    fn room(&self) -> Room {
        let room = Room::new().with("HALLPASS_VAULT", "keyring").with("GIVEN", SECRET);
        self.variables().into_iter().fold(room, |room, (name, value)| room.with(name, value))
    }

    /// Runs libsecret's tool and gives what it prints.
    fn secret_tool(&self, args: &[&str], stdin: &str) -> String {
        let mut command = self.command("secret-tool");
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("secret-tool (tests/run installs it)");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).unwrap();
        finish(child).stdout
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop_daemon();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

#[track_caller]
fn await_that(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what} did not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn add(room: &Room, name: &str, issuer: &str) -> Outcome {
    let args = ["zone", "add", name, "--issuer", issuer, "--client-id", "app", "--client-secret-from", "env:GIVEN"];
    room.run(&args)
}

/// The name under which a home's secret rests (DESIGN §4).
fn user(home: &Path, zone: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(home.to_str().unwrap().as_bytes());
    let prefix = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("@{prefix:08x}/{zone}/client_secret")
}

/// Exit 7 in time, naming the three ways out.
#[track_caller]
fn unusable(outcome: &Outcome) {
    let stderr = outcome.assert_hidden(SECRET).refused(7);
    assert!(outcome.took < LIMIT + SLACK, "it took too long:\n{outcome}");
    let is_named = ["HALLPASS_VAULT=sealed", "--vault sealed"].iter().any(|way| stderr.contains(way));
    assert!(is_named, "the sealed vault is not named:\n{outcome}");
    assert!(
        stderr.contains("--client-secret-ref") || stderr.contains("HALLPASS_CLIENT_SECRET"),
        "no third way:\n{outcome}"
    );
    assert!(["unlock", "start"].iter().any(|word| stderr.contains(word)), "the first way is not named:\n{outcome}");
}

/// Nothing was written for a zone whose secret could not be stored.
#[track_caller]
fn nothing_was_written(room: &Room) {
    assert!(room.files().iter().all(|file| !file.ends_with("config.toml")), "{:?}", room.files());
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn secret_goes_into_keyring_and_mints_token() {
    let (session, server) = (Session::unlocked(), Server::kind());
    let room = session.room();
    add(&room, "prod", &server.base()).assert_hidden(SECRET).answer();
    let room = room.without_variable("GIVEN");
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    let basic = server.token_requests()[0].field("authorization").unwrap().to_owned();
    assert_eq!(basic, "Basic YXBwOmNhbmFyeS1rZXlyaW5nLTVlMWY=");
    for file in room.files() {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(SECRET), "{} holds the secret", file.display());
    }

    // Another program of this person sees the record, as ASCII JSON bound to issuer and client.
    let record = session.secret_tool(&["lookup", "service", "hallpass", "username", &user(&room.home(), "prod")], "");
    assert!(record.is_ascii(), "{record}");
    let record: serde_json::Value = serde_json::from_str(&record).expect("a JSON record");
    assert_eq!((&record["issuer"], &record["client_id"]), (&server.base().into(), &"app".into()));
    assert!(record.to_string().contains(SECRET));

    let status = room.run(&["vault", "status"]);
    assert!(status.assert_hidden(SECRET).answer().contains("keyring"), "{status}");
    let list = room.run(&["vault", "list"]);
    assert!(list.assert_hidden(SECRET).answer().contains("prod"), "{list}");
    assert!(room.run(&["zone", "show", "prod"]).assert_hidden(SECRET).answer().contains("stored"));
}

#[test]
#[ignore = "needs gnome-keyring and Keycloak; tests/run brings both"]
fn keyring_zone_gets_token_from_keycloak() {
    let Ok(keycloak) = std::env::var("HALLPASS_TEST_KEYCLOAK") else {
        panic!("HALLPASS_TEST_KEYCLOAK is not set: tests/run starts Keycloak and sets it")
    };
    let session = Session::unlocked();
    let room = session.room();
    let issuer = format!("{}/realms/hp", keycloak.trim_end_matches('/'));
    let args = ["zone", "add", "prod", "--issuer", &issuer, "--client-id", "front", "--client-secret-from", "-"];
    room.run_with_stdin(&args, "front-secret\n").assert_hidden("front-secret").answer();
    let header = room.run(&["header"]);
    let token = header.assert_hidden("front-secret").answer().strip_prefix("Authorization: Bearer ").unwrap();
    assert_eq!(token.split('.').count(), 3, "{header}");
    // The cached token needs no keyring at all.
    let room = room.without_variable("DBUS_SESSION_BUS_ADDRESS").without_variable("XDG_RUNTIME_DIR");
    assert_eq!(room.run(&["header"]).answer(), header.answer());
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn secrets_move_between_backends_and_leave_nothing_behind() {
    let (session, server) = (Session::unlocked(), Server::kind());
    let room = session.room().with("HALLPASS_VAULT_KEY_FROM", "env:KEY").with("KEY", room::VAULT_KEY);
    add(&room, "prod", &server.base()).answer();
    let record =
        || session.secret_tool(&["lookup", "service", "hallpass", "username", &user(&room.home(), "prod")], "");
    assert!(record().contains(SECRET));
    room.run(&["vault", "move", "prod", "--to", "sealed"]).assert_hidden(SECRET).answer();
    assert_eq!(record(), "", "the keyring still holds it");
    assert_eq!(room.run(&["token", "--fresh"]).answer(), TOKEN);
    room.run(&["vault", "move", "prod", "--to", "keyring"]).assert_hidden(SECRET).answer();
    assert!(record().contains(SECRET));
    assert_eq!(room.run(&["token", "--fresh"]).answer(), TOKEN);
    room.run(&["zone", "rename", "prod", "live"]).answer();
    assert_eq!(record(), "", "the old name still holds it");
    assert_eq!(room.run(&["-z", "live", "token", "--fresh"]).answer(), TOKEN);
    room.run(&["zone", "remove", "live", "--yes"]).answer();
    let left = session.secret_tool(&["lookup", "service", "hallpass", "username", &user(&room.home(), "live")], "");
    assert_eq!(left, "", "a removed zone leaves its secret behind");
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn record_is_refused_when_zone_names_another_issuer() {
    let (session, mine, evil) = (Session::unlocked(), Server::kind(), Server::kind());
    let room = session.room();
    add(&room, "prod", &mine.base()).answer();
    let path = room.run(&["zone", "path"]).answer().to_owned();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&mine.base(), &evil.base())).unwrap();
    let outcome = room.run(&["token"]);
    assert_eq!(outcome.code(), 3, "{outcome}");
    assert_eq!(outcome.assert_hidden(SECRET).stdout, "");
    assert_eq!(evil.token_requests().len(), 0, "the secret was sent to another issuer");
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn two_homes_never_share() {
    let (session, server) = (Session::unlocked(), Server::kind());
    let (one, two) = (session.room(), session.room().with("GIVEN", "other-secret"));
    add(&one, "prod", &server.base()).answer();
    add(&two, "prod", &server.base()).answer();
    one.run(&["token"]).answer();
    two.run(&["token"]).answer();
    let sent: Vec<String> =
        server.token_requests().iter().map(|request| request.field("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Basic YXBwOmNhbmFyeS1rZXlyaW5nLTVlMWY=", "Basic YXBwOm90aGVyLXNlY3JldA=="]);
    one.run(&["zone", "remove", "prod", "--yes"]).answer();
    two.run(&["token", "--fresh"]).answer();
    assert_eq!(one.run(&["vault", "list"]).answer(), "");
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn many_at_once_lose_nothing() {
    let (session, server) = (Session::unlocked(), Server::kind());
    let room = session.room();
    let base = server.base();
    let children: Vec<_> = (0..8)
        .map(|number| {
            let name = format!("zone-{number}");
            let args =
                ["zone", "add", &name, "--issuer", &base, "--client-id", "app", "--client-secret-from", "env:GIVEN"];
            room.hallpass(&args).spawn().unwrap()
        })
        .collect();
    for child in children {
        finish(child).answer();
    }
    for number in 0..8 {
        assert_eq!(room.run(&["-z", &format!("zone-{number}"), "token"]).answer(), TOKEN);
    }
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn locked_keyring_is_named_at_once() {
    let session = Session::locked();
    let room = session.room();
    unusable(&add(&room, "prod", "https://auth.example"));
    nothing_was_written(&room);
    let status = room.run(&["vault", "status"]);
    assert!((status.stdout.clone() + &status.stderr).contains("locked"), "{status}");
    assert!(status.took < LIMIT + SLACK, "{status}");
}

/// Runs a command on a terminal of the desktop, where the dialog is answered so; what the terminal has shown.
#[track_caller]
fn run_at_dialog(session: &Session, room: &Room, person: Person, command: &str, code: i32) -> (String, usize) {
    let prompter = Prompter::start(&session.address(), person);
    let terminal = Terminal::start(room, &format!("\"$HALLPASS\" {command}"));
    let (ended, shown) = terminal.finish();
    assert_eq!(ended, Some(code), "{shown}");
    (shown, prompter.asked())
}

const WAITS: &str = "The keyring is locked. Waiting for you to unlock it in its dialog; Ctrl-C cancels";

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn locked_keyring_is_unlocked_by_its_dialog() {
    let (session, server) = (Session::locked(), Server::kind());
    let room = with_shell(session.room()).with("HALLPASS_NO_SPINNER", "1").with("DISPLAY", ":0");
    let line = format!("zone add prod --issuer {} --client-id app --client-secret-from env:GIVEN", server.base());
    let (shown, asked) = run_at_dialog(&session, &room, Person::Types("password"), &line, 0);
    assert!(shown.contains(WAITS) && shown.contains("zone prod added"), "{shown}");
    assert_eq!(asked, 1, "{shown}");
    let record = session.secret_tool(&["lookup", "service", "hallpass", "username", &user(&room.home(), "prod")], "");
    assert!(record.contains(SECRET), "{record}");
    // It stays unlocked, so nobody is asked again.
    let (shown, asked) = run_at_dialog(&session, &room, Person::Dismisses, "token", 0);
    assert!(asked == 0 && shown.contains(TOKEN), "{shown}");
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn dismissed_or_forbidden_dialog_leaves_keyring_locked() {
    let session = Session::locked();
    let desktop = with_shell(session.room()).with("HALLPASS_NO_SPINNER", "1").with("DISPLAY", ":0");
    let line = "zone add prod --issuer https://auth.example --client-id app --client-secret-from env:GIVEN";
    let (shown, asked) = run_at_dialog(&session, &desktop, Person::Dismisses, line, 7);
    assert!(asked == 1 && shown.contains(WAITS) && shown.contains("the keyring is locked"), "{shown}");
    let away = with_shell(session.room());
    for (room, line) in [(&desktop, format!("{line} --no-input")), (&away, line.to_owned())] {
        let begun = Instant::now();
        let (shown, asked) = run_at_dialog(&session, room, Person::Types("password"), &line, 7);
        assert!(begun.elapsed() < LIMIT + SLACK, "{shown}");
        assert!(asked == 0 && !shown.contains(WAITS), "nobody is asked: {shown}");
        assert!(shown.contains("unlock the keyring: run the command in a terminal of the desktop"), "{shown}");
    }
    nothing_was_written(&desktop);
    nothing_was_written(&away);
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn keyring_locked_later_stops_only_mint() {
    let (mut session, server) = (Session::unlocked(), Server::kind());
    let room = session.room();
    add(&room, "prod", &server.base()).answer();
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    session.stop_daemon();
    session.start_daemon(false);
    unusable(&room.run(&["token", "--fresh"]));
    assert_eq!(server.token_requests().len(), 1);
    // The cache, the list of zones and the status open no keyring.
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    room.run(&["zone", "list"]).answer();
    room.run(&["status"]).answer();
    // A source that answers earlier keeps the keyring out of it.
    let ephemeral = room.with("HALLPASS_ISSUER", server.base()).with("HALLPASS_CLIENT_ID", "app");
    assert_eq!(ephemeral.with("HALLPASS_CLIENT_SECRET", "x").run(&["token"]).answer(), TOKEN);
}

#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn frozen_daemon_is_given_up_in_time() {
    let (session, server) = (Session::unlocked(), Server::kind());
    let room = session.room();
    add(&room, "prod", &server.base()).answer();
    session.signal_daemon(Signal::STOP);
    let outcomes = [room.run(&["token"]), add(&room, "second", &server.base())];
    let status = room.run(&["vault", "status"]);
    let listed = room.run(&["zone", "list"]);
    session.signal_daemon(Signal::CONT);
    for outcome in outcomes {
        unusable(&outcome);
    }
    assert!(status.took < LIMIT + SLACK, "{status}");
    assert!(!listed.answer().contains("second"), "{listed}");
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
}

#[test]
#[ignore = "needs dbus; tests/run installs it"]
fn silent_keyring_service_times_out() {
    let session = Session::bare(Some("/bin/sleep 600"));
    let room = session.room();
    unusable(&add(&room, "prod", "https://auth.example"));
    nothing_was_written(&room);
}

#[test]
#[ignore = "needs dbus; tests/run installs it"]
fn service_that_fails_to_start_is_named_at_once() {
    let session = Session::bare(Some("/bin/false"));
    let room = session.room();
    unusable(&add(&room, "prod", "https://auth.example"));
    nothing_was_written(&room);
}

#[test]
#[ignore = "needs dbus; tests/run installs it"]
fn bus_without_keyring_is_named_at_once() {
    let session = Session::bare(None);
    let room = session.room();
    unusable(&add(&room, "prod", "https://auth.example"));
    nothing_was_written(&room);
}

#[test]
#[ignore = "needs dbus; tests/run installs it"]
fn no_bus_at_all_is_named_at_once() {
    let session = Session::bare(None);
    let empty = session.path("home");
    let without = session.room().without_variable("DBUS_SESSION_BUS_ADDRESS").with("XDG_RUNTIME_DIR", &empty);
    for (what, room) in [
        ("an empty runtime directory", without),
        ("a socket that is not there", session.room().with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")),
        ("an address that is not one", session.room().with("DBUS_SESSION_BUS_ADDRESS", "garbage")),
        (
            "a directory as socket",
            session.room().with("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", empty.display())),
        ),
    ] {
        let outcome = add(&room, "prod", "https://auth.example");
        assert_eq!(outcome.code(), 7, "{what}\n{outcome}");
        unusable(&outcome);
        nothing_was_written(&room);
        // A zone that needs no vault works as before.
        let args = [
            "zone",
            "add",
            "prod",
            "--issuer",
            "https://auth.example",
            "--client-id",
            "app",
            "--client-secret-ref",
            "env:GIVEN",
        ];
        room.run(&args).answer();
    }
}

#[test]
#[ignore = "needs dbus; tests/run installs it"]
fn daemon_that_is_killed_in_between_is_named() {
    let (mut session, server) = (Session::unlocked(), Server::kind());
    let room = session.room();
    add(&room, "prod", &server.base()).answer();
    session.stop_daemon();
    unusable(&room.run(&["token"]));
    session.start_daemon(true);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
}

/// The judge is judged first: a session that is not in the state it claims would pass everything.
#[test]
#[ignore = "needs gnome-keyring; tests/run installs it"]
fn sessions_are_what_they_say() {
    let look = ["lookup", "service", "other", "username", "x"];
    let session = Session::unlocked();
    session.secret_tool(&["store", "--label=x", "service", "other", "username", "x"], "something");
    assert_eq!(session.secret_tool(&look, ""), "something");
    let mut session = Session::locked();
    assert_eq!(session.secret_tool(&look, ""), "");
    session.stop_daemon();
    session.start_daemon(true);
    assert_eq!(session.secret_tool(&look, ""), "something", "it was there, but locked");
}
