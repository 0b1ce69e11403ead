//! Where our state rests: what is not ours alone is refused, for the zone of the environment as well.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use insta::assert_snapshot;

use super::room::Room;
use super::server::{Answer, Server};

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A room with the zone of the environment and a home of this mode.
fn open(server: &Server, mode: u32) -> Room {
    let room = Room::ephemeral(server);
    fs::create_dir(room.home()).unwrap();
    set(&room.home(), mode);
    room
}

#[test]
fn open_home_is_refused_for_zone_of_environment_too() {
    let server = Server::start();
    let room = open(&server, 0o777);
    for line in ["token", "token --no-cache", "discover", "header", "status", "status --all", "token forget"] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (7, ""), "{line}: {outcome}");
        assert!(outcome.stderr.contains("chmod"), "{line}: {outcome}");
    }
    assert_eq!(server.count(), 0, "a request was sent anyway");
    set(&room.home(), 0o755);
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert_eq!(room.run("token").ok(), "AT-1", "it is cached where others may only look");
}

#[test]
fn no_cache_is_way_out_that_touches_nothing() {
    let server = Server::start();
    let mut room = open(&server, 0o777);
    room.set("HALLPASS_NO_CACHE", "1");
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: env␉␉http://AS␉ci␉client_credentials␉none␉␉no␉␉
    ");
    assert_eq!(room.files(), Vec::<String>::new());
}

#[test]
fn broken_configuration_is_not_gone_round() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    let text = "[settings]\nproxy = \"http://proxy.example:3128\"\n[oops";
    for (text, place) in [(text, "config.toml:3:"), ("[settings]\ndeadline = 3\n", "config.toml:2:")] {
        room.write("home/config.toml", text);
        let command = "header --basic --user u --secret-from 'cmd:echo x'";
        for line in ["token", "token --no-cache", "header", "discover", "zone show", command] {
            let outcome = room.run(line);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{line}: {outcome}");
            assert!(outcome.stderr.contains(place), "{line}: {outcome}");
        }
    }
    room.set("HALLPASS_NO_CACHE", "1");
    assert_eq!(room.run("token").code, 3, "what is not written is read anyway");
    room.unset("HALLPASS_NO_CACHE");
    set(&room.write("home/config.toml", "[settings]\n"), 0o644);
    assert_snapshot!(room.run("token"), @"
    exit 7
    err: error: ROOM/home/config.toml is open to others (mode 0644)
    err: hint: chmod 600 ROOM/home/config.toml
    ");
    assert_eq!(server.count(), 0);
    set(&room.home().join("config.toml"), 0o600);
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    room.write("home/config.toml", text);
    assert_eq!(room.run("token").ok(), "AT-1", "a token at rest needs no setting");
}

/// A room whose state lies in the places of the platform below this home.
fn at_home(server: &Server) -> Room {
    let mut room = Room::ephemeral(server);
    room.unset("HALLPASS_HOME");
    room.set("HOME", room.home());
    room.write("home/.config/hallpass/config.toml", "[zones.a]\nissuer = \"https://as.example\"\n");
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    room
}

#[test]
fn environment_zone_needs_no_home_that_it_may_not_use() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.unset("HALLPASS_HOME");
    // A link to itself can't be looked into, whoever asks.
    std::os::unix::fs::symlink("home", room.home()).unwrap();
    room.set("HOME", room.home());
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: can't look at ROOM/home/.config/hallpass: Too many levels of symbolic links (os error 40): going on without settings and cache
    ");
    assert_snapshot!(room.run("status"), @"
    exit 0
    out: env␉␉http://AS␉ci␉client_credentials␉none␉␉no␉␉
    err: warning: can't look at ROOM/home/.config/hallpass: Too many levels of symbolic links (os error 40): going on without settings and cache
    ");
    assert_eq!(room.run("token -z other").code, 7, "another zone has its settings there");
    room.set("HALLPASS_HOME", room.home());
    assert_eq!(room.run("token").code, 7, "this one was named");
}

#[test]
fn writable_directory_is_refused_by_readers() {
    let server = Server::start();
    let room = at_home(&server);
    for place in [".config", ".cache", ".local/state"] {
        let (directory, aside) = (room.home().join(place).join("hallpass"), room.directory().join("aside"));
        let refused = |words: &str, environment: &[&str]| {
            for line in [&["zone list", "zone default a"], environment].concat() {
                let outcome = room.run(line);
                assert_eq!((outcome.code, outcome.stdout.as_str()), (7, ""), "{place} {line}: {outcome}");
                assert!(outcome.stderr.contains(words), "{place} {line}: {outcome}");
            }
        };
        set(&directory, 0o777);
        refused(&format!("hint: chmod go-w ROOM/home/{place}/hallpass"), &["status --all", "token", "discover"]);
        set(&directory, 0o700);
        fs::rename(&directory, &aside).unwrap();
        symlink(&aside, &directory).unwrap();
        refused("is a symbolic link", &["status --all", "token", "discover"]);
        fs::remove_file(&directory).unwrap();
        fs::rename(&aside, &directory).unwrap();
        if std::os::unix::fs::chown(&directory, Some(65534), None).is_ok() {
            refused("belongs to the user 65534", &[]);
            let outcome = room.run("status --all");
            assert!(
                outcome.ok().starts_with("env\t") && outcome.stderr.contains("belongs to the user 65534"),
                "{outcome}"
            );
            std::os::unix::fs::chown(&directory, Some(fs::metadata(room.home()).unwrap().uid()), None).unwrap();
        }
        // There is no secret in a directory that others may only look into.
        set(&directory, 0o755);
        for line in ["zone list", "status", "token", "zone default a"] {
            room.run(line).ok();
        }
    }
    assert_eq!(server.count(), 3, "metadata twice and a mint");
}

#[test]
fn no_home_at_all_costs_only_cache() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.unset("HALLPASS_HOME");
    for token in ["AT-1", "AT-2"] {
        server.serves(&server.metadata()).mints(Answer::token(token));
        assert_eq!(room.run("token").ok(), token);
    }
}
