//! What is known of a sign-in: `status` without the keyring, `zone rename` and `zone remove` with it.

use insta::assert_snapshot;

use super::room::{Mood, Room};
use super::server::Server;

#[test]
fn status_knows_who_is_signed_in_without_the_keyring() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.keyring_is(Mood::Locked);
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
fn a_session_of_another_client_is_not_this_zones() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --client-id other").ok();
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: prod␉default␉http://AS␉other␉authorization_code␉none␉␉no␉keyring␉
    ");
}

#[test]
fn a_renamed_zone_stays_signed_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone rename prod work").ok();
    assert_eq!(room.kept(), [("work/refresh_token".to_owned(), "RT-1".to_owned())]);
    let view = room.run("status -z work --json").json();
    assert_eq!((&view[0]["who"], &view[0]["refresh_token"]), (&"ada".into(), &true.into()));
    assert!(!room.home().join("session/prod.json").exists());
}

#[test]
fn a_removed_zone_leaves_no_sign_in() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.keyring_is(Mood::Locked);
    assert_eq!(room.run("zone remove prod --yes").code, 7, "a refresh token would stay behind");
    assert_eq!(room.run("zone has prod").code, 0);
    room.keyring_is(Mood::Fine);
    room.run("zone remove prod --yes").ok();
    assert_eq!(room.kept(), []);
    assert!(!room.files().iter().any(|name| name.starts_with("session/")), "{:?}", room.files());
}
