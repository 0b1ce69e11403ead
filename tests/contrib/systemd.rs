//! The units, read by systemd.

use std::process::Command;

use crate::document::path;
use crate::room::{Room, finish};

const UNITS: [&str; 4] =
    ["hallpass-worker.service", "hallpass-proxy.service", "hallpass-renew@.service", "hallpass-renew@.timer"];

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
    for unit in &UNITS[..2] {
        let mut command = room.program("systemd-analyze");
        command.args(["security", "--offline=true", "--no-pager", "--threshold=20", unit]);
        finish(command.spawn().unwrap()).answer();
    }
    // A unit with a directive that does not exist is seen.
    let wrong = std::fs::read_to_string(room.directory().join(UNITS[0])).unwrap() + "\n[Service]\nNoNewPrivilege=yes\n";
    std::fs::write(room.directory().join(UNITS[0]), wrong).unwrap();
    assert!(verify(&room, UNITS[0]).stderr.contains("NoNewPrivilege"));
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
