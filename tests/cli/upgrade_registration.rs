//! A home that version 0.1.0 made (`tests/home-0.1.0-registration`): its five kinds of files of registrations that were
//! not finished are taken into one journal.
//!
//! The zone's name says what happened: the response was `lost`; the vault did not take it (`unsaved`); the process was
//! `killed` before it saved; the response was `garbled`; that to a key rotation was lost (`rotated`); a client that was
//! not saved, and a key, were `replaced` by another client's. The client of `saved` is in order.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use super::room::Room;
use super::server::{Answer, Server};

/// The origin of the server that is in its files.
const ORIGIN: &str = "http://127.0.0.1:38787";

/// A room with that home, in which this server has the place of its server.
fn room(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    room.set("HALLPASS_VAULT", "sealed");
    room.set("HALLPASS_VAULT_KEY_FROM", "env:ROOM_VAULT_KEY");
    room.set("ROOM_VAULT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    copy_private(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/home-0.1.0-registration"),
        &room.home(),
        &server.origin(),
    );
    room
}

fn copy_private(from: &Path, to: &Path, origin: &str) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_private(&from, &to, origin);
        } else {
            fs::write(&to, fs::read_to_string(&from).unwrap().replace(ORIGIN, origin)).unwrap();
            fs::set_permissions(&to, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// The names of the registration files of a zone, in both directories.
fn files(room: &Room, zone: &str) -> Vec<String> {
    let directories = [room.home().join("registration"), room.home().join("runtime/registration")];
    let entries = directories.into_iter().filter_map(|directory| fs::read_dir(directory).ok()).flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(&format!("{zone}."))).collect()
}

fn journal(room: &Room, zone: &str) -> Value {
    serde_json::from_slice(&fs::read(room.home().join(format!("registration/{zone}.json"))).unwrap()).unwrap()
}

#[test]
fn client_list_knows_registrations_of_0_1_0() {
    let server = Server::start();
    let room = room(&server);
    let before = room.files();
    assert_snapshot!(room.run("client list"), @"
    exit 0
    out: saved␉http://AS␉c-saved␉http://AS/register/c-saved␉registered
    out: rotated␉http://AS␉c-rotated␉http://AS/register/c-rotated␉registered
    out: replaced␉http://AS␉c-replaced-3␉http://AS/register/c-replaced-3␉registered
    out: garbled␉http://AS␉␉␉in_doubt
    out: killed␉http://AS␉␉␉unsaved
    out: lost␉http://AS␉␉␉in_doubt
    out: unsaved␉http://AS␉␉␉unsaved
    ");
    assert_eq!(room.files(), before);
}

#[test]
fn client_register_saves_response_of_0_1_0() {
    let server = Server::start();
    for zone in ["unsaved", "killed"] {
        let room = room(&server);
        let outcome = room.run(&format!("client register -z {zone}"));
        assert!(outcome.ok().contains(&format!("c-{zone}")), "{outcome}");
        assert!(outcome.stderr.contains("were taken into ROOM/home/registration/"), "{outcome}");
        outcome.assert_hidden("secret-");
        assert_eq!((server.count(), files(&room, zone)), (0, Vec::<String>::new()), "{zone}");
        server.mints(Answer::token("AT-1"));
        assert_eq!(room.run(&format!("token -z {zone}")).ok(), "AT-1");
        server.received();
    }
}

#[test]
fn doubt_of_0_1_0_blocks_register() {
    let server = Server::start();
    for zone in ["lost", "garbled"] {
        let room = room(&server);
        let outcome = room.run(&format!("client register -z {zone}"));
        assert_eq!((outcome.code, outcome.stdout.as_str(), server.count()), (8, "", 0), "{outcome}");
        assert_eq!(files(&room, zone), [format!("{zone}.json")]);
        let hint =
            outcome.stderr.lines().find_map(|line| line.strip_prefix("hint: if it was created, use it: hallpass "));
        let hint = hint.unwrap().replace("ROOM", room.directory().to_str().unwrap());
        let hint = hint.replace("--client-id ID", &format!("--client-id c-{zone}"));
        room.call(&hint).stdin(&format!("secret-{zone}")).run().ok();
        assert_eq!(files(&room, zone), Vec::<String>::new(), "{hint}");
    }
}

#[test]
fn zone_rename_takes_key_of_0_1_0_along() {
    let server = Server::start();
    let room = room(&server);
    room.run("zone rename rotated moved").ok();
    assert_eq!((files(&room, "rotated").len(), files(&room, "moved")), (0, vec!["moved.json".to_owned()]));
    let kid = journal(&room, "moved")["keys"][0]["kid"].as_str().unwrap().to_owned();
    let path = room.home().join("registration/moved.json");
    room.run(&format!("zone edit moved --private-key-from file:{} --key-id={kid}", path.display())).ok();
    assert_eq!(files(&room, "moved"), Vec::<String>::new());
}

#[test]
fn archive_of_0_1_0_is_kept_with_zone() {
    let server = Server::start();
    let room = room(&server);
    room.run("zone rename replaced moved").ok();
    assert_eq!(files(&room, "moved"), ["moved.json"]);
    let kept = journal(&room, "moved");
    let states: Vec<_> = kept["entries"].as_array().unwrap().iter().map(|entry| entry["state"].clone()).collect();
    assert_eq!((states, kept["keys"].as_array().unwrap().len()), (vec!["superseded".into(), "superseded".into()], 1));
    assert!(kept.to_string().contains("secret-replaced"));
    let removed = room.run("zone remove moved --yes");
    assert!(
        removed.ok().contains("removed") && removed.stderr.contains("saved responses and keys are gone now: 2"),
        "{removed}"
    );
    assert_eq!(files(&room, "moved"), Vec::<String>::new());
}
