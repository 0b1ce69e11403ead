//! Clients that prove themselves by a certificate (RFC 8705), by the real program at the sandbox, over TLS.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::room::{Outcome, Room};

/// Runs a script in a sandbox; `add ZONE CLIENT METHOD [CERT KEY]` makes a zone.
fn in_the_sandbox(room: &Room, script: &str) -> Outcome {
    let seed = r#"set -u
        add() {
            hallpass zone add "$1" --issuer "$HALLPASS_ISSUER" --client-id "$2" --auth "$3" --cert "$4" \
                --cert-key-from "file:$5" --cacert "$HALLPASS_SANDBOX_CACERT" >/dev/null
        }
        mtls() { add "$1" sandbox-mtls tls_client_auth "$2" "$3"; }
        own() { add "$1" sandbox-self-signed self_signed_tls_client_auth "$2" "$3"; }
        "#;
    room.run(&["sandbox", "--", "sh", "-c", &format!("{seed}{script}")])
}

fn room() -> Room {
    Room::new().with("PATH", std::env::var_os("PATH").unwrap())
}

fn thumbprint(pem: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()))
}

/// A certificate that signs itself, as files of the room; also in DER.
fn own(room: &Room, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    change(&mut params);
    let made = params.self_signed(&key).unwrap();
    std::fs::write(room.directory().join(format!("{name}.pem")), made.pem()).unwrap();
    let path = room.directory().join(format!("{name}.key"));
    std::fs::write(&path, key.serialize_pem()).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    made.der().to_vec()
}

#[test]
fn each_method_brings_token_that_is_bound_to_certificate() {
    for (add, variable) in [("mtls", "HALLPASS_SANDBOX_CERT"), ("own", "HALLPASS_SANDBOX_SELF_SIGNED_CERT")] {
        let script = format!(
            r#"set -e; {add} z "${variable}" "${variable}_KEY"; export HALLPASS_ZONE=z
            hallpass token | hallpass inspect --json | tr -d '\n'; echo
            hallpass token | hallpass introspect --json | tr -d '\n'; echo
            hallpass revoke --own access
            hallpass par --redirect-uri http://127.0.0.1/callback | grep -c '^urn:'
            stat -c %a "$(dirname "${variable}")"/*
            cat "${variable}""#
        );
        let outcome = in_the_sandbox(&room(), &script);
        assert_eq!(outcome.code(), 0, "{outcome}");
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        let pem = &outcome.stdout[outcome.stdout.find("-----BEGIN CERTIFICATE-----").unwrap()..];
        let json = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{outcome}"));
        let bound = json!({"x5t#S256": thumbprint(pem)});
        assert_eq!(json(lines[0])["claims"]["cnf"], bound, "{outcome}");
        assert_eq!((&json(lines[1])["active"], &json(lines[1])["cnf"]), (&json!(true), &bound), "{outcome}");
        assert_eq!(
            lines[lines.iter().position(|line| line.starts_with("-----BEGIN")).unwrap() - 6..][..6],
            ["1", "600", "600", "600", "600", "600"]
        );
    }
}

#[test]
fn what_is_not_clients_is_refused() {
    let room = room();
    own(&room, "foreign", |_| ());
    let old = own(&room, "old", |params| params.not_after = date_time_ymd(2020, 1, 1));
    let jwks = json!({"keys": [{"kty": "EC", "x5c": [STANDARD.encode(old)]}]});
    std::fs::write(room.directory().join("jwks"), jwks.to_string()).unwrap();
    let outcome = in_the_sandbox(
        &room,
        r#"
        mtls strange "$HALLPASS_SANDBOX_SELF_SIGNED_CERT" "$HALLPASS_SANDBOX_SELF_SIGNED_CERT_KEY"
        mtls foreign foreign.pem foreign.key
        own wrong "$HALLPASS_SANDBOX_CERT" "$HALLPASS_SANDBOX_CERT_KEY"
        hallpass zone add none --issuer "$HALLPASS_ISSUER" --client-id sandbox-mtls --auth none --grant client_credentials \
            --cacert "$HALLPASS_SANDBOX_CACERT" --token-endpoint "$(hallpass discover --raw | tr ',' '\n' |
                sed -n 's/.*"token_endpoint": *"\(https:[^"]*\)".*/\1/p')" >/dev/null
        id=$(hallpass client register "$HALLPASS_ISSUER" --grant client_credentials --set token_endpoint_auth_method='"self_signed_tls_client_auth"' \
            --set "jwks=$(cat jwks)" --no-save --json | tr -d ' \n' | sed 's/.*"client_id":"\([^"]*\)".*/\1/')
        add old "$id" self_signed_tls_client_auth old.pem old.key
        for zone in strange foreign wrong none old; do
            hallpass token -z $zone --json >&2
            echo "$zone $?"
        done"#,
    );
    assert_eq!(outcome.stdout, "strange 5\nforeign 5\nwrong 5\nnone 5\nold 5\n", "{outcome}");
    let refusals: Vec<Value> = outcome.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let errors: Vec<&str> = refusals.iter().filter_map(|one| one["error"]["oauth_error"].as_str()).collect();
    assert_eq!(errors, ["invalid_client"; 5], "{outcome}");
    let said = |number: usize, words: &str| {
        assert!(refusals[number]["error"]["message"].as_str().unwrap().contains(words), "{number} {words}: {outcome}");
    };
    for (number, words) in ["authority", "authority", "not this client's", "must show", "expired"].iter().enumerate() {
        said(number, words);
        said(number, "401");
    }
}
