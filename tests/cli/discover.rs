//! `hallpass discover`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

fn room(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    room
}

#[test]
fn three_forms_are_tried_and_merged() {
    let server = Server::start();
    let room = room(&server);
    let issuer = format!("{}/r", server.origin());
    let openid =
        json!({"issuer": issuer, "token_endpoint": format!("{issuer}/t"), "userinfo_endpoint": "https://u.example"});
    let oauth = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/other"), "revocation_endpoint": format!("{issuer}/v")});
    server
        .expect("GET /r/.well-known/openid-configuration", Answer::json(&openid))
        .expect("GET /.well-known/oauth-authorization-server/r", Answer::json(&oauth))
        .expect("GET /r/.well-known/oauth-authorization-server", Answer::status(404));
    let outcome = room.run(&format!("discover {issuer} --json"));
    let found = outcome.json();
    assert_eq!(found["issuer"], "http://AS/r");
    assert_eq!(
        found["documents"],
        json!([
            {"url": "http://AS/r/.well-known/openid-configuration", "kind": "oidc", "status": 200},
            {"url": "http://AS/.well-known/oauth-authorization-server/r", "kind": "oauth-inserted", "status": 200},
            {"url": "http://AS/r/.well-known/oauth-authorization-server", "kind": "oauth-appended", "status": 404},
        ])
    );
    assert_eq!(found["endpoints"]["revocation_endpoint"], json!({"url": "http://AS/r/v", "origin": "discovered"}));
    assert_eq!(found["metadata"]["userinfo_endpoint"], "https://u.example");
    let warnings = found["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("token_endpoint"), "{outcome}");
    assert!(outcome.stderr.starts_with("warning: "), "{outcome}");
    for request in server.received() {
        assert_eq!(request.header("authorization"), None, "discovery is anonymous");
    }
}

#[test]
fn each_endpoint_with_its_origin() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --assume-defaults").ok();
    server.serves(&server.metadata());
    assert_snapshot!(room.run("discover"), @"
    exit 0
    out: issuer␉http://AS
    out: document oidc␉200 http://AS/.well-known/openid-configuration
    out: document oauth-inserted␉404 http://AS/.well-known/oauth-authorization-server
    out: authorization_endpoint␉http://AS/oauth2/authorize (default)
    out: introspection_endpoint␉http://AS/oauth2/introspect (default)
    out: jwks_uri␉http://AS/jwks (discovered)
    out: pushed_authorization_request_endpoint␉http://AS/oauth2/par (default)
    out: registration_endpoint␉http://AS/oauth2/register (default)
    out: revocation_endpoint␉http://AS/oauth2/revoke (default)
    out: token_endpoint␉http://AS/token (explicit)
    out: grant_types_supported␉client_credentials refresh_token
    out: token_endpoint_auth_methods_supported␉client_secret_basic client_secret_post
    out: scopes_supported␉read write
    ");
    server.serves(&server.metadata());
    let endpoints = &room.run("discover --json").json()["endpoints"];
    let origins: Vec<(&String, &Value)> =
        endpoints.as_object().unwrap().iter().map(|(k, v)| (k, &v["origin"])).collect();
    assert_snapshot!(format!("{origins:?}"), @r#"[("authorization_endpoint", String("default")), ("introspection_endpoint", String("default")), ("jwks_uri", String("discovered")), ("pushed_authorization_request_endpoint", String("default")), ("registration_endpoint", String("default")), ("revocation_endpoint", String("default")), ("token_endpoint", String("explicit"))]"#);
}

#[test]
fn what_zone_says_where_no_metadata_is_served() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    let nothing = || {
        server
            .expect("GET /.well-known/openid-configuration", Answer::status(404))
            .expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    };
    nothing();
    assert_snapshot!(room.run("discover"), @"
    exit 0
    out: issuer␉http://AS
    out: document oidc␉404 http://AS/.well-known/openid-configuration
    out: document oauth-inserted␉404 http://AS/.well-known/oauth-authorization-server
    out: token_endpoint␉http://AS/token (explicit)
    err: warning: no metadata found at http://AS: showing the endpoints configured in the zone
    ");
    room.run("zone edit prod --unset token-endpoint --assume-defaults").ok();
    nothing();
    let found = room.run("discover --json").json();
    assert_eq!(
        found["endpoints"]["token_endpoint"],
        json!({"url": "http://AS/oauth2/token", "origin": "default"}),
        "{found}"
    );
    assert_eq!((&found["metadata"], found["documents"][1]["status"].as_u64()), (&json!({}), Some(404)));
    assert!(found["warnings"][0].as_str().unwrap().contains("no metadata found"), "{found}");
    nothing();
    assert_snapshot!(room.run("discover --field revocation_endpoint -q"), @"
    exit 0
    out: http://AS/oauth2/revoke
    ");
    // There is no document to show.
    nothing();
    assert_eq!(room.run("discover --raw").code, 3);
    room.run("zone edit prod --unset assume-defaults").ok();
    nothing();
    let outcome = room.run("discover");
    nothing();
    assert_eq!(room.run("token --fresh").to_string(), outcome.to_string());
    assert_snapshot!(outcome, @"
    exit 3
    err: error: no metadata found at http://AS
    err: cause: http://AS/.well-known/openid-configuration answered 404
    err: cause: http://AS/.well-known/oauth-authorization-server answered 404
    err: hint: check the issuer's spelling, the realm and the path before it (Keycloak: with or without /auth)
    err: hint: or name the endpoint: hallpass zone edit prod --token-endpoint URL
    err: hint: or assume the standard path: hallpass zone edit prod --assume-defaults
    ");
    // Another issuer's endpoints are not the zone's.
    room.run("zone edit prod --token-endpoint /token").ok();
    let other = Server::start();
    room.knows(&other, "OTHER");
    other
        .expect("GET /.well-known/openid-configuration", Answer::status(404))
        .expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    assert_eq!(room.run(&format!("discover {} -z prod", other.issuer())).code, 3);
}

#[test]
fn one_field_bare() {
    let server = Server::start();
    let room = room(&server);
    let ask = |line: &str| {
        server.serves(&server.metadata());
        room.run(&format!("discover {} {line}", server.issuer()))
    };
    assert_snapshot!(ask("--field token_endpoint"), @"
    exit 0
    out: http://AS/token
    ");
    assert_snapshot!(ask("--field scopes_supported"), @"
    exit 0
    out: read
    out: write
    ");
    assert_snapshot!(ask("--field scopes_supported --json"), @r#"
    exit 0
    out: ["read","write"]
    "#);
    assert_snapshot!(ask("--field nonsense"), @"exit 1");
    assert_snapshot!(ask("--field nonsense --json"), @"
    exit 1
    out: null
    ");
    assert_eq!(serde_json::from_str::<Value>(ask("--raw").ok()).unwrap()["issuer"], "http://AS");
}

#[test]
fn what_is_required() {
    let server = Server::start();
    let room = room(&server);
    let ask = |line: &str| {
        server.serves(&server.metadata());
        room.run(&format!("discover {} {line}", server.issuer()))
    };
    assert_snapshot!(ask("--require grant:client_credentials auth:client_secret_basic endpoint:token"), @"exit 0");
    assert_snapshot!(ask("--require grant:client_credentials par --require dpop pkce:S256"), @"
    exit 1
    out: par
    out: dpop
    out: pkce:S256
    ");
    assert_snapshot!(ask("--require par --json"), @r#"
    exit 1
    out: {"issuer":"http://AS","missing":["par"]}
    "#);
    assert_snapshot!(room.run("discover https://as.example --require par telepathy"), @"
    exit 2
    err: error: there is no such feature; known are auth:METHOD, dpop, dpop:ALG, device, endpoint:NAME, grant:GRANT, introspection, iss, jwks, mtls, par, pkce, pkce:METHOD, registration, response_mode:MODE, response_type:TYPE, revocation, scope:SCOPE, userinfo
    ");
}

#[test]
fn metadata_that_cannot_tell_is_malformed() {
    let server = Server::start();
    let room = room(&server);
    let mut metadata = server.metadata();
    metadata["scopes_supported"] = json!("read");
    server.serves(&metadata);
    assert_snapshot!(room.run(&format!("discover {} --require scope:read", server.issuer())), @"
    exit 8
    err: error: the metadata is malformed: scopes_supported is not a list of strings
    ");
}

#[test]
fn two_issuers_side_by_side() {
    let (one, two) = (Server::start(), Server::start());
    let mut room = room(&one);
    room.knows(&two, "AS2");
    let line = format!("discover {} --diff {}", one.issuer(), two.issuer());
    one.serves(&one.metadata());
    let mut other = two.metadata();
    other["scopes_supported"] = json!(["write", "read"]);
    other["jwks_uri"] = Value::Null;
    two.serves(&other);
    assert_snapshot!(room.run(&line), @"
    exit 1
    out: issuer␉http://AS␉http://AS2
    out: jwks_uri␉http://AS/jwks␉null
    out: token_endpoint␉http://AS/token␉http://AS2/token
    ");
    one.serves(&one.metadata()).serves(&one.metadata());
    assert_snapshot!(room.run(&format!("discover {0} --diff {0} --json", one.issuer())), @r#"
    exit 0
    out: {"issuers":["http://AS","http://AS"],"differences":[]}
    "#);
}

#[test]
fn another_issuer_than_asked_for_is_refused() {
    let server = Server::start();
    let room = room(&server);
    let mut metadata = server.metadata();
    metadata["issuer"] = json!(format!("{}/", server.issuer()));
    server.serves(&metadata);
    assert_snapshot!(room.run(&format!("discover {}", server.issuer())), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/openid-configuration names the issuer http://AS/, not http://AS (they differ in the slash at the end)
    err: cause: http://AS/.well-known/openid-configuration answered 200
    err: cause: http://AS/.well-known/oauth-authorization-server answered 404
    err: hint: if you trust it, name the issuer byte for byte as it does: http://AS/
    ");
}

#[test]
fn nothing_served_names_urls() {
    let server = Server::start();
    let room = room(&server);
    server
        .expect("GET /.well-known/openid-configuration", Answer::status(404))
        .expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    assert_snapshot!(room.run(&format!("discover {}", server.issuer())), @"
    exit 3
    err: error: no metadata found at http://AS
    err: cause: http://AS/.well-known/openid-configuration answered 404
    err: cause: http://AS/.well-known/oauth-authorization-server answered 404
    err: hint: check the issuer's spelling, the realm and the path before it (Keycloak: with or without /auth)
    err: hint: or name the endpoint: hallpass zone add NAME --issuer http://AS --token-endpoint URL
    ");
    assert_snapshot!(room.run("discover prod"), @"
    exit 2
    err: error: the issuer is not a URL
    err: hint: an issuer looks like https://host/path; a zone is named with -z
    ");
    for flag in ["--diff", "--resource"] {
        assert_eq!(room.run(&format!("discover {flag} prod")).code, 2, "{flag}");
    }
    assert_snapshot!(room.run("discover"), @"
    exit 3
    err: error: no zone is named
    err: cause: there are no zones yet
    err: hint: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -
    err: hint: to try it out: hallpass sandbox -- hallpass token
    ");
    assert_snapshot!(room.run("discover http://as.example"), @"
    exit 8
    err: error: http://as.example is plain http, which is allowed to loopback only
    err: hint: use https
    ");
}

#[test]
fn headers_reach_resource_but_not_server_that_it_names() {
    let (server, api) = (Server::start(), Server::start());
    let room = Room::new();
    let resource = format!("{}/api", api.origin());
    let described = json!({"resource": resource, "authorization_servers": [server.issuer()]});
    api.expect("GET /.well-known/oauth-protected-resource/api", Answer::json(&described));
    server.serves(&server.metadata());
    room.run(&format!("discover --resource {resource} --header X-Key:header-canary")).ok();
    assert_eq!(api.received()[0].header("x-key"), Some("header-canary"));
    assert!(server.received().iter().all(|one| one.header("x-key").is_none()));
    server.serves(&server.metadata());
    room.run(&format!("discover {} --header X-Key:header-canary", server.issuer())).ok();
    assert!(server.received().iter().all(|one| one.header("x-key") == Some("header-canary")));
}

#[test]
fn from_resource_to_its_server() {
    let server = Server::start();
    let room = room(&server);
    let resource = format!("{}/api", server.origin());
    let described =
        json!({"resource": resource, "authorization_servers": [server.issuer()], "scopes_supported": ["x"]});
    server.expect("GET /.well-known/oauth-protected-resource/api", Answer::json(&described)).serves(&server.metadata());
    let found = room.run(&format!("discover --resource {resource} --json")).json();
    assert_eq!(found["issuer"], "http://AS");
    assert_eq!(found["resource"]["resource"], "http://AS/api");
    assert_eq!(
        found["documents"][0],
        json!({"url": "http://AS/.well-known/oauth-protected-resource/api", "kind": "resource", "status": 200})
    );
    let by_challenge = format!("{}/.well-known/oauth-protected-resource/api", server.origin());
    server.expect("GET /.well-known/oauth-protected-resource/api", Answer::json(&described)).serves(&server.metadata());
    room.run(&format!("discover --resource {by_challenge}")).ok();
    let other = json!({"resource": "https://other.example", "authorization_servers": [server.issuer()]});
    server.expect("GET /.well-known/oauth-protected-resource/api", Answer::json(&other));
    assert_snapshot!(room.run(&format!("discover --resource {resource}")), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/oauth-protected-resource/api is for the resource https://other.example, not http://AS/api
    ");
    server.expect("GET /.well-known/oauth-protected-resource/api", Answer::status(404));
    assert_snapshot!(room.run(&format!("discover --resource {resource}")), @"
    exit 3
    err: error: no metadata found for the resource (RFC 9728)
    err: cause: http://AS/.well-known/oauth-protected-resource/api answered 404
    err: hint: name the authorization server itself: hallpass discover ISSUER
    ");
}
