//! `--dry-run`: the request as a redacted curl command, and nothing is sent.

use insta::assert_snapshot;

use super::room::Room;
use super::server::{Answer, Server};

#[test]
fn mint_is_shown_without_secret_and_not_sent() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let touched = room.keyring_calls();
    let shown = room.run("token --dry-run --scope 'read write' --header X-Trace:abcdef1234");
    shown.assert_hidden("s3cr3t-value");
    shown.assert_hidden("czNjcjN0");
    assert_snapshot!(shown, @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' --header 'X-Trace: [redacted]' --data-urlencode grant_type=client_credentials --data-urlencode 'scope=read write' http://AS/token
    ");
    room.run("zone edit prod --auth client_secret_post").ok();
    let shown = room.run("header --dry-run");
    shown.assert_hidden("s3cr3t-value");
    assert_snapshot!(shown, @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode grant_type=client_credentials --data-urlencode client_id=ci --data-urlencode 'client_secret=[redacted]' http://AS/token
    ");
    assert_eq!((server.count(), room.keyring_calls()), (0, touched), "nobody was asked");
}

#[test]
fn without_metadata_first_question_is_shown() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    assert_snapshot!(room.run("token --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' http://AS/.well-known/openid-configuration
    err: the metadata is not known yet, so this request comes first; then: hallpass discover, and --dry-run again
    ");
    assert_snapshot!(room.run("discover --dry-run --json"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' http://AS/.well-known/openid-configuration
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
}

#[test]
fn cached_token_does_not_hide_request() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    room.run("token").ok();
    let shown = room.run("token --dry-run");
    shown.assert_hidden("AT-1");
    assert!(shown.ok().starts_with("curl "), "{shown}");
}

#[test]
fn what_sends_nothing_changes_nothing_either() {
    let room = Room::new();
    for line in [
        "zone add a --issuer https://as.example --client-id c",
        "zone edit prod --scope read",
        "zone rename prod other",
        "zone remove prod --yes",
        "zone default other",
        "zone import",
        "vault move prod --to sealed",
        "token forget --all",
        "header --basic",
        "header --from env:HALLPASS_HOME --prefix x",
    ] {
        room.write("home/config.toml", "default = \"prod\"\n[zones.prod]\nissuer = \"https://as.example\"\n[zones.other2]\nissuer = \"https://as.example\"\n");
        let before = room.config();
        let outcome =
            room.call(&format!("{line} --dry-run")).stdin("[zones.x]\nissuer = \"https://as.example\"\n").run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}: {outcome}");
        assert_eq!(room.config(), before, "{line}");
    }
}

#[test]
fn token_that_is_given_is_not_shown() {
    let mut room = Room::new();
    room.set("HALLPASS_TOKEN", "given-token");
    let refused = room.run("token --dry-run");
    refused.assert_hidden("given-token");
    assert_eq!(refused.code, 2, "{refused}");
}

#[test]
fn dry_run_writes_locks_and_deletes_nothing() {
    let server = Server::start();
    let room = Room::signed_in(&server, "RT-1");
    room.write("home/session/prod.rescue", "{}");
    let config = std::fs::read_to_string(room.home().join("config.toml")).unwrap();
    let managed = format!("registration_client_uri = \"{}/client\"\nvault = ", server.issuer());
    room.write("home/config.toml", &config.replace("vault = ", &managed));
    let state = || {
        let names = room.files().into_iter();
        names.map(|name| (std::fs::read(room.home().join(&name)).unwrap(), name)).collect::<Vec<_>>()
    };
    let (before, touched) = (state(), room.keyring_calls());
    for line in [
        "token",
        "header --no-cache",
        "logout",
        "logout --revoke",
        "revoke --own access",
        "revoke --own all",
        "login --browser",
        "login --device",
        "client show",
        "client update --name x",
        "client delete --yes",
    ] {
        let shown = room.run(&format!("{line} --dry-run"));
        assert!(shown.ok().starts_with("curl "), "{line}: {shown}");
        assert_eq!((state(), room.keyring_calls(), server.count()), (before.clone(), touched, 0), "{line}");
    }
    let issuer = server.issuer();
    let shown = room.run(&format!("client register {issuer} --save-as new --grant client_credentials --dry-run"));
    assert!(shown.ok().starts_with("curl ") && state() == before, "{shown}");
}
