//! `hallpass zone add`.

use insta::assert_snapshot;

use super::room::{KeyringState, Room};
use super::server::Server;

#[test]
fn grant_without_secret_or_key_is_sign_in() {
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c").ok();
    assert_eq!(room.run("zone list --json").json()[0]["grant"], "authorization_code");
    assert_eq!(room.run("zone show a --all --json").json()["grant"]["value"], "authorization_code");
    assert_eq!(room.run("token").code, 4);
    room.call("zone edit a --client-secret-from -").stdin("s").run().ok();
    assert_eq!(room.run("zone list --json").json()[0]["grant"], "client_credentials");
}

#[test]
fn issuer_that_is_url_of_metadata_or_template_is_refused() {
    let room = Room::new();
    let add = |issuer: &str| room.run(&format!("zone add a --issuer {issuer} --client-id c"));
    assert_snapshot!(add("https://as.example/r/.well-known/openid-configuration"), @"
    exit 2
    err: error: invalid value for --issuer <URL>: this is a URL of its metadata or endpoints; the issuer is probably https://as.example/r
    ");
    assert_snapshot!(add("https://as.example/{tenantid}/v2.0"), @"
    exit 2
    err: error: invalid value for --issuer <URL>: issuer must not contain braces: put the value, such as the tenant id, in their place
    ");
    assert_eq!(room.run("login https://as.example/.well-known/oauth-authorization-server/r --client-id c").code, 2);
    assert_eq!(room.config(), "");
}

#[test]
fn first_zone_becomes_default_and_answer_says_so() {
    let room = Room::new();
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    assert_snapshot!(room.call(line).stdin("hunter2\n").run(), @"
    exit 0
    out: zone prod added; its client secret is stored in the keyring vault; it is the default zone
    ");
    assert_eq!(room.kept(), [("prod/client_secret".to_owned(), "hunter2".to_owned())]);
    assert_snapshot!(room.config(), @r#"
    default = "prod"

    [zones.prod]
    issuer = "https://as.example"
    client_id = "ci"
    client_secret = "stored"
    vault = "keyring"
    "#);
    assert_eq!(room.files(), ["config.toml"]);
    assert_snapshot!(room.run("zone add second --issuer https://as.example --client-id b --client-secret-ref env:S"), @"
    exit 0
    out: zone second added; its client secret is read at every use
    ");
    assert_snapshot!(room.run("zone add third --issuer https://as.example --client-id b --default --json"), @r#"
    exit 0
    out: {"name":"third","issuer":"https://as.example","client_id":"b","client_secret":"none","private_key":"none","cert_key":"none","vault":null,"default":true}
    "#);
    assert_eq!(room.run("zone default").ok(), "third");
}

#[test]
fn every_setting_is_written() {
    let room = Room::new();
    let line = "zone add full --issuer https://as.example/r --client-id ci --client-secret-ref 'cmd:op read x' \
        --auth client_secret_post --grant client_credentials --scope 'read write' --scope admin --audience a --audience b \
        --resource https://api.example --token-endpoint /t --introspection-endpoint https://as.example/i \
        --revocation-endpoint /v --registration-endpoint /g --par-endpoint /p --authorization-endpoint /a \
        --device-endpoint /d --jwks-uri /k --assume-defaults --param k=v --header X-A:b --cacert ca.pem --host h:8443 \
        --host *.h.example --vault sealed";
    assert_snapshot!(room.run(line), @"
    exit 0
    out: zone full added; its client secret is read at every use; it is the default zone
    ");
    assert_snapshot!(room.config(), @r#"
    default = "full"

    [zones.full]
    issuer = "https://as.example/r"
    client_id = "ci"
    client_secret_ref = "cmd:op read x"
    auth = "client_secret_post"
    grant = "client_credentials"
    scope = ["read", "write", "admin"]
    audience = ["a", "b"]
    resource = ["https://api.example"]
    token_endpoint = "/t"
    introspection_endpoint = "https://as.example/i"
    revocation_endpoint = "/v"
    registration_endpoint = "/g"
    par_endpoint = "/p"
    authorization_endpoint = "/a"
    device_endpoint = "/d"
    jwks_uri = "/k"
    assume_defaults = true
    param = { k = "v" }
    header = { X-A = "b" }
    cacert = "ROOM/ca.pem"
    host = ["h:8443", "*.h.example"]
    vault = "sealed"
    "#);
    assert_eq!(room.keyring_calls(), 0, "a zone whose secrets are references needs no vault");
}

#[test]
fn name_outside_grammar_is_usage() {
    let room = Room::new();
    assert_snapshot!(room.run("zone add A.b --issuer https://as.example"), @"
    exit 2
    err: error: name must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit
    ");
    assert_snapshot!(room.run("zone add env --issuer https://as.example"), @"
    exit 2
    err: error: name must not be env, which names the zone that HALLPASS_ISSUER makes
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
}

#[test]
fn existing_name_needs_replace() {
    let room = Room::new();
    let line = "zone add a --issuer https://one.example --client-id c --client-secret-from -";
    room.call(line).stdin("one").run().ok();
    let line = "zone add a --issuer https://two.example --client-id c --client-secret-from -";
    assert_snapshot!(room.call(line).stdin("two").run(), @"
    exit 2
    err: error: zone a exists
    err: hint: replace it with --replace, or choose another name
    ");
    assert_eq!(room.kept(), [("a/client_secret".to_owned(), "one".to_owned())]);
    assert_snapshot!(room.call(&format!("{line} --replace")).stdin("two").run(), @"
    exit 0
    out: zone a replaced; its client secret is stored in the keyring vault; it is the default zone
    ");
    assert_eq!(room.kept(), [("a/client_secret".to_owned(), "two".to_owned())]);
    assert!(room.config().contains("two.example") && !room.config().contains("one.example"), "{}", room.config());
}

#[test]
fn replaced_zone_leaves_no_secret_behind() {
    let room = Room::new();
    let line = "zone add a --issuer https://one.example --client-id c --client-secret-from -";
    room.call(line).stdin("one").run().ok();
    room.run("zone add a --issuer https://one.example --client-id c --client-secret-ref env:S --replace").ok();
    assert_eq!(room.kept(), [], "the vault holds what no zone names");
}

#[test]
fn replaced_zone_keeps_secret_that_it_just_got() {
    let room = Room::new();
    room.write("home/config.toml", "[zones.a]\nissuer = \"https://one.example\"\nclient_secret = \"stored\"\n");
    let line = "zone add a --issuer https://one.example --client-id c --client-secret-from - --replace";
    room.call(line).stdin("two").run().ok();
    assert_eq!(room.kept(), [("a/client_secret".to_owned(), "two".to_owned())]);
}

#[test]
fn locked_keyring_exits_7_with_three_hints() {
    let room = Room::new();
    room.keyring_is(KeyringState::Locked);
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    assert_snapshot!(room.call(line).stdin("hunter2").run(), @"
    exit 7
    err: error: the keyring is locked
    err: hint: unlock the keyring: run the command in a terminal of the desktop, or unlock it there
    err: hint: or keep secrets in an encrypted file: export HALLPASS_VAULT=sealed
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    err: hint: or store nothing: --client-secret-ref SOURCE is read at every use
    ");
    room.keyring_is(KeyringState::Absent);
    assert_snapshot!(room.call(line).stdin("hunter2").run(), @"
    exit 7
    err: error: there is no keyring service in this session
    err: cause: no session bus
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    err: hint: or keep secrets in an encrypted file: export HALLPASS_VAULT=sealed
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    err: hint: or store nothing: --client-secret-ref SOURCE is read at every use
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
}

#[test]
fn keyring_that_fails_when_it_shall_store_stops_everything() {
    let room = Room::new();
    room.keyring_is(KeyringState::Full);
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    assert_snapshot!(room.call(line).stdin("hunter2").run(), @"
    exit 7
    err: error: the keyring failed: it takes no more
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    err: hint: or keep secrets in an encrypted file: export HALLPASS_VAULT=sealed
    err: hint: a key file opens it without a passphrase: (umask 077; set -C; head -c 32 /dev/urandom | base64 >~/.hallpass.key); export HALLPASS_VAULT_KEY_FROM=file:$HOME/.hallpass.key
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
}

#[test]
fn sealed_vault_needs_its_key_before_anything_is_written() {
    let mut room = Room::new();
    room.set("HALLPASS_VAULT", "sealed");
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    assert_snapshot!(room.call(line).stdin("hunter2").run(), @"
    exit 7
    err: error: the sealed vault ROOM/home/vault/sealed.json needs its key or passphrase
    err: hint: set HALLPASS_VAULT_KEY_FROM to the SOURCE of a 32-byte key, base64 or hex
    err: hint: or HALLPASS_VAULT_PASSPHRASE_FROM to the SOURCE of a passphrase
    err: hint: or store nothing: --client-secret-ref SOURCE is read at every use
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
    room.set("HALLPASS_VAULT_KEY_FROM", "env:KEY");
    room.set("KEY", "00".repeat(32));
    assert_snapshot!(room.call(line).stdin("hunter2").run(), @"
    exit 0
    out: zone prod added; its client secret is stored in the sealed vault; it is the default zone
    ");
    assert_eq!(room.files(), ["config.toml", "vault/sealed.json", "vault/sealed.lock"]);
    assert_eq!(room.keyring_calls(), 0);
    let sealed = std::fs::read_to_string(room.home().join("vault/sealed.json")).unwrap();
    assert!(!sealed.contains("hunter2"), "{sealed}");
}

/// Whatever a command reads from a SOURCE, it says what that was to be.
#[test]
fn source_that_fails_says_what_was_to_be_read() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let add = format!("--issuer {} --client-id c --token-endpoint /token", server.issuer());
    for (name, line) in [
        ("keyed", "--private-key-ref env:NOPE"),
        ("foreign", "--auth private_key_jwt --client-assertion-ref env:NOPE"),
        ("mobile", "--grant jwt_bearer --assertion-ref env:NOPE"),
        ("behalf", "--grant token_exchange --subject-token-ref env:NOPE"),
        ("secret", "--client-secret-ref env:NOPE"),
    ] {
        room.run(&format!("zone add {name} {add} {line}")).ok();
    }
    for (line, what) in [
        ("token -z keyed", "private key of zone keyed"),
        ("token -z foreign", "client assertion of zone foreign"),
        ("token -z mobile", "assertion for zone mobile"),
        ("token -z behalf", "subject token for zone behalf"),
        ("token -z secret", "client secret of zone secret"),
        ("token -z prod --assertion-from env:NOPE", "assertion for zone prod"),
        ("header -z prod --subject-token-from env:NOPE", "subject token for zone prod"),
        ("exchange -z prod --subject-token-from env:NOPE", "subject token for zone prod"),
        ("exchange -z prod --subject-token-from fd:0 --actor-token-from env:NOPE", "actor token for zone prod"),
        (
            "zone add a --issuer https://as.example --client-id c --client-secret-from env:NOPE",
            "client secret of zone a",
        ),
        ("zone import env:NOPE", "zones to import"),
        ("introspect -z prod env:NOPE", "token"),
        ("revoke -z prod env:NOPE", "token"),
        ("inspect env:NOPE", "token"),
        ("inspect --claims env:NOPE", "claims (JSON)"),
        ("inspect --kong env:NOPE", "header lines"),
        ("check --tokens-env NOPE fd:0", "tokens"),
        ("check --secret-from env:NOPE fd:0", "secret"),
        ("check --secret-from fd:0 env:NOPE", "credential"),
        ("header --from env:NOPE", "token"),
        ("header --from env:NOPE --prefix 'Key '", "secret"),
        ("header --read env:NOPE", "value of Authorization"),
        ("header --basic --user ci --secret-from env:NOPE", "secret of ci"),
        ("pkce --verifier-from env:NOPE", "code verifier"),
        ("kong sign --key-from env:NOPE --user u --method GET --path /", "HMAC key"),
        ("client register --no-save -z prod --metadata-from env:NOPE", "client metadata (JSON)"),
        ("client register --no-save -z prod --initial-token-from env:NOPE", "initial access token"),
    ] {
        let outcome = room.call(line).stdin("x.y.z").run();
        let said = format!("error: could not read the {what}\ncause: env:NOPE is not set\n");
        assert!(outcome.code == 3 && outcome.stderr.contains(&said), "{line}: {outcome}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn source_that_fails_is_configuration_and_names_it() {
    let room = Room::new();
    let line = |source: &str| {
        format!("zone add prod --issuer https://as.example --client-id ci --client-secret-from {source}")
    };
    assert_snapshot!(room.run(&line("env:NOPE")), @"
    exit 3
    err: error: could not read the client secret of zone prod
    err: cause: env:NOPE is not set
    ");
    assert_snapshot!(room.run(&line("file:nope")), @"
    exit 3
    err: error: could not read the client secret of zone prod
    err: cause: file:nope can't be read
    err: cause: No such file or directory (os error 2)
    ");
    assert_snapshot!(room.call(&line("-")).stdin("\n").run(), @"
    exit 3
    err: error: could not read the client secret of zone prod
    err: cause: stdin is empty
    ");
    assert_snapshot!(room.run(&line("'cmd:exit 3'")), @"
    exit 3
    err: error: could not read the client secret of zone prod
    err: cause: cmd:exit 3 ended with code 3
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
    assert_eq!(room.kept(), []);
}

#[test]
fn issuer_that_cannot_be_one_is_usage() {
    let room = Room::new();
    assert_snapshot!(room.run("zone add a --issuer http://as.example"), @"
    exit 2
    err: error: invalid value for --issuer <URL>: issuer must be https, or http to loopback
    ");
    assert_snapshot!(room.run("zone add a --issuer https://as.example/?q"), @"
    exit 2
    err: error: invalid value for --issuer <URL>: issuer must not have a query
    ");
    assert_snapshot!(room.run("zone add a --issuer https://as.example --token-endpoint token"), @"
    exit 2
    err: error: token_endpoint must be a URL or a path that begins with /
    ");
}
