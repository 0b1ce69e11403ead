//! Tokens that only their owner can use: bound to a key (DPoP, RFC 9449) or to a certificate (RFC 8705).

use serde_json::{Value, json};

use super::{keycloak, part};
use crate::room::Room;

/// A room with the zone `z` of a client of the realm `proof`.
fn zone(id: &str, flags: &[&str]) -> Room {
    let room = Room::sealed();
    let issuer = format!("{}/realms/proof", keycloak());
    let mut args = vec!["zone", "add", "z", "--issuer", &issuer, "--client-id", id, "--client-secret-from", "-"];
    args.extend(flags);
    room.run_with_stdin(&args, &format!("{id}-secret")).answer();
    room
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn dpop_token_is_bound_to_zones_key() {
    let room = zone("bound", &["--dpop"]);
    let answer = room.run(&["token", "--json"]).json();
    assert_eq!(answer["token_type"], "DPoP");
    let token = answer["access_token"].as_str().unwrap();
    let bound = part(token, 1)["cnf"]["jkt"].as_str().unwrap().to_owned();
    // The proof of a header is made by the same key.
    let lines = room.run(&["header", "--dpop", "--method", "GET", "--url", "https://api.example/a?b"]);
    let (first, second) = lines.answer().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(first, format!("Authorization: DPoP {token}"));
    let proof = second.strip_prefix("DPoP: ").unwrap();
    let (header, claims) = (part(proof, 0), part(proof, 1));
    assert_eq!((&header["typ"], &claims["htu"]), (&json!("dpop+jwt"), &json!("https://api.example/a")));
    assert!(claims["ath"].is_string() && claims["jti"].is_string());
    // Keycloak itself says so, to the client that is in the token's audience.
    let seen = room.run_with_stdin(&["introspect", "-", "--json"], token).json();
    assert_eq!((&seen["active"], &seen["cnf"]["jkt"]), (&Value::from(true), &Value::from(bound)));
    // Each mint has a proof of its own: one that was used before is refused there.
    for _ in 0..3 {
        assert_eq!(room.run(&["token", "--json", "--fresh"]).json()["token_type"], "DPoP");
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn without_proof_bound_client_is_refused() {
    let room = zone("bound", &[]);
    let outcome = room.run(&["token"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (5, ""), "{outcome}");
    assert!(outcome.stderr.contains("DPoP proof is missing"), "{outcome}");
    assert!(outcome.stderr.contains("hint: to use a key: hallpass zone edit z --dpop"), "{outcome}");
    room.run(&["zone", "edit", "z", "--dpop"]).answer();
    room.run(&["token"]).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn any_client_may_bind_its_tokens() {
    let room = zone("free", &["--dpop"]);
    assert_eq!(room.run(&["token", "--json"]).json()["token_type"], "DPoP");
    let plain = room.run(&["header"]);
    assert_eq!((plain.code(), plain.stdout.as_str()), (2, ""), "{plain}");
    room.run(&["zone", "edit", "z", "--unset", "dpop"]).answer();
    assert!(room.run(&["header"]).answer().starts_with("Authorization: Bearer "));
}

/// The base URL of the same server over https, which asks for client certificates.
fn over_tls() -> String {
    match std::env::var("HALLPASS_TEST_KEYCLOAK_TLS") {
        Ok(base) if !base.is_empty() => base.trim_end_matches('/').to_owned(),
        _ => panic!("HALLPASS_TEST_KEYCLOAK_TLS is not set: tests/run starts Keycloak with https and sets it"),
    }
}

/// A file of `tests/keycloak/tls`.
fn tls(name: &str) -> String {
    format!("{}/tests/keycloak/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A room with the zone `z` of the client `mtls`, which proves itself by a certificate.
fn certified(flags: &[&str]) -> Room {
    let room = Room::sealed();
    let (issuer, cacert) = (format!("{}/realms/proof", over_tls()), tls("ca.pem"));
    let mut args = vec!["zone", "add", "z", "--issuer", &issuer, "--client-id", "mtls", "--cacert", &cacert];
    args.extend(flags);
    room.run(&args).answer();
    room
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_proves_itself_by_certificate() {
    let (cert, key) = (tls("client.pem"), format!("file:{}", tls("client.key")));
    let room = certified(&["--cert", &cert, "--cert-key-from", &key]);
    let minted = room.run(&["token"]);
    let token = minted.answer();
    // RFC 8705 §3.1: the token is bound to the certificate.
    assert!(part(token, 1)["cnf"]["x5t#S256"].is_string(), "{token}");
    let shown = room.run(&["zone", "show", "z", "--json"]).json();
    assert_eq!((&shown["auth"]["value"], &shown["cert_key"]["value"]), (&json!("tls_client_auth"), &json!("stored")));
    let room = certified(&["--cert", &cert, "--cert-key-ref", &key, "--auth", "tls_client_auth"]);
    room.run(&["token"]).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn without_its_certificate_or_with_anothers_client_is_refused() {
    let none = certified(&["--auth", "none", "--grant", "client_credentials"]).run(&["token"]);
    assert_eq!((none.code(), none.stdout.as_str()), (5, ""), "{none}");
    // The server's own certificate is signed by the same authority, but names somebody else.
    let (cert, key) = (tls("server.pem"), format!("file:{}", tls("server.key")));
    let other = certified(&["--cert", &cert, "--cert-key-from", &key]).run(&["token"]);
    assert_eq!((other.code(), other.stdout.as_str()), (5, ""), "{other}");
}
