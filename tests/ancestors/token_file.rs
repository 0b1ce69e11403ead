//! toolregistry-server loads every file that hallpass writes, with the same tokens in the same order.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::ask;
use super::room::Room;

/// Token files as people and other programs write them.
const FILES: [&str; 14] = [
    "",
    "\n",
    "alpha\nbeta\n",
    "alpha\nbeta",
    "# mine\n\nalpha\n  beta\t\n\n# the end",
    "alpha\r\n# mine\r\n\r\nbeta\r\n",
    "alpha\rbeta\r",
    "#hallpass: label=\"ci\" added=2026-11-22T10:00:00Z\nalpha\n#hallpass-off: beta\nalpha\n",
    "#hallpass: expires=2020-01-01T00:00:00Z\nalpha\nbeta\n",
    "alpha\nalpha\nbeta\nalpha\n",
    "Bearer alpha\nbeta # for ci\n\"gamma\"\nalpha,beta\nz\u{fc}rich\n",
    "alpha\u{c}beta\u{b}gamma\u{85}delta\u{2028}epsilon\u{2029}zeta\u{1c}eta\u{1d}theta\u{1e}iota\n",
    "\u{a0}alpha\u{3000}\n\u{2003}\n\u{1f}beta\n\u{200b}gamma\n",
    "#hallpass: label=\"lost\"\n\n# no token here\n",
];

/// What is done to each of them, in this order.
const DEEDS: [&str; 14] = [
    "add FILE --from env:GAMMA",
    "add FILE --from env:DELTA --label ci --expires 30d",
    "add FILE --from env:GAMMA",
    "generate FILE --label deploy",
    "disable FILE --label ci",
    "generate FILE --label other --prefix x_ --bytes 16",
    "enable FILE --label ci",
    "rotate FILE --label deploy",
    "rotate FILE --label other --grace 1h",
    "remove FILE --from env:GAMMA",
    "disable FILE --label deploy",
    "add FILE --from env:ALPHA",
    "remove FILE --label ci",
    "prune FILE",
];

fn room() -> Room {
    Room::new().with("ALPHA", "alpha").with("GAMMA", "gamma").with("DELTA", "delta-1~.+/==")
}

/// The tokens of a file that are not disabled, each once, as `bearer list` shows them.
fn listed(room: &Room, file: &Path) -> Vec<String> {
    let list = room.run(&["bearer", "list", file.to_str().unwrap(), "--show-tokens", "--json"]).json();
    let mut tokens: Vec<String> = Vec::new();
    for one in list.as_array().unwrap().iter().filter(|one| one["state"] != "disabled") {
        let token = one["token"].as_str().unwrap().to_owned();
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens
}

fn written(room: &Room, name: &str, text: &str) -> PathBuf {
    let path = room.directory().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn every_file_that_is_written_loads_there() {
    let room = room();
    let mut seen: Vec<(String, Vec<String>)> = Vec::new();
    let mut cases = Vec::new();
    for (number, text) in FILES.iter().enumerate() {
        let file = written(&room, &format!("{number}.txt"), text);
        for (step, deed) in DEEDS.iter().enumerate() {
            let args: Vec<&str> = ["bearer"].into_iter().chain(deed.split(' ')).collect();
            let args: Vec<&str> =
                args.into_iter().map(|a| if a == "FILE" { file.to_str().unwrap() } else { a }).collect();
            let outcome = room.run(&args);
            assert_eq!(outcome.code(), 0, "{deed} on {text:?}: {outcome}");
            let copy = room.directory().join(format!("{number}-{step}.txt"));
            std::fs::copy(&file, &copy).unwrap();
            cases.push(json!({"path": copy}));
            seen.push((format!("{deed} on {text:?}"), listed(&room, &file)));
        }
    }
    for ((what, ours), answer) in seen.into_iter().zip(ask("token_file.py", &[], &cases)) {
        assert_eq!(answer["tokens"], json!(ours), "after {what}");
    }
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn new_file_loads_there() {
    let room = room();
    let file = room.directory().join("new.txt");
    let path = file.to_str().unwrap();
    room.run(&["bearer", "add", path, "--from", "env:ALPHA", "--label", "first"]).answer();
    let made = room.run(&["bearer", "generate", path, "--expires", "24h"]);
    let answer = ask("token_file.py", &[], &[json!({"path": file})]).remove(0);
    assert_eq!(answer["tokens"], json!(["alpha", made.answer()]));
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn same_tokens_are_let_in() {
    let room = room();
    let same = "both agree";
    let open = "an empty file lets nobody in";
    let unsound = "no Authorization field can carry this (RFC 6750 §2.1)";
    // The file, what is offered, and what hallpass and toolregistry-server say.
    let rows: [(&str, &str, [bool; 2], &str); 20] = [
        ("alpha\nbeta\n", "alpha", [true, true], same),
        ("alpha\nbeta\n", "beta", [true, true], same),
        ("alpha\nbeta", "beta", [true, true], same),
        ("alpha\r\nbeta\r\n", "alpha", [true, true], same),
        ("  alpha\t\n", "alpha", [true, true], same),
        ("alpha\u{2028}beta\n", "beta", [true, true], same),
        ("alpha\nbeta\n", "ALPHA", [false, false], same),
        ("alpha\nbeta\n", "alph", [false, false], same),
        ("alpha # ci\n", "alpha", [false, false], same),
        ("# alpha\nbeta\n", "alpha", [false, false], same),
        ("#hallpass-off: alpha\nbeta\n", "alpha", [false, false], same),
        ("Bearer alpha\n", "alpha", [false, false], same),
        // Deliberately stricter.
        ("", "alpha", [false, true], open),
        ("# alpha\n\n", "alpha", [false, true], open),
        ("#hallpass-off: alpha\n", "alpha", [false, true], open),
        ("#hallpass: expires=2020-01-01T00:00:00Z\nalpha\n", "alpha", [false, true], "it has expired"),
        ("#hallpass: expires=soon\nalpha\n", "alpha", [false, true], "nobody knows when it expires"),
        ("Bearer alpha\n", "Bearer alpha", [false, true], unsound),
        ("z\u{fc}rich\n", "z\u{fc}rich", [false, true], unsound),
        // Kinder.
        ("\u{feff}alpha\nbeta\n", "alpha", [true, false], "a byte order mark is no part of a token"),
    ];
    let file = |number: usize| room.directory().join(format!("{number}.txt"));
    let case = |(number, (text, offered, ..)): (usize, &(&str, &str, _, _))| json!({"path": written(&room, &format!("{number}.txt"), text), "offered": offered});
    let cases: Vec<Value> = rows.iter().enumerate().map(case).collect();
    for (number, answer) in ask("token_file.py", &[], &cases).into_iter().enumerate() {
        let (text, offered, expected, why) = rows[number];
        let path = file(number);
        let outcome = room.run_with_stdin(&["check", "--tokens-file", path.to_str().unwrap(), "--json"], offered);
        let ours = match outcome.code() {
            0 => true,
            1 => false,
            _ => panic!("{outcome}"),
        };
        assert_eq!([json!(ours), answer["accepts"].clone()], expected.map(Value::from), "{text:?} {offered}\n{why}");
        let outcome = room.run_with_stdin(&["bearer", "check", path.to_str().unwrap()], offered);
        assert_eq!(outcome.code(), i32::from(!ours), "bearer check says otherwise: {text:?} {offered}\n{outcome}");
    }
}
