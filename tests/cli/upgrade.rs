//! A home that version 0.1.0 made (`tests/home-0.1.0`) is still read: zones, vault, cached tokens, session.
//!
//! It was made with the sandbox by `zone add`, `token`, `client register`, `login` and `zone add` with references.

use std::path::Path;

use insta::assert_snapshot;

use super::room::Room;

/// A week after the tests' usual begin, when the tokens of the home are hours old.
const LATER: u64 = 600_000;

fn room() -> Room {
    let mut room = Room::new();
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/home-0.1.0");
    copy(&room, &home, "home");
    room.set("HALLPASS_VAULT_KEY_FROM", "env:K");
    room.set("K", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    room.later(LATER);
    room
}

fn copy(room: &Room, from: &Path, to: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{to}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            copy(room, &path, &name);
        } else {
            room.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn zones_are_listed_and_exported() {
    let room = room();
    assert_snapshot!(room.run("zone list"), @"
    exit 0
    out: ci␉http://127.0.0.1:18777/sandbox␉sandbox-50b865b8␉client_credentials␉␉sealed
    out: registered␉http://127.0.0.1:18777/sandbox␉registered-d8cfb94e3c6cc37d␉authorization_code␉␉sealed
    out: keyed␉http://127.0.0.1:18777/sandbox␉registered-2c758b7509183568␉client_credentials␉␉sealed
    out: person␉http://127.0.0.1:18777/sandbox␉sandbox-public␉authorization_code␉␉sealed
    out: full␉https://as.example/realms/acme␉full␉token_exchange␉default␉keyring
    ");
    assert_snapshot!(room.run("zone export ci"), @r#"
    exit 0
    out: [zones.ci]
    out: issuer = "http://127.0.0.1:18777/sandbox"
    out: client_id = "sandbox-50b865b8"
    out: scope = ["read", "write"]
    out: param = { purpose = "test" }
    out: host = ["*.example", "localhost:8443"]
    out: vault = "sealed"
    out: # client_secret is stored in a vault and stays there
    out: # header X-Tenant is hidden; --show-secrets prints it
    "#);
    assert_snapshot!(room.run("zone export full"), @r#"
    exit 0
    out: [zones.full]
    out: issuer = "https://as.example/realms/acme"
    out: client_id = "full"
    out: client_secret_ref = "env:HP_SECRET"
    out: auth = "client_secret_post"
    out: grant = "token_exchange"
    out: subject_token_ref = "file:/run/token"
    out: audience = ["a", "b"]
    out: resource = ["https://api.example/"]
    out: token_endpoint = "/t"
    out: introspection_endpoint = "https://as.example/i"
    out: assume_defaults = true
    out: vault = "keyring"
    "#);
}

#[test]
fn cached_tokens_and_session_are_used() {
    let room = room();
    assert_snapshot!(room.run("status --all"), @"
    exit 0
    out: ci␉␉http://127.0.0.1:18777/sandbox␉sandbox-50b865b8␉client_credentials␉none␉␉no␉sealed␉
    out: registered␉␉http://127.0.0.1:18777/sandbox␉registered-d8cfb94e3c6cc37d␉authorization_code␉none␉␉no␉sealed␉
    out: keyed␉␉http://127.0.0.1:18777/sandbox␉registered-2c758b7509183568␉client_credentials␉none␉␉no␉sealed␉
    out: person␉␉http://127.0.0.1:18777/sandbox␉ada␉authorization_code␉valid␉2036-11-26T03:21:30Z␉yes␉sealed␉
    out: full␉default␉https://as.example/realms/acme␉full␉token_exchange␉none␉␉no␉keyring␉
    ");
    let outcome = room.run("token -z person --json");
    assert_eq!(outcome.json()["source"], "cache", "{outcome}");
    // The zone has a header, which was not part of what a token was asked with: nobody knows which one it was.
    assert_eq!(room.run("token -z ci --deadline 1s").code, 6);
    assert_snapshot!(room.run("token list"), @"
    exit 0
    out: ci␉client_credentials␉read write␉␉␉2036-11-26T03:21:29Z
    out: ci␉client_credentials␉read write␉other␉␉2036-11-26T03:21:29Z
    out: person␉authorization_code␉openid offline_access␉␉␉2036-11-26T03:21:30Z
    ");
}

#[test]
fn secrets_in_sealed_vault_are_read() {
    let room = room();
    assert_snapshot!(room.run("vault list"), @"
    exit 0
    out: ci␉client_secret␉sealed
    out: keyed␉registration_token␉sealed
    out: keyed␉private_key␉sealed
    out: person␉refresh_token␉sealed
    out: registered␉client_secret␉sealed
    out: registered␉registration_token␉sealed
    ");
    let basic = room.run("header --basic -z ci");
    assert!(basic.ok().starts_with("Authorization: Basic "), "{basic}");
    for zone in ["ci", "registered", "keyed", "person"] {
        room.run(&format!("vault move {zone} --to keyring")).ok();
    }
    let mut kept: Vec<String> = room.kept().into_iter().map(|(name, _)| name).collect();
    kept.sort();
    assert_snapshot!(kept.join("\n"), @"
    ci/client_secret
    keyed/private_key
    keyed/registration_token
    person/refresh_token
    registered/client_secret
    registered/registration_token
    ");
}
