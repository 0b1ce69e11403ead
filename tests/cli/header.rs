//! `hallpass header`.

use insta::assert_snapshot;

use super::room::Room;
use super::server::{Answer, Server};

#[test]
fn line_or_its_value() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("header"), @"
    exit 0
    out: Authorization: Bearer AT-1
    ");
    assert_snapshot!(room.run("header --value"), @"
    exit 0
    out: Bearer AT-1
    ");
    assert_snapshot!(room.run("header --name X-Token"), @"
    exit 0
    out: X-Token: Bearer AT-1
    ");
    assert_snapshot!(room.run("header --json"), @r#"
    exit 0
    out: {"name":"Authorization","value":"Bearer AT-1"}
    "#);
    assert_snapshot!(room.run("header --name 'X: y'"), @"
    exit 2
    err: error: invalid value for --name <NAME>: expected a header name
    ");
}

#[test]
fn only_bearer_stands_by_itself() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let answer = serde_json::json!({"access_token": "AT-1", "token_type": "mac", "expires_in": 300});
    server.mints(Answer::json(&answer));
    assert_snapshot!(room.run("header"), @"
    exit 8
    err: error: a token of type mac can't be sent as a bearer token
    ");
}

#[test]
fn from_source() {
    let mut room = Room::new();
    assert_snapshot!(room.call("header --from -").stdin("static.token\n").run(), @"
    exit 0
    out: Authorization: Bearer static.token
    ");
    room.set("KEY", "any secret: really");
    assert_snapshot!(room.run("header --from env:KEY --prefix 'Token ' --name X-Key"), @"
    exit 0
    out: X-Key: Token any secret: really
    ");
    let refused = room.run("header --from env:KEY");
    refused.assert_hidden("really");
    assert_snapshot!(refused, @"
    exit 8
    err: error: env:KEY is not a bearer token (RFC 6750 §2.1)
    err: hint: for another kind of secret give its prefix: --prefix 'Token '
    err: hint: for a server that gives other tokens: --any-characters
    ");
    let refused = room.call("header --from - --prefix ''").stdin("two\nlines").run();
    refused.assert_hidden("lines");
    assert_snapshot!(refused, @"
    exit 8
    err: error: the value cannot be sent in an Authorization field: it contains a control character
    ");
    assert_snapshot!(room.run("header --from env:NOPE"), @"
    exit 3
    err: error: could not read the token
    err: cause: env:NOPE is not set
    ");
    assert_snapshot!(room.call("header --from -").person(false).run(), @"
    exit 2
    err: token: ^D
    err: [1;31merror: [0mno answer to: token
    ");
    assert_snapshot!(room.run("header --from env:KEY --fresh"), @"
    exit 2
    err: error: --from <SOURCE> can't be used with --fresh
    err: hint: usage: hallpass header --from <SOURCE>
    ");
    assert_snapshot!(room.run("header --prefix x"), @"
    exit 2
    err: error: required arguments were not provided: --from <SOURCE>
    err: hint: usage: hallpass header --from <SOURCE> --prefix <PREFIX>
    ");
}

#[test]
fn zone_of_environment_has_no_vault() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    assert_snapshot!(room.run("header --from vault"), @"
    exit 3
    err: error: the zone env is defined by environment variables and has no vault
    err: hint: its client secret is the source env:HALLPASS_CLIENT_SECRET
    err: hint: name a zone that has one with -z
    ");
    assert_eq!(room.run("header --from vault:refresh_token").code, 3);
    room.unset("HALLPASS_CLIENT_SECRET");
    room.set("HALLPASS_PRIVATE_KEY_FROM", "vault:private_key");
    assert_eq!(room.run("token").code, 3);
    assert_eq!((room.keyring_calls(), server.count()), (0, 0));
}

#[test]
fn from_vault() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    assert_snapshot!(room.run("header --from vault"), @"
    exit 0
    out: Authorization: Bearer s3cr3t-value
    ");
    assert_snapshot!(room.run("header --from vault:refresh_token"), @"
    exit 3
    err: error: the vault has no refresh token for zone prod
    err: hint: hallpass login -z prod
    err: hint: to find out why: hallpass doctor -z prod
    ");
    // `vault` is the zone's in effect wherever a source stands.
    for line in ["inspect vault", "inspect vault -z prod"] {
        let inspected = room.run(line);
        assert_eq!((inspected.code, inspected.stdout.as_str()), (8, ""), "it is read, and is no token: {inspected}");
    }
    assert_eq!(Room::new().run("inspect vault").code, 3, "no zone is in effect");
    assert_snapshot!(room.run("header --from vault:nonsense"), @"
    exit 2
    err: error: invalid value for --from <SOURCE>: vault: expected one of client_secret, refresh_token, registration_token, private_key
    ");
}

#[test]
fn header_from_source_refuses_token_flags() {
    let room = Room::new();
    for way in ["--basic", "--basic-raw", "--from env:X", "--read env:X"] {
        for wish in ["--scope a", "--fresh", "--min-ttl 5m", "--explain", "--param a=b"] {
            let refused = room.run(&format!("header {way} {wish}"));
            assert!(refused.code == 2 && refused.stderr.contains("hint: usage"), "{way} {wish}: {refused}");
        }
    }
    assert_eq!(room.run("header --read env:X --value").code, 2);
}

#[test]
fn basic_credentials() {
    let mut room = Room::new();
    room.set("SECRET", "a b%c");
    let line = "zone add prod --issuer https://as.example --client-id ci/1 --client-secret-ref env:SECRET";
    room.run(line).ok();
    // base64 of `ci%2F1:a+b%25c` and of `ci/1:a b%c`
    assert_snapshot!(room.run("header --basic"), @"
    exit 0
    out: Authorization: Basic Y2klMkYxOmErYiUyNWM=
    ");
    assert_snapshot!(room.run("header --basic-raw"), @"
    exit 0
    out: Authorization: Basic Y2kvMTphIGIlYw==
    ");
    assert_snapshot!(room.run("header --basic --user me:too --secret-from env:SECRET"), @"
    exit 0
    out: Authorization: Basic bWUlM0F0b286YStiJTI1Yw==
    ");
    assert_snapshot!(room.run("header --basic-raw --user me:too --secret-from env:SECRET"), @"
    exit 2
    err: error: the client id cannot be sent as Basic credentials: it contains a colon (RFC 7617 §2)
    ");
    assert_snapshot!(room.run("header --user me --secret-from env:SECRET"), @"
    exit 2
    err: error: --user needs --basic or --basic-raw
    ");
    assert_snapshot!(room.run("header --basic --user me"), @"
    exit 2
    err: error: required arguments were not provided: --secret-from <SOURCE>
    err: hint: usage: hallpass header --user <ID> --secret-from <SOURCE> --basic
    ");
    assert_snapshot!(room.run("header --basic --user '' --secret-from env:SECRET"), @"
    exit 2
    err: error: invalid value for --user: it is empty
    ");
    assert_snapshot!(room.run("header --basic --basic-raw"), @"
    exit 2
    err: error: --basic can't be used with --basic-raw
    err: hint: usage: hallpass header --basic
    ");
    room.run("zone add public --issuer https://as.example --client-id ci").ok();
    assert_snapshot!(room.run("header --basic -z public"), @"
    exit 3
    err: error: zone public has no client secret
    err: hint: hallpass zone edit public --client-secret-from -
    ");
}

#[test]
fn other_way_round() {
    let room = Room::new();
    let read = |value: &str| room.call("header --read -").stdin(value).run();
    assert_snapshot!(read("Bearer abc.def\n"), @"
    exit 0
    out: abc.def
    ");
    assert_snapshot!(read("bEARER abc.def"), @"
    exit 0
    out: abc.def
    ");
    assert_snapshot!(room.call("header --read - --json").stdin("Bearer abc.def").run(), @r#"
    exit 0
    out: {"token":"abc.def"}
    "#);
    for blanks in [" Bearer abc", "Bearer abc \t\n", "\t Bearer abc"] {
        assert_eq!(read(blanks).ok(), "abc", "{blanks:?}");
    }
    for none in ["Basic abc", "Bearer", "Bearer a b", "Bearer a,b", "Token abc"] {
        let outcome = read(none);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""), "{none}: {outcome}");
    }
    assert_snapshot!(read("Authorization: Bearer abc"), @"
    exit 2
    err: error: this is a whole Authorization line, not the field's value
    err: hint: say --line to have a whole header line read
    ");
    assert_snapshot!(room.call("header --read - --line").stdin("authorization: Bearer abc\r\n").run(), @"
    exit 0
    out: abc
    ");
    assert_snapshot!(read(""), @"
    exit 3
    err: error: could not read the value of Authorization
    err: cause: stdin is empty
    ");
}

#[test]
fn token_of_server_may_be_beyond_rfc_6750() {
    for token in ["00D5!AQ.x", "Atza|IwEB", "v^1.1#i^1#p"] {
        let server = Server::start();
        let room = Room::with_zone(&server);
        server.mints(Answer::token(token));
        assert_eq!(room.run("token").ok(), token);
        let outcome = room.run("header");
        assert_eq!(outcome.ok(), format!("Authorization: Bearer {token}"), "from the cache");
        assert_eq!(outcome.stderr.matches("warning: the token has characters that RFC 6750").count(), 1, "{outcome}");
        let refused = room.call("header --from -").stdin(token).run();
        assert!(refused.code == 8 && refused.stderr.contains("--any-characters"), "{refused}");
        let taken = room.call("header --from - --any-characters").stdin(token).run();
        assert_eq!(taken.ok(), format!("Authorization: Bearer {token}"));
        assert_eq!(room.call("header --from - --prefix 'bearer '").stdin(token).run().code, 8);
    }
    let mut room = Room::new();
    room.set("HALLPASS_TOKEN", "a|b");
    assert_eq!(room.run("header").code, 8);
    assert_eq!(room.run("header --any-characters").code, 2);
}
