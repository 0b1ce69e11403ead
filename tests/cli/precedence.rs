//! Which zone a command speaks for.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use insta::assert_snapshot;

use super::room::Room;

fn chosen(room: &Room, line: &str) -> (String, String) {
    let shown = room.run(line).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&shown["name"]), text(&shown["chosen_by"]["value"]))
}

#[test]
fn each_beats_next() {
    let mut room = Room::new();
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: no zone is named
    err: cause: there are no zones yet
    err: hint: for a service: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -
    err: hint: for a user: hallpass login ISSUER --client-id ID
    err: hint: to try it out: hallpass sandbox -- hallpass token
    ");
    for name in ["a", "b", "c", "d"] {
        room.run(&format!("zone add {name} --issuer https://{name}.example --client-id {name}")).ok();
    }
    let mut seen = vec![chosen(&room, "zone show --json")];
    room.write(".hallpass.toml", "zone = \"b\"\n");
    seen.push(chosen(&room, "zone show --json"));
    room.set("HALLPASS_ISSUER", "https://env.example");
    room.set("HALLPASS_CLIENT_ID", "e");
    seen.push(chosen(&room, "zone show --json"));
    room.set("HALLPASS_ZONE", "c");
    seen.push(chosen(&room, "zone show --json"));
    seen.push(chosen(&room, "zone show --json -z d"));
    seen.push(chosen(&room, "zone show --json -z env"));
    let seen: Vec<String> = seen.into_iter().map(|(name, by)| format!("{name}: {by}")).collect();
    let directory = room.directory().display().to_string();
    assert_snapshot!(seen.join("\n").replace(&directory, "ROOM"), @"
    a: user
    b: project ROOM/.hallpass.toml
    env: environment HALLPASS_ISSUER
    c: environment HALLPASS_ZONE
    d: flag
    env: flag
    ");
}

#[test]
fn name_that_nobody_knows_is_configuration_with_known_ones() {
    let mut room = Room::new();
    assert_snapshot!(room.run("token -z nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: there are no zones yet: hallpass zone add NAME --issuer URL
    ");
    room.run("zone add a --issuer https://a.example --client-id a").ok();
    room.run("zone add b --issuer https://b.example --client-id b").ok();
    assert_snapshot!(room.run("token -z nope"), @"
    exit 3
    err: error: there is no zone nope
    err: hint: known zones: a, b
    ");
    assert_snapshot!(room.run("token -z A.B"), @"
    exit 3
    err: error: there is no zone of that name
    err: hint: known zones: a, b
    ");
    assert_snapshot!(room.run("token -z env"), @"
    exit 3
    err: error: the zone env needs HALLPASS_ISSUER and HALLPASS_CLIENT_ID in the environment
    ");
    room.write(".hallpass.toml", "zone = \"nope\"\n");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: there is no zone nope
    err: cause: named by project ROOM/.hallpass.toml
    err: hint: known zones: a, b
    ");
    room.set("HALLPASS_ZONE", "neither");
    assert_snapshot!(room.run("token --json"), @r#"
    exit 3
    err: {"error":{"kind":"config","oauth_error":null,"message":"there is no zone neither: named by environment HALLPASS_ZONE","hint":"known zones: a, b","retriable":false,"exit":3}}
    "#);
    room.unset("HALLPASS_ZONE");
    room.run("zone remove a --yes").ok();
    room.write(".hallpass.toml", "issuer = \"https://evil.example\"\n");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: ROOM/.hallpass.toml: a project may only name a zone, but this file sets issuer
    ");
    std::fs::remove_file(room.directory().join(".hallpass.toml")).unwrap();
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: no zone is named
    err: cause: known zones: b
    err: hint: name one with -z, or: hallpass zone default NAME
    ");
}

#[test]
fn half_ephemeral_zone_is_not_passed_over() {
    let mut room = Room::new();
    room.run("zone add a --issuer https://a.example --client-id a").ok();
    room.set("HALLPASS_ISSUER", "https://env.example");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: HALLPASS_CLIENT_ID is not set, but HALLPASS_ISSUER is
    ");
    room.set("HALLPASS_CLIENT_ID", "e");
    room.set("HALLPASS_CLIENT_SECRET", "");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: HALLPASS_CLIENT_SECRET is set but empty
    err: hint: set HALLPASS_CLIENT_SECRET to a value, or unset it
    ");
    room.unset("HALLPASS_CLIENT_SECRET");
    room.set("HALLPASS_CLIENT_SECRET_FILE", "/nonexistent/secret");
    room.set("HALLPASS_NO_CACHE", "1");
    assert_snapshot!(room.run("header --basic"), @"
    exit 3
    err: error: could not read the client secret of zone env
    err: cause: file:/nonexistent/secret can't be read
    err: cause: No such file or directory (os error 2)
    ");
}

/// Nothing is used in place of a choice that did not arrive, and nothing that is not used is looked at.
#[test]
fn choice_of_environment_empty_exits_3() {
    let mut room = Room::new();
    room.run("zone add a --issuer https://a.example --client-id a").ok();
    for name in ["ZONE", "ISSUER", "CLIENT_ID", "AUTH", "CLIENT_SECRET", "CLIENT_SECRET_FILE"] {
        let name = format!("HALLPASS_{name}");
        for (bytes, reason) in [(vec![], "is set but empty"), (vec![0xff], "is not UTF-8")] {
            room.set(&name, OsString::from_vec(bytes));
            for line in ["zone show", "header", "status", "discover"] {
                let outcome = room.run(line);
                assert_eq!(outcome.code, 3, "{name}, {line}: {outcome}");
                assert!(outcome.stderr.starts_with(&format!("error: {name} {reason}\n")), "{line}: {outcome}");
            }
            room.run("zone show -z a").ok();
        }
        room.unset(&name);
    }
    room.set("HALLPASS_ISSUER", "");
    room.set("HALLPASS_CLIENT_ID", "ci");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: HALLPASS_ISSUER is set but empty
    err: hint: set HALLPASS_ISSUER to a value, or unset it
    ");
    room.set("HALLPASS_ZONE", "a");
    room.run("zone show").ok();
}

#[test]
fn vault_of_environment_empty_exits_3() {
    let mut room = Room::new();
    room.set("HALLPASS_VAULT", "");
    let add = "zone add a --issuer https://a.example --client-id a --client-secret-from -";
    assert_snapshot!(room.call(add).stdin("hunter2").run(), @"
    exit 3
    err: error: HALLPASS_VAULT is set but empty
    err: hint: set HALLPASS_VAULT to a value, or unset it
    ");
    room.unset("HALLPASS_VAULT");
    for name in ["HALLPASS_VAULT_KEY_FROM", "HALLPASS_VAULT_PASSPHRASE_FROM"] {
        room.set(name, "");
        let outcome = room.call(&format!("{add} --vault sealed")).stdin("hunter2").run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr.contains(&format!("{name} is set but empty")), "{outcome}");
        room.unset(name);
    }
}
