//! `bearer`: token files.

use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{Outcome, Room};

/// A room with a token file of this text.
fn room(text: &str) -> (Room, PathBuf) {
    let room = Room::new();
    let path = room.write("tokens", text);
    (room, path)
}

fn text(path: &PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Runs `bearer VERB FILE FLAGS` with this on stdin.
fn bearer(room: &Room, verb: &str, flags: &str, stdin: &str) -> Outcome {
    let file = room.directory().join("tokens");
    room.call(&format!("bearer {verb} {} {flags}", file.display())).stdin(stdin).run()
}

const THREE: &str = "# of the staging machine\n\n#hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-12-01T00:00:00Z\n\
    ci-token\r\n  plain-token  \n#hallpass-off: off-token\n#hallpass: label=\"old\" expires=2026-11-22T09:00:00Z\nold-token";

#[test]
fn token_is_added_once() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    assert_snapshot!(bearer(&room, "add", "", "first-token\n"), @"
    exit 0
    out: added 55b4b48f529c
    ");
    assert_snapshot!(bearer(&room, "add", "--label ci --expires 30d", "second-token\n"), @"
    exit 0
    out: added 7a35833597e6 (ci)
    ");
    assert_eq!(
        text(&path),
        "first-token\n#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z expires=2026-12-22T10:00:00Z\nsecond-token\n"
    );
    assert_snapshot!(bearer(&room, "add", "--label other --expires 2027-01-01T00:00:00Z", "first-token"), @"
    exit 0
    out: already there: 55b4b48f529c
    err: warning: the token already exists with another label, which was not changed
    err: warning: the token already exists with another expiry, which was not changed
    ");
    let again = bearer(&room, "add", "--json", "second-token").json();
    assert_eq!(
        again,
        json!({"file": "ROOM/tokens", "changed": false, "line": 3, "fingerprint": "7a35833597e6", "label": "ci",
            "added": "2026-11-22T10:00:00Z", "expires": "2026-12-22T10:00:00Z", "state": "live"})
    );
    assert_eq!(text(&path).lines().count(), 3);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn what_cannot_be_added_is_refused() {
    let (room, path) = room(THREE);
    for bad in ["Bearer abc", "a b", "a,b", "#abc", "é", "a\nb", "=", &"a".repeat(16 * 1024 + 1)] {
        let outcome = bearer(&room, "add", "", bad);
        if bad.len() > 5 {
            outcome.assert_hidden(bad);
        }
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{bad}: {outcome}");
    }
    assert_snapshot!(bearer(&room, "add", "", "Bearer abc"), @"
    exit 8
    err: error: this is not a bearer token (RFC 6750 §2.1), so it could never match
    err: hint: expected a bare token; to extract it: hallpass header --read - --line
    ");
    assert_snapshot!(bearer(&room, "add", "", "off-token"), @"
    exit 8
    err: error: the token is disabled on line 6
    err: hint: hallpass bearer enable ROOM/tokens --fingerprint 08b01d5ced54
    ");
    assert_eq!(bearer(&room, "add", "", "").code, 3);
    assert_eq!(room.call(&format!("bearer add {}", path.display())).person(true).run().code, 2);
    for flags in [
        "--expires 2026-11-22T10:00:00Z",
        "--expires 0s",
        "--expires soon",
        "--label 'a\"b'",
        "--label ''",
        "--dry-run",
    ] {
        assert_eq!(bearer(&room, "add", flags, "new-token").code, 2, "{flags}");
    }
    assert_eq!(bearer(&room, "add", "--from env:NONE", "").code, 3);
    assert_eq!(text(&path), THREE);
    // One that has expired comes back, with its label, in its place.
    assert_snapshot!(bearer(&room, "add", "--expires 1h", "old-token"), @"
    exit 0
    out: added 9bdf10a691a1 (old)
    ");
    let renewed = "#hallpass: label=\"old\" added=2026-11-22T10:00:00Z expires=2026-11-22T11:00:00Z\nold-token\n";
    assert_eq!(text(&path), THREE.replace("#hallpass: label=\"old\" expires=2026-11-22T09:00:00Z\nold-token", renewed));
}

#[test]
fn token_is_made_and_printed_once() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    let made = bearer(&room, "generate", "--label ci", "");
    let token = made.stdout.trim_end().to_owned();
    assert!(made.code == 0 && made.stderr.is_empty() && token.starts_with("hp_") && token.len() == 3 + 43, "{made}");
    assert_eq!(text(&path), format!("#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z\n{token}\n"));
    let json = bearer(&room, "generate", "--json --bytes 16 --prefix '' --expires 90s", "").json();
    assert_eq!(
        (json["token"].as_str().unwrap().len(), &json["label"], &json["expires"], &json["line"]),
        (22, &Value::Null, &json!("2026-11-22T10:01:30Z"), &json!(4))
    );
    for flags in
        ["--bytes 15", "--bytes 257", "--bytes x", "--prefix 'a b'", "--prefix a=", "--expires 1970-01-02T00:00:00Z"]
    {
        let outcome = bearer(&room, "generate", flags, "");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{flags}: {outcome}");
    }
    assert_eq!(text(&path).lines().count(), 4);
    assert_eq!(room.call(&format!("bearer check {}", path.display())).stdin(&token).run().code, 0);
}

#[test]
fn every_copy_of_token_is_removed() {
    let (room, path) = room(&format!("{THREE}\nci-token\n"));
    assert_snapshot!(bearer(&room, "remove", "", "ci-token\n"), @"
    exit 0
    out: removed 948b8c2427cd (ci)
    out: removed 948b8c2427cd
    ");
    assert_eq!(
        text(&path),
        "# of the staging machine\n\n  plain-token  \n#hallpass-off: off-token\n#hallpass: label=\"old\" expires=2026-11-22T09:00:00Z\nold-token\n"
    );
    let before = text(&path);
    assert_snapshot!(bearer(&room, "remove", "", "ci-token\n"), @"
    exit 1
    err: ROOM/tokens has no such token
    ");
    assert_snapshot!(bearer(&room, "remove", "--label ci --json", ""), @r#"
    exit 1
    out: {"file":"ROOM/tokens","changed":[]}
    err: ROOM/tokens has no such token
    "#);
    assert_snapshot!(bearer(&room, "remove", "", "plain-token"), @"
    exit 8
    err: error: this would leave ROOM/tokens without an active token
    err: cause: toolregistry-server lets everybody in when a file has no token
    err: hint: add another one first, or pass --allow-empty
    ");
    assert_eq!(text(&path), before);
    for flags in [
        "--from env:A --label x",
        "--label x --fingerprint 0123456789ab",
        "--fingerprint 0123",
        "--fingerprint xyzxyzxyzxyz",
    ] {
        assert_eq!(bearer(&room, "remove", flags, "").code, 2, "{flags}");
    }
    assert_eq!(bearer(&room, "remove", "--label old", "").code, 0);
    assert_snapshot!(bearer(&room, "remove", "--allow-empty --json", "plain-token"), @r#"
    exit 0
    out: {"file":"ROOM/tokens","changed":[{"line":3,"fingerprint":"23fb79e20d37","label":null,"added":null,"expires":null,"state":"live"}]}
    "#);
    assert_eq!(text(&path), "# of the staging machine\n\n#hallpass-off: off-token\n");
}

#[test]
fn token_is_let_in_or_not() {
    let (room, path) = room(&format!("{THREE}\nbad token\n"));
    assert_snapshot!(bearer(&room, "check", "", "ci-token\n"), @"
    exit 0
    out: yes: line 4 (ci)
    ");
    assert_snapshot!(bearer(&room, "check", "--json", "plain-token"), @r#"
    exit 0
    out: {"allowed":true,"reason":"line 5","matched":{"line":5,"fingerprint":"23fb79e20d37","label":null,"added":null,"expires":null,"state":"live"}}
    "#);
    for (token, said) in [
        ("off-token", "no: the token is disabled on line 6\n"),
        ("old-token", "no: the token on line 8 has expired (old)\n"),
        ("no-token", "no: it is not in the file\n"),
        ("CI-TOKEN", "no: it is not in the file\n"),
        ("bad token", "no: it is not a bearer token (RFC 6750 §2.1)\n"),
        ("Bearer ci-token", "no: it is not a bearer token (RFC 6750 §2.1)\n"),
        ("# of the staging machine", "no: it is not a bearer token (RFC 6750 §2.1)\n"),
    ] {
        let outcome = bearer(&room, "check", "", token);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, said), "{outcome}");
    }
    let no = bearer(&room, "check", "--json", "old-token");
    let json: Value = serde_json::from_str(&no.stdout).unwrap();
    assert_eq!((no.code, &json["allowed"], &json["matched"]["state"]), (1, &json!(false), &json!("expired")));
    // From its very moment on.
    room.later(777_600 - 36_000 + 14 * 3600);
    assert_eq!(bearer(&room, "check", "", "ci-token").code, 1);
    for (empty, token) in [("", "a"), ("# a\n", "a"), ("\n\n", "a")] {
        std::fs::write(&path, empty).unwrap();
        assert_eq!(bearer(&room, "check", "", token).code, 1, "{empty:?}");
    }
    assert_snapshot!(bearer(&room, "check", "", "a"), @"
    exit 1
    out: no: it is not in the file
    err: warning: ROOM/tokens has no token: it lets nobody in, but toolregistry-server then lets everybody in
    ");
    assert_eq!(bearer(&room, "check", "", "").code, 3);
}

#[test]
fn tokens_are_listed_by_their_fingerprints() {
    let (room, _) = room(THREE);
    let list = bearer(&room, "list", "", "");
    for token in ["ci-token", "plain-token", "off-token", "old-token"] {
        list.assert_hidden(token);
    }
    assert_snapshot!(list, @"
    exit 0
    out: 4␉948b8c2427cd␉ci␉2026-11-22T09:00:00Z␉2026-12-01T00:00:00Z␉live
    out: 5␉23fb79e20d37␉␉␉␉live
    out: 6␉08b01d5ced54␉␉␉␉disabled
    out: 8␉9bdf10a691a1␉old␉␉2026-11-22T09:00:00Z␉expired
    ");
    assert_snapshot!(bearer(&room, "list", "--json --show-tokens", ""), @r#"
    exit 0
    out: [{"line":4,"fingerprint":"948b8c2427cd","label":"ci","added":"2026-11-22T09:00:00Z","expires":"2026-12-01T00:00:00Z","state":"live","token":"ci-token"},{"line":5,"fingerprint":"23fb79e20d37","label":null,"added":null,"expires":null,"state":"live","token":"plain-token"},{"line":6,"fingerprint":"08b01d5ced54","label":null,"added":null,"expires":null,"state":"disabled","token":"off-token"},{"line":8,"fingerprint":"9bdf10a691a1","label":"old","added":null,"expires":"2026-11-22T09:00:00Z","state":"expired","token":"old-token"}]
    "#);
    let json = bearer(&room, "list", "--json", "").json();
    assert_eq!(
        json[0],
        json!({"line": 4, "fingerprint": json[0]["fingerprint"], "label": "ci", "added": "2026-11-22T09:00:00Z",
            "expires": "2026-12-01T00:00:00Z", "state": "live"})
    );
}

#[test]
fn label_gets_new_token() {
    let (room, path) = room(THREE);
    let new = bearer(&room, "rotate", "--label ci --grace 1h", "");
    let token = new.ok().to_owned();
    let former = "#hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-12-01T00:00:00Z\n";
    let rotated = format!(
        "#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z\n{token}\n\
         #hallpass: label=\"ci\" added=2026-11-22T09:00:00Z expires=2026-11-22T11:00:00Z\n"
    );
    assert_eq!(text(&path), THREE.replace(former, &rotated));
    assert_eq!(bearer(&room, "check", "", "ci-token").code, 0);
    let header = room.run(&format!("header --tokens-file {} --label ci", path.display()));
    assert_eq!(header.ok(), format!("Authorization: Bearer {token}"));
    room.later(3600);
    assert_eq!(bearer(&room, "check", "", "ci-token").code, 1);
    // At once.
    let json = bearer(&room, "rotate", "--label ci --json --expires 1d", "").json();
    assert_eq!((&json["replaced"][0]["state"], json["replaced"].as_array().unwrap().len()), (&json!("live"), 1));
    assert_eq!(bearer(&room, "check", "", &token).code, 1);
    let before = text(&path);
    assert_snapshot!(bearer(&room, "rotate", "--label nobody", ""), @"
    exit 1
    err: ROOM/tokens has no active token with this label
    ");
    assert_snapshot!(bearer(&room, "rotate", "--label old", ""), @"
    exit 1
    err: ROOM/tokens has no active token with this label
    ");
    for flags in ["", "--label ci --grace x", "--label ci --bytes 1", "--label ci --expires 0s"] {
        assert_eq!(bearer(&room, "rotate", flags, "").code, 2, "{flags}");
    }
    assert_eq!(text(&path), before);
}

#[test]
fn token_is_switched_off_and_on() {
    let (room, path) = room(THREE);
    assert_snapshot!(bearer(&room, "disable", "--label ci", ""), @"
    exit 0
    out: disabled 948b8c2427cd (ci)
    ");
    assert_eq!(text(&path), THREE.replace("ci-token", "#hallpass-off: ci-token"));
    assert_snapshot!(bearer(&room, "disable", "--label ci", ""), @"
    exit 0
    err: nothing to be disabled in ROOM/tokens
    ");
    assert_eq!(bearer(&room, "check", "", "ci-token").code, 1);
    let fingerprint = bearer(&room, "list", "--json", "").json()[1]["fingerprint"].as_str().unwrap().to_uppercase();
    assert_snapshot!(bearer(&room, "disable", &format!("--fingerprint {fingerprint}"), ""), @"
    exit 8
    err: error: this would leave ROOM/tokens without an active token
    err: cause: toolregistry-server lets everybody in when a file has no token
    err: hint: add another one first, or pass --allow-empty
    ");
    assert_snapshot!(bearer(&room, "enable", "--label nobody", ""), @"
    exit 1
    err: ROOM/tokens has no such token
    ");
    assert_eq!(bearer(&room, "enable", "--label ci", "").code, 0);
    assert_eq!((text(&path), bearer(&room, "check", "", "ci-token").code), (THREE.to_owned(), 0));
    for line in ["disable", "enable"] {
        assert_eq!(bearer(&room, line, "", "").code, 2, "{line}");
    }
}

const COPIES: &str = "#hallpass: label=\"ci\"\nci-token\nother-token\nci-token\n";

#[test]
fn label_selects_every_line_of_token() {
    for (verb, left) in [
        ("remove", "other-token\n"),
        ("disable", "#hallpass: label=\"ci\"\n#hallpass-off: ci-token\nother-token\n#hallpass-off: ci-token\n"),
    ] {
        let (room, path) = room(COPIES);
        let done = bearer(&room, verb, "--label ci", "");
        assert_eq!((done.code, done.stdout.lines().count()), (0, 2), "{done}");
        assert_eq!((text(&path).as_str(), bearer(&room, "check", "", "ci-token").code), (left, 1));
    }
    let (room, path) = room(COPIES);
    let new = bearer(&room, "rotate", "--label ci", "").ok().to_owned();
    assert_eq!(text(&path), format!("#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z\n{new}\nother-token\n"));
    std::fs::write(&path, COPIES).unwrap();
    bearer(&room, "rotate", "--label ci --grace 1h", "").ok();
    assert_eq!(bearer(&room, "check", "", "ci-token").code, 0);
    room.later(3600);
    for verb in ["check", "prune", "check"] {
        let stdin = if verb == "prune" { "" } else { "ci-token" };
        assert_eq!(bearer(&room, verb, "", stdin).code, u8::from(verb == "check"), "{verb}");
    }
    assert_eq!(text(&path).lines().filter(|line| line.contains("ci-token")).count(), 0);
}

#[test]
fn strictest_line_of_token_counts_everywhere() {
    for (strict, state) in [
        ("#hallpass-off: a-token\n", "disabled"),
        ("#hallpass: expires=2026-11-22T09:00:00Z\na-token\n", "expired"),
        ("#hallpass: expires=2026-11-22T09:00:00Z\n#hallpass: expires=2027-11-22T09:00:00Z\na-token\n", "expired"),
        ("#hallpass: soon\na-token\n", "malformed"),
    ] {
        for copies in [format!("a-token\nb-token\n{strict}"), format!("{strict}a-token\nb-token\n")] {
            let (room, path) = room(&copies);
            assert_eq!(bearer(&room, "check", "", "a-token").code, 1, "{copies}");
            let guard = format!("check --tokens-file {}", path.display());
            assert_eq!(room.call(&guard).stdin("a-token").run().code, 1, "{copies}");
            let list = bearer(&room, "list", "--json", "").json();
            let states: Vec<&Value> = list.as_array().unwrap().iter().map(|one| &one["state"]).collect();
            assert_eq!(states.iter().filter(|one| ***one == json!(state)).count(), 2, "{copies} {states:?}");
            let header = room.run(&format!("header --tokens-file {}", path.display()));
            assert_eq!(header.ok(), "Authorization: Bearer b-token");
            // Nothing but these lets it in again.
            bearer(&room, "prune", "", "").ok();
            assert_eq!(bearer(&room, "check", "", "a-token").code, 1, "{copies}");
            if state == "disabled" {
                assert_eq!(bearer(&room, "add", "", "a-token").code, 8);
                assert_eq!(bearer(&room, "enable", "--fingerprint 1f6076e3a47b", "").code, 0);
                assert_eq!(bearer(&room, "check", "", "a-token").code, 0);
            } else if state == "expired" {
                assert_eq!(bearer(&room, "add", "", "a-token").code, 0);
                assert_eq!(bearer(&room, "check", "", "a-token").code, 0);
            }
        }
    }
}

#[test]
fn expired_tokens_are_pruned() {
    let (room, path) = room(THREE);
    assert_snapshot!(bearer(&room, "prune", "", ""), @"
    exit 0
    out: pruned 9bdf10a691a1 (old)
    ");
    assert_eq!(text(&path), THREE.replace("#hallpass: label=\"old\" expires=2026-11-22T09:00:00Z\nold-token", ""));
    assert_snapshot!(bearer(&room, "prune", "", ""), @"
    exit 0
    err: nothing to be pruned in ROOM/tokens
    ");
    std::fs::write(&path, "#hallpass: expires=1\nlast-token\n").unwrap();
    assert_eq!(bearer(&room, "prune", "", "").code, 8);
    assert_eq!(bearer(&room, "prune", "--allow-empty", "").code, 0);
    assert_eq!(text(&path), "");
}

#[test]
fn what_is_wrong_is_listed() {
    let (room, path) = room("good-token\n");
    assert_snapshot!(bearer(&room, "lint", "", ""), @"exit 0");
    std::fs::write(
        &path,
        "\u{feff}first-token\nBearer x\nab\u{a0}c\nabc # ci\na\0b\nfirst-token\n#hallpass: expires=soon\nx-token\n\
         #hallpass: expires=1\ny-token\n#hallpass: label=\"z\"\n",
    )
    .unwrap();
    assert_snapshot!(bearer(&room, "lint", "", ""), @r"
    exit 1
    out: 1␉starts with a byte order mark, which toolregistry-server reads as part of the line
    out: 2␉can never match: only the token belongs here, without `Bearer`
    out: 3␉can never match: it contains \u{a0}
    out: 4␉can never match: a comment after a token is part of it
    out: 5␉can never match: it contains \u{0}
    out: 6␉the token of line 1 again
    out: 7␉metadata that can't be read, so its token lets nobody in: a time that is not RFC 3339
    out: 10␉has expired; toolregistry-server accepts it until it is removed: hallpass bearer prune FILE
    out: 11␉metadata without a token below it
    ");
    let json: Value = serde_json::from_str(&bearer(&room, "lint", "--json", "").stdout).unwrap();
    assert_eq!(
        json[1],
        json!({"line": 2, "problem": "can never match: only the token belongs here, without `Bearer`"})
    );
    std::fs::write(&path, "").unwrap();
    assert_snapshot!(bearer(&room, "lint", "--json", ""), @r#"
    exit 1
    out: [{"line":null,"problem":"no token: hallpass lets nobody in, but toolregistry-server lets everybody in"}]
    "#);
}

#[test]
fn file_that_cannot_be_read_is_told() {
    let room = Room::new();
    room.write("directory/x", "");
    let bad = room.directory().join("tokens");
    for (verb, flags) in VERBS {
        let missing = bearer(&room, verb, flags, "new-token");
        assert_eq!((missing.code, missing.stdout.as_str()), (7, ""), "{verb}: {missing}");
        let directory = room
            .call(&format!("bearer {verb} {} {flags}", room.directory().join("directory").display()))
            .stdin("t")
            .run();
        assert_eq!((directory.code, directory.stdout.as_str()), (7, ""), "{verb}: {directory}");
    }
    std::fs::write(&bad, b"good-token\nbad-token\xff\n").unwrap();
    for (verb, flags) in VERBS.into_iter().chain([("add", ""), ("generate", "")]) {
        let outcome = bearer(&room, verb, flags, "new-token");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{verb}: {outcome}");
    }
    assert_snapshot!(bearer(&room, "check", "", "good-token"), @"
    exit 8
    err: error: ROOM/tokens is not UTF-8: line 2
    ");
    assert_eq!(std::fs::read(&bad).unwrap(), b"good-token\nbad-token\xff\n");
    std::fs::remove_file(&bad).unwrap();
    assert_snapshot!(bearer(&room, "check", "", "good-token"), @"
    exit 7
    err: error: can't read ROOM/tokens
    err: cause: No such file or directory (os error 2)
    ");
    let header = room.run(&format!("header --tokens-file {}", bad.display()));
    assert_eq!((header.code, header.stdout.as_str()), (7, ""));
}

/// Those that want a file that is there, with what they need besides.
const VERBS: [(&str, &str); 8] = [
    ("remove", ""),
    ("check", ""),
    ("list", ""),
    ("rotate", "--label x"),
    ("disable", "--label x"),
    ("enable", "--label x"),
    ("lint", ""),
    ("prune", ""),
];

#[test]
fn loose_modes_are_warned_of_and_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let (room, path) = room("good-token\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(bearer(&room, "check", "", "good-token"), @"
    exit 0
    out: yes: line 1
    err: warning: ROOM/tokens is open to others (mode 0644): chmod 600 ROOM/tokens
    ");
    assert_snapshot!(bearer(&room, "add", "", "new-token"), @"
    exit 0
    out: added 348e9df2a42b
    err: warning: ROOM/tokens is open to others (mode 0644): chmod 600 ROOM/tokens
    ");
    for (verb, flags) in VERBS {
        let outcome = bearer(&room, verb, flags, "new-token");
        let text = if verb == "lint" { &outcome.stdout } else { &outcome.stderr };
        assert!(text.contains("chmod 600") && [0, 1].contains(&outcome.code), "{verb}: {outcome}");
    }
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o644);
}

#[test]
fn link_is_followed_within_its_directory_only() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    let (inner, outer) = (room.write("in/real", "a-token\n"), room.write("outer", "a-token\n"));
    symlink(&outer, room.directory().join("in/away")).unwrap();
    symlink("real", room.directory().join("in/near")).unwrap();
    let call = |verb: &str, name: &str| {
        room.call(&format!("bearer {verb} {}", room.directory().join("in").join(name).display())).stdin("b-token").run()
    };
    assert_snapshot!(call("add", "away"), @"
    exit 8
    err: error: ROOM/in/away is a link that leads out of its directory, to ROOM/outer
    err: hint: name the file itself: ROOM/outer
    ");
    assert_eq!((call("add", "near").code, text(&inner)), (0, "a-token\nb-token\n".to_owned()));
    assert!(std::fs::symlink_metadata(room.directory().join("in/near")).unwrap().is_symlink());
    assert_snapshot!(call("check", "away"), @"
    exit 1
    out: no: it is not in the file
    err: warning: ROOM/in/away is a link out of its directory, to ROOM/outer
    ");
    assert_eq!(text(&outer), "a-token\n");
}

#[test]
fn byte_order_mark_is_looked_past_and_told() {
    let (room, path) = room("\u{feff}a-token\r\n");
    assert_snapshot!(bearer(&room, "check", "", "a-token"), @"
    exit 0
    out: yes: line 1
    err: warning: ROOM/tokens starts with a byte order mark, which toolregistry-server reads as part of the first line
    ");
    assert_eq!(bearer(&room, "add", "", "b-token").code, 0);
    assert_eq!(text(&path), "\u{feff}a-token\r\nb-token\r\n");
    assert_eq!(bearer(&room, "remove", "", "a-token").code, 0);
    assert_eq!(text(&path), "\u{feff}b-token\r\n");
    assert_snapshot!(bearer(&room, "lint", "", ""), @"
    exit 1
    out: 1␉starts with a byte order mark, which toolregistry-server reads as part of the line
    ");
}

#[test]
fn header_carries_token_of_file() {
    let (room, path) = room(THREE);
    let header = |flags: &str| room.run(&format!("header --tokens-file {} {flags}", path.display()));
    assert_eq!(header("").ok(), "Authorization: Bearer ci-token");
    assert_eq!(header("--label ci --value").ok(), "Bearer ci-token");
    assert_snapshot!(header("--label old"), @"
    exit 3
    err: error: ROOM/tokens has no active token with this label
    err: hint: hallpass bearer list ROOM/tokens
    ");
    for flags in
        ["--from -", "--basic", "--dpop --method GET --url https://a.example", "--scope x", "--prefix x", "--dry-run"]
    {
        assert_eq!(header(flags).code, 2, "{flags}");
    }
    assert_eq!(room.run("header --label ci").code, 2);
}

#[test]
fn stricter_of_two_metadata_lines_counts() {
    let room = Room::new();
    let (past, future) = ("#hallpass: expires=2026-11-22T09:00:00Z", "#hallpass: expires=2026-11-22T11:00:00Z");
    let unreadable = "#hallpass: expires=soon";
    for (one, other, code) in
        [(past, future, 1), (future, past, 1), (unreadable, future, 1), (future, unreadable, 1), (future, future, 0)]
    {
        let file = room.write("tokens", &format!("{one}\n{other}\ntoken-1\n"));
        let checked = room.call(&format!("bearer check {}", file.display())).stdin("token-1").run();
        assert_eq!(checked.code, code, "{one} {other}: {checked}");
    }
}
