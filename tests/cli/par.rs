//! `par` and `authorize-url`: the authorization request, pushed or as a URL.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::Room;
use super::server::{Answer, Server};

fn metadata(server: &Server) -> Value {
    let mut metadata = server.metadata();
    metadata["authorization_endpoint"] = json!(format!("{}/authorize", server.origin()));
    metadata["pushed_authorization_request_endpoint"] = json!(format!("{}/par", server.origin()));
    metadata
}

fn pushed() -> Answer {
    Answer::json(&json!({"request_uri": "urn:ietf:params:oauth:request_uri:abc", "expires_in": 60})).with_status(201)
}

#[test]
fn request_is_pushed_with_clients_proof() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&metadata(&server)).expect("POST /par", pushed());
    let view = room.run("par --scope 'openid email' --resource urn:a --resource urn:b --prompt login --json").json();
    let sent = server.received().pop().unwrap();
    assert!(sent.header("authorization").is_some_and(|field| field.starts_with("Basic ")));
    let text = |name: &str| view[name].as_str().unwrap().to_owned();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
    let challenge = room.call("pkce --verifier-from - --json").stdin(&text("code_verifier")).run().json();
    let expected = [
        ("response_type", "code"),
        ("client_id", "ci"),
        ("redirect_uri", "http://127.0.0.1/callback"),
        ("scope", "openid email"),
        ("state", &text("state")),
        ("nonce", &text("nonce")),
        ("code_challenge", challenge["code_challenge"].as_str().unwrap()),
        ("code_challenge_method", "S256"),
        ("resource", "urn:a"),
        ("resource", "urn:b"),
        ("prompt", "login"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(
        (text("request_uri").as_str(), &view["expires_in"]),
        ("urn:ietf:params:oauth:request_uri:abc", &json!(60))
    );
    assert_eq!(
        (&view["expires_at"], &view["redirect_uri"]),
        (&json!("2026-11-22T10:01:00Z"), &json!("http://127.0.0.1/callback"))
    );
    assert!(
        text("url").ends_with("/authorize?client_id=ci&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc")
    );
}

#[test]
fn issuer_and_client_need_no_zone() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let issuer = server.issuer();
    let mut public = metadata(&server);
    public["token_endpoint_auth_methods_supported"] = json!(["none"]);
    server.serves(&public).expect("POST /par", pushed());
    assert!(room.run(&format!("authorize-url {issuer} --client-id app")).ok().contains("&client_id=app&"));
    room.run(&format!("par {issuer} --client-id app")).ok();
    assert!(server.received().pop().unwrap().body.contains("client_id=app"));
    assert_eq!(room.config(), "");
    assert_snapshot!(room.run(&format!("par {issuer}")), @"
    exit 2
    err: error: ISSUER needs --client-id ID
    ");
    assert_eq!(room.run("par nonsense --client-id app").code, 2);
    let other = Room::with_zone(&server);
    assert_eq!(other.run("par https://other.example -z prod --client-id app").code, 2);
}

#[test]
fn public_client_names_itself_once() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --auth none").ok();
    server.serves(&metadata(&server)).expect("POST /par", pushed());
    assert_snapshot!(room.run("par"), @"
    exit 0
    out: urn:ietf:params:oauth:request_uri:abc
    ");
    assert_eq!(server.received().pop().unwrap().body.matches("client_id=").count(), 1);
}

#[test]
fn refused_request_says_what_to_change() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&metadata(&server));
    let refused = |code: &str, description: &str| {
        server.expect("POST /par", Answer::error(400, code, description));
        room.run("par --port 8765 --scope admin")
    };
    assert_snapshot!(refused("invalid_request", "redirect_uri did not match any registered redirect_uris"), @"
    exit 5
    err: error: the server refused: invalid_request: redirect_uri did not match any registered redirect_uris (HTTP 400 from http://AS/par)
    err: hint: name one that is registered: --redirect-uri URI
    err: hint: or register http://127.0.0.1:8765/callback for ci at the server, and keep its port: --port 8765
    err: hint: to find out why: hallpass doctor -z prod --redirect-uri http://127.0.0.1/callback
    ");
    server.expect("POST /par", Answer::error(400, "invalid_target", "resource indicator is unknown"));
    assert_snapshot!(room.run("par --resource urn:a"), @"
    exit 5
    err: error: the server refused: invalid_target: resource indicator is unknown (HTTP 400 from http://AS/par)
    err: cause: no token for urn:a to ci
    err: hint: name one that the server issues tokens for to this client: hallpass zone edit prod --resource URL
    err: hint: to find out why: hallpass doctor -z prod
    ");
    assert_snapshot!(refused("invalid_scope", "requested scope is not allowed"), @"
    exit 5
    err: error: the server refused: invalid_scope: requested scope is not allowed (HTTP 400 from http://AS/par)
    err: hint: ask for less: ci may not have all of these scopes
    err: hint: the server's scopes: hallpass discover http://AS --field scopes_supported
    err: hint: to find out why: hallpass doctor -z prod --expect-scope admin
    ");
}

#[test]
fn url_has_what_its_answer_must_repeat() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&metadata(&server));
    for scope in ["", " --scope 'read openid'"] {
        let view = room.run(&format!("authorize-url{scope} --json")).json();
        for member in ["state", "nonce"] {
            let sent = format!("&{member}={}&", view[member].as_str().unwrap());
            assert!(view["url"].as_str().unwrap().contains(&sent), "{view}");
        }
    }
}

#[test]
fn url_says_it_all_unless_server_wants_it_pushed() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&metadata(&server));
    let view =
        room.run("authorize-url --scope read --login-hint ada --acr 1 --max-age 60 --port 9 --param x=y --json").json();
    let url = view["url"].as_str().unwrap();
    let tail = "&login_hint=ada&acr_values=1&max_age=60&x=y";
    assert!(
        url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=read&state=") && url.ends_with(tail),
        "{url}"
    );
    assert_eq!(view["redirect_uri"], "http://127.0.0.1:9/callback");
    server.expect("POST /par", pushed());
    assert!(
        room.run("authorize-url --par always")
            .ok()
            .ends_with("?client_id=ci&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc")
    );
    let other = Server::start();
    let room = Room::with_zone(&other);
    let mut demanding = metadata(&other);
    demanding["require_pushed_authorization_requests"] = json!(true);
    other.serves(&demanding).expect("POST /par", pushed());
    assert!(room.run("authorize-url").ok().contains("request_uri="));
}

#[test]
fn hostile_answers_to_push_are_refused() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&metadata(&server));
    for (answer, code) in [
        (Answer::json(&json!({"expires_in": 60})).with_status(201), 8),
        (Answer::json(&json!({"request_uri": 7})).with_status(201), 8),
        (Answer::json(&json!({"request_uri": "urn:\u{1b}[2J"})).with_status(201), 8),
        (Answer::text("text/html", "<title>hello</title>").with_status(201), 8),
        (Answer::json(&json!(["urn:a:b"])).with_status(201), 8),
        (Answer::error(200, "invalid_request", "hidden in a success"), 5),
        (Answer::error(400, "invalid_request", "no"), 5),
        (Answer::error(401, "invalid_client", "no"), 5),
        (Answer::status(500), 6),
        (Answer::status(302).header("location", "/elsewhere"), 8),
    ] {
        server.expect("POST /par", answer);
        let outcome = room.run("par");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
        outcome.assert_hidden("s3cr3t-value");
    }
}

#[test]
fn endpoints_that_no_browser_should_open_are_refused() {
    for endpoint in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://evil.example/a",
        "https://u:p@evil.example/a",
        "https://a.example/a#f",
        "https://a.example/a?state=1",
        "/a",
    ] {
        let server = Server::start();
        let room = Room::with_zone(&server);
        let mut bad = metadata(&server);
        bad["authorization_endpoint"] = json!(endpoint);
        server.serves(&bad);
        let outcome = room.run("authorize-url");
        assert!([3, 8].contains(&outcome.code) && outcome.stdout.is_empty(), "{endpoint}: {outcome}");
    }
}

#[test]
fn server_without_s256_is_not_asked() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let mut plain = metadata(&server);
    plain["code_challenge_methods_supported"] = json!(["plain"]);
    server.serves(&plain);
    assert_snapshot!(room.run("par"), @"
    exit 8
    err: error: the server does not support the code challenge method S256
    err: cause: it lists plain
    ");
}

#[test]
fn what_is_missing_is_named() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.serves(&server.metadata());
    let outcome = room.run("par");
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(outcome.stderr.contains("hallpass zone edit prod --authorization-endpoint URL"), "{outcome}");
    room.run("zone edit prod --authorization-endpoint /authorize").ok();
    server.serves(&server.metadata());
    let outcome = room.run("par");
    assert!(outcome.code == 3 && outcome.stderr.contains("--par-endpoint URL"), "{outcome}");
    for bad in ["state=x", "redirect_uri=x", "request_uri=x", "client_secret=x", "code_challenge=x"] {
        assert_eq!(room.run(&format!("par --param {bad}")).code, 2, "{bad}");
    }
}

#[test]
fn dry_run_shows_push() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --authorization-endpoint /authorize --par-endpoint /par").ok();
    let shown = room.run("par --dry-run");
    shown.assert_hidden("s3cr3t-value");
    assert!(shown.ok().contains("http://AS/.well-known/openid-configuration"), "{shown}");
    server.serves(&metadata(&server));
    room.run("authorize-url").ok();
    let shown = room.run("par --dry-run");
    assert!(shown.ok().starts_with("curl ") && shown.ok().contains("http://AS/par"), "{shown}");
    assert_eq!(room.run("authorize-url --dry-run").code, 2, "it sends no request");
}
