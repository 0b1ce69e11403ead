//! How a client proves itself, and assertions as grants: the realm `auth`, whose clients have the keys of `tests/keys`.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{keycloak, part};
use crate::room::Room;

const RSA: &str = include_str!("../keys/rsa.pkcs1.pem");

fn issuer() -> String {
    keycloak() + "/realms/auth"
}

/// A room with the zone `z` of a client of the realm; what the flags read from stdin is given.
fn zone(id: &str, flags: &[&str], stdin: &str) -> Room {
    let room = Room::sealed();
    let issuer = issuer();
    let mut args = vec!["zone", "add", "z", "--issuer", &issuer, "--client-id", id];
    args.extend(flags);
    room.run_with_stdin(&args, stdin).answer();
    room
}

/// An assertion of the platform that the realm knows as an identity provider.
fn platform(subject: &str, change: impl FnOnce(&mut Value)) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut claims = json!({
        "iss": "https://platform.example",
        "sub": subject,
        "aud": issuer(),
        "iat": now.as_secs(),
        "exp": now.as_secs() + 60,
        "jti": now.as_nanos().to_string(),
    });
    change(&mut claims);
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn key_of_each_algorithm_authenticates() {
    for (algorithm, key) in [
        ("RS256", RSA),
        ("PS256", include_str!("../keys/rsa.pkcs8.pem")),
        ("ES256", include_str!("../keys/p256.sec1.pem")),
        ("ES384", include_str!("../keys/p384.sec1.pem")),
        ("EdDSA", include_str!("../keys/ed25519.pkcs8.pem")),
    ] {
        let id = format!("key-{}", algorithm.to_lowercase());
        // The method is chosen: the zone has a key, and Keycloak lists private_key_jwt.
        let room = zone(&id, &["--private-key-from", "-", "--algorithm", algorithm], key);
        let token = room.run(&["token"]).answer().to_owned();
        assert_eq!(part(&token, 1)["azp"], *id);
        room.run(&["zone", "edit", "z", "--key-id", &id]).answer();
        // Each try has a jti of its own: one that was used before is refused there.
        for _ in 0..3 {
            room.run(&["token", "--fresh"]).answer();
        }
        room.run(&["zone", "edit", "z", "--key-id", "another"]).answer();
        let outcome = room.run(&["token", "--fresh"]);
        assert!(outcome.refused(5).contains("Unable to load public key"), "{outcome}");
        assert!(outcome.stderr.contains(&format!("realm auth has no key of this id for {id}")), "{outcome}");
        assert!(outcome.stderr.contains("--key-id"), "{outcome}");
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn algorithm_that_client_may_not_use_is_refused() {
    let room = zone("key-rs256", &["--private-key-from", "-", "--algorithm", "RS512"], RSA);
    let outcome = room.run(&["token"]);
    assert!(outcome.refused(5).contains("Invalid signature algorithm"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn audience_is_one_string_issuer() {
    let flags = ["--private-key-from", "-", "--assertion-audience"];
    let key = include_str!("../keys/p256.pkcs8.pem");
    let by = |audience: &str| {
        let mut flags = flags.to_vec();
        flags.push(audience);
        zone("key-es256", &flags, key).run(&["token"])
    };
    by(&issuer()).answer();
    by(&(issuer() + "/protocol/openid-connect/token")).answer();
    for wrong in [issuer() + "/", issuer() + "/protocol/openid-connect/revoke", "https://other.example".to_owned()] {
        let outcome = by(&wrong);
        assert!(outcome.refused(5).contains("Invalid token audience"), "{outcome}");
        assert!(outcome.stderr.contains("zone edit z --assertion-audience"), "{outcome}");
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn secret_signs_and_is_never_sent() {
    let secret = "secret-jwt-secret-of-at-least-32-bytes";
    let flags = ["--client-secret-from", "-", "--auth", "client_secret_jwt"];
    let room = zone("secret-jwt", &flags, secret);
    let outcome = room.run(&["-vv", "token"]);
    assert_eq!(part(outcome.assert_hidden(secret).answer(), 1)["azp"], "secret-jwt");
    let outcome = zone("secret-jwt", &flags, "another-secret-of-at-least-32-bytes").run(&["token"]);
    assert!(outcome.refused(5).contains("unauthorized_client"), "{outcome}");
    // Sent as it is, the secret is not what the client is to prove: the hint names what is.
    let outcome = zone("secret-jwt", &flags[..2], secret).run(&["token"]);
    let stderr = outcome.assert_hidden(secret).refused(5);
    assert!(
        stderr.contains("the server wants an assertion: hallpass zone edit z --auth client_secret_jwt"),
        "{outcome}"
    );
}

/// The key opens the other endpoints as well, by an assertion for the same audience.
#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn key_introspects_and_revokes() {
    let room = zone("key-es256", &["--private-key-from", "-"], include_str!("../keys/p256.pkcs8.pem"));
    let token = room.run(&["token"]).answer().to_owned();
    // Keycloak tells a client nothing of a token that it is not the audience of, but it knows the client.
    let seen = room.run_with_stdin(&["introspect", "-", "--json"], &token);
    assert_eq!(seen.code(), 1, "{seen}");
    assert!(seen.stdout.contains("\"active\":false"), "{seen}");
    room.run_with_stdin(&["revoke", "-"], &token).answer();
    room.run(&["zone", "edit", "z", "--key-id", "another"]).answer();
    assert_eq!(room.run_with_stdin(&["introspect", "-"], &token).code(), 5);
}

/// Federated client authentication: the realm trusts the issuer of the platform, and no secret is anywhere.
#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn workload_gets_in_by_what_its_platform_signed() {
    let room = zone("workload", &["--client-assertion-ref", "env:ID_TOKEN"], "");
    let assertion = platform("job-7", |_| ());
    let room = room.with("ID_TOKEN", &assertion);
    assert_eq!(part(room.run(&["token"]).assert_hidden(&assertion).answer(), 1)["azp"], "workload");
    let outcome = room.run(&["token", "--fresh"]);
    assert!(outcome.assert_hidden(&assertion).refused(5).contains("Token reuse detected"), "{outcome}");
    assert!(outcome.stderr.contains("the assertion from env:ID_TOKEN"), "{outcome}");
    let room = room.with("ID_TOKEN", platform("job-8", |_| ()));
    room.run(&["token", "--fresh"]).refused(5);
    // A file of a pod, as the platform renews it.
    let file = room.directory().join("token");
    std::fs::write(&file, platform("job-7", |_| ())).unwrap();
    let source = format!("k8s:{}", file.display());
    room.run(&["zone", "edit", "z", "--client-assertion-ref", &source]).answer();
    room.run(&["token", "--fresh"]).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn assertion_of_platform_is_grant() {
    let flags = ["--client-secret-from", "-", "--grant", "jwt_bearer", "--assertion-ref", "env:ASSERTION"];
    let room = zone("bearer", &flags, "bearer-secret");
    let assertion = platform("alice-there", |_| ());
    let room = room.with("ASSERTION", &assertion);
    let token = room.run(&["token"]).assert_hidden(&assertion).answer().to_owned();
    assert_eq!(part(&token, 1)["preferred_username"], "alice");
    assert_eq!(room.run(&["token"]).answer(), token, "the cached token answers to the same assertion");
    for (assertion, said, hint) in [
        (assertion.clone(), "Token reuse detected", "hand in a new one"),
        (platform("bob-there", |_| ()), "User not found", "identity provider link"),
        (
            platform("alice-there", |claims| claims["iss"] = json!("https://eve.example")),
            "No Identity Provider",
            "add one",
        ),
        (
            platform("alice-there", |claims| claims["aud"] = json!("https://eve.example")),
            "Invalid token audience",
            "let its aud be",
        ),
    ] {
        let room = zone("bearer", &flags, "bearer-secret").with("ASSERTION", &assertion);
        let outcome = room.run(&["token"]);
        let stderr = outcome.assert_hidden(&assertion).refused(5);
        assert!(stderr.contains(said) && stderr.contains(hint), "{outcome}");
    }
    let room = zone("not-bearer", &["--client-secret-from", "-"], "not-bearer-secret");
    let outcome = room.run_with_stdin(&["token", "--assertion-from", "-"], &platform("alice-there", |_| ()));
    assert!(outcome.refused(5).contains("JWT Authorization Grant: on"), "{outcome}");
}
