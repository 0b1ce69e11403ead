//! The units, read by systemd.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::document::path;
use crate::room::{Room, await_until, finish, free_port};

/// First those services that are the machine's.
const UNITS: [&str; 6] = [
    "hallpass-worker.service",
    "hallpass-proxy.service",
    "hallpass-gate.service",
    "hallpass-gate.socket",
    "hallpass-renew@.service",
    "hallpass-renew@.timer",
];

/// A room with the units, whose programs are on this machine.
fn room() -> Room {
    let room = Room::new().with("PATH", "/usr/bin:/bin");
    let home = room.directory().to_owned();
    let room = room.with("XDG_RUNTIME_DIR", &home).with("HOME", &home);
    for unit in UNITS {
        let text = std::fs::read_to_string(path("contrib/systemd").join(unit)).unwrap();
        let text = text
            .replace("/usr/bin/hallpass", env!("CARGO_BIN_EXE_hallpass"))
            .replace("/usr/local/bin/worker", "/bin/true");
        std::fs::write(home.join(unit), text).unwrap();
    }
    room
}

fn verify(room: &Room, unit: &str) -> crate::room::Outcome {
    let mut command = room.program("systemd-analyze");
    command.args(["verify", "--man=no"]).args(unit.contains('@').then_some("--user")).arg(unit);
    finish(command.spawn().unwrap())
}

#[test]
#[ignore = "needs systemd: tests/run installs it"]
fn units_are_sound_and_services_of_machine_are_confined() {
    let room = room();
    for unit in UNITS {
        let outcome = verify(&room, unit);
        assert_eq!((outcome.answer(), outcome.stderr.as_str()), ("", ""), "{unit}");
    }
    for unit in &UNITS[..3] {
        let mut command = room.program("systemd-analyze");
        command.args(["security", "--offline=true", "--no-pager", "--threshold=20", unit]);
        finish(command.spawn().unwrap()).answer();
    }
    // A unit with a directive that does not exist is seen.
    let wrong = std::fs::read_to_string(room.directory().join(UNITS[0])).unwrap() + "\n[Service]\nNoNewPrivilege=yes\n";
    std::fs::write(room.directory().join(UNITS[0]), wrong).unwrap();
    assert!(verify(&room, UNITS[0]).stderr.contains("NoNewPrivilege"));
}

/// The gate answers on the port of its `.socket` unit, which systemd opens for the command of its `.service` unit.
#[test]
#[ignore = "needs systemd: tests/run installs it"]
fn gate_answers_on_socket_of_its_unit() {
    let room = Room::new().with("PATH", "/usr/bin:/bin");
    let read = |unit: &str| std::fs::read_to_string(path("contrib/systemd").join(unit)).unwrap();
    let value = |text: &str, key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let address = value(&read("hallpass-gate.socket"), "ListenStream=");
    let port = free_port().to_string();
    let address = address.replace("9190", &port);
    let command = value(&read("hallpass-gate.service"), "ExecStart=")
        .replace("/usr/bin/hallpass", env!("CARGO_BIN_EXE_hallpass"));
    let mut activate = room.program("systemd-socket-activate");
    for (name, value) in [
        ("HALLPASS_HOME", room.home().into_os_string()),
        // Nobody is asked: the gate starts without its issuer.
        ("HALLPASS_ISSUER", "http://127.0.0.1:1".into()),
        ("HALLPASS_CLIENT_ID", "orders".into()),
        ("HALLPASS_CLIENT_SECRET", "s3cret".into()),
    ] {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value);
        activate.arg("--setenv").arg(setting);
    }
    activate.args(["--listen", &address]).args(command.split(' ')).stderr(Stdio::null());
    let mut running = activate.spawn().unwrap();
    await_until(|| TcpStream::connect(&address).is_ok(), || "nobody listens".to_owned());
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    running.kill().unwrap();
    let outcome = finish(running);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}\n{outcome}");
    assert!(outcome.stdout.starts_with(&format!("http://{address} guards by introspect")), "{outcome}");
}

/// Every command of a unit is one of hallpass, without the word that follows it.
#[test]
fn commands_of_units_are_hallpass_commands() {
    for unit in UNITS.into_iter().filter(|unit| unit.ends_with(".service")) {
        let text = std::fs::read_to_string(path("contrib/systemd").join(unit)).unwrap();
        let command = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let words = command.replace("%i", "me").replace("%t", "/run");
        let parsed = hallpass::command().try_get_matches_from(words.split(' '));
        assert!(parsed.is_ok(), "{unit}: {}", parsed.unwrap_err());
    }
    let none = Command::new(env!("CARGO_BIN_EXE_hallpass")).args(["proxy", "--sokcet", "x"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}
