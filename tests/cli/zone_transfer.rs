//! `hallpass zone export` and `hallpass zone import`.

use insta::assert_snapshot;

use super::room::{KeyringState, Room};

fn one() -> Room {
    let room = Room::new();
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from - --scope read";
    room.call(line).stdin("hunter2").run().ok();
    room
}

#[test]
fn export_holds_no_secret_and_reads_back() {
    let room = one();
    let exported = room.run("zone export prod");
    assert_snapshot!(exported, @r#"
    exit 0
    out: [zones.prod]
    out: issuer = "https://as.example"
    out: client_id = "ci"
    out: scope = ["read"]
    out: vault = "keyring"
    out: # client_secret is stored in a vault and stays there
    "#);
    let other = Room::new();
    assert_snapshot!(other.call("zone import -").stdin(&exported.stdout).run(), @"
    exit 0
    out: prod
    ");
    assert_snapshot!(other.call("zone import").stdin(&exported.stdout).run(), @"
    exit 2
    err: error: zone prod exists
    err: hint: replace it with --replace, or choose another name
    ");
    assert_snapshot!(other.call("zone import --replace --json").stdin(&exported.stdout).run(), @r#"
    exit 0
    out: {"imported":["prod"]}
    "#);
    assert_snapshot!(other.config(), @r#"
    default = "prod"

    [zones.prod]
    issuer = "https://as.example"
    client_id = "ci"
    scope = ["read"]
    vault = "keyring"
    "#);
    assert_snapshot!(room.run("zone export nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod
    ");
}

#[test]
fn nothing_to_import() {
    let room = Room::new();
    assert_snapshot!(room.call("zone import").person(false).run(), @"
    exit 2
    err: \u{1b}[1;31merror: \u{1b}[0mthere is nothing to import
    err: \u{1b}[2mhint: hallpass zone import file:zone.toml, or pipe the TOML in\u{1b}[0m
    ");
    assert_snapshot!(room.call("zone import").stdin("# nothing\n").run(), @"
    exit 3
    err: error: stdin contains no zone
    ");
    assert_snapshot!(room.call("zone import").stdin("[zones.a]\nissuer = 3\n").run(), @"
    exit 3
    err: error: stdin:2:10: zones.a.issuer must be a string
    ");
    assert_snapshot!(room.run("zone import file:nope.toml"), @"
    exit 3
    err: error: could not read the zones to import
    err: cause: file:nope.toml can't be read
    err: cause: No such file or directory (os error 2)
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
}

#[test]
fn import_is_all_or_nothing() {
    let room = one();
    let before = room.config();
    let two = "[zones.new]\nissuer = \"https://new.example\"\n[zones.prod]\nissuer = \"https://as.example\"\n";
    assert_snapshot!(room.call("zone import").stdin(two).run(), @"
    exit 2
    err: error: zone prod exists
    err: hint: replace it with --replace, or choose another name
    ");
    assert_eq!(room.config(), before);
}

#[test]
fn import_keeps_secret_of_same_client() {
    let room = one();
    let exported = room.run("zone export prod").stdout;
    let edited = exported.replace("read", "write");
    room.call("zone import --replace").stdin(&edited).run().ok();
    assert!(room.config().contains("client_secret = \"stored\""), "{}", room.config());
    assert!(room.config().contains("write"), "{}", room.config());
    assert_eq!(room.kept().len(), 1);
    let other = exported.replace("as.example", "other.example");
    room.call("zone import --replace").stdin(&other).run().ok();
    assert!(!room.config().contains("stored"), "{}", room.config());
    assert_eq!(room.kept(), [], "the secret of another issuer");
}

#[test]
fn import_asks_for_commands_and_other_servers() {
    let room = one();
    let exported = room.run("zone export prod").stdout;
    let elsewhere = exported.replace("scope", "token_endpoint = \"https://evil.example/t\"\nscope");
    assert_snapshot!(room.call("zone import --replace").stdin(&elsewhere).run(), @"
    exit 2
    err: warning: zone prod uses a server besides its issuer: https://evil.example
    err: error: not confirmed: Import these zones?
    err: hint: confirm with --yes
    ");
    assert!(room.config().contains("stored") && !room.config().contains("evil"));
    assert_snapshot!(room.call("zone import --replace --yes").stdin(&elsewhere).run(), @"
    exit 0
    out: prod
    err: warning: zone prod uses a server besides its issuer: https://evil.example
    ");
    assert!(!room.config().contains("stored"), "{}", room.config());
    assert_eq!(room.kept(), [], "the secret is not for another endpoint");
    let runs = "[zones.a]\nissuer = \"https://as.example\"\nclient_secret_ref = \"cmd:touch x\"\n\
                jwks_uri = \"https://keys.example/\"\nregistration_client_uri = \"https://reg.example/c\"\n";
    assert_snapshot!(room.call("zone import").stdin(runs).run(), @"
    exit 2
    err: warning: zone a runs a command (client_secret_ref): cmd:touch x
    err: warning: zone a uses a server besides its issuer: https://keys.example
    err: warning: zone a uses a server besides its issuer: https://reg.example
    err: error: not confirmed: Import these zones?
    err: hint: confirm with --yes
    ");
}

#[test]
fn import_refuses_references_that_flags_refuse() {
    for (key, source) in
        [("assertion_ref", "vault"), ("client_assertion_ref", "vault:private_key"), ("subject_token_ref", "-")]
    {
        let text = format!("[zones.a]\nissuer = \"https://as.example\"\n{key} = \"{source}\"\n");
        let refused = Room::new().call("zone import --yes").stdin(&text).run();
        assert_eq!(refused.code, 3, "{refused}");
        assert!(refused.stderr.contains(&format!("{key} a reference is read at every use")), "{refused}");
    }
}

#[test]
fn from_environment_of_keycloak() {
    let mut room = Room::new();
    assert_snapshot!(room.run("zone import --from-env keycloak"), @"
    exit 3
    err: error: KEYCLOAK_REALM_URL is not set
    ");
    room.set("KEYCLOAK_REALM_URL", "https://kc.example/realms/r/");
    room.set("KEYCLOAK_CLIENT_ID", "web");
    room.set("KEYCLOAK_CLIENT_SECRET", "hunter2");
    room.set("SERVICE_CLIENT_ID", "batch");
    room.set("SERVICE_CLIENT_SECRET", "hunter3");
    room.keyring_is(KeyringState::Locked);
    let refused = room.run("zone import --from-env keycloak");
    assert_eq!((refused.code, room.files()), (7, vec![]), "{refused}");
    room.keyring_is(KeyringState::Fine);
    assert_snapshot!(room.run("zone import --from-env keycloak"), @"
    exit 0
    out: keycloak
    out: service
    ");
    assert_eq!(
        room.kept(),
        [("keycloak/client_secret", "hunter2"), ("service/client_secret", "hunter3")]
            .map(|(place, secret)| (place.to_owned(), secret.to_owned()))
    );
    assert_snapshot!(room.config(), @r#"
    default = "keycloak"

    [zones.keycloak]
    issuer = "https://kc.example/realms/r"
    client_id = "web"
    client_secret = "stored"
    grant = "client_credentials"
    vault = "keyring"

    [zones.service]
    issuer = "https://kc.example/realms/r"
    client_id = "batch"
    client_secret = "stored"
    grant = "client_credentials"
    vault = "keyring"
    "#);
}
