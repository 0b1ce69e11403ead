//! A configuration that does not parse is named to the place and left as it is.

use insta::assert_snapshot;

use super::room::Room;
use super::server::{Answer, Server};

fn broken(text: &str) -> Room {
    let room = Room::new();
    room.write("home/config.toml", text);
    room
}

#[test]
fn bad_toml_names_line_and_column() {
    let text = "default = \"a\"\n\n[zones.a]\nissuer = https://as.example\n";
    let room = broken(text);
    for line in ["token", "zone list", "zone default a", "status", "zone has a", "vault list", "zone show a"] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{line}: {outcome}");
        assert!(outcome.stderr.contains("config.toml:4:"), "{line}: {outcome}");
    }
    assert_snapshot!(room.run("zone add b --issuer https://as.example"), @"
    exit 3
    err: error: ROOM/home/config.toml:4:10: string values must be quoted, expected literal string
    ");
    assert_snapshot!(room.run("zone remove a --yes --json"), @r#"
    exit 3
    err: {"error":{"kind":"config","oauth_error":null,"message":"ROOM/home/config.toml:4:10: string values must be quoted, expected literal string","hint":null,"retriable":false,"exit":3}}
    "#);
    assert_eq!(room.config(), text);
}

#[test]
fn value_of_wrong_kind_is_named_by_its_key() {
    let room = broken("[zones.a]\nissuer = \"https://as.example\"\nscope = 3\n");
    assert_snapshot!(room.run("token -z a"), @"
    exit 3
    err: error: ROOM/home/config.toml:3:9: zones.a.scope must be an array of strings that are not empty
    ");
    let room = broken("[zones.a]\nissuer = \"https://as.example\"\nauth = \"hunter2\"\n");
    let refused = room.run("token -z a");
    refused.assert_hidden("hunter2");
    assert_snapshot!(refused, @"
    exit 3
    err: error: ROOM/home/config.toml:3:8: zones.a.auth must be one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none
    ");
    let room = broken("default = \"gone\"\n");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: there is no zone gone
    err: cause: named by user
    err: hint: there are no zones yet: hallpass zone add NAME --issuer URL
    ");
}

#[test]
fn what_is_not_text_is_refused() {
    let room = Room::new();
    let path = room.write("home/config.toml", "");
    std::fs::write(path, b"\xff\xfe").unwrap();
    assert_snapshot!(room.run("zone list"), @"
    exit 3
    err: error: ROOM/home/config.toml is not UTF-8
    err: hint: save it as UTF-8; it was not changed
    ");
}

#[test]
fn linked_config_is_read_and_one_open_to_others_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let room = broken("");
    let path = room.home().join("config.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_snapshot!(room.run("zone list"), @"
    exit 7
    err: error: ROOM/home/config.toml is open to others (mode 0666)
    err: hint: chmod 600 ROOM/home/config.toml
    ");
    std::fs::remove_file(&path).unwrap();
    let target = room.write("dotfiles.toml", "[zones.a]\nissuer = \"https://as.example\"\n");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&target, &path).unwrap();
    assert_snapshot!(room.run("zone list"), @"
    exit 0
    out: a␉https://as.example␉␉client_credentials␉␉
    ");
    assert_snapshot!(room.run("zone default a"), @"
    exit 7
    err: error: ROOM/home/config.toml is a symbolic link
    err: hint: edit ROOM/dotfiles.toml itself, or name another directory with HALLPASS_HOME
    ");
    assert!(path.is_symlink());
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(room.run("zone list").code, 7, "others may write to it");
}

#[test]
fn misspelt_key_is_named_with_best_guess() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let config = room.config().replace("http://AS", &server.origin());
    room.write("home/config.toml", &config.replace("issuer =", "isuer ="));
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: ROOM/home/config.toml:4:9: zones.prod.isuer is not a setting; did you mean issuer?
    ");
    for line in ["zone list", "status", "zone show prod"] {
        assert_eq!(room.run(line).stderr, room.run("token").stderr, "{line}");
    }
    room.write("home/config.toml", &format!("{config}scop = [\"read\"]\ncolour = 1\n"));
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: ROOM/home/config.toml:9: zones.prod.scop is not a setting and is ignored; did you mean scope?
    err: warning: ROOM/home/config.toml:10: zones.prod.colour is not a setting and is ignored
    ");
    assert_eq!(room.run("token").stderr, "", "a token at rest is not the time");
    assert_snapshot!(room.run("zone list"), @"
    exit 0
    out: prod␉http://AS␉ci␉client_credentials␉default␉keyring
    err: warning: ROOM/home/config.toml:9: zones.prod.scop is not a setting and is ignored; did you mean scope?
    err: warning: ROOM/home/config.toml:10: zones.prod.colour is not a setting and is ignored
    ");
}
