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
fn a_dpop_token_is_bound_to_the_zones_key() {
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
fn without_a_proof_a_bound_client_is_refused() {
    let room = zone("bound", &[]);
    let outcome = room.run(&["token"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (5, ""), "{outcome}");
    assert!(outcome.stderr.contains("DPoP proof is missing"), "{outcome}");
    assert!(outcome.stderr.contains("hint: let the zone have a key: hallpass zone edit z --dpop"), "{outcome}");
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
