//! What refusals mean: the exact answers of Keycloak 26.7.4, and the same codes of servers that are none.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

/// A room with the zone `prod` of the client `ci` in the realm `acme`; all endpoints are given.
fn room(server: &Server, more: &str) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    let line = format!(
        "zone add prod --issuer {}/realms/acme --client-id ci --token-endpoint /token --device-endpoint /device \
         --revocation-endpoint /revoke --introspection-endpoint /introspect --par-endpoint /par \
         --authorization-endpoint /auth --registration-endpoint /register {more}",
        server.origin()
    );
    room.call(&line).stdin("s3cr3t-value\n").run().ok();
    room
}

fn with_secret(server: &Server) -> Room {
    room(server, "--client-secret-from - --auth client_secret_basic")
}

/// Serves the metadata of the realm once: its issuer, and `more`.
fn serve_realm(server: &Server, more: &Value) {
    let mut metadata = more.clone();
    metadata["issuer"] = json!(format!("{}/realms/acme", server.origin()));
    server
        .expect("GET /realms/acme/.well-known/openid-configuration", Answer::json(&metadata))
        .expect("GET /.well-known/oauth-authorization-server/realms/acme", Answer::json(&metadata));
}

const BAD_CLIENT: &str = "Invalid client or Invalid client credentials";

#[test]
fn wrong_secret_and_unknown_client_are_told_apart() {
    let server = Server::start();
    let mint = |room: &Room, code: &str| {
        server.mints(Answer::error(401, code, BAD_CLIENT));
        room.run("token")
    };
    let stored = with_secret(&server);
    assert_snapshot!(mint(&stored, "unauthorized_client"), @"
    exit 5
    err: error: the server refused: unauthorized_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has the client ci, but this secret is not its secret
    err: hint: check the secret: hallpass zone edit prod --client-secret-from -
    err: hint: Keycloak: Clients > ci > Credentials > Client Secret
    err: hint: to find out why: hallpass doctor -z prod
    ");
    assert_snapshot!(mint(&stored, "invalid_client"), @"
    exit 5
    err: error: the server refused: invalid_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has no enabled client ci
    err: hint: check the client_id: hallpass zone edit prod --client-id ID
    err: hint: Keycloak: Clients > ci > Enabled: on
    err: hint: to find out why: hallpass doctor -z prod
    ");
    let mut referenced = room(&server, "--client-secret-ref env:CI_SECRET --auth client_secret_basic");
    referenced.set("CI_SECRET", "s3cr3t-value");
    assert_snapshot!(mint(&referenced, "unauthorized_client"), @"
    exit 5
    err: error: the server refused: unauthorized_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has the client ci, but this secret is not its secret
    err: hint: check the secret in env:CI_SECRET: it is read at every use
    err: hint: Keycloak: Clients > ci > Credentials > Client Secret
    err: hint: to find out why: hallpass doctor -z prod
    ");
    let mut ephemeral = Room::ephemeral(&server);
    ephemeral.set("HALLPASS_AUTH", "client_secret_basic");
    ephemeral.set("HALLPASS_ISSUER", format!("{}/realms/acme", server.origin()));
    serve_realm(&server, &json!({"token_endpoint": format!("{}/token", server.origin())}));
    assert_snapshot!(mint(&ephemeral, "unauthorized_client"), @"
    exit 5
    err: error: the server refused: unauthorized_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has the client ci, but this secret is not its secret
    err: hint: check the secret in env:HALLPASS_CLIENT_SECRET: it is read at every use
    err: hint: Keycloak: Clients > ci > Credentials > Client Secret
    err: hint: to find out why: hallpass doctor
    ");
    assert_snapshot!(mint(&ephemeral, "invalid_client"), @"
    exit 5
    err: error: the server refused: invalid_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has no enabled client ci
    err: hint: check the client_id: set HALLPASS_CLIENT_ID
    err: hint: Keycloak: Clients > ci > Enabled: on
    err: hint: to find out why: hallpass doctor
    ");
    let public = room(&server, "--auth none --grant client_credentials");
    assert_snapshot!(mint(&public, "unauthorized_client"), @"
    exit 5
    err: error: the server refused: unauthorized_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/token)
    err: cause: realm acme has the client ci, and it must authenticate
    err: hint: give its secret: hallpass zone edit prod --client-secret-from -
    err: hint: Keycloak: Clients > ci > Credentials
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn settings_of_client_are_named() {
    let server = Server::start();
    let room = with_secret(&server);
    let mint = |status: u16, code: &str, description: &str, flags: &str| {
        server.mints(Answer::error(status, code, description));
        room.run(&format!("token {flags}"))
    };
    let off = "Client not enabled to retrieve service account";
    assert_snapshot!(mint(401, "unauthorized_client", off, ""), @"
    exit 5
    err: error: the server refused: unauthorized_client: Client not enabled to retrieve service account (HTTP 401 from http://AS/token)
    err: cause: the client authenticated, so its secret is right, but it has no service account
    err: hint: Keycloak: Clients > ci > Settings > Capability config > Service account roles: on
    err: hint: to find out why: hallpass doctor -z prod
    ");
    let public = "Public client not allowed to retrieve service account";
    assert_snapshot!(mint(401, "unauthorized_client", public, ""), @"
    exit 5
    err: error: the server refused: unauthorized_client: Public client not allowed to retrieve service account (HTTP 401 from http://AS/token)
    err: cause: ci is a public client, which gets tokens only for a user who signs in
    err: hint: Keycloak: Clients > ci > Settings > Capability config > Client authentication: on, and Service account roles: on
    err: hint: or sign in: hallpass login http://AS/realms/acme -z NAME --client-id ci
    err: hint: to find out why: hallpass doctor -z prod
    ");
    let method = "Invalid method used to get client secret. Client requires method 'client_secret_post' to obtain client \
                  secret from the request";
    assert_snapshot!(mint(401, "unauthorized_client", method, ""), @"
    exit 5
    err: error: the server refused: unauthorized_client: Invalid method used to get client secret. Client requires method 'client_secret_post' to obtain client secret from the request (HTTP 401 from http://AS/token)
    err: cause: ci authenticates with client_secret_post only; this says nothing about the secret
    err: hint: name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
    let hostile = "Invalid method used to get client secret. Client requires method '$(reboot)'";
    mint(401, "unauthorized_client", hostile, "").assert_hidden("edit prod --auth $(reboot)");
    let scopes = "Invalid scopes: openid nope";
    assert_snapshot!(mint(400, "invalid_scope", scopes, "--scope 'openid nope'"), @"
    exit 5
    err: error: the server refused: invalid_scope: Invalid scopes: openid nope (HTTP 400 from http://AS/token)
    err: cause: the scope nope is not assigned to ci
    err: hint: Keycloak: Clients > ci > Client scopes: add nope as an optional scope
    err: hint: to find out why: hallpass doctor -z prod --expect-scope openid --expect-scope nope
    ");
    assert_snapshot!(mint(403, "access_denied", "Realm not enabled", ""), @"
    exit 5
    err: error: the server refused: access_denied: Realm not enabled (HTTP 403 from http://AS/token)
    err: cause: the realm acme is disabled
    err: hint: Keycloak: realm acme > Realm settings > Enabled: on
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.mints(Answer::error(400, "invalid_scope", scopes));
    assert_snapshot!(room.call("exchange --subject-token-from - --scope 'openid nope'").stdin("S").run(), @"
    exit 5
    err: error: the server refused: invalid_scope: Invalid scopes: openid nope (HTTP 400 from http://AS/token)
    err: cause: the scope nope is not assigned to ci
    err: hint: Keycloak: Clients > ci > Client scopes: add nope as an optional scope
    err: hint: to find out why: hallpass doctor -z prod --expect-scope openid --expect-scope nope
    ");
}

#[test]
fn other_servers_are_not_taken_for_keycloak() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    for (status, code, description) in [
        (401, "invalid_client", "who are you"),
        (400, "invalid_scope", "Invalid scopes: nope"),
        (401, "unauthorized_client", ""),
        (400, "unsupported_grant_type", "no"),
    ] {
        server.mints(Answer::error(status, code, description));
        let outcome = room.run("token --scope nope");
        assert_eq!(outcome.code, 5, "{outcome}");
        outcome.assert_hidden("Keycloak");
        assert!(outcome.stderr.contains("hint: "), "{outcome}");
    }
}

/// As oidc-provider, which calls it an invalid request.
#[test]
fn forbidden_grant_is_allowed_at_the_server() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let refusal = || Answer::error(400, "invalid_request", "requested grant type is not allowed for this client");
    server.mints(refusal());
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_request: requested grant type is not allowed for this client (HTTP 400 from http://AS/token)
    err: hint: let the server allow the grant client_credentials for ci
    err: hint: or use one that it may: hallpass zone edit prod --grant GRANT
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.mints(refusal());
    let exchange = room.call("exchange --subject-token-from -").stdin("a-token").run();
    let hint = "let the server allow the grant token_exchange for ci";
    assert!(exchange.stderr.contains(hint) && !exchange.stderr.contains("--grant GRANT"), "{exchange}");
}

#[test]
fn sign_in_is_explained() {
    let server = Server::start();
    let mut room = room(&server, "--auth none --grant authorization_code");
    serve_realm(&server, &json!({}));
    let push = |status: u16, description: &str| -> Outcome {
        server.expect("POST /par", Answer::error(status, "invalid_request", description));
        room.run("login --no-browser --redirect-uri http://127.0.0.1:0/callback --scope 'openid nope' --par always")
    };
    assert_snapshot!(push(400, "Invalid parameter: redirect_uri"), @"
    exit 5
    err: error: the server refused: invalid_request: Invalid parameter: redirect_uri (HTTP 400 from http://AS/par)
    err: cause: http://127.0.0.1:0/callback is not registered for ci
    err: hint: Keycloak: Clients > ci > Settings > Valid redirect URIs: add http://127.0.0.1/*
    err: hint: or name one that is registered: --redirect-uri URI
    err: hint: to find out why: hallpass doctor -z prod --redirect-uri http://127.0.0.1:0/callback
    ");
    assert_snapshot!(push(401, "Authentication failed."), @"
    exit 5
    err: error: the server refused: invalid_request: Authentication failed. (HTTP 401 from http://AS/par)
    err: cause: realm acme has no enabled client ci, or the client did not authenticate as it must
    err: hint: check the client_id: hallpass zone edit prod --client-id ID
    err: hint: to find out why: hallpass doctor -z prod
    ");
    assert_snapshot!(push(400, "Invalid scopes: openid nope"), @"
    exit 5
    err: error: the server refused: invalid_request: Invalid scopes: openid nope (HTTP 400 from http://AS/par)
    err: cause: the scope nope is not assigned to ci
    err: hint: Keycloak: Clients > ci > Client scopes: add nope as an optional scope
    err: hint: to find out why: hallpass doctor -z prod --expect-scope openid --expect-scope nope
    ");
    let device = |code: &str, status: u16, description: &str| {
        server.expect("POST /device", Answer::error(status, code, description));
        room.run("login --device")
    };
    let off =
        "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.";
    assert_snapshot!(device("unauthorized_client", 400, off), @"
    exit 5
    err: error: the server refused: unauthorized_client: Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client. (HTTP 400 from http://AS/device)
    err: cause: the device flow is switched off for ci
    err: hint: Keycloak: Clients > ci > Settings > Capability config > OAuth 2.0 Device Authorization Grant: on
    err: hint: or sign in with a browser on another machine, then paste the URL: hallpass login -z prod --paste
    err: hint: to find out why: hallpass doctor -z prod --device
    ");
    assert_snapshot!(device("invalid_client", 401, BAD_CLIENT), @"
    exit 5
    err: error: the server refused: invalid_client: Invalid client or Invalid client credentials (HTTP 401 from http://AS/device)
    err: cause: realm acme has no enabled client ci
    err: hint: check the client_id: hallpass zone edit prod --client-id ID
    err: hint: Keycloak: Clients > ci > Enabled: on
    err: hint: to find out why: hallpass doctor -z prod
    ");
    room.set("DISPLAY", ":0");
    server.expect("POST /device", Answer::error(400, "unauthorized_client", off));
    let outcome = room.run("login --device");
    assert!(
        outcome.stderr.contains("hint: or sign in with a browser: hallpass login -z prod --browser\n"),
        "{outcome}"
    );
}

/// Without a pushed request the server shows what is wrong in the browser only, and nobody comes back.
#[test]
fn page_of_error_in_browser_is_explained() {
    let server = Server::start();
    let room = room(&server, "--auth none --grant authorization_code");
    let wait = |line: &str| {
        let outcome = room.run(&format!("{line} --no-browser --par never --deadline 1s"));
        let url = outcome.stderr.lines().find(|line| line.contains("redirect_uri=")).unwrap();
        let url = url::Url::parse(&url.replace("AS/", "as.example/")).unwrap();
        let sent = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        outcome.stderr.split_once("error: ").unwrap().1.replace(&sent, "SENT")
    };
    serve_realm(&server, &json!({}));
    assert_snapshot!(wait("login"), @"
    timed out waiting for the browser
    hint: more time: --deadline 15m
    hint: if the page showed an error: SENT must be registered for ci, or name one that is: --redirect-uri URI
    hint: Keycloak: Clients > ci > Settings > Valid redirect URIs: add http://127.0.0.1/*
    hint: if the client was not found: hallpass zone edit prod --client-id ID
    ");
    let origin = server.origin();
    let metadata = json!({"issuer": origin, "authorization_endpoint": format!("{origin}/auth"), "token_endpoint": format!("{origin}/token")});
    server
        .expect("GET /.well-known/openid-configuration", Answer::json(&metadata))
        .expect("GET /.well-known/oauth-authorization-server", Answer::json(&metadata));
    assert_snapshot!(wait(&format!("login {origin} --client-id app -z new")), @"
    timed out waiting for the browser
    hint: more time: --deadline 15m
    hint: if the page showed an error: SENT must be registered for app, or name one that is: --redirect-uri URI
    hint: loopback redirect URIs may be registered without a port (RFC 8252 §7.3)
    hint: if the client was not found: hallpass login http://AS -z new --client-id ID
    ");
}

/// A registration that the server answers so.
fn register(server: &Server, room: &Room, answer: Answer, flags: &str) -> Outcome {
    server.expect("POST /register", answer);
    room.call(&format!("client register -z prod --save-as new --name x {flags}")).stdin("IAT-VALUE\n").run()
}

#[test]
fn registration_is_explained() {
    let server = Server::start();
    let room = with_secret(&server);
    let register = |status: u16, code: &str, description: &str, flags: &str| {
        register(&server, &room, Answer::error(status, code, description), &format!("--scope 'openid nope' {flags}"))
    };
    let policy = |name: &str, details: &str| {
        format!("Policy '{name}' rejected request to client-registration service. Details: {details}")
    };
    let scopes = policy("Allowed Client Scopes", "Not permitted to use specified clientScope");
    assert_snapshot!(register(403, "insufficient_scope", &scopes, "--initial-token-from -"), @"
    exit 5
    err: error: the server refused: insufficient_scope: Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to use specified clientScope (HTTP 403 from http://AS/register)
    err: cause: a policy of realm acme does not allow the scopes that were asked for
    err: hint: leave --scope out, or ask for scopes that the policy allows
    err: hint: Keycloak: Clients > Client registration > Allowed Client Scopes: add them (nope)
    err: hint: to find out why: hallpass doctor -z prod --register
    ");
    let hosts = policy("Trusted Hosts", "Host not trusted.");
    assert_snapshot!(register(403, "insufficient_scope", &hosts, ""), @"
    exit 5
    err: error: the server refused: insufficient_scope: Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted. (HTTP 403 from http://AS/register)
    err: cause: realm acme takes no registration from this machine without an initial access token
    err: hint: Keycloak: Clients > Initial access token > Create; give it with --initial-token-from SOURCE
    err: hint: to find out why: hallpass doctor -z prod --register
    ");
    assert_snapshot!(register(401, "invalid_token", "Failed decode token", "--initial-token-from -"), @"
    exit 5
    err: error: the server refused: invalid_token: Failed decode token (HTTP 401 from http://AS/register)
    err: cause: the initial access token has expired, or is not one of realm acme
    err: hint: Keycloak: Clients > Initial access token > Create; give it with --initial-token-from SOURCE
    err: hint: to find out why: hallpass doctor -z prod --register
    ");
    let other = policy("Max Clients", "It's allowed to have max 200 clients per realm");
    assert!(
        register(403, "insufficient_scope", &other, "").stderr.contains("Clients > Client registration > Max Clients")
    );
}

#[test]
fn token_of_another_client_is_explained() {
    let server = Server::start();
    let room = room(&server, "--auth none --grant authorization_code");
    // {"alg":"none"} and {"azp":"front"}
    let token = "eyJhbGciOiJub25lIn0.eyJhenAiOiJmcm9udCJ9.c2ln\n";
    server.expect("POST /revoke", Answer::error(400, "invalid_request", "Unmatching clients"));
    assert_snapshot!(room.call("revoke").stdin(token).run(), @"
    exit 5
    err: error: the server refused: invalid_request: Unmatching clients (HTTP 400 from http://AS/revoke)
    err: cause: the token was issued to front, and only that client may revoke it
    err: hint: revoke it with a zone of front: hallpass revoke -z ZONE
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.expect("POST /introspect", Answer::error(403, "invalid_request", "Client not allowed."));
    assert_snapshot!(room.call("introspect").stdin(token).run(), @"
    exit 5
    err: error: the server refused: invalid_request: Client not allowed. (HTTP 403 from http://AS/introspect)
    err: cause: ci is a public client, and only a confidential one may introspect
    err: hint: introspect with a zone of a confidential client: -z ZONE; to decode a JWT: hallpass inspect
    err: hint: Keycloak: Clients > ci > Settings > Capability config > Client authentication: on
    err: hint: to find out why: hallpass doctor -z prod --introspect
    ");
}

#[test]
fn audience_that_is_ignored_is_warned_of() {
    let server = Server::start();
    // {"aud":"account"}, and one of {"aud":["api","account"]}
    let (lacking, complete) = ("e30.eyJhdWQiOiJhY2NvdW50In0.c2ln", "e30.eyJhdWQiOlsiYXBpIiwiYWNjb3VudCJdfQ.c2ln");
    let keycloak = with_secret(&server);
    let mint = |room: &Room, token: &str| {
        server.mints(Answer::token(token));
        room.run("token --audience api --fresh")
    };
    assert_snapshot!(mint(&keycloak, lacking), @"
    exit 0
    out: e30.eyJhdWQiOiJhY2NvdW50In0.c2ln
    err: warning: the aud of the token lacks api: the server ignored the requested audience; Keycloak: Clients > ci > Client scopes > ci-dedicated > Add mapper > Audience, with api as Included Client Audience
    ");
    assert_eq!(mint(&keycloak, complete).stderr, "");
    assert_eq!(mint(&keycloak, "opaque").stderr, "");
    assert_eq!(keycloak.run("token --audience api").stderr, "", "from the cache");
    let other = Room::with_zone(&server);
    let outcome = mint(&other, lacking);
    assert_eq!(outcome.stderr, "warning: the aud of the token lacks api: the server ignored the requested audience\n");
}

#[test]
fn outage_names_url_and_seconds() {
    let server = Server::start();
    let room = with_secret(&server);
    let busy = Answer::error(429, "slow_down", "later").header("retry-after", "3600");
    assert_snapshot!(register(&server, &room, busy, ""), @"
    exit 6
    err: error: the server refused: slow_down: later (HTTP 429 from http://AS/register)
    err: hint: try again in 3600 s
    ");
    for _ in 0..3 {
        server.expect("POST /revoke", Answer::status(503));
    }
    assert_snapshot!(room.call("revoke").stdin("T").run(), @"
    exit 6
    err: error: the revocation request: HTTP 503 from http://AS/revoke
    ");
}
