//! `hallpass discover`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, Room};
use super::server::{Answer, Server};
use super::signer::Signer;

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
    assert_eq!(outcome.stderr, "", "they are in the answer");
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
    err: hint: check the issuer's spelling; Keycloak's is https://HOST/realms/REALM, with or without /auth before /realms
    err: hint: or name the endpoint: hallpass zone edit prod --token-endpoint URL
    err: hint: or assume the standard path: hallpass zone edit prod --assume-defaults
    err: hint: to find out why: hallpass doctor -z prod
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
    err: error: there is no feature 'telepathy'; known are auth:METHOD, dpop, dpop:ALG, device, endpoint:NAME, grant:GRANT, introspection, iss, jwks, mtls, par, pkce, pkce:METHOD, registration, response_mode:MODE, response_type:TYPE, revocation, scope:SCOPE, userinfo
    ");
}

#[test]
fn unusable_members_are_absent_and_reported() {
    let server = Server::start();
    let room = room(&server);
    let mut metadata = server.metadata();
    metadata["scopes_supported"] = json!("read  write");
    metadata["revocation_endpoint"] = json!("");
    metadata["introspection_endpoint"] = json!("/introspect");
    metadata["grant_types_supported"] = json!({"client_credentials": true});
    let ask = |line: &str| {
        server.serves(&metadata);
        room.run(&format!("discover {} {line}", server.issuer()))
    };
    assert_snapshot!(ask("--require scope:read endpoint:revocation endpoint:introspection grant:authorization_code"), @"
    exit 1
    out: endpoint:revocation
    out: endpoint:introspection
    out: grant:authorization_code
    err: warning: the metadata is malformed: introspection_endpoint is not an absolute URL; it is ignored
    err: warning: the metadata is malformed: revocation_endpoint is not an absolute URL; it is ignored
    err: warning: the metadata is malformed: grant_types_supported is not a list of strings; it is ignored
    ");
    assert_eq!(ask("--field revocation_endpoint -q").to_string(), "exit 1");
    assert_eq!(ask("--field grant_types_supported -q").to_string(), "exit 1");
    assert_eq!(ask("--field scopes_supported -q").ok(), "read\nwrite");
    let found = ask("--json").json();
    assert_eq!(found["endpoints"].as_object().unwrap().keys().collect::<Vec<_>>(), ["jwks_uri", "token_endpoint"]);
    assert_eq!(found["metadata"]["revocation_endpoint"], "", "it is shown as served");
    assert_eq!(found["warnings"].as_array().unwrap().len(), 3);
}

#[test]
fn unusable_member_matters_only_where_it_is_needed() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --unset token-endpoint --auth client_secret_basic").ok();
    let mut metadata = server.metadata();
    metadata["revocation_endpoint"] = json!("");
    metadata["token_endpoint_auth_methods_supported"] = json!(7);
    server.serves(&metadata).expect("POST /token", Answer::token("t"));
    assert_eq!(room.run("token").ok(), "t");
    server.serves(&metadata);
    let outcome = room.run("revoke --own access");
    assert!(outcome.code == 8 && outcome.stderr.contains("revocation_endpoint is not an absolute URL"), "{outcome}");
    // Another document of the issuer makes up for it.
    metadata["token_endpoint"] = json!("");
    server
        .expect("GET /.well-known/openid-configuration", Answer::json(&metadata))
        .expect("GET /.well-known/oauth-authorization-server", Answer::json(&server.metadata()))
        .expect("POST /token", Answer::token("u"));
    room.run("zone edit prod --scope x").ok();
    room.later(3601);
    assert_eq!(room.run("token").ok(), "u");
}

#[test]
fn status_above_599_is_no_outage_and_not_repeated() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.expect("POST /token", Answer::status(600));
    assert_snapshot!(room.run("token"), @"
    exit 8
    err: error: the token answer: HTTP 600 from http://AS/token
    ");
    server.expect("GET /.well-known/openid-configuration", Answer::status(699));
    server.expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    assert_eq!(room.run(&format!("discover {}", server.issuer())).code, 3);
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
    one.serves(&one.metadata()).serves(&one.metadata());
    assert_snapshot!(room.run(&format!("discover {0} --diff {0}", one.issuer())), @"
    exit 0
    err: no differences
    ");
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
    err: hint: to find out why: hallpass doctor http://AS
    ");
}

#[test]
fn template_in_place_of_tenant_names_way_out() {
    let server = Server::start();
    let room = room(&server);
    let issuer = format!("{}/common/v2.0", server.origin());
    let template =
        json!({"issuer": format!("{}/{{tenantid}}/v2.0", server.origin()), "token_endpoint": "https://a.example/t"});
    server
        .expect("GET /common/v2.0/.well-known/openid-configuration", Answer::json(&template))
        .expect("GET /.well-known/oauth-authorization-server/common/v2.0", Answer::status(404))
        .expect("GET /common/v2.0/.well-known/oauth-authorization-server", Answer::status(404));
    assert_snapshot!(room.run(&format!("discover {issuer}")), @"
    exit 8
    err: error: the metadata at http://AS/common/v2.0/.well-known/openid-configuration names the issuer http://AS/{tenantid}/v2.0, not http://AS/common/v2.0 (they differ in the path)
    err: cause: http://AS/common/v2.0/.well-known/openid-configuration answered 200
    err: cause: http://AS/.well-known/oauth-authorization-server/common/v2.0 answered 404
    err: cause: http://AS/common/v2.0/.well-known/oauth-authorization-server answered 404
    err: hint: name the issuer of one tenant: http://AS/TENANT-ID/v2.0
    err: hint: for accounts of every tenant: hallpass zone add NAME --issuer http://AS/common/v2.0 --issuer-template 'http://AS/{tenantid}/v2.0'
    err: hint: the tenant id is in the claim tid of its tokens, or in the portal under Overview
    err: hint: to find out why: hallpass doctor http://AS/common/v2.0
    ");
}

#[test]
fn template_of_zone_stands_for_issuer_of_each_tenant() {
    let (server, key) = (Server::start(), Signer::new("one"));
    let room = room(&server);
    let (issuer, template) =
        (format!("{}/common/v2.0", server.origin()), format!("{}/{{tenantid}}/v2.0", server.origin()));
    let jwks = format!("{}/common/keys", server.origin());
    let metadata = json!({"issuer": template, "token_endpoint": format!("{}/t", server.origin()), "jwks_uri": jwks});
    let serve = || {
        server
            .expect("GET /common/v2.0/.well-known/openid-configuration", Answer::json(&metadata))
            .expect("GET /.well-known/oauth-authorization-server/common/v2.0", Answer::status(404))
            .expect("GET /common/v2.0/.well-known/oauth-authorization-server", Answer::status(404));
    };
    room.run(&format!("zone add entra --issuer {issuer} --client-id ci --issuer-template '{template}'")).ok();
    serve();
    assert_eq!(room.run("discover --field jwks_uri").ok(), "http://AS/common/keys");
    server.expect("GET /common/keys", Answer::json(&key.set()));
    let check = |tenant: &str, tid: Value| {
        let claims = json!({"iss": template.replace("{tenantid}", tenant), "tid": tid, "aud": "api", "sub": "1",
            "scope": "read", "exp": BEGIN + 300});
        room.call("check --jwks").stdin(&key.sign("JWT", &claims)).run()
    };
    assert_eq!(check("8a2c-1", json!("8a2c-1")).code, 0);
    for (tenant, tid) in
        [("8a2c-1", json!("9b")), ("8a2c-1", Value::Null), ("a/b", json!("a/b")), ("{tenantid}", json!("{tenantid}"))]
    {
        let outcome = check(tenant, tid);
        assert_eq!(outcome.code, 1, "{tenant}");
        assert!(outcome.stdout.contains("its iss is http://"), "{outcome}");
    }
    // Without it the cached document counts no more than a new one.
    room.run("zone edit entra --unset issuer_template").ok();
    serve();
    assert_eq!(room.run("discover --field jwks_uri").code, 8);
    for bad in ["https://other.example/{tenantid}/v2.0", "{tenantid}", "/x{tenantid}", "/common/v2.0"] {
        let bad = if bad.contains("://") { bad.to_owned() } else { format!("{}{bad}", server.origin()) };
        let outcome = room.run(&format!("zone edit entra --issuer-template '{bad}'"));
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(outcome.stderr.contains("a URL at the issuer's host with {tenantid} as one segment"), "{outcome}");
    }
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
    err: hint: check the issuer's spelling; Keycloak's is https://HOST/realms/REALM, with or without /auth before /realms
    err: hint: or name the endpoint: hallpass zone add NAME --issuer http://AS --token-endpoint URL
    err: hint: to find out why: hallpass doctor http://AS
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
    err: hint: for a service: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -
    err: hint: for a user: hallpass login ISSUER --client-id ID
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
}

/// A resource at this path of the server, which `from` describes by these members besides `resource`.
fn resource(server: &Server, path: &str, members: &Value) -> (String, Value) {
    let url = format!("{}{path}", server.origin());
    let mut described = members.clone();
    described["resource"] = json!(url);
    (url, described)
}

const ROOT: &str = "GET /.well-known/oauth-protected-resource";
const INSERTED: &str = "GET /.well-known/oauth-protected-resource/api";

#[test]
fn resource_of_another_name_is_refused() {
    let server = Server::start();
    let room = room(&server);
    let url = format!("{}/api?tenant=a", server.origin());
    let other = json!({"resource": "https://other.example", "authorization_servers": [server.issuer()]});
    server.expect("GET /.well-known/oauth-protected-resource/api?tenant=a", Answer::json(&other));
    assert_snapshot!(room.run(&format!("discover --resource {url}")), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/oauth-protected-resource/api is for the resource https://other.example, not http://AS/api (they differ in the scheme and the host name and the port and the path and the query)
    ");
    let other = json!({"resource": format!("{}/api?tenant=b", server.origin())});
    server.expect("GET /.well-known/oauth-protected-resource/api?tenant=a", Answer::json(&other));
    assert_snapshot!(room.run(&format!("discover --resource {url}")), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/oauth-protected-resource/api is for the resource http://AS/api, not http://AS/api (they differ in the query)
    ");
}

#[test]
fn resource_without_metadata_names_what_was_tried() {
    let server = Server::start();
    let room = room(&server);
    let url = format!("{}/api", server.origin());
    server.expect(INSERTED, Answer::status(404)).expect(ROOT, Answer::status(404));
    server.expect("GET /api", Answer::status(401).header("www-authenticate", "Bearer"));
    assert_snapshot!(room.run(&format!("discover --resource {url}")), @"
    exit 3
    err: error: no metadata found for the resource (RFC 9728)
    err: cause: http://AS/.well-known/oauth-protected-resource/api answered 404
    err: cause: http://AS/.well-known/oauth-protected-resource answered 404
    err: hint: name the authorization server itself: hallpass discover ISSUER
    ");
}

#[test]
fn resource_is_found_at_root_or_by_its_challenge() {
    let server = Server::start();
    let room = room(&server);
    let (url, described) = resource(&server, "/api", &json!({"authorization_servers": [server.issuer()]}));
    let mut of_origin = described.clone();
    of_origin["resource"] = json!(server.origin());
    server.expect(INSERTED, Answer::status(404)).expect(ROOT, Answer::json(&of_origin)).serves(&server.metadata());
    let found = room.run(&format!("discover --resource {url} --json")).json();
    assert_eq!(
        (&found["issuer"], &found["resource"]),
        (&json!("http://AS"), &json!({"authorization_servers": ["http://AS"], "resource": "http://AS"}))
    );
    assert_eq!(
        found["documents"][1],
        json!({"url": "http://AS/.well-known/oauth-protected-resource", "kind": "resource", "status": 200})
    );
    // A page in their places is no metadata; the challenge of the resource names it.
    let page = || Answer::text("text/html", "<html>canary");
    let challenge = format!("Bearer resource_metadata=\"{}/m\"", server.origin());
    server
        .expect(INSERTED, page())
        .expect(ROOT, page())
        .expect("GET /api", Answer::status(401).header("www-authenticate", &challenge))
        .expect("GET /m", Answer::json(&described))
        .serves(&server.metadata());
    let outcome = room.run(&format!("discover --resource {url} --field token_endpoint"));
    assert_eq!(outcome.ok(), "http://AS/token", "{outcome}");
    // What the challenge names must be of the resource.
    server
        .expect(INSERTED, Answer::status(404))
        .expect(ROOT, Answer::status(404))
        .expect("GET /api", Answer::status(401).header("www-authenticate", &challenge))
        .expect("GET /m", Answer::json(&of_origin));
    assert_eq!(room.run(&format!("discover --resource {url}")).code, 8);
    // A page and no challenge: nobody knows.
    server.expect(INSERTED, page()).expect(ROOT, Answer::status(404)).expect("GET /api", Answer::status(200));
    assert_snapshot!(room.run(&format!("discover --resource {url}")), @"
    exit 8
    err: error: the protected resource metadata is not JSON (HTTP 200 from http://AS/.well-known/oauth-protected-resource/api, text/html, an HTML page)
    err: cause: http://AS/.well-known/oauth-protected-resource/api answered 200
    err: cause: http://AS/.well-known/oauth-protected-resource answered 404
    ");
}

#[test]
fn metadata_url_of_resource_may_be_given() {
    let server = Server::start();
    let room = room(&server);
    let (url, described) = resource(&server, "/api", &json!({"authorization_servers": [server.issuer()]}));
    let at = |path: &str| format!("discover {}{path} --resource {url} -q", server.origin());
    server.expect("GET /m?x=1", Answer::json(&described)).serves(&server.metadata());
    room.run(&at("/m?x=1")).ok();
    let mut other = described.clone();
    for (name, code) in [(server.origin(), 0), (format!("{}/", server.origin()), 0), (format!("{url}/"), 8)] {
        other["resource"] = json!(name);
        server.expect(ROOT, Answer::json(&other));
        if code == 0 {
            server.serves(&server.metadata());
        }
        assert_eq!(room.run(&at("/.well-known/oauth-protected-resource")).code, code, "{name}");
    }
    server.expect("GET /m", Answer::status(404));
    assert_eq!(room.run(&at("/m")).code, 3);
    // Whatever stands there is not shown.
    for (answer, code) in [
        (Answer::text("text/plain", "root:canary:0:0"), 8),
        (Answer::json(&json!({"resource": "canary"})), 8),
        (Answer::json(&json!({"canary": 1})), 8),
        (Answer::error(400, "invalid_request", "canary"), 3),
        (Answer::error(200, "canary", "canary"), 8),
    ] {
        server.expect("GET /m", answer);
        let outcome = room.run(&format!("{} -vv", at("/m").replace(" -q", "")));
        assert_eq!(outcome.code, code, "{outcome}");
        outcome.assert_hidden("canary");
    }
}

#[test]
fn outage_of_resource_is_6_and_wrong_url_is_2() {
    let server = Server::start();
    let room = room(&server);
    let (url, _) = resource(&server, "/api", &json!({}));
    for status in [429, 500, 503] {
        (0..3).for_each(|_| {
            server.expect(INSERTED, Answer::error(status, "x", "canary"));
        });
        let outcome = room.run(&format!("discover --resource {url}"));
        assert_eq!(outcome.code, 6, "{outcome}");
        outcome.assert_hidden("canary");
    }
    (0..3).for_each(|_| {
        server.expect(INSERTED, Answer::lost_response());
    });
    assert_eq!(room.run(&format!("discover --resource {url}")).code, 6);
    for bad in ["https://a.example/#x", "ftp://a.example", "a.example", "urn:x"] {
        for line in [format!("--resource {bad}"), format!("{bad} --resource {url}")] {
            assert_eq!(room.run(&format!("discover {line}")).code, 2, "{line}");
        }
    }
    assert_eq!(room.run("discover --issuer https://a.example").code, 2);
}

#[test]
fn first_server_that_answers_is_followed() {
    let (server, dead) = (Server::start(), Server::start());
    let mut room = room(&server);
    room.knows(&dead, "DEAD");
    let servers = json!({"authorization_servers": [dead.issuer(), server.issuer()]});
    let (url, described) = resource(&server, "/api", &servers);
    let describe = || {
        server.expect(INSERTED, Answer::json(&described));
    };
    let refuse = || {
        dead.expect("GET /.well-known/openid-configuration", Answer::text("text/plain", "canary"))
            .expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    };
    describe();
    refuse();
    server.serves(&server.metadata());
    assert_snapshot!(room.run(&format!("discover --resource {url} --field issuer")), @"
    exit 0
    out: http://AS
    err: warning: the resource names further authorization servers: http://DEAD
    err: warning: the metadata is not JSON (HTTP 200 from http://DEAD/.well-known/openid-configuration, text/plain): http://DEAD/.well-known/openid-configuration answered 200: http://DEAD/.well-known/oauth-authorization-server answered 404
    ");
    describe();
    server.serves(&server.metadata());
    assert_eq!(
        room.run(&format!("discover --resource {url} --issuer {} --field issuer -q", server.issuer())).ok(),
        "http://AS"
    );
    describe();
    refuse();
    assert_eq!(room.run(&format!("discover --resource {url} --issuer {}", dead.issuer())).code, 8);
    describe();
    assert_snapshot!(room.run(&format!("discover --resource {url} --issuer https://other.example")), @"
    exit 3
    err: error: the resource does not name the authorization server https://other.example
    err: cause: it names http://DEAD, http://AS
    ");
    // Of several failures an outage counts: it may pass.
    describe();
    refuse();
    for path in ["openid-configuration", "oauth-authorization-server"] {
        (0..3).for_each(|_| {
            server.expect(&format!("GET /.well-known/{path}"), Answer::status(503));
        });
    }
    let outcome = room.run(&format!("discover --resource {url}"));
    assert_eq!(outcome.code, 6, "{outcome}");
    outcome.assert_hidden("canary");
}

#[test]
fn missing_realm_and_other_path_are_named() {
    let server = Server::start();
    let mut room = room(&server);
    let nothing = |base: &str, realm: &str, answer: &Answer| {
        server
            .expect(&format!("GET {base}/realms/{realm}/.well-known/openid-configuration"), answer.clone())
            .expect(&format!("GET /.well-known/oauth-authorization-server{base}/realms/{realm}"), answer.clone())
            .expect(&format!("GET {base}/realms/{realm}/.well-known/oauth-authorization-server"), answer.clone());
    };
    let no_realm = Answer::json(&json!({"error": "Realm does not exist"})).with_status(404);
    let add =
        format!("zone add prod --issuer {}/realms/acmee --client-id ci --client-secret-ref env:S", server.origin());
    room.run(&add).ok();
    room.set("S", "s3cr3t-value");
    nothing("", "acmee", &no_realm);
    let outcome = room.run("token");
    nothing("", "acmee", &no_realm);
    assert_eq!(room.run("discover").to_string(), outcome.to_string());
    assert_snapshot!(outcome, @"
    exit 3
    err: error: no metadata found at http://AS/realms/acmee
    err: cause: the realm acmee does not exist at http://AS
    err: cause: http://AS/realms/acmee/.well-known/openid-configuration answered 404: Realm does not exist
    err: cause: http://AS/.well-known/oauth-authorization-server/realms/acmee answered 404: Realm does not exist
    err: cause: http://AS/realms/acmee/.well-known/oauth-authorization-server answered 404: Realm does not exist
    err: hint: check the realm's name; upper and lower case differ: hallpass zone edit prod --issuer http://AS/realms/REALM
    err: hint: to find out why: hallpass doctor -z prod
    ");
    // Under the other path it answers, and that is asked once.
    let elsewhere = Answer::json(&json!({"error": "Unable to find matching target resource method"})).with_status(404);
    let there = |path: &str, metadata: bool| {
        let issuer = format!("{}{path}", server.origin());
        let answer = if metadata { Answer::json(&json!({"issuer": issuer})) } else { Answer::status(404) };
        server.expect(&format!("GET {path}/.well-known/openid-configuration"), answer);
    };
    nothing("/auth", "acme", &elsewhere);
    there("/realms/acme", true);
    assert_snapshot!(room.run(&format!("discover {}/auth/realms/acme", server.origin())), @"
    exit 3
    err: error: no metadata found at http://AS/auth/realms/acme
    err: cause: http://AS/auth/realms/acme/.well-known/openid-configuration answered 404: Unable to find matching target resource method
    err: cause: http://AS/.well-known/oauth-authorization-server/auth/realms/acme answered 404: Unable to find matching target resource method
    err: cause: http://AS/auth/realms/acme/.well-known/oauth-authorization-server answered 404: Unable to find matching target resource method
    err: cause: http://AS/realms/acme has metadata
    err: hint: use that issuer: http://AS/realms/acme
    err: hint: to find out why: hallpass doctor http://AS/auth/realms/acme
    ");
    room.run(&format!("zone edit prod --issuer {}/realms/acme", server.origin())).ok();
    nothing("", "acme", &Answer::text("text/html", "<title>Resource not found</title>").with_status(404));
    there("/auth/realms/acme", true);
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: no metadata found at http://AS/realms/acme
    err: cause: http://AS/realms/acme/.well-known/openid-configuration answered 404
    err: cause: http://AS/.well-known/oauth-authorization-server/realms/acme answered 404
    err: cause: http://AS/realms/acme/.well-known/oauth-authorization-server answered 404
    err: cause: http://AS/auth/realms/acme has metadata
    err: hint: use that issuer: hallpass zone edit prod --issuer http://AS/auth/realms/acme
    err: hint: to find out why: hallpass doctor -z prod
    ");
    nothing("", "acme", &elsewhere);
    there("/auth/realms/acme", false);
    assert!(room.run("token").stderr.contains("with or without /auth"));
    room.set("HALLPASS_ISSUER", format!("{}/auth/realms/acme", server.origin()));
    room.set("HALLPASS_CLIENT_ID", "ci");
    room.set("HALLPASS_CLIENT_SECRET", "s3cr3t-value");
    nothing("/auth", "acme", &elsewhere);
    there("/realms/acme", true);
    let ephemeral = room.run("token");
    assert!(ephemeral.stderr.contains("set HALLPASS_ISSUER=http://AS/realms/acme"), "{ephemeral}");
}

#[test]
fn issuer_is_cut_out_of_token_endpoint() {
    let server = Server::start();
    let room = room(&server);
    let nothing = |path: &str| {
        server
            .expect(&format!("GET {path}/.well-known/openid-configuration"), Answer::status(404))
            .expect(&format!("GET /.well-known/oauth-authorization-server{path}"), Answer::status(404))
            .expect(&format!("GET {path}/.well-known/oauth-authorization-server"), Answer::status(404));
    };
    nothing("/oauth2/default/v1/token");
    let outcome = room.run(&format!("discover {}/oauth2/default/v1/token", server.origin()));
    assert!(outcome.stderr.contains("use its issuer: http://AS/oauth2/default"), "{outcome}");
    let issuer = format!("{}/realms/acme", server.origin());
    let metadata = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/t")});
    server
        .expect("GET /realms/acme/.well-known/openid-configuration", Answer::json(&metadata))
        .expect("GET /.well-known/oauth-authorization-server/realms/acme", Answer::json(&metadata))
        .expect("GET /realms/acme/.well-known/oauth-authorization-server", Answer::status(404));
    let found = room.run(&format!("discover {issuer}/protocol/openid-connect/token --field issuer"));
    assert_eq!(found.ok(), "http://AS/realms/acme");
    let line = format!("zone add x --client-id c --issuer {issuer}/protocol/openid-connect/token");
    let refused = room.run(&line);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.stderr.contains("the issuer is probably http://AS/realms/acme"), "{refused}");
}
