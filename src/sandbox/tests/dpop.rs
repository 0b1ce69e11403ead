use std::sync::atomic::Ordering;

use serde_json::json;

use super::{NOW, Response, Room, basic};
use crate::jose::dpop::{ProofClaims, ProofKey};
use crate::jose::verify;

const GRANT: &str = "grant_type=client_credentials";

/// Makes proofs, each with a `jti` of its own.
struct TestSigner {
    key: ProofKey,
    made: std::cell::Cell<u32>,
}

impl TestSigner {
    fn new() -> Self {
        Self { key: ProofKey::generate().unwrap(), made: std::cell::Cell::new(0) }
    }

    /// A proof for the token endpoint, after a change.
    fn field<'a>(&self, room: &Room, change: impl Fn(&mut ProofClaims<'a>)) -> String {
        self.made.set(self.made.get() + 1);
        let jti: &'static str = format!("jti-{}", self.made.get()).leak();
        let url: &'static str = format!("{}/token", room.sandbox.issuer()).leak();
        let (method, issued_at) = ("POST", NOW);
        let mut claims = ProofClaims { method, url, jti, issued_at, nonce: None, token: None };
        change(&mut claims);
        format!("DPoP: {}\r\n", self.key.prove(&claims).unwrap().expose())
    }
}

fn mint(room: &Room, fields: &str) -> Response {
    room.post("/sandbox/token", &format!("{}{fields}", room.basic()), GRANT)
}

fn strict(room: &Room, fields: &str) -> Response {
    room.post("/sandbox/token", &format!("{}{fields}", basic("sandbox-dpop", room.secret("sandbox-dpop"))), GRANT)
}

#[test]
fn proof_binds_token() {
    let (room, signer) = (Room::new(), TestSigner::new());
    let reply = mint(&room, &signer.field(&room, |_| ()));
    assert_eq!((reply.status, &reply.json["token_type"]), (200, &json!("DPoP")));
    let token = reply.json["access_token"].as_str().unwrap();
    let claims = verify(token, &room.get("/sandbox/jwks").json).unwrap().claims;
    assert_eq!(claims["cnf"], json!({"jkt": signer.key.thumbprint()}));
    let api = basic("sandbox-api", room.secret("sandbox-api"));
    let seen = room.post("/sandbox/introspect", &api, &format!("token={token}")).json;
    assert_eq!((&seen["active"], &seen["token_type"]), (&json!(true), &json!("DPoP")));
    assert_eq!(seen["cnf"]["jkt"], signer.key.thumbprint());
    assert_eq!(mint(&room, "").json["token_type"], "Bearer");
}

#[test]
fn proof_counts_once_here_and_now() {
    let (room, signer) = (Room::new(), TestSigner::new());
    let good = signer.field(&room, |_| ());
    assert_eq!((mint(&room, &good).status, mint(&room, &good).refusal()), (200, (400, "invalid_dpop_proof")));
    for bad in [
        signer.field(&room, |claims| claims.method = "GET"),
        signer.field(&room, |claims| claims.url = "http://127.0.0.1/sandbox/token"),
        signer.field(&room, |claims| claims.issued_at = NOW - 61),
        signer.field(&room, |claims| claims.issued_at = NOW + 61),
        "DPoP: abc\r\n".to_owned(),
        good.replace("DPoP: ey", "DPoP: ez"),
    ] {
        assert_eq!(mint(&room, &bad).refusal(), (400, "invalid_dpop_proof"), "{bad}");
    }
    let two = format!("{}{}", signer.field(&room, |_| ()), signer.field(&room, |_| ()));
    assert_eq!(mint(&room, &two).refusal(), (400, "invalid_request"));
    // A proof with a query in its URL is for this endpoint anyway.
    let url = format!("{}/token?x=1#y", room.sandbox.issuer());
    assert_eq!(mint(&room, &signer.field(&room, |claims| claims.url = url.as_str())).status, 200);
}

#[test]
fn one_client_must_prove_with_nonce() {
    let (room, signer) = (Room::new(), TestSigner::new());
    assert_eq!(strict(&room, "").refusal(), (400, "invalid_dpop_proof"));
    for nonce in [None, Some("made-up")] {
        let reply = strict(&room, &signer.field(&room, |claims| claims.nonce = nonce));
        assert_eq!(reply.refusal(), (400, "use_dpop_nonce"));
    }
    let reply = strict(&room, &signer.field(&room, |_| ()));
    let nonce = reply.head.lines().find_map(|line| line.strip_prefix("dpop-nonce: ")).unwrap().to_owned();
    for _ in 0..2 {
        let reply = strict(&room, &signer.field(&room, |claims| claims.nonce = Some(nonce.as_str())));
        assert_eq!((reply.status, &reply.json["token_type"]), (200, &json!("DPoP")));
    }
    room.clock.0.store(NOW + 3600, Ordering::SeqCst);
    let late = signer.field(&room, |claims| claims.nonce = Some(nonce.as_str()));
    assert_eq!(strict(&room, &late).refusal(), (400, "invalid_dpop_proof"));
}

#[test]
fn metadata_says_so() {
    let room = Room::new();
    let listed = &room.get("/sandbox/.well-known/openid-configuration").json["dpop_signing_alg_values_supported"];
    assert!(listed.as_array().unwrap().contains(&json!("ES256")), "{listed}");
}
