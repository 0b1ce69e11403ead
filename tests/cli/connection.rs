//! One command has one HTTP client: its requests share connections where a repetition is harmless.

use std::io::{Read, Write};

use insta::assert_snapshot;
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

#[test]
fn plain_http_behind_https_is_fault_of_configuration() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // As Keycloak answers a ClientHello.
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().take(6) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(b"HTTP/1.0 400 Bad Request\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
    });
    let mut room = Room::new();
    room.names_origin(&format!("https://{address}"), "https://AS");
    room.names_origin(&format!("http://{address}"), "http://AS");
    room.set("S", "s3cr3t-value");
    assert_snapshot!(room.run(&format!("discover https://{address}/realms/acme")), @"
    exit 3
    err: error: https://AS does not speak TLS: this port probably serves plain http
    err: hint: name it as http://AS
    ");
    let add = "--client-id ci --client-secret-ref env:S --auth client_secret_basic";
    room.run(&format!("zone add prod --issuer https://{address} --token-endpoint /token {add}")).ok();
    let outcome = room.run("token");
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr.contains("https://AS does not speak TLS"), "{outcome}");
    for _ in 0..6 {
        let _ = std::net::TcpStream::connect(address);
    }
    server.join().unwrap();
}
