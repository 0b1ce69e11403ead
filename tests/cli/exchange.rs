//! `exchange`: one token for another.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchanged(token: &str) -> Answer {
    Answer::json(&json!({"access_token": token, "issued_token_type": ACCESS, "token_type": "bearer", "expires_in": 300,
        "refresh_expires_in": 0, "scope": "read"}))
}

#[test]
fn exchange_shows_response_as_received() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    room.set("SUBJECT", "subject-token");
    room.set("ACTOR", "actor-token");
    room.run("zone edit prod --scope admin --audience zones-own --param tenant=t --param subject_token_type=urn:x:y")
        .ok();
    server.mints(exchanged("NEW-1"));
    let outcome = room.run(
        "exchange --subject-token-from env:SUBJECT --subject-type jwt --actor-token-from env:ACTOR --requested-type access \
         --audience a --audience b --resource urn:c --resource urn:d --scope 'read write' --param x=y --json",
    );
    outcome.assert_hidden("subject-token");
    assert_eq!(
        outcome.json(),
        json!({"access_token": "NEW-1", "issued_token_type": ACCESS, "token_type": "bearer", "expires_in": 300,
            "refresh_expires_in": 0, "scope": "read", "expires_at": "2026-11-22T10:05:00Z",
            "expires_at_epoch": 1_795_341_900})
    );
    let received = server.received();
    assert_snapshot!(received[0].body.replace('&', "\n"), @"
    grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange
    subject_token=subject-token
    subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt
    actor_token=actor-token
    actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token
    requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token
    audience=a
    audience=b
    resource=urn%3Ac
    resource=urn%3Ad
    scope=read+write
    tenant=t
    x=y
    ");
    assert!(received[0].header("authorization").is_some_and(|value| value.starts_with("Basic ")));
}

#[test]
fn token_comes_bare_or_in_form() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let run = |flags: &str| {
        server.mints(exchanged("NEW-1"));
        room.call(&format!("exchange --subject-token-from - {flags}")).stdin("S\n").run()
    };
    assert_snapshot!(run(""), @"
    exit 0
    out: NEW-1
    ");
    assert_snapshot!(run("--format env --name API"), @"
    exit 0
    out: export API='NEW-1'
    ");
    assert_snapshot!(run("--format curl"), @r#"
    exit 0
    out: header = "Authorization: Bearer NEW-1"
    "#);
    assert_eq!(server.count(), 3);
    assert!(!room.files().iter().any(|file| file.contains("token")), "nothing is kept: {:?}", room.files());
}

#[test]
fn exchanged_id_token_makes_no_header() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let saml = Answer::json(&json!({"access_token": "PHNhbWw-", "token_type": "N_A",
        "issued_token_type": "urn:ietf:params:oauth:token-type:saml2"}));
    server.mints(saml.clone()).mints(saml.clone()).mints(saml);
    let run = |flags: &str| {
        room.call(&format!("exchange --subject-token-from - --requested-type saml2 {flags}")).stdin("S").run()
    };
    assert_eq!(run("").ok(), "PHNhbWw-");
    assert_eq!(run("--json").json()["expires_at"], Value::Null);
    assert_snapshot!(run("--format curl"), @"
    exit 8
    err: error: a token of type N_A can't be sent as a bearer token
    ");
}

#[test]
fn cache_is_keyed_by_subject_token() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let run = |subject: &str, flags: &str| {
        room.call(&format!("exchange --subject-token-from - --cache {flags}")).stdin(subject).run()
    };
    server.mints(exchanged("NEW-1"));
    assert_eq!(run("S1", "").ok(), "NEW-1");
    assert_eq!(run("S1", "").ok(), "NEW-1");
    let again = run("S1", "--json").json();
    assert_eq!((&again["issued_token_type"], &again["expires_in"]), (&json!(ACCESS), &json!(299)));
    assert_eq!((&again["token_type"], &again["scope"]), (&json!("Bearer"), &json!("read")));
    assert_eq!(server.count(), 1);
    for (number, (subject, flags)) in [
        ("S2", ""),
        ("S1", "--audience a"),
        ("S1", "--resource urn:a"),
        ("S1", "--scope read"),
        ("S1", "--subject-type jwt"),
        ("S1", "--requested-type access"),
        ("S1", "--actor-token-from env:HALLPASS_HOME"),
        ("S1", "--param a=b"),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("OTHER-{number}");
        server.mints(exchanged(&token));
        assert_eq!(run(subject, flags).ok(), token, "{subject} {flags}");
        assert_eq!(run(subject, flags).ok(), token, "{subject} {flags}");
    }
    for file in room.files() {
        let text = std::fs::read_to_string(room.home().join(&file)).unwrap();
        assert!(!text.contains("S1") && !text.contains("S2"), "{file} holds a subject token");
    }
    room.later(250);
    server.mints(exchanged("NEW-2"));
    assert_eq!(run("S1", "").ok(), "NEW-2", "it was due for renewal");
    assert_eq!(run("S1", "").ok(), "NEW-2");
}

#[test]
fn what_cannot_be_kept_is_said() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let run = || room.call("exchange --subject-token-from - --cache").stdin("S").run();
    server.mints(Answer::json(&json!({"access_token": "N", "token_type": "Bearer", "issued_token_type": ACCESS})));
    assert_snapshot!(run(), @"
    exit 0
    out: N
    err: warning: the answer has no lifetime: the token is not cached
    ");
    server.mints(Answer::json(&json!({"access_token": "N", "token_type": "N_A", "expires_in": 9,
        "issued_token_type": "urn:ietf:params:oauth:token-type:jwt"})));
    assert_snapshot!(run(), @"
    exit 0
    out: N
    err: warning: the server issued a token of another type: it is not cached
    ");
    server.mints(Answer::json(&json!({"access_token": "N", "token_type": "Bearer"})));
    assert_snapshot!(room.call("exchange --subject-token-from -").stdin("S").run(), @"
    exit 0
    out: N
    err: warning: the answer has no issued_token_type (RFC 8693 §2.2.1)
    ");
}

#[test]
fn refusals_are_explained() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let refused = |status: u16, code: &str, text: &str| {
        server.mints(Answer::error(status, code, text));
        room.call("exchange --subject-token-from - --audience api --cache").stdin("sub.ject.token").run()
    };
    assert_snapshot!(refused(403, "access_denied", "Client is not within the token audience"), @"
    exit 5
    err: error: the server refused: access_denied: Client is not within the token audience (HTTP 403 from http://AS/token)
    err: cause: the subject token does not name ci in its aud
    err: hint: Keycloak: give the client that the token was issued to an Audience mapper with Included Client Audience ci; then get a new subject token
    err: hint: to find out why: hallpass doctor -z prod --subject-token-from SOURCE --exchange-audience api
    ");
    assert_snapshot!(refused(400, "invalid_request", "Standard token exchange is not enabled for the requested client"), @"
    exit 5
    err: error: the server refused: invalid_request: Standard token exchange is not enabled for the requested client (HTTP 400 from http://AS/token)
    err: cause: token exchange is switched off for this client
    err: hint: Keycloak: Clients > ci > Settings > Capability config > Standard Token Exchange: on (attribute standard.token.exchange.enabled=true)
    err: hint: to find out why: hallpass doctor -z prod --subject-token-from SOURCE --exchange-audience api
    ");
    assert_snapshot!(refused(400, "invalid_target", "sub.ject.token is not for api"), @"
    exit 5
    err: error: the server refused: invalid_target: [redacted] is not for api (HTTP 400 from http://AS/token)
    err: hint: the server issues no token for this --audience or --resource to this client
    err: hint: to find out why: hallpass doctor -z prod --subject-token-from SOURCE --exchange-audience api
    ");
    server.mints(Answer::error(400, "invalid_target", "no"));
    let shown = room.call("exchange --subject-token-from - --json").stdin("S").run();
    let error: Value = serde_json::from_str(&shown.stderr).unwrap();
    assert_eq!((shown.code, shown.stdout.as_str()), (5, ""));
    assert_eq!(
        (&error["error"]["kind"], &error["error"]["oauth_error"]),
        (&json!("token_exchange"), &json!("invalid_target"))
    );
    // Without a scope a server may take those of the subject token, some of which the client may not have.
    let hint = "hint: name scopes that the subject token has and ci may have: --scope S";
    assert!(refused(400, "invalid_scope", "").stderr.contains(hint));
    server.mints(Answer::error(400, "invalid_scope", ""));
    let scoped = room.call("exchange --subject-token-from - --scope read").stdin("S").run();
    assert!(scoped.stderr.contains("hint: ask for less"), "{scoped}");
    let lives = "hint: see whether the subject token still lives: hallpass inspect --introspect SOURCE -z prod";
    assert!(refused(400, "invalid_grant", "").stderr.contains(lives), "its exp does not tell");
    let client = refused(401, "invalid_client", "who are you");
    assert!(client.stderr.contains("authenticated with client_secret_basic"), "{client}");
}

#[test]
fn source_that_gives_nothing_is_fault_of_configuration() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for source in ["env:NOTHING", "file:/nowhere/at/all", "cmd:false", "-"] {
        let outcome = room.run(&format!("exchange --subject-token-from '{source}'"));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{source}: {outcome}");
    }
    assert_eq!(room.run("exchange --subject-token-from env:HALLPASS_HOME --actor-token-from env:NOTHING").code, 3);
}

#[test]
fn wrong_calls_are_told_apart() {
    let room = Room::new();
    for line in [
        "exchange",
        "exchange --subject-token-from hunter2",
        "exchange --subject-token-from - --subject-type hunter2",
        "exchange --subject-token-from - --actor-type jwt",
        "exchange --subject-token-from - --param subject_token=hunter2",
        "exchange --subject-token-from - --param audience=x",
        "exchange --subject-token-from - --param client_secret=hunter2",
    ] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}: {outcome}");
        outcome.assert_hidden("hunter2");
    }
    assert_eq!(room.call("exchange --subject-token-from -").stdin("S").run().code, 3, "no zone is named");
}

#[test]
fn dry_run_reads_and_sends_nothing() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    assert_snapshot!(room.run("exchange --subject-token-from env:NOTHING --audience api --cache --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:token-exchange --data-urlencode 'subject_token=[redacted]' --data-urlencode subject_token_type=urn:ietf:params:oauth:token-type:access_token --data-urlencode audience=api http://AS/token
    ");
    assert_eq!(server.count(), 0);
}

#[test]
fn exchange_that_was_sent_is_not_sent_again() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::status(500));
    let outcome = room.call("exchange --subject-token-from -").stdin("S").run();
    assert_eq!((outcome.code, server.count()), (6, 1), "{outcome}");
    server.mints(Answer::status(429).header("retry-after", "1")).mints(exchanged("NEW-1"));
    assert_eq!(room.call("exchange --subject-token-from -").stdin("S").run().ok(), "NEW-1");
}

#[test]
fn headers_are_part_of_key_of_cached_exchange() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let exchange = |header: &str| {
        room.call(&format!("exchange --subject-token-from - --cache --header X-Tenant:{header}")).stdin("ST-1").run()
    };
    server.mints(Answer::token("AT-1")).mints(Answer::token("AT-2"));
    assert!(exchange("a").ok().contains("AT-1") && exchange("b").ok().contains("AT-2"));
    assert!(exchange("a").ok().contains("AT-1"));
}

#[test]
fn exchange_needs_no_client_with_auth_none() {
    let server = Server::start();
    let mut room = Room::new();
    room.set("SUBJECT", "subject-token");
    room.run(&format!("zone add sts --issuer {} --auth none --token-endpoint /token", server.issuer())).ok();
    server.mints(exchanged("NEW-1"));
    assert_eq!(room.run("exchange --subject-token-from env:SUBJECT").ok(), "NEW-1");
    let received = server.received();
    assert!(!received[0].body.contains("client_id") && received[0].header("authorization").is_none());
    // The grants that take a token or an assertion, and no other one.
    for (flags, code) in [
        ("--grant token_exchange --subject-token-ref env:SUBJECT", 0),
        ("--grant jwt_bearer --assertion-ref env:SUBJECT", 0),
        ("--grant client_credentials", 3),
    ] {
        room.run(&format!("zone edit sts {flags}")).ok();
        if code == 0 {
            server.mints(exchanged("NEW-2"));
        }
        assert_eq!(room.run("token --fresh").code, code, "{flags}");
        assert!(server.received().iter().all(|request| !request.body.contains("client_id")), "{flags}");
    }
    room.run("zone edit sts --unset auth").ok();
    assert_eq!(room.run("exchange --subject-token-from env:SUBJECT").code, 3);
}
