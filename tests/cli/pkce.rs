//! `pkce`: verifier and challenge.

use insta::assert_snapshot;

use super::room::Room;

#[test]
fn verifier_and_its_challenge() {
    let room = Room::new();
    let view = room.run("pkce --json").json();
    let verifier = view["code_verifier"].as_str().unwrap();
    assert_eq!((verifier.len(), &view["code_challenge_method"]), (43, &"S256".into()));
    let again = room.call("pkce --verifier-from - --json").stdin(verifier).run().json();
    assert_eq!(again, view);
    assert_ne!(room.run("pkce --json").json(), view);
    for length in [43, 64, 128] {
        let view = room.run(&format!("pkce --length {length} --json")).json();
        assert_eq!(view["code_verifier"].as_str().unwrap().len(), length);
    }
}

#[test]
fn example_of_rfc_7636() {
    let call = Room::new();
    let example = call.call("pkce --verifier-from -").stdin("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\n").run();
    assert_snapshot!(example, @"
    exit 0
    out: code_verifier␉dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
    out: code_challenge␉E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
    out: code_challenge_method␉S256
    ");
}

#[test]
fn what_is_no_verifier_is_refused() {
    let room = Room::new();
    let short = room.call("pkce --verifier-from -").stdin("hunter2").run();
    short.assert_hidden("hunter2");
    assert_snapshot!(short, @"
    exit 8
    err: error: the code verifier is malformed: it does not have 43 to 128 characters (RFC 7636 §4.1)
    ");
    assert_eq!(room.call("pkce --verifier-from -").stdin("").run().code, 3);
    for line in [
        "pkce --length 42",
        "pkce --length 129",
        "pkce --length x",
        "pkce --length 50 --verifier-from -",
        "pkce --dry-run",
    ] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}");
    }
}
