//! The grants that hand in something: `jwt_bearer` and `token_exchange`.

use insta::assert_snapshot;
use serde_json::json;

use super::room::Room;
use super::server::{Answer, Received, Server};

/// The parameters of a form, without those of the client.
fn sent(received: &Received) -> Vec<(String, String)> {
    let form = url::form_urlencoded::parse(received.body.as_bytes()).into_owned();
    form.filter(|(name, _)| name != "client_id").collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchanged(token: &str) -> Answer {
    Answer::json(
        &json!({"access_token": token, "issued_token_type": ACCESS, "token_type": "Bearer", "expires_in": 300}),
    )
}

#[test]
fn assertion_is_grant_and_read_at_every_call() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.run("zone edit prod --grant jwt_bearer --assertion-ref env:ASSERTION --scope 'read write' --audience api")
        .ok();
    room.set("ASSERTION", "one.e30.c2ln");
    server.mints(Answer::token("t0ken-1"));
    let outcome = room.run("token -vv");
    assert_eq!(outcome.ok(), "t0ken-1");
    outcome.assert_hidden("one.e30.c2ln");
    assert_eq!(
        sent(&server.received()[0]),
        pairs(&[("grant_type", BEARER), ("assertion", "one.e30.c2ln"), ("scope", "read write"), ("audience", "api")])
    );
    assert_eq!(room.run("token").ok(), "t0ken-1", "the cache answers to the same assertion");
    room.set("ASSERTION", "two.e30.c2ln");
    server.mints(Answer::token("t0ken-2"));
    assert_eq!(room.run("token").ok(), "t0ken-2", "and not to another");
    assert_eq!(room.run("token list --json").json().as_array().unwrap().len(), 2);
    room.unset("ASSERTION");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: could not read the assertion for zone prod
    err: cause: env:ASSERTION is not set
    ");
    assert_eq!(server.count(), 1);
}

#[test]
fn assertion_that_was_not_verified_opens_no_cache() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    // The same claims under another signature: only the server can tell which one is forged.
    let forged = |signature: &str| format!("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.{signature}");
    server.mints(Answer::token("alices-token"));
    room.call("token --assertion-from -").stdin(&forged("cmlnaHQ")).run().ok();
    server.mints(Answer::error(400, "invalid_grant", &format!("bad signature of {}", forged("Zm9yZ2Vk"))));
    let outcome = room.call("token --assertion-from -").stdin(&forged("Zm9yZ2Vk")).run();
    outcome.assert_hidden("Zm9yZ2Vk");
    assert_snapshot!(outcome, @"
    exit 5
    err: error: the server refused: invalid_grant: bad signature of [redacted] (HTTP 400 from http://AS/token)
    err: hint: look at the assertion: hallpass inspect SOURCE; its aud must be the issuer
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn call_may_hand_in_its_own() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::token("t0ken-1"));
    assert_eq!(room.call("token --assertion-from -").stdin("a.b.c\n").run().ok(), "t0ken-1");
    assert_eq!(sent(&server.received()[0]), pairs(&[("grant_type", BEARER), ("assertion", "a.b.c")]));
    server.mints(exchanged("t0ken-2"));
    let outcome = room.call("header --value --subject-token-from -").stdin("subject.t0ken").run();
    assert_eq!(outcome.ok(), "Bearer t0ken-2");
    assert_eq!(
        sent(&server.received()[0]),
        pairs(&[("grant_type", EXCHANGE), ("subject_token", "subject.t0ken"), ("subject_token_type", ACCESS)])
    );
    assert_eq!(room.call("header --value --subject-token-from -").stdin("subject.t0ken").run().ok(), "Bearer t0ken-2");
    server.mints(exchanged("t0ken-3"));
    assert_eq!(room.call("token --subject-token-from -").stdin("subject.other").run().ok(), "t0ken-3");
    server.mints(Answer::token("own"));
    assert_eq!(room.run("token").ok(), "own", "the zone's own grant has a token of its own");
    assert_snapshot!(room.run("token --subject-token-from env:A --assertion-from env:A"), @"
    exit 2
    err: error: --subject-token-from <SOURCE> can't be used with --assertion-from <SOURCE>
    err: hint: usage: hallpass token --subject-token-from <SOURCE>
    ");
    assert_snapshot!(room.call("token --subject-token-from -").run(), @"
    exit 3
    err: error: could not read the subject token for zone prod
    err: cause: stdin is empty
    ");
    assert_eq!(server.count(), 2);
}

#[test]
fn zone_exchanges_at_every_mint() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.run(
        "zone edit prod --grant token_exchange --subject-token-ref env:SUBJECT --audience api --audience other \
         --param subject_token_type=jwt --param requested_token_type=access --param x=y",
    )
    .ok();
    room.set("SUBJECT", "subject.t0ken");
    server.mints(exchanged("t0ken-1"));
    let outcome = room.run("token -vv");
    outcome.assert_hidden("subject.t0ken");
    assert_eq!(outcome.ok(), "t0ken-1");
    assert_eq!(
        sent(&server.received()[0]),
        pairs(&[
            ("grant_type", EXCHANGE),
            ("subject_token", "subject.t0ken"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("requested_token_type", ACCESS),
            ("audience", "api"),
            ("audience", "other"),
            ("x", "y"),
        ])
    );
    room.set("SUBJECT", "subject.other");
    server.mints(Answer::error(400, "invalid_request", "Invalid token subject.other"));
    let outcome = room.run("token");
    outcome.assert_hidden("subject.other");
    assert_snapshot!(outcome, @"
    exit 5
    err: error: the server refused: invalid_request: Invalid token [redacted] (HTTP 400 from http://AS/token)
    err: cause: the subject token is expired, revoked, of an ended session, of another realm, or of this realm under another URL
    err: hint: look at it: hallpass inspect SOURCE; its iss must be the zone's issuer byte for byte
    err: hint: to find out why: hallpass doctor -z prod --subject-token-from SOURCE
    ");
    room.run("zone edit prod --param subject_token_type=hunter2").ok();
    let outcome = room.run("token");
    outcome.assert_hidden("hunter2");
    assert_eq!(outcome.code, 3, "{outcome}");
}

#[test]
fn grant_without_its_input_says_where_to_name_it() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --grant jwt_bearer").ok();
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: zone prod uses the grant jwt_bearer but has no assertion
    err: hint: for this call: --assertion-from SOURCE
    err: hint: for every call: hallpass zone edit prod --assertion-ref SOURCE
    ");
    room.run("zone edit prod --grant token_exchange").ok();
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: zone prod uses the grant token_exchange but has no subject token
    err: hint: for this call: --subject-token-from SOURCE
    err: hint: for every call: hallpass zone edit prod --subject-token-ref SOURCE
    ");
    assert_snapshot!(room.run("token --dry-run --subject-token-from env:NOT_READ"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:token-exchange --data-urlencode 'subject_token=[redacted]' --data-urlencode subject_token_type=urn:ietf:params:oauth:token-type:access_token http://AS/token
    ");
    assert_snapshot!(room.run("zone edit prod --assertion-ref -"), @"
    exit 2
    err: error: invalid value for --assertion-ref <SOURCE>: a reference is read at every use: it takes file:PATH, env:NAME, cmd:COMMAND or the identity of a workload
    ");
    assert_snapshot!(room.run("zone edit prod --grant password"), @"
    exit 2
    err: error: invalid value for --grant <GRANT>
    err: hint: possible values: client_credentials, authorization_code, device_code, token_exchange, jwt_bearer
    ");
}

/// A server may have used up the assertion: only what says that it was not handled is tried again.
#[test]
fn assertion_whose_answer_was_lost_is_not_sent_again() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::status(500));
    assert_eq!(room.call("token --assertion-from -").stdin("a.b.c").run().code, 6);
    server.mints(Answer::status(503)).mints(Answer::token("t0ken"));
    assert_eq!(room.call("token --assertion-from - --fresh").stdin("a.b.c").run().ok(), "t0ken");
    assert_eq!(server.count(), 3);
}

#[test]
fn extension_grant_is_sent_as_given_with_warning() {
    const SAML: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    server.mints(Answer::token("t0ken-1"));
    let outcome = room.run("token --grant urn:example:grant --param ticket=42 --scope read");
    assert_eq!(outcome.ok(), "t0ken-1");
    assert_eq!(
        sent(&server.received()[0]),
        pairs(&[("grant_type", "urn:example:grant"), ("scope", "read"), ("ticket", "42")])
    );
    assert_eq!(
        outcome.stderr,
        "warning: the grant urn:example:grant is not one that hallpass knows: its parameters are sent as given, and \
         nothing is checked\n"
    );
    assert_eq!(room.run("token --grant urn:example:grant --param ticket=42 --scope read -q").ok(), "t0ken-1", "cached");
    server.mints(Answer::error(400, "invalid_grant", "no"));
    assert_eq!(room.run("token --grant client_credentials --param ticket=42 --scope read").code, 5, "another token");

    room.run(&format!("zone edit prod --grant {SAML} --assertion-ref env:SAML")).ok();
    assert_eq!(room.run("zone show --json").json()["grant"]["value"], SAML);
    room.set("SAML", "c2FtbA");
    server.mints(Answer::token("t0ken-2"));
    assert_eq!(room.run("token").ok(), "t0ken-2");
    assert_eq!(sent(server.received().last().unwrap()), pairs(&[("grant_type", SAML), ("assertion", "c2FtbA")]));
    // It may be of single use, so it is not sent twice.
    server.mints(Answer::lost_response());
    assert_eq!(room.call("token --assertion-from -").stdin("b3RoZXI").run().code, 6);
    assert_eq!(server.received().len(), 1);
    assert_snapshot!(room.run("token --grant saml"), @"
    exit 2
    err: error: invalid value for --grant <GRANT>
    err: hint: possible values: client_credentials, authorization_code, device_code, token_exchange, jwt_bearer
    ");
    assert_snapshot!(room.run("zone edit prod --grant client-credentials"), @"
    exit 2
    err: error: invalid value for --grant <GRANT>: 'client-credentials'
    err: hint: did you mean: client_credentials
    err: hint: possible values: client_credentials, authorization_code, device_code, token_exchange, jwt_bearer
    ");
}
