//! One command has one HTTP client: its requests share connections where a repetition is harmless.

use serde_json::json;

use super::room::Room;
use super::server::{Answer, Server};

#[test]
fn introspect_makes_one_connection() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --unset token-endpoint").ok();
    let mut metadata = server.metadata();
    metadata["introspection_endpoint"] = json!(format!("{}/introspect", server.origin()));
    server.keeps_connections().serves(&metadata);
    server.expect("POST /introspect", Answer::json(&json!({"active": true})));
    room.call("introspect").stdin("some-token\n").run().ok();
    assert_eq!((server.count(), server.connections()), (3, 1));
}

#[test]
fn refresh_has_connection_of_its_own() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.run("zone edit prod --unset token-endpoint").ok();
    server.keeps_connections().serves(&server.metadata());
    server.mints(Answer::refreshed("AT-1", "RT-2"));
    room.run("token").ok();
    assert_eq!((server.count(), server.connections()), (3, 2));
}
