//! What is forgotten, revoked, renamed or removed lies in no token cache, whatever the environment says by then.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::PathBuf;

use super::room::Room;
use super::server::{Answer, Server};

/// A room with the zone `prod` in the directories of the platform, not in `HALLPASS_HOME`.
fn room(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    room.unset("HALLPASS_HOME");
    room.set("HOME", room.home());
    let line = format!(
        "zone add prod --issuer {} --client-id ci --client-secret-from - --token-endpoint /token \
         --revocation-endpoint /revoke",
        server.issuer()
    );
    room.call(&line).stdin("s3cr3t-value\n").run().ok();
    room
}

/// A private directory for `XDG_RUNTIME_DIR` and its like.
fn directory(room: &Room, name: &str) -> PathBuf {
    let path = room.directory().join(name);
    DirBuilder::new().mode(0o700).create(&path).unwrap();
    path
}

/// The environments in which a token is cached: as in a session, as under cron, and with the cache elsewhere.
const ENVIRONMENTS: [(&str, &str); 3] = [("XDG_RUNTIME_DIR", "runtime"), ("", ""), ("XDG_CACHE_HOME", "cache")];

/// Caches a token of `prod` in every environment, the last of which stays in force.
fn cached_everywhere(server: &Server, room: &mut Room) {
    for (name, place) in ENVIRONMENTS {
        room.unset("XDG_RUNTIME_DIR");
        if !name.is_empty() {
            room.set(name, directory(room, place));
        }
        let token = format!("AT-{place}");
        server.mints(Answer::token(&token));
        assert_eq!(room.run("token").ok(), token);
        assert_eq!(room.run("token").ok(), token, "it is cached");
    }
}

/// Whether any of the environments still has a token of the zone in effect.
fn serves(room: &mut Room) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (name, place) in ENVIRONMENTS {
        room.unset("XDG_RUNTIME_DIR");
        room.unset("XDG_CACHE_HOME");
        if !name.is_empty() {
            room.set(name, room.directory().join(place));
        }
        if !room.run("token list").ok().is_empty() {
            found.push(place);
        }
    }
    found
}

#[test]
fn token_forget_sweeps_every_cache() {
    let server = Server::start();
    for (line, no_cache) in [("token forget", false), ("token forget", true), ("token forget --all", true)] {
        let mut room = room(&server);
        cached_everywhere(&server, &mut room);
        if no_cache {
            room.set("HALLPASS_NO_CACHE", "1");
        }
        assert_eq!(room.run(&format!("{line} --json")).json()["forgotten"], 3, "{line}");
        room.unset("HALLPASS_NO_CACHE");
        assert_eq!(serves(&mut room), Vec::<&str>::new(), "{line}");
    }
}

#[test]
fn revoke_own_revokes_and_forgets_every_cached_token() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.set("HALLPASS_NO_CACHE", "1");
    for _ in ENVIRONMENTS {
        server.expect("POST /revoke", Answer::status(200));
    }
    let view = room.run("revoke --own access --json").json();
    assert_eq!((&view["revoked"], &view["forgotten"]), (&3.into(), &3.into()));
    room.unset("HALLPASS_NO_CACHE");
    assert_eq!(serves(&mut room), Vec::<&str>::new());
}

#[test]
fn revoke_of_one_token_forgets_its_copies() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.set("HALLPASS_NO_CACHE", "1");
    server.expect("POST /revoke", Answer::status(200));
    let view = room.call("revoke - --json").stdin("AT-runtime").run().json();
    assert_eq!(view["forgotten"], 1);
    room.unset("HALLPASS_NO_CACHE");
    assert_eq!(serves(&mut room), ["", "cache"]);
}

#[test]
fn zone_remove_leaves_no_token_behind() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.run("zone remove prod --yes").ok();
    assert_eq!(serves(&mut room), Vec::<&str>::new());
}

#[test]
fn zone_rename_takes_tokens_of_every_cache_along() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.run("zone rename prod work").ok();
    for (name, place) in ENVIRONMENTS {
        room.unset("XDG_RUNTIME_DIR");
        room.unset("XDG_CACHE_HOME");
        if !name.is_empty() {
            room.set(name, room.directory().join(place));
        }
        assert_eq!(room.run("token -z work").ok(), format!("AT-{place}"));
        assert!(!room.run("token list --json").ok().contains("\"prod\""), "{place}");
    }
}

#[test]
fn logout_and_new_sign_in_sweep_every_cache() {
    let server = Server::start();
    for leave in ["logout", "login --device"] {
        let mut room = room(&server);
        room.run("zone edit prod --grant device_code --device-endpoint /device_authorization").ok();
        let runtime = directory(&room, "runtime");
        let signs_in = |token: &str| {
            server.expect(
                "POST /device_authorization",
                Answer::json(&serde_json::json!({
                    "device_code": "DC-1", "user_code": "WDJB-MJHT", "expires_in": 600, "interval": 5,
                    "verification_uri": format!("{}/device", server.origin()),
                })),
            );
            server.mints(Answer::refreshed(token, "RT"));
        };
        signs_in("AT-1");
        room.run("login --device").ok();
        // The same sign-in is used from a session as well.
        room.set("XDG_RUNTIME_DIR", &runtime);
        server.mints(Answer::refreshed("AT-2", "RT"));
        assert_eq!(room.run("token").ok(), "AT-2");
        room.unset("XDG_RUNTIME_DIR");
        if leave == "logout" {
            server.serves(&server.metadata());
        } else {
            signs_in("AT-3");
        }
        room.run(leave).ok();
        room.set("XDG_RUNTIME_DIR", &runtime);
        assert_eq!(room.run("token list").ok(), "", "after {leave}");
    }
}

#[test]
fn missing_cache_directory_is_skipped() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.unset("XDG_CACHE_HOME");
    fs::remove_dir_all(room.directory().join("cache")).unwrap();
    let around = room.directory().join("runtime/hallpass");
    let foreign = std::os::unix::fs::chown(&around, Some(65534), None).is_ok();
    let expected = if foreign { 1 } else { 2 };
    assert_eq!(room.run("token forget --json").json()["forgotten"], expected);
}

#[test]
fn writable_cache_directory_is_refused_after_sweep() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    room.unset("XDG_CACHE_HOME");
    let around = room.directory().join("runtime/hallpass");
    fs::set_permissions(&around, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = room.run("token forget");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{refused}");
    assert!(refused.stderr.contains("hint: chmod go-w ROOM/runtime/hallpass"), "{refused}");
    fs::set_permissions(&around, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(serves(&mut room), ["runtime"]);
}

#[test]
fn planted_entry_does_not_lead_anywhere() {
    let server = Server::start();
    let mut room = room(&server);
    cached_everywhere(&server, &mut room);
    // Files named like cached tokens, in a directory that never was a cache.
    let victim = directory(&room, "victim");
    let file = victim.join("0".repeat(64));
    fs::write(&file, "mine").unwrap();
    let list = room.home().join(".local/state/hallpass/cache-directory");
    for name in ["0".repeat(64), "x".to_owned()] {
        room.write(&format!("home/.local/state/hallpass/cache-directory/{name}"), &victim.display().to_string());
    }
    room.run("token forget --all").ok();
    assert!(file.exists());
    let aside = room.directory().join("aside");
    fs::rename(&list, &aside).unwrap();
    symlink(&aside, &list).unwrap();
    assert_eq!(room.run("token forget --all").code, 7, "the list is a link");
}

#[test]
fn usual_cache_is_not_listed() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    assert!(!room.home().join(".local/state/hallpass/cache-directory").exists());
}
