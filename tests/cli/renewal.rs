//! When a token is renewed, and what happens when that fails.

use insta::assert_snapshot;

use super::room::Room;
use super::server::{Answer, Server};

/// A room whose zone has a token `AT-1` of 300 s.
fn with_token(server: &Server) -> Room {
    let room = Room::with_zone(server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    room
}

#[test]
fn fifth_of_its_life_before_end() {
    let server = Server::start();
    let room = with_token(&server);
    room.later(239);
    assert_eq!(room.run("token").ok(), "AT-1", "61 s of 300 s are left");
    server.mints(Answer::token("AT-2"));
    room.later(2);
    assert_eq!(room.run("token").ok(), "AT-2", "59 s of 300 s are left");
}

#[test]
fn or_earlier_when_more_is_asked_for() {
    let server = Server::start();
    let room = with_token(&server);
    room.later(100);
    assert_eq!(room.run("token --min-ttl 199s").ok(), "AT-1");
    server.mints(Answer::token("AT-2"));
    assert_eq!(room.run("token --min-ttl 201s").ok(), "AT-2");
    room.later(241);
    server.mints(Answer::token("AT-3"));
    assert_eq!(room.run("token --min-ttl 1s").ok(), "AT-3", "the fifth stays the least");
}

#[test]
fn wish_that_server_does_not_grant_is_warning() {
    let server = Server::start();
    let room = with_token(&server);
    room.later(1);
    server.mints(Answer::token("AT-2"));
    assert_snapshot!(room.run("token --min-ttl 1h"), @"
    exit 0
    out: AT-2
    err: warning: the server gives tokens of 300 s, less than the 3600 s asked for by --min-ttl
    ");
    server.mints(Answer::token("AT-3"));
    let uncached = room.run("token --min-ttl 1h --no-cache");
    assert!(uncached.ok() == "AT-3" && uncached.stderr.contains("less than the 3600 s"), "{uncached}");
}

#[test]
fn valid_token_survives_failed_renewal() {
    let server = Server::start();
    let room = with_token(&server);
    room.later(270);
    server.mints(Answer::error(400, "invalid_client", "rotated"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: renewal failed, a token that is valid until 2026-11-22T10:05:00Z is used: the server refused: invalid_client: rotated (HTTP 400 from http://AS/token): authenticated with client_secret_basic
    ");
    room.later(29);
    server.mints(Answer::error(400, "invalid_client", "rotated"));
    assert_eq!(room.run("token -q").ok(), "AT-1", "one second is left");
    room.later(2);
    server.mints(Answer::error(400, "invalid_client", "rotated"));
    let refused = room.run("token -q");
    assert_eq!((refused.code, refused.stdout.as_str()), (5, ""), "{refused}");
}

#[test]
fn valid_token_survives_outage() {
    let server = Server::start();
    let room = with_token(&server);
    room.later(250);
    server.mints(Answer::status(503)).mints(Answer::status(503)).mints(Answer::status(503));
    assert_snapshot!(room.run("header"), @"
    exit 0
    out: Authorization: Bearer AT-1
    err: warning: renewal failed, a token that is valid until 2026-11-22T10:05:00Z is used: the token answer: HTTP 503 from http://AS/token
    ");
}
