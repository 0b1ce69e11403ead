use serde_json::{Value, json};

use super::{NOW, Response, Room};
use crate::jose::{Algorithm, SigningKey, sign, sign_shared};
use crate::oauth::client_assertion::{TYPE, claims};
use crate::secret::Secret;

impl Room {
    fn key(&self) -> SigningKey {
        let client = self.sandbox.clients().iter().find(|client| client.id == "sandbox-key").unwrap();
        SigningKey::from_text(client.private_key.as_ref().unwrap(), None, None).unwrap()
    }

    fn claims(&self, client: &str, jti: &str) -> Value {
        claims(client, self.sandbox.issuer(), jti, NOW)
    }

    fn assert(&self, assertion: &Secret, more: &str) -> Response {
        let body = format!(
            "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={}{more}",
            assertion.expose()
        );
        self.post("/sandbox/token", "", &body)
    }
}

#[test]
fn client_proves_itself_by_key_and_by_shared_secret() {
    let room = Room::new();
    let by_key = sign(&room.key(), &room.claims("sandbox-key", "a"), None).unwrap();
    assert_eq!(room.assert(&by_key, "").status, 200);
    let named = sign(&room.key(), &room.claims("sandbox-key", "b"), None).unwrap();
    assert_eq!(room.assert(&named, "&client_id=sandbox-key").status, 200);
    for client in ["sandbox-jwt", room.client_id()] {
        let by_secret = sign_shared(&Secret::new(room.secret(client)), &room.claims(client, "a"), None);
        assert_eq!(room.assert(&by_secret, "").status, 200, "{client}");
    }
    let line = room.lines.lock().unwrap()[0].clone();
    assert!(line.contains(" client=sandbox-key") && !line.contains(by_key.expose()), "{line}");
}

#[test]
fn metadata_lists_what_is_taken() {
    let room = Room::new();
    for path in ["/sandbox/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/sandbox"] {
        let metadata = room.get(path).json;
        let lists = |member: &str, name: &str| metadata[member].as_array().unwrap().contains(&json!(name));
        for method in ["client_secret_jwt", "private_key_jwt"] {
            assert!(lists("token_endpoint_auth_methods_supported", method), "{path} {method}");
        }
        for algorithm in ["HS256", "ES256", "EdDSA"] {
            assert!(lists("token_endpoint_auth_signing_alg_values_supported", algorithm), "{path} {algorithm}");
        }
        assert!(lists("grant_types_supported", "urn:ietf:params:oauth:grant-type:jwt-bearer"), "{path}");
    }
}

#[test]
fn assertion_is_taken_once() {
    let room = Room::new();
    let assertion = sign(&room.key(), &room.claims("sandbox-key", "once"), None).unwrap();
    assert_eq!(room.assert(&assertion, "").status, 200);
    let again = room.assert(&assertion, "");
    assert_eq!(again.refusal(), (401, "invalid_client"));
    assert_eq!(again.json["error_description"], "the assertion was used before (jti)");
}

#[test]
fn assertion_that_says_something_else_is_refused() {
    let room = Room::new();
    let changed = |name: &str, value: Value| {
        let mut claims = room.claims("sandbox-key", &format!("{name}{value}"));
        claims[name] = value;
        claims
    };
    let issuer = room.sandbox.issuer();
    for claims in [
        changed("aud", json!("https://other.example")),
        changed("aud", json!(format!("{issuer}/"))),
        changed("aud", json!([issuer])),
        changed("aud", json!([issuer, "https://other.example"])),
        changed("aud", Value::Null),
        changed("iss", json!("sandbox-jwt")),
        changed("sub", json!("sandbox-public")),
        changed("exp", json!(NOW)),
        changed("exp", Value::Null),
        changed("iat", json!(NOW + 16)),
        changed("jti", json!("")),
        changed("jti", json!(1)),
    ] {
        let reply = room.assert(&sign(&room.key(), &claims, None).unwrap(), "&client_id=sandbox-key");
        assert_eq!(reply.refusal(), (401, "invalid_client"), "{claims}");
    }
}

#[test]
fn assertion_of_another_hand_is_refused() {
    let room = Room::new();
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = room.claims("sandbox-key", "a");
    for assertion in [
        sign(&stranger, &claims, None).unwrap(),
        // The public key of a client is no shared secret.
        sign_shared(&Secret::new(room.key().public_jwk().to_string()), &claims, None),
        sign_shared(&Secret::new("wrong"), &room.claims("sandbox-jwt", "a"), None),
        sign(&room.key(), &room.claims("sandbox-jwt", "a"), None).unwrap(),
        sign(&room.key(), &room.claims("sandbox-workload", "a"), None).unwrap(),
        sign(&room.key(), &room.claims("nobody", "a"), None).unwrap(),
        Secret::new("opaque"),
        Secret::new("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzYW5kYm94LWtleSJ9."),
    ] {
        assert_eq!(room.assert(&assertion, "").refusal(), (401, "invalid_client"), "{}", assertion.expose());
    }
    let right = sign(&room.key(), &claims, None).unwrap();
    let twice = room.assert(&right, "&client_secret=x");
    assert_eq!(twice.refusal(), (400, "invalid_request"));
    let other = room.post(
        "/sandbox/token",
        "",
        &format!("grant_type=client_credentials&client_assertion_type=saml&client_assertion={}", right.expose()),
    );
    assert_eq!(other.refusal(), (401, "invalid_client"));
}

#[test]
fn workload_proves_itself_by_what_its_platform_signed() {
    let room = Room::new();
    let assertion = &room.sandbox.state().assertion;
    for _ in 0..2 {
        assert_eq!(room.assert(assertion, "&client_id=sandbox-workload").status, 200);
    }
    // It speaks for a workload, not for any client.
    assert_eq!(room.assert(assertion, "&client_id=sandbox-key").refusal(), (401, "invalid_client"));
    assert_eq!(room.assert(assertion, "").refusal(), (401, "invalid_client"));
    room.clock.0.fetch_add(86_400, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(room.assert(assertion, "&client_id=sandbox-workload").refusal(), (401, "invalid_client"));
}

#[test]
fn assertion_of_workloads_issuer_is_grant() {
    let room = Room::new();
    let grant = |assertion: &str| {
        let body = format!("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&scope=read&assertion={assertion}");
        room.post("/sandbox/token", &room.basic(), &body)
    };
    let reply = grant(room.sandbox.state().assertion.expose());
    assert_eq!(reply.status, 200);
    let claims = crate::jose::decode(reply.json["access_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("workload"), &json!(room.client_id())));
    // A client speaks for itself and for nobody else.
    let own = sign(&room.key(), &room.claims("sandbox-key", "a"), None).unwrap();
    for assertion in [own.expose(), "opaque"] {
        assert_eq!(grant(assertion).refusal(), (400, "invalid_grant"), "{assertion}");
    }
    assert_eq!(grant("").refusal(), (400, "invalid_request"));
}
