//! `hallpass vault status | list | move`.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{KeyringState, Room};

const ADD: &str = "zone add a --issuer https://as.example --client-id c --client-secret-from -";

fn one() -> Room {
    let mut room = Room::new();
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    room.call(line).stdin("hunter2").run().ok();
    room.set("HALLPASS_VAULT_KEY_FROM", "env:KEY");
    room.set("KEY", "00".repeat(32));
    room
}

#[test]
fn status() {
    let mut room = Room::new();
    assert_snapshot!(room.run("vault status"), @"
    exit 0
    out: backend␉keyring
    out: usable␉yes
    ");
    room.keyring_is(KeyringState::Locked);
    assert_snapshot!(room.run("vault status"), @"
    exit 1
    out: backend␉keyring
    out: usable␉no
    out: because␉the keyring is locked
    out: fix␉unlock the keyring: run the command in a terminal of the desktop, or unlock it there
    out: fix␉or keep secrets in an encrypted file: export HALLPASS_VAULT=sealed
    out: fix␉a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    ");
    let locked = room.run("vault status --json");
    assert_eq!(locked.code, 1);
    let locked: serde_json::Value = serde_json::from_str(&locked.stdout).unwrap();
    assert_eq!((&locked["backend"], &locked["usable"]), (&json!("keyring"), &json!(false)));
    assert_eq!(locked["fix"].as_array().unwrap().len(), 3);
    room.set("HALLPASS_VAULT", "sealed");
    assert_snapshot!(room.run("vault status"), @"
    exit 1
    out: backend␉sealed
    out: usable␉no
    out: because␉the sealed vault ROOM/home/vault/sealed.json needs its key or passphrase
    out: fix␉set HALLPASS_VAULT_KEY_FROM to the SOURCE of a 32-byte key, base64 or hex
    out: fix␉or HALLPASS_VAULT_PASSPHRASE_FROM to the SOURCE of a passphrase
    ");
    // A vault that would have to be open to be opened.
    room.set("HALLPASS_VAULT_KEY_FROM", "vault");
    let circle = room.run("vault status");
    assert!(circle.code == 1 && circle.stdout.contains("can't be stored in a vault"), "{circle}");
    room.set("HALLPASS_VAULT", "memory");
    assert_snapshot!(room.run("vault status"), @"
    exit 3
    err: error: invalid value for HALLPASS_VAULT
    err: hint: use keyring or sealed
    ");
}

#[test]
fn list_names_and_never_shows() {
    let room = one();
    assert_snapshot!(room.run("vault list"), @"
    exit 0
    out: prod␉client_secret␉keyring
    ");
    assert_snapshot!(room.run("vault list --json"), @r#"
    exit 0
    out: [{"zone":"prod","kind":"client_secret","vault":"keyring"}]
    "#);
    room.keyring_is(KeyringState::Locked);
    assert_snapshot!(room.run("vault list"), @"
    exit 7
    err: error: the keyring is locked
    err: hint: unlock the keyring: run the command in a terminal of the desktop, or unlock it there
    ");
}

#[test]
fn move_there_and_back() {
    let room = one();
    assert_snapshot!(room.run("vault move prod --to sealed"), @"
    exit 0
    out: 1 secret of zone prod moved to the sealed vault
    ");
    assert_eq!(room.kept(), []);
    assert_snapshot!(room.run("vault list"), @"
    exit 0
    out: prod␉client_secret␉sealed
    ");
    assert_eq!(
        room.run("vault move prod --to keyring --json").json(),
        json!({"zone": "prod", "vault": "keyring", "moved": ["client_secret"]})
    );
    assert_eq!(room.kept(), [("prod/client_secret".to_owned(), "hunter2".to_owned())]);
    assert_snapshot!(room.run("vault move prod --to keyring"), @"
    exit 0
    out: nothing to move: zone prod is in the keyring vault already
    ");
    assert_snapshot!(room.run("vault move nope --to sealed"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod
    ");
    assert_snapshot!(room.run("vault move prod --to memory"), @"
    exit 2
    err: error: invalid value for --to <VAULT>
    err: hint: possible values: keyring, sealed
    ");
}

#[test]
fn move_that_cannot_end_changes_nothing() {
    let mut room = one();
    room.set("HALLPASS_VAULT_KEY_FROM", "env:NOPE");
    let before = room.config();
    assert_snapshot!(room.run("vault move prod --to sealed"), @"
    exit 3
    err: error: the key of the sealed vault can't be read
    err: cause: HALLPASS_VAULT_KEY_FROM: could not read the key of the sealed vault: env:NOPE is not set
    ");
    assert_eq!(room.config(), before);
    assert_eq!(room.kept(), [("prod/client_secret".to_owned(), "hunter2".to_owned())]);
}

#[test]
fn new_passphrase_is_typed_twice_and_wrong_one_may_be_tried_again() {
    let mut room = Room::new();
    room.set("HALLPASS_VAULT", "sealed");
    let typed = ["horse-1", "horse-2", "horse-3", "horse-3", "hunter2-pony"];
    assert_snapshot!(room.call(ADD).types(&typed).run(), @"
    exit 0
    out: zone a added; its client secret is stored in the sealed vault; it is the default zone
    err: new passphrase of the sealed vault: (hidden)
    err: the same passphrase again: (hidden)
    err: [33mwarning: [0mthe two passphrases differ
    err: new passphrase of the sealed vault: (hidden)
    err: the same passphrase again: (hidden)
    err: client secret of zone a: (hidden)
    ");
    room.call("header --basic").types(&["horse-1", "horse-3"]).run().ok();
    assert_snapshot!(room.call("header --basic").types(&["horse-1", "horse-2", "horse-4"]).run(), @"
    exit 7
    err: passphrase of the sealed vault: (hidden)
    err: [33mwarning: [0mwrong passphrase
    err: passphrase of the sealed vault: (hidden)
    err: [33mwarning: [0mwrong passphrase
    err: passphrase of the sealed vault: (hidden)
    err: [1;31merror: [0mthe key does not open the sealed vault ROOM/home/vault/sealed.json, which was made with a passphrase
    err: [2mhint: if its passphrase is lost, delete the file and store its secrets again[0m
    ");
    // One that a variable names is not tried again.
    room.set("HALLPASS_VAULT_PASSPHRASE_FROM", "env:P");
    room.set("P", "horse-9");
    assert_eq!(room.call("header --basic").types(&["horse-3"]).run().code, 7);
}
