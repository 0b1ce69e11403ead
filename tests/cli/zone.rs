//! `hallpass zone list | show | edit | rename | remove | default | has | path`.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{KeyringState, Room};
use super::server::{Answer, Server};

fn room_with_two_zones() -> Room {
    let room = Room::new();
    let line = "zone add prod --issuer https://as.example --client-id ci --client-secret-from -";
    room.call(line).stdin("hunter2").run().ok();
    room.run("zone add dev --issuer https://dev.example --client-id dev --client-secret-ref env:DEV").ok();
    room
}

#[test]
fn list() {
    assert_snapshot!(Room::new().run("zone list"), @"
    exit 0
    err: no zones yet; to add one: hallpass zone add NAME --issuer URL
    ");
    assert_snapshot!(Room::new().run("zone list --json"), @"
    exit 0
    out: []
    ");
    let room = room_with_two_zones();
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("zone list"), @"
    exit 0
    out: prod␉https://as.example␉ci␉client_credentials␉default␉keyring
    out: dev␉https://dev.example␉dev␉client_credentials␉␉
    ");
    assert_eq!(
        room.run("zone list --json").json(),
        json!([
            {"name": "prod", "issuer": "https://as.example", "client_id": "ci", "grant": "client_credentials",
             "default": true, "vault": "keyring"},
            {"name": "dev", "issuer": "https://dev.example", "client_id": "dev", "grant": "client_credentials",
             "default": false, "vault": null},
        ])
    );
    assert_snapshot!(room.call("zone list").person(false).run(), @"
    exit 0
    out: \u{1b}[1mNAME\u{1b}[0m            \u{1b}[1mCLIENT_ID\u{1b}[0m  \u{1b}[1mISSUER\u{1b}[0m               \u{1b}[1mGRANT\u{1b}[0m               \u{1b}[1mVAULT\u{1b}[0m
    out: \u{1b}[1mprod (default)\u{1b}[0m  ci         https://as.example   client_credentials  keyring
    out: \u{1b}[1mdev\u{1b}[0m             dev        https://dev.example  client_credentials
    ");
    assert_eq!(room.keyring_calls(), touched, "a list opens no keyring");
}

#[test]
fn show() {
    let room = room_with_two_zones();
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("zone show"), @"
    exit 0
    out: name␉prod␉user
    out: issuer␉https://as.example␉user
    out: client_id␉ci␉user
    out: client_secret␉stored␉user
    out: vault␉keyring␉user
    ");
    assert_snapshot!(room.run("zone show dev --deadline 5s"), @"
    exit 0
    out: name␉dev␉argument
    out: issuer␉https://dev.example␉user
    out: client_id␉dev␉user
    out: client_secret␉referenced␉user
    out: client_secret_ref␉env:DEV␉user
    out: deadline␉5s␉flag
    ");
    let shown = room.run("zone show prod --json").json();
    assert_eq!(shown["name"], "prod");
    assert_eq!(shown["issuer"], json!({"value": "https://as.example", "origin": shown["issuer"]["origin"]}));
    assert_eq!(shown["client_secret"]["value"], "stored");
    assert_snapshot!(room.run("zone show nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod, dev
    ");
    assert_eq!(room.keyring_calls(), touched, "show opens no keyring");
}

#[test]
fn show_of_ephemeral_zone() {
    let mut room = Room::new();
    room.set("HALLPASS_ISSUER", "https://env.example");
    room.set("HALLPASS_CLIENT_ID", "e");
    room.set("HALLPASS_CLIENT_SECRET", "hunter3");
    room.set("HALLPASS_SCOPE", "read write");
    room.set("HALLPASS_DEADLINE", "7s");
    let shown = room.run("zone show");
    shown.assert_hidden("hunter3");
    assert_snapshot!(shown, @"
    exit 0
    out: name␉env␉environment HALLPASS_ISSUER
    out: issuer␉https://env.example␉environment HALLPASS_ISSUER
    out: client_id␉e␉environment HALLPASS_CLIENT_ID
    out: client_secret␉referenced␉environment HALLPASS_CLIENT_SECRET
    out: client_secret_ref␉env:HALLPASS_CLIENT_SECRET␉environment HALLPASS_CLIENT_SECRET
    out: grant␉client_credentials␉environment HALLPASS_ISSUER
    out: scope␉read write␉environment HALLPASS_SCOPE
    out: deadline␉7s␉environment HALLPASS_DEADLINE
    ");
    assert_eq!(room.keyring_calls(), 0, "show opens no keyring");
}

#[test]
fn edit_changes_what_is_named_and_comments_live() {
    let room = room_with_two_zones();
    let text =
        room.config().replace("issuer = \"https://as.example\"", "# the real one\nissuer = \"https://as.example\"");
    room.write("home/config.toml", &text);
    assert_snapshot!(room.run("zone edit prod --scope 'read write' --audience api --host api.example"), @"
    exit 0
    out: zone prod changed: scope read write; audience api; host api.example
    ");
    assert_snapshot!(room.run("zone edit prod --unset audience --unset host --json"), @r#"
    exit 0
    out: {"name":"prod","issuer":"https://as.example","client_id":"ci","client_secret":"stored","private_key":"none","cert_key":"none","vault":"keyring","default":true}
    "#);
    assert_snapshot!(room.config(), @r#"
    default = "prod"

    [zones.prod]
    # the real one
    issuer = "https://as.example"
    client_id = "ci"
    client_secret = "stored"
    vault = "keyring"
    scope = ["read", "write"]

    [zones.dev]
    issuer = "https://dev.example"
    client_id = "dev"
    client_secret_ref = "env:DEV"
    "#);
    assert_snapshot!(room.run("zone edit prod --unset colour"), @"
    exit 2
    err: error: invalid value for --unset <KEY>
    err: hint: possible values: issuer_template, client_id, client_secret, client_secret_ref, private_key, private_key_ref, key_id, algorithm, client_assertion_ref, assertion_audience, cert, cert_key, cert_key_ref, auth, grant, assertion_ref, subject_token_ref, scope, audience, resource, token_endpoint, introspection_endpoint, revocation_endpoint, registration_endpoint, par_endpoint, authorization_endpoint, device_endpoint, jwks_uri, assume_defaults, param, header, cacert, host, dpop, redirect_uri, registration_client_uri
    ");
    assert_snapshot!(room.run("zone edit nope --scope read"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod, dev
    ");
    assert_snapshot!(room.run("zone edit prod"), @"
    exit 2
    err: error: nothing to change: no flag was given
    err: hint: name what to change, such as --scope 'read write' or --unset scope: hallpass zone edit --help
    ");
}

#[test]
fn edit_moves_secret_where_it_is_told() {
    let room = room_with_two_zones();
    assert_snapshot!(room.call("zone edit prod --client-secret-from -").stdin("new").run(), @"
    exit 0
    out: zone prod changed: client_secret stored in the keyring vault
    ");
    assert_eq!(room.kept(), [("prod/client_secret".to_owned(), "new".to_owned())]);
    assert_snapshot!(room.run("zone edit prod --client-secret-ref env:S"), @"
    exit 0
    out: zone prod changed: client_secret referenced (was stored); client_secret_ref env:S
    ");
    assert_eq!(room.kept(), [], "what is referenced now rests nowhere");
    assert_snapshot!(room.call("zone edit dev --client-secret-from -").stdin("dev").run(), @"
    exit 0
    out: zone dev changed: client_secret stored in the keyring vault (was referenced); vault keyring
    ");
    assert_snapshot!(room.run("zone edit dev --unset client_secret"), @"
    exit 0
    out: zone dev changed: client_secret unset (was stored)
    ");
    assert_eq!(room.kept(), []);
}

#[test]
fn edit_leaves_dead_keyring_behind() {
    let room = room_with_two_zones();
    room.keyring_is(KeyringState::Locked);
    assert_snapshot!(room.run("zone edit prod --client-secret-ref env:S"), @"
    exit 0
    out: zone prod changed: client_secret referenced (was stored); client_secret_ref env:S
    err: warning: a copy of the former client secret stays in the vault: the keyring is locked
    ");
    room.keyring_is(KeyringState::Fine);
    room.call("zone edit prod --client-secret-from -").stdin("new").run().ok();
    let mut room = room;
    room.set("HALLPASS_VAULT_KEY_FROM", "env:KEY");
    room.set("KEY", "00".repeat(32));
    room.call("zone edit prod --client-secret-from - --vault sealed").stdin("newer").run().ok();
    assert_eq!(room.kept(), [], "the former vault holds nothing that no zone looks for");
}

#[test]
fn edit_warns_when_stored_secret_belongs_to_another() {
    let room = room_with_two_zones();
    assert_snapshot!(room.run("zone edit prod --issuer https://other.example"), @"
    exit 0
    out: zone prod changed: issuer https://other.example (was https://as.example)
    err: warning: the stored client secret belongs to the former issuer, client or endpoint and will not be sent
    err: store the right one: hallpass zone edit prod --client-secret-from -
    ");
}

#[test]
fn edit_does_not_lose_sight_of_secret() {
    assert_snapshot!(room_with_two_zones().run("zone edit prod --vault sealed"), @"
    exit 2
    err: error: the secrets of zone prod are stored in another vault
    err: hint: hallpass vault move prod --to sealed
    ");
}

#[test]
fn rename_takes_secret_and_tokens_along() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    assert_snapshot!(room.run("zone rename prod production"), @"
    exit 0
    out: zone prod renamed to production
    ");
    assert_eq!(room.kept(), [("production/client_secret".to_owned(), "s3cr3t-value".to_owned())]);
    assert_eq!(room.run("zone default").ok(), "production");
    assert_eq!(room.run("token").ok(), "AT-1", "the cached token moved along");
    assert_snapshot!(room.run("zone rename nope x"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: production
    ");
    assert_snapshot!(room.run("zone rename production X"), @"
    exit 2
    err: error: name must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit
    ");
    room.run("zone add other --issuer https://as.example --client-id c").ok();
    assert_snapshot!(room.run("zone rename production other"), @"
    exit 2
    err: error: zone other exists
    err: hint: choose another name
    ");
}

/// A killed rename of `prod` to `gone`, and neither is a zone now.
#[test]
fn interrupted_rename_keeps_secret_that_it_did_not_copy() {
    let room = room_with_two_zones();
    let config = room.config().replace("zones.prod", "zones.other");
    room.write("home/config.toml", &config);
    for (stored, kept) in [(room.now() - 1, 1), (room.now(), 0)] {
        let secrets = json!([["client_secret", stored]]);
        let rename = json!({"old": "prod", "new": "gone", "vault": "keyring", "secrets": secrets, "registrations": []});
        room.write("home/rename.json", &rename.to_string());
        room.run("vault list").ok();
        assert_eq!(room.kept().len(), kept);
    }
}

#[test]
fn rename_moves_everything_or_nothing() {
    let room = room_with_two_zones();
    let before = room.config();
    room.keyring_is(KeyringState::Full);
    assert_snapshot!(room.run("zone rename prod production"), @"
    exit 7
    err: error: the keyring failed: it takes no more
    err: hint: start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)
    ");
    assert_eq!(room.config(), before);
    assert_eq!(room.kept(), [("prod/client_secret".to_owned(), "hunter2".to_owned())]);
}

#[test]
fn zone_of_dead_keyring_is_removed_on_demand() {
    let room = room_with_two_zones();
    room.keyring_is(KeyringState::Absent);
    let refused = room.run("zone remove prod --yes");
    assert_eq!(refused.code, 7, "{refused}");
    let way =
        "hint: or remove the zone and leave its secrets there: hallpass zone remove prod --forget-unreachable-secrets";
    assert!(refused.stderr.contains(way), "{refused}");
    assert_snapshot!(room.run("zone remove prod --yes --forget-unreachable-secrets"), @"
    exit 0
    out: zone prod removed
    err: warning: the secrets of zone prod may stay in their vault: there is no keyring service in this session: no session bus
    err: there is no default zone now: hallpass zone default NAME
    ");
    assert!(!room.config().contains("prod"));
    assert_eq!(room.kept().len(), 1, "what stays is said");
}

#[test]
fn values_of_headers_are_hidden() {
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c --header X-Api-Key:hunter2").ok();
    for line in ["zone show a", "zone show a --json", "zone export a", "zone export a --json"] {
        let outcome = room.run(line);
        outcome.assert_hidden("hunter2");
        assert!(outcome.ok().contains("X-Api-Key"), "{outcome}");
        let shown = room.run(&format!("{line} --show-secrets"));
        assert!(shown.ok().contains("hunter2"), "{shown}");
    }
    assert_snapshot!(room.run("zone export a"), @r#"
    exit 0
    out: [zones.a]
    out: issuer = "https://as.example"
    out: client_id = "c"
    out: # header X-Api-Key is hidden; --show-secrets prints it
    "#);
}

#[test]
fn remove_takes_secrets_and_tokens() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    assert_snapshot!(room.run("zone remove prod"), @"
    exit 2
    err: error: not confirmed: Remove zone prod with its secrets?
    err: hint: confirm with --yes
    ");
    assert_snapshot!(room.call("zone remove prod").person(false).run(), @"
    exit 1
    err: [1;31merror: [0mcancelled: nothing was changed
    ");
    assert_eq!(room.run("zone list").stdout.lines().count(), 1);
    assert_snapshot!(room.run("zone remove prod --yes"), @"
    exit 0
    out: zone prod removed
    ");
    assert_eq!(room.kept(), []);
    assert_eq!(room.run("token list --json").json(), json!([]));
    assert_snapshot!(room.run("zone remove prod --yes"), @"
    exit 3
    err: error: there is no zone prod
    err: hint: there are no zones yet: hallpass zone add NAME --issuer URL
    ");
}

#[test]
fn remove_asks_person() {
    let room = room_with_two_zones();
    assert_snapshot!(room.call("zone remove prod").person(true).run(), @"
    exit 0
    out: zone prod removed
    err: there is no default zone now: hallpass zone default NAME
    ");
    assert_snapshot!(room.call("zone remove dev --no-input").person(true).run(), @"
    exit 2
    err: \u{1b}[1;31merror: \u{1b}[0mnot confirmed: Remove zone dev with its secrets?
    err: \u{1b}[2mhint: confirm with --yes\u{1b}[0m
    ");
}

#[test]
fn remove_keeps_zone_when_its_secret_stays() {
    let room = room_with_two_zones();
    room.keyring_is(KeyringState::Locked);
    assert_snapshot!(room.run("zone remove prod --yes"), @"
    exit 7
    err: error: the keyring is locked
    err: hint: unlock the keyring: run the command in a terminal of the desktop, or unlock it there
    err: hint: or remove the zone and leave its secrets there: hallpass zone remove prod --forget-unreachable-secrets
    ");
    room.keyring_is(KeyringState::Fine);
    room.run("zone has prod").ok();
    assert_eq!(room.kept().len(), 1);
}

#[test]
fn default() {
    let room = Room::new();
    assert_snapshot!(room.run("zone default"), @"exit 1");
    let room = room_with_two_zones();
    assert_snapshot!(room.run("zone default"), @"
    exit 0
    out: prod
    ");
    assert_snapshot!(room.run("zone default dev"), @"
    exit 0
    out: dev
    ");
    assert_eq!(room.run("zone default --json").json(), json!({"default": "dev"}));
    assert_snapshot!(room.run("zone default nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: prod, dev
    ");
}

#[test]
fn zone_with_bad_name_is_warned_of() {
    let room = Room::new();
    room.write(
        "home/config.toml",
        "[zones.a]\nissuer = \"https://a.example\"\n\n[zones.B]\nissuer = \"https://b.example\"\n",
    );
    let outcome = room.run("zone list");
    assert_eq!(outcome.ok().lines().count(), 1);
    assert!(outcome.stderr.starts_with("warning: ROOM/home/config.toml:4: zones.B is ignored"), "{outcome}");
}

#[test]
fn has_zone_of_environment() {
    let mut room = Room::new();
    assert_eq!(room.run("zone has env").code, 1);
    room.set("HALLPASS_ISSUER", "https://as.example");
    assert_eq!(room.run("zone has env").code, room.run("zone show env").code, "half a zone");
    room.set("HALLPASS_CLIENT_ID", "ci");
    assert_eq!((room.run("zone has env").code, room.run("zone show env").code), (0, 0));
}

#[test]
fn has() {
    let room = room_with_two_zones();
    assert_snapshot!(room.run("zone has prod"), @"exit 0");
    assert_snapshot!(room.run("zone has nope"), @"exit 1");
    assert_snapshot!(room.run("zone has nope --json"), @r#"
    exit 1
    out: {"name":"nope","exists":false}
    "#);
}

#[test]
fn path() {
    let room = Room::new();
    assert_snapshot!(room.run("zone path"), @"
    exit 0
    out: ROOM/home/config.toml
    ");
    assert_snapshot!(room.run("zone path --json"), @r#"
    exit 0
    out: {"path":"ROOM/home/config.toml"}
    "#);
}

#[test]
fn what_no_zone_knows_is_shown_with_warning() {
    let room = room_with_two_zones();
    room.write("home/config.toml", "[zones.prod]\nissuer = \"https://as.example\"\nscopes = [\"read\"]\n");
    assert_snapshot!(room.run("zone show prod").stderr, @"warning: ROOM/home/config.toml:3: zones.prod.scopes is not a setting and is ignored; did you mean scope?");
}
