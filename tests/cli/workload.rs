//! The identities of workloads as sources.

use insta::assert_snapshot;
use serde_json::json;

use super::room::Room;
use super::server::{Answer, Server};

/// A room of a GitHub Actions job whose platform is this server.
fn job(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "GITHUB");
    room.set("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/token?api-version=2.0", server.origin()));
    room.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t1cket-value");
    room
}

#[test]
fn github_is_asked_for_id_token_of_this_audience() {
    let server = Server::start();
    let room = job(&server);
    let value = Answer::json(&json!({"count": 1, "value": "a.b.c"}));
    server.expect("GET /token?api-version=2.0&audience=https%3A%2F%2Fas.example%3A8443%2Fr+x", value);
    let outcome = room.run("header --from 'github:https://as.example:8443/r x' --header X-Api-Key:k -vv");
    assert_eq!(outcome.ok(), "Authorization: Bearer a.b.c");
    outcome.assert_hidden("t1cket-value");
    let received = server.received().remove(0);
    assert_eq!(received.header("authorization"), Some("Bearer t1cket-value"));
    assert_eq!(received.header("x-api-key"), None, "it is meant for another server");
}

#[test]
fn github_speaks_to_zones_issuer_unless_told_otherwise() {
    let (server, platform) = (Server::start(), Server::start());
    let mut room = job(&platform);
    room.knows(&server, "AS");
    let line = format!(
        "zone add prod --issuer {} --client-id ci --client-assertion-ref github --token-endpoint /token",
        server.issuer()
    );
    room.run(&line).ok();
    let audience: String = url::form_urlencoded::byte_serialize(server.issuer().as_bytes()).collect();
    // Every try asks for a new one: a server may take it only once.
    for token in ["one.b.c", "two.b.c"] {
        let asked = format!("GET /token?api-version=2.0&audience={audience}");
        platform.expect(&asked, Answer::json(&json!({"value": token})));
    }
    server.mints(Answer::status(503)).mints(Answer::token("t0ken"));
    assert_eq!(room.run("token").ok(), "t0ken");
    let sent: Vec<bool> =
        server.received().iter().zip(["one", "two"]).map(|(one, token)| one.body.contains(token)).collect();
    assert_eq!(sent, [true, true]);
    assert_snapshot!(room.run("token --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode grant_type=client_credentials --data-urlencode client_id=ci --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer --data-urlencode 'client_assertion=[redacted]' http://AS/token
    ");
}

#[test]
fn job_without_permission_is_told_to_ask_for_it() {
    let server = Server::start();
    let mut room = job(&server);
    server.expect("GET /token?api-version=2.0&audience=a", Answer::status(403));
    assert_snapshot!(room.run("header --from github:a"), @"
    exit 3
    err: error: could not read the token
    err: cause: ID token request failed: HTTP 403 from http://GITHUB/token
    err: cause: the source github requested the job's ID token
    err: hint: in the workflow, for this job: permissions: id-token: write
    ");
    let echo = Answer::error(400, "bad", "you sent t1cket-value");
    server.expect("GET /token?api-version=2.0&audience=a", echo);
    let outcome = room.run("header --from github:a");
    outcome.assert_hidden("t1cket-value");
    assert_snapshot!(outcome, @"
    exit 3
    err: error: could not read the token
    err: cause: the server refused: bad: you sent [redacted] (HTTP 400 from http://GITHUB/token)
    err: cause: the source github requested the job's ID token
    err: hint: in the workflow, for this job: permissions: id-token: write
    ");
    for body in [json!({"value": ""}), json!({"value": 1}), json!({})] {
        server.expect("GET /token?api-version=2.0&audience=a", Answer::json(&body));
        let outcome = room.run("header --from github:a");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{outcome}");
    }
    let elsewhere = Answer::status(302).header("location", "https://eve.example/");
    server.expect("GET /token?api-version=2.0&audience=a", elsewhere);
    assert_snapshot!(room.run("header --from github:a"), @"
    exit 8
    err: error: could not read the token
    err: cause: http://GITHUB answered 302, a redirect to https://eve.example, which is not allowed here
    err: cause: the source github requested the job's ID token
    ");
    room.set("ACTIONS_ID_TOKEN_REQUEST_URL", "http://pipelines.example/token");
    assert_snapshot!(room.run("header --from github:a"), @"
    exit 8
    err: error: could not read the token
    err: cause: http://pipelines.example is plain http, which is allowed to loopback only
    err: cause: the source github requested the job's ID token
    err: hint: use https
    ");
    room.unset("ACTIONS_ID_TOKEN_REQUEST_URL");
    assert_snapshot!(room.run("header --from github:a"), @"
    exit 3
    err: error: could not read the token
    err: cause: github has no identity here: ACTIONS_ID_TOKEN_REQUEST_URL is not set
    err: hint: in the workflow, for this job: permissions: id-token: write
    ");
}

#[test]
fn platform_that_is_down_may_be_up_later() {
    let server = Server::start();
    let room = job(&server);
    for _ in 0..3 {
        server.expect("GET /token?api-version=2.0&audience=a", Answer::status(503));
    }
    assert_snapshot!(room.run("header --from github:a"), @"
    exit 6
    err: error: could not read the token
    err: cause: ID token request failed: HTTP 503 from http://GITHUB/token
    err: cause: the source github requested the job's ID token
    ");
}

#[test]
fn other_platforms_leave_it_in_variable_or_file() {
    let mut room = Room::new();
    assert_snapshot!(room.run("header --from gitlab:ID_TOKEN"), @"
    exit 3
    err: error: could not read the token
    err: cause: gitlab:ID_TOKEN has no identity here: ID_TOKEN is not set
    err: hint: in .gitlab-ci.yml, for this job: id_tokens: with this variable and aud: the issuer
    ");
    assert_snapshot!(room.run("header --from azure"), @r#"
    exit 3
    err: error: could not read the token
    err: cause: azure has no identity here: AZURE_FEDERATED_TOKEN_FILE is not set
    err: hint: label the pod: azure.workload.identity/use: "true"
    "#);
    assert_snapshot!(room.run("header --from spiffe:/nowhere/svid.jwt"), @"
    exit 3
    err: error: could not read the token
    err: cause: spiffe:/nowhere/svid.jwt has no identity here: there is no file /nowhere/svid.jwt
    err: hint: let spiffe-helper write the JWT-SVID of this audience there
    ");
    assert_snapshot!(room.run("header --from k8s:/nowhere/token"), @"
    exit 3
    err: error: could not read the token
    err: cause: k8s:/nowhere/token has no identity here: there is no file /nowhere/token
    err: hint: mount a serviceAccountToken of this audience into the pod as a projected volume
    ");
    room.set("ID_TOKEN", "a.b.c");
    assert_eq!(room.run("header --from gitlab:ID_TOKEN --value").ok(), "Bearer a.b.c");
    let path = room.write("svid.jwt", "a.b.d\n");
    room.set("AZURE_FEDERATED_TOKEN_FILE", path.clone());
    for source in ["azure".to_owned(), format!("spiffe:{}", path.display()), format!("k8s:{}", path.display())] {
        assert_eq!(room.run(&format!("header --from {source} --value")).ok(), "Bearer a.b.d", "{source}");
    }
}
