//! What a keyring that does not work does to the daily commands.

use std::time::{Duration, Instant};

use insta::assert_snapshot;

use super::room::{KeyringState, Room};
use super::server::{Answer, Server};

#[test]
fn locked_is_storage_and_nobody_is_asked() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.keyring_is(KeyringState::Locked);
    let before = room.files();
    assert_snapshot!(room.run("token"), @"
    exit 7
    err: error: the keyring is locked
    err: hint: unlock the keyring: run the command in a terminal of the desktop, or unlock it there
    err: hint: or store its secrets again, in an encrypted file: hallpass zone edit prod --vault sealed --client-secret-from -
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    err: hint: or have it read at every use: hallpass zone edit prod --client-secret-ref SOURCE
    ");
    assert_snapshot!(room.run("header --basic --json"), @r#"
    exit 7
    err: {"error":{"kind":"storage","oauth_error":null,"message":"the keyring is locked","hint":"unlock the keyring: run the command in a terminal of the desktop, or unlock it there; or store its secrets again, in an encrypted file: hallpass zone edit prod --vault sealed --client-secret-from -; a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key; or have it read at every use: hallpass zone edit prod --client-secret-ref SOURCE","retriable":false,"exit":7}}
    "#);
    assert_eq!(room.files(), before);
}

#[test]
fn silent_is_storage_within_three_seconds() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.keyring_is(KeyringState::Silent);
    let before = (room.files(), room.config());
    let begin = Instant::now();
    assert_snapshot!(room.run("token"), @"
    exit 7
    err: error: the keyring did not answer within 2 s
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    err: hint: or store its secrets again, in an encrypted file: hallpass zone edit prod --vault sealed --client-secret-from -
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    err: hint: or have it read at every use: hallpass zone edit prod --client-secret-ref SOURCE
    ");
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    assert_eq!((room.files(), room.config()), before);
}

#[test]
fn cached_token_needs_no_keyring() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    room.keyring_is(KeyringState::Silent);
    room.later(1);
    assert_eq!(room.run("header --value").ok(), "Bearer AT-1");
    // Less than ten seconds are left, so that a lock which another process holds for a moment does not decide.
    room.later(293);
    let rescued = room.run("token");
    assert_eq!(rescued.ok(), "AT-1", "{rescued}");
    assert!(rescued.stderr.starts_with("warning: renewal failed"), "{rescued}");
}

#[test]
fn secret_stored_for_another_issuer_is_not_sent() {
    let (server, other) = (Server::start(), Server::start());
    let mut room = Room::with_zone(&server);
    room.knows(&other, "OTHER");
    let text = std::fs::read_to_string(room.home().join("config.toml")).unwrap();
    room.write("home/config.toml", &text.replace(&server.origin(), &other.origin()));
    let refused = room.run("token");
    refused.assert_hidden("s3cr3t-value");
    assert_snapshot!(refused, @"
    exit 3
    err: error: the stored client secret of zone prod belongs to another issuer, client or endpoint: it is not sent
    err: cause: it was stored for ci at http://AS
    err: hint: store the right one: hallpass zone edit prod --client-secret-from -
    ");
    assert_eq!((server.count(), other.count()), (0, 0));
}

/// By hand.
fn edit_token_endpoint(room: &Room, other: &Server) {
    let text = std::fs::read_to_string(room.home().join("config.toml")).unwrap();
    let edited = text.replace("\"/token\"", &format!("\"{}/token\"", other.origin()));
    assert_ne!(text, edited);
    room.write("home/config.toml", &edited);
}

#[test]
fn secret_is_not_sent_to_another_endpoint() {
    let (server, other) = (Server::start(), Server::start());
    for endpoint in ["token", "introspection", "revocation", "par", "device", "registration"] {
        let mut room = Room::with_zone(&server);
        room.knows(&other, "OTHER");
        let line = format!("zone edit prod --{endpoint}-endpoint {}/x", other.origin());
        assert!(room.run(&line).stderr.contains("belongs to the former issuer, client or endpoint"), "{endpoint}");
        let refused = room.run("token");
        let message = "the stored client secret of zone prod belongs to another issuer, client or endpoint";
        assert_eq!(refused.code, 3, "{endpoint}: {refused}");
        assert!(refused.stderr.contains(message), "{endpoint}: {refused}");
        assert!(refused.stderr.contains("hallpass zone edit prod --client-secret-from -"), "{endpoint}: {refused}");
    }
    let room = Room::with_zone(&server);
    edit_token_endpoint(&room, &other);
    let refused = room.run("token");
    assert!(refused.stderr.contains("belongs to another issuer, client or endpoint"), "{refused}");
    assert_eq!((server.count(), other.count()), (0, 0));
    room.call("zone edit prod --client-secret-from -").stdin("s3cr3t-value").run().ok();
    other.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

#[test]
fn secret_of_earlier_version_is_bound_at_its_first_use() {
    let (server, other) = (Server::start(), Server::start());
    let room = Room::with_zone(&server);
    room.without_origins(true);
    assert!(!room.without_origins(false));
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert!(room.without_origins(false), "it is bound now");
    edit_token_endpoint(&room, &other);
    let refused = room.run("token --fresh");
    assert!(refused.stderr.contains("belongs to another issuer, client or endpoint"), "{refused}");
    assert_eq!((refused.code, other.count()), (3, 0));
}

#[test]
fn secret_that_is_gone_names_way_to_store_it() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("vault list").ok();
    let fresh = Room::new();
    fresh.write("home/config.toml", &std::fs::read_to_string(room.home().join("config.toml")).unwrap());
    assert_snapshot!(fresh.run("token"), @"
    exit 3
    err: error: the vault has no client secret for zone prod
    err: hint: hallpass zone edit prod --client-secret-from -
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn wait_for_keyring_is_shown_and_wiped() {
    let mut room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c --client-secret-ref env:S").ok();
    room.unset("HALLPASS_NO_SPINNER");
    room.keyring_is(KeyringState::Silent);
    let outcome = room.call("vault status").person(true).run();
    assert!(outcome.stderr.contains("| waiting for the keyring, 0 s\r\u{1b}[K"), "{outcome}");
}

#[test]
fn locked_keyring_is_unlocked_by_person_with_display() {
    let mut room = Room::new();
    let line = "zone add a --issuer https://as.example --client-id c --client-secret-from -";
    room.keyring_is(KeyringState::Dialog);
    assert_eq!(room.call(line).types(&["s3cret-pony"]).run().code, 7, "no display");
    room.set("WAYLAND_DISPLAY", "wayland-0");
    assert_eq!(room.call(line).stdin("s3cret-pony").run().code, 7, "no terminal");
    assert_eq!(room.call(&format!("{line} --no-input")).types(&["s3cret-pony"]).run().code, 7);
    assert_eq!(room.call("vault status").person(true).run().code, 1, "it only looks");
    assert_snapshot!(room.call(line).types(&["s3cret-pony"]).run(), @"
    exit 0
    out: zone a added; its client secret is stored in the keyring vault; it is the default zone
    err: The keyring is locked. Waiting for you to unlock it in its dialog; Ctrl-C cancels
    err: client secret of zone a: (hidden)
    ");
    room.keyring_is(KeyringState::Dialog);
    room.call("header --basic").person(true).run().ok();
}

#[test]
fn hints_of_unusable_keyring_run_as_they_stand() {
    let mut room = Room::new();
    room.run("zone add people --issuer https://as.example --client-id app").ok();
    let line = "zone add a --issuer https://as.example --client-id c --client-secret-from -";
    room.call(line).stdin("s3cret-pony").run().ok();
    room.keyring_is(KeyringState::Absent);
    assert_snapshot!(room.run("header --basic -z a"), @"
    exit 7
    err: error: there is no keyring service in this session
    err: cause: no session bus
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    err: hint: or store its secrets again, in an encrypted file: hallpass zone edit a --vault sealed --client-secret-from -
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    err: hint: or have it read at every use: hallpass zone edit a --client-secret-ref SOURCE
    ");
    room.set("HALLPASS_VAULT_KEY_FROM", "cmd:printf %064d 0");
    room.call("zone edit a --vault sealed --client-secret-from -").stdin("s3cret-pony").run().ok();
    room.run("header --basic -z a").ok();
}

#[test]
fn keyring_that_is_away_lets_secret_be_read_elsewhere() {
    let mut room = Room::new();
    let line = "zone add a --issuer https://as.example --client-id c --client-secret-from -";
    room.call(line).stdin("s3cret-pony").run().ok();
    room.keyring_is(KeyringState::Absent);
    room.set("S", "s3cret-pony");
    room.run("zone edit a --client-secret-ref env:S").ok();
    room.run("header --basic -z a").ok();
}
