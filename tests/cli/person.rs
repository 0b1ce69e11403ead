//! What a person at a terminal is asked.

use insta::assert_snapshot;

use super::room::{INTERRUPT, Room};

const ADD: &str = "zone add a --issuer https://as.example --client-id c --client-secret-from -";

#[test]
fn secret_is_asked_for_without_echo() {
    let room = Room::new();
    assert_snapshot!(room.call(ADD).types(&["hunter2-horse"]).run(), @"
    exit 0
    out: zone a added; its client secret is stored in the keyring vault; it is the default zone
    err: client secret of zone a: (hidden)
    ");
    assert_eq!(room.kept(), [("a/client_secret".to_owned(), "hunter2-horse".to_owned())]);
    assert_snapshot!(room.call("header --from fd:0 --prefix Token=").types(&["s3cret-pony"]).run().stderr, @"secret: (hidden)");
}

#[test]
fn every_source_says_what_it_asks_for() {
    let room = Room::new();
    room.call(ADD).types(&["hunter2-horse"]).run().ok();
    let asked = |line: &str| {
        let outcome = room.call(line).types(&[]).run();
        assert_eq!(outcome.code, 2, "{line}: {outcome}");
        outcome.stderr.lines().next().unwrap().to_owned()
    };
    for (line, question) in [
        ("zone edit a --client-secret-from -", "client secret of zone a"),
        ("zone edit a --private-key-from -", "private key of zone a"),
        ("zone edit a --cert c.pem --cert-key-from -", "cert key of zone a"),
        ("header --from -", "token"),
        ("header --from - --prefix x", "secret"),
        ("header --read -", "value of Authorization"),
        ("header --basic --user u --secret-from -", "secret of u"),
        ("exchange --subject-token-from -", "subject token for zone a"),
        ("exchange --subject-token-from env:HALLPASS_HOME --actor-token-from -", "actor token for zone a"),
        ("token --assertion-from - -z jwt", "assertion for zone jwt"),
        ("inspect -", "token"),
        ("inspect - --claims", "claims (JSON)"),
        ("introspect -", "token"),
        ("revoke -", "token"),
        ("check - --secret-from env:HALLPASS_HOME", "token"),
        ("check env:HALLPASS_HOME --secret-from -", "secret"),
        ("check env:HALLPASS_HOME --kong --hmac v2 --hmac-key-from -", "HMAC key"),
        ("kong sign --hmac v1 --user u --method GET --path / --key-from -", "HMAC key"),
        ("bearer add tokens --from -", "token"),
        ("pkce --verifier-from -", "code verifier"),
        ("client register https://as.example --metadata-from -", "client metadata (JSON)"),
        ("client register https://as.example --jwks-from -", "public keys (JWKS)"),
        ("client register https://as.example --software-statement-from -", "software statement"),
        ("client register https://as.example --initial-token-from -", "initial access token"),
        ("client show --token-from -", "registration access token of zone a"),
    ] {
        let zone = "zone add jwt --issuer https://as.example --client-id c --grant jwt_bearer --replace";
        room.run(zone).ok();
        assert_eq!(asked(line), format!("{question}: ^D"), "{line}");
    }
}

#[test]
fn no_answer_exits_2_and_interrupt_130() {
    let room = Room::new();
    for (answers, code) in [(&[][..], 2), (&[""][..], 2), (&[INTERRUPT][..], 130)] {
        let outcome = room.call(ADD).types(answers).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
        assert_eq!((room.config(), room.files()), (String::new(), vec![]), "nothing is left");
    }
    assert_snapshot!(room.call(ADD).types(&[]).run(), @"
    exit 2
    err: client secret of zone a: ^D
    err: [1;31merror: [0mno answer to: client secret of zone a
    ");
    for line in ["--no-input", "--json --no-input"] {
        let outcome = room.call(&format!("{ADD} {line}")).types(&["s"]).run();
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr.contains("stdin is a terminal"), "{outcome}");
    }
}
