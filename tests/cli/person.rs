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
        ("check - --secret-from env:HALLPASS_HOME", "credential"),
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

#[test]
fn zone_add_asks_for_what_is_missing() {
    let room = Room::new();
    let answers =
        ["", "ftp://as.example", "https://sso.example/realms/acme", "Acme", "", "ci", "maybe", "", "hunter2-horse"];
    assert_snapshot!(room.call("zone add").types(&answers[1..]).run(), @"
    exit 0
    out: zone acme added; its client secret is stored in the keyring vault; it is the default zone
    err: Issuer URL (--issuer): ftp://as.example
    err: issuer must be https, or http to loopback
    err: Issuer URL (--issuer): https://sso.example/realms/acme
    err: Zone name (NAME) [acme]: Acme
    err: name must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or a digit
    err: Zone name (NAME) [acme]: 
    err: Client ID, empty for none (--client-id): ci
    err: Authenticate by secret, key or none (--auth) [secret]: maybe
    err: answer secret, key, none or a method such as client_secret_post
    err: Authenticate by secret, key or none (--auth) [secret]: 
    err: client secret of zone acme (--client-secret-from): (hidden)
    ");
    assert_snapshot!(room.config(), @r#"
    default = "acme"

    [zones.acme]
    issuer = "https://sso.example/realms/acme"
    client_id = "ci"
    client_secret = "stored"
    vault = "keyring"
    "#);
    assert_eq!(room.kept(), [("acme/client_secret".to_owned(), "hunter2-horse".to_owned())]);
    // What a flag answers is not asked for.
    let line = "zone add --issuer https://sso.example/realms/acme --client-id c --vault keyring";
    assert_snapshot!(room.call(line).types(&["two", "client_secret_post", "s3cret-pony"]).run(), @"
    exit 0
    out: zone two added; its client secret is stored in the keyring vault
    err: Zone name (NAME): two
    err: Authenticate by secret, key or none (--auth) [secret]: client_secret_post
    err: client secret of zone two (--client-secret-from): (hidden)
    ");
    assert!(room.config().contains("auth = \"client_secret_post\""), "{}", room.config());
    let outcome = room.call("zone add people --client-id c").types(&["https://sso.example", "none"]).run();
    assert_eq!(outcome.ok(), "zone people added", "{outcome}");
    let outcome = room.call("zone add looks").types(&["https://sso.example", ""]).run();
    assert_eq!(outcome.ok(), "zone looks added", "{outcome}");
    // A name and an issuer are enough.
    room.call("zone add bare --issuer https://sso.example").types(&[]).run().ok();
}

#[test]
fn zone_add_that_is_not_answered_leaves_nothing() {
    let answers = ["https://sso.example/realms/acme", "acme", "ci", "secret", "hunter2-horse"];
    for given in 0..answers.len() {
        for end in [None, Some(INTERRUPT)] {
            let room = Room::new();
            let typed: Vec<&str> = answers[..given].iter().copied().chain(end).collect();
            let outcome = room.call("zone add").types(&typed).run();
            assert_eq!(outcome.code, if end.is_some() { 130 } else { 2 }, "{outcome}");
            assert_eq!((room.config(), room.files(), room.kept()), (String::new(), vec![], vec![]), "{outcome}");
        }
    }
    let room = Room::new();
    assert_snapshot!(room.run("zone add"), @"
    exit 2
    err: error: required arguments were not provided: --issuer <URL>, <NAME>
    err: hint: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from SOURCE
    ");
    assert_snapshot!(room.call("zone add --no-input --issuer https://sso.example").person(true).run(), @"
    exit 2
    err: [1;31merror: [0mrequired arguments were not provided: <NAME>
    err: [2mhint: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from SOURCE[0m
    ");
}

#[test]
fn login_without_client_names_the_ways_to_get_one() {
    let room = Room::new();
    assert_snapshot!(room.run("login https://sso.example/realms/acme"), @"
    exit 2
    err: error: the new zone acme needs --client-id ID
    err: hint: with a client that the server knows: hallpass login https://sso.example/realms/acme -z acme --client-id ID
    err: hint: or register one: hallpass client register https://sso.example/realms/acme --auth-method none --redirect-uri http://127.0.0.1/callback --grant authorization_code --grant refresh_token --save-as acme && hallpass login -z acme
    err: hint: or with a client that has a secret: hallpass login https://sso.example/realms/acme -z acme --client-id ID --client-secret-from SOURCE
    ");
    assert_snapshot!(room.run("login"), @"
    exit 2
    err: error: required arguments were not provided: <ISSUER>, --client-id <ID>
    err: hint: hallpass login ISSUER --client-id ID
    err: hint: to try it out: hallpass sandbox -- hallpass token
    ");
}
