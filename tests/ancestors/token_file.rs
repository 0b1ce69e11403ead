//! toolregistry-server and `check --tokens-file` let in the same.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::ask;
use super::room::Room;

fn written(room: &Room, name: &str, text: &str) -> PathBuf {
    let path = room.folder().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn the_same_tokens_are_let_in() {
    let room = Room::new();
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
    let file = |number: usize| room.folder().join(format!("{number}.txt"));
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
    }
}
