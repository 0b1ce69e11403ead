//! Tokens bound to a key (DPoP, RFC 9449), by the real program at the sandbox, which checks each proof.

use crate::room::Room;

/// Runs a script in a sandbox, with the zone `bank` of the client that demands proofs with a nonce.
fn at_the_strict_client(script: &str) -> crate::room::Outcome {
    let seed = "set -eu; printf %s \"$HALLPASS_SANDBOX_DPOP_SECRET\" | hallpass zone add bank --dpop --default \
                --issuer \"$HALLPASS_ISSUER\" --client-id sandbox-dpop --client-secret-from - >/dev/null; \
                export HALLPASS_ZONE=bank; ";
    Room::new().with("PATH", std::env::var_os("PATH").unwrap()).run(&[
        "sandbox",
        "--",
        "sh",
        "-c",
        &format!("{seed}{script}"),
    ])
}

#[test]
fn sandbox_binds_token_to_zones_key() {
    let outcome = at_the_strict_client("hallpass token --json -v; hallpass vault list");
    assert_eq!(outcome.code(), 0, "{outcome}");
    assert!(outcome.stdout.contains("\"token_type\":\"DPoP\""), "{outcome}");
    assert!(outcome.stdout.contains("bank\tdpop_key\tsealed"), "{outcome}");
    // The first proof has no nonce, the second has: two requests, both shown.
    assert!(outcome.stderr.contains("asks for its nonce"), "{outcome}");
}

#[test]
fn header_gives_both_lines() {
    let outcome = at_the_strict_client(
        "hallpass header --dpop --method GET --url https://api.example/a; hallpass header || echo $?",
    );
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{outcome}");
    assert!(lines[0].starts_with("Authorization: DPoP ey") && lines[1].starts_with("DPoP: ey"), "{outcome}");
    assert_eq!(lines[2], "2", "{outcome}");
}

#[test]
fn curl_gets_proof_for_its_request() {
    let outcome = at_the_strict_client(
        "mkdir bin; printf '#!/bin/sh\ncat \"$3\"' >bin/curl; chmod +x bin/curl; PATH=$PWD/bin:$PATH; \
         hallpass curl --allow-host api.example -- -d a=b https://api.example/a; \
         hallpass curl --allow-host api.example -- https://api.example/a https://api.example/b || echo $?",
    );
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!((lines.len(), lines[2]), (3, "125"), "{outcome}");
    assert!(lines[0].starts_with("header = \"Authorization: DPoP ey"), "{outcome}");
    let proof = lines[1].strip_prefix("header = \"DPoP: ").and_then(|rest| rest.split('.').nth(1)).unwrap();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, proof).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["htm"], &claims["htu"]), (&"POST".into(), &"https://api.example/a".into()), "{outcome}");
}

/// Sixteen processes at once on a new zone: one key, one token request that is granted.
#[test]
fn many_at_once_make_one_key() {
    let outcome = at_the_strict_client(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do hallpass token & done | sort -u | wc -l; wait",
    );
    assert_eq!(outcome.stdout.trim(), "1", "{outcome}");
}
