//! What is known of a sign-in: `status` without the keyring, `zone rename` and `zone remove` with it.

use insta::assert_snapshot;

use super::room::{KeyringState, Room};
use super::server::{Answer, Server};

#[test]
fn status_knows_who_is_signed_in_without_keyring() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.keyring_is(KeyringState::Locked);
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: prod␉default␉http://AS␉ada␉authorization_code␉none␉␉yes␉keyring␉
    ");
    let view = room.run("status --json").json();
    assert_eq!((&view[0]["who"], &view[0]["refresh_token"]), (&"ada".into(), &true.into()));
    assert_eq!(room.keyring_calls(), touched);
}

#[test]
fn zone_edit_of_client_or_issuer_signs_out() {
    for change in ["--client-id other", "--issuer https://other.example"] {
        let server = Server::start();
        let room = Room::signed_in(&server, "RT-1");
        room.run("zone edit prod --scope read").ok();
        assert_eq!(room.kept().len(), 1, "the same client at the same issuer");
        let outcome = room.run(&format!("zone edit prod {change}"));
        assert!(
            outcome.stderr.contains("signed out: the session belonged to the former issuer, client or endpoint"),
            "{outcome}"
        );
        assert_eq!((outcome.code, room.kept()), (0, Vec::new()));
        assert!(!room.files().iter().any(|name| name.starts_with("session/")), "{:?}", room.files());
        assert_eq!((room.run("token").code, server.count()), (4, 0), "the refresh token goes nowhere");
    }
}

#[test]
fn session_of_another_client_is_not_this_zones() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    let config = std::fs::read_to_string(room.home().join("config.toml")).unwrap().replace("\"app\"", "\"other\"");
    room.write("home/config.toml", &config);
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: prod␉default␉http://AS␉other␉authorization_code␉none␉␉no␉keyring␉
    ");
}

#[test]
fn renamed_zone_stays_signed_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone rename prod work").ok();
    assert_eq!(room.kept(), [("work/refresh_token".to_owned(), "RT-1".to_owned())]);
    let view = room.run("status -z work --json").json();
    assert_eq!((&view[0]["who"], &view[0]["refresh_token"]), (&"ada".into(), &true.into()));
    assert!(!room.home().join("session/prod.json").exists());
}

#[test]
fn removed_zone_leaves_no_sign_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.keyring_is(KeyringState::Locked);
    assert_eq!(room.run("zone remove prod --yes").code, 7, "a refresh token would stay behind");
    assert_eq!(room.run("zone has prod").code, 0);
    room.keyring_is(KeyringState::Fine);
    room.run("zone remove prod --yes").ok();
    assert_eq!(room.kept(), []);
    assert!(!room.files().iter().any(|name| name.starts_with("session/")), "{:?}", room.files());
}

#[test]
fn zone_replaced_with_other_client_forgets_session() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    let add = format!("zone add prod --issuer {} --replace --grant authorization_code --client-id", server.issuer());
    room.run(&format!("{add} app")).ok();
    assert_eq!(room.run("status --json").json()[0]["refresh_token"], true, "the same client at the same issuer");
    room.run(&format!("{add} other")).ok();
    assert_eq!(room.kept(), []);
    assert!(!room.files().iter().any(|name| name.starts_with("session/")), "{:?}", room.files());
}

#[test]
fn refresh_token_moves_with_vault_and_is_listed() {
    let server = Server::start();
    let mut room = Room::signed_in(&server, "RT-1");
    room.set("HALLPASS_VAULT_KEY_FROM", "env:KEY");
    room.set("KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    assert_eq!(room.run("vault list").ok(), "prod\trefresh_token\tkeyring");
    assert_eq!(room.run("zone edit prod --vault sealed").code, 2, "it would be lost from sight");
    room.run("vault move prod --to sealed").ok();
    assert_eq!(room.kept(), []);
    assert_eq!(room.run("vault list").ok(), "prod\trefresh_token\tsealed");
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert!(server.received()[0].body.contains("refresh_token=RT-1"));
}

#[test]
fn damaged_session_is_told_and_logout_clears_it() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.write("home/session/prod.json", "{");
    let refused = room.run("token");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{refused}");
    assert!(
        refused.stderr.contains("session/prod.json is damaged") && refused.stderr.contains("login -z prod"),
        "{refused}"
    );
    room.run("status").ok();
    server.serves(&server.metadata());
    room.run("logout").ok();
    assert_eq!(room.kept(), []);
    assert_eq!(room.run("token").code, 4);
}
