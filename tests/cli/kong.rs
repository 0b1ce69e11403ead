//! `kong sign`: the header lines of a gateway's signature.

use insta::assert_snapshot;

use super::room::{BEGIN, Outcome, Room};

const KEY: &str = "a-key-that-both-sides-know";
const V1: &str = "kong sign --key-from env:K --user u-1 --session s-1 --method GET --path /orders";
const V2: &str = "kong sign --key-from env:K --hmac v2";
const FIELDS: &str = "X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: u-1\nX-User-Roles: a,b\n\
     X-User-Scopes: read write\nX-Session-ID: s-1\n";

fn room() -> Room {
    let mut room = Room::new();
    room.set("K", KEY);
    room
}

fn piped(room: &Room, line: &str, text: &str) -> Outcome {
    room.call(line).stdin(text).run()
}

#[test]
fn v1_signs_who_when_and_what() {
    let room = room();
    assert_snapshot!(room.run(V1), @"
    exit 0
    out: X-Authz-Ts: 1795341600
    out: X-Authz-Signature: 2MFDRWJQf7tSWT0t+mZmrzHMx0T0hRjtQWFW1ku7tp8=
    err: warning: v1 does not sign roles or scopes: anyone who can send headers to the service can forge them
    ");
    assert_snapshot!(room.run(&format!("{V1} --json")), @r#"
    exit 0
    out: {"hmac":"v1","signed_at":"2026-11-22T10:00:00Z","signed_at_epoch":1795341600,"headers":{"X-Authz-Ts":"1795341600","X-Authz-Signature":"2MFDRWJQf7tSWT0t+mZmrzHMx0T0hRjtQWFW1ku7tp8="},"warnings":["v1 does not sign roles or scopes: anyone who can send headers to the service can forge them"]}
    "#);
    let now = room.run(V1).stdout;
    room.later(100);
    assert_ne!(room.run(V1).stdout, now);
    for at in [BEGIN.to_string(), "2026-11-22T10:00:00Z".to_owned(), "2026-11-22T11:00:00+01:00".to_owned()] {
        assert_eq!(room.run(&format!("{V1} --at {at}")).stdout, now, "{at}");
    }
    assert_ne!(room.run(&V1.replace("GET", "get --at 1795341600")).stdout, now, "the method is signed as given");
    let service = room.run("kong sign --key-from env:K --service jobs --method GET --path /orders --at 1795341600");
    assert!(service.stdout.contains("VHHQoz/sVfdeQyOlvT32WZMvvr/0gDfmc5Vz4KYCQF4="), "{service}");
    let other = piped(&room, &V1.replace("env:K", "- --at 1795341600"), &format!("{KEY}\n"));
    assert_eq!(other.stdout, now, "one newline after the key is trimmed");
}

#[test]
fn v2_signs_header_lines_on_stdin() {
    let room = room();
    assert_snapshot!(piped(&room, V2, FIELDS), @"
    exit 0
    out: X-Authz-Ts: 1795341600
    out: X-Authz-Signature: v2:7bbf03233a325298d4c141dce8d6123c6df6e0f7ffa7ab05329579b9af89d4ff
    ");
    let same = |text: &str| piped(&room, &format!("{V2} --at {BEGIN}"), text).stdout;
    let signed = same(FIELDS);
    assert!(signed.contains("7bbf03233a"));
    let lower = FIELDS.replace("X-User-ID", "x-user-id").replace('\n', "\r\n");
    assert_eq!(same(&format!("Host: a.example\r\n{lower}X-Org-Roles:\r\n")), signed);
    assert_ne!(same(&FIELDS.replace("a,b", "a,b,admin")), signed);
    let outcome = piped(&room, &format!("{V2} --method GET --path /orders --at {BEGIN}"), FIELDS);
    assert_eq!((outcome.stdout.as_str(), outcome.code), (signed.as_str(), 0));
    assert!(outcome.stderr.contains("v2 signs neither the method nor the path"), "{outcome}");
}

#[test]
fn ambiguous_request_is_not_signed() {
    let room = room();
    assert_snapshot!(room.run(&V1.replace("u-1", "'u|s'")), @"
    exit 2
    err: error: who it is contains a |, which separates the parts of v1
    ");
    for (from, to) in [
        ("s-1", "'s|1'"),
        ("/orders", "'/a|b'"),
        ("/orders", "'/a\nb'"),
        ("/orders", "orders"),
        ("/orders", "'/orders?id=1'"),
        ("GET", "'GET /'"),
        ("u-1", "''"),
        ("u-1", "u-1 --service jobs"),
        ("--user u-1", ""),
        ("--method GET", ""),
        ("--path /orders", ""),
        ("GET", "GET --at yesterday"),
        ("GET", "GET --hmac v3"),
        ("GET", "GET --dry-run"),
    ] {
        let outcome = room.run(&V1.replacen(from, to, 1));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{to}: {outcome}");
    }
    for bad in ["no colon", "X-User-ID: a\nx-user-id: b", "X-Org-Roles: a\nX-Org-Roles: b", "X-User-ID: a\rX-B: c"] {
        let outcome = piped(&room, V2, bad);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{bad}: {outcome}");
    }
    assert_snapshot!(piped(&room, V2, "X-User-Roles: a\tb\n"), @"
    exit 8
    err: error: X-User-Roles contains a control character
    ");
}

#[test]
fn one_stdin_cannot_be_key_and_lines() {
    let room = room();
    assert_snapshot!(piped(&room, "kong sign --hmac v2 --key-from -", FIELDS), @"
    exit 2
    err: error: both --key-from and --hmac v2 would read stdin
    err: hint: use another source for one of them: file:PATH, env:NAME, cmd:COMMAND or fd:N
    ");
    assert_eq!(piped(&room, "kong sign --hmac v2 --key-from fd:0", FIELDS).code, 2);
    assert_snapshot!(piped(&room, &format!("{V2} --session s-1"), FIELDS), @"
    exit 2
    err: error: --hmac v2 can't be used with --session
    err: hint: put it among the header lines, as X-User-ID, X-Service-Name or X-Session-ID
    ");
    let typed = room.call(V2).person(true).run();
    assert!(typed.code == 2 && typed.stderr.contains("no header lines were given"), "{typed}");
    assert_eq!(piped(&room, V2, "").code, 3);
}

#[test]
fn empty_key_signs_nothing() {
    let mut room = room();
    for (set, stdin) in [(Some(""), FIELDS), (None, FIELDS)] {
        match set {
            Some(text) => room.set("K", text),
            None => room.unset("K"),
        }
        for line in [V1, V2] {
            let outcome = piped(&room, line, stdin);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{outcome}");
            assert!(outcome.stderr.contains("env:K"), "{outcome}");
        }
    }
    assert_eq!(piped(&room, &V1.replace("env:K", "-"), "\n").code, 3);
}
