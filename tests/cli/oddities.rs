//! What real authorization servers do that breaks naive clients: one test for each oddity, named after what was seen.

use insta::assert_snapshot;
use serde_json::json;

use super::room::Room;
use super::server::{Answer, Server};

/// Servers that follow RFC 6749 §2.3.1 decode both halves of Basic: raw `+ % : &` would fail there.
#[test]
fn basic_credentials_are_form_decoded_by_server() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.set("HALLPASS_CLIENT_ID", "a:b");
    room.set("HALLPASS_CLIENT_SECRET", "+ %&:");
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    room.run("token").ok();
    let sent = server.received().pop().unwrap();
    // base64 of `a%3Ab:%2B+%25%26%3A`
    assert_eq!(sent.header("authorization"), Some("Basic YSUzQWI6JTJCKyUyNSUyNiUzQQ=="));
}

/// The endpoints follow the Host field, the issuer does not: documents of another issuer are refused (RFC 8414 §3.3).
#[test]
fn issuer_that_is_not_one_asked_is_refused() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    let mut metadata = server.metadata();
    metadata["issuer"] = json!("https://as.example");
    server.serves(&metadata);
    assert_snapshot!(room.run("token"), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/openid-configuration names the issuer https://as.example, not http://AS (they differ in the scheme and the host name and the port)
    err: cause: http://AS/.well-known/openid-configuration answered 200
    err: cause: http://AS/.well-known/oauth-authorization-server answered 404
    err: hint: if you trust it, name the issuer byte for byte as it does: https://as.example
    err: hint: to find out why: hallpass doctor
    ");
}

/// Reached by 127.0.0.1, but the issuer says `localhost`: an error that names the two ways on.
#[test]
fn issuer_that_says_localhost_is_another_issuer() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    let mut metadata = server.metadata();
    metadata["issuer"] = json!(server.issuer().replace("127.0.0.1", "localhost"));
    server.serves(&metadata);
    let outcome = room.run("token");
    assert_eq!(outcome.code, 8, "{outcome}");
    assert!(outcome.stderr.contains("hint: "), "{outcome}");
}

/// The OpenID document lacks introspection, revocation and registration; the OAuth one has them: both are read.
#[test]
fn what_one_document_lacks_other_has() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut oauth = server.metadata();
    oauth["introspection_endpoint"] = json!(format!("{}/introspect/", server.origin()));
    server
        .expect("GET /.well-known/openid-configuration", Answer::json(&server.metadata()))
        .expect("GET /.well-known/oauth-authorization-server", Answer::json(&oauth));
    let outcome = room.run(&format!("discover {} --field introspection_endpoint", server.issuer()));
    assert_eq!(outcome.ok(), "http://AS/introspect/");
}

/// Only the OAuth document exists and the issuer ends in `/`: no double slash, an exact comparison.
#[test]
fn issuer_may_end_in_slash() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    let issuer = format!("{}/", server.issuer());
    room.set("HALLPASS_ISSUER", issuer.clone());
    let mut metadata = server.metadata();
    metadata["issuer"] = json!(issuer);
    server
        .expect("GET /.well-known/openid-configuration", Answer::status(404))
        .expect("GET /.well-known/oauth-authorization-server", Answer::json(&metadata))
        .mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

/// Only the OpenID document exists; the OAuth form is a page.
#[test]
fn only_openid_document_exists() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    server
        .expect("GET /.well-known/openid-configuration", Answer::json(&server.metadata()))
        .expect("GET /.well-known/oauth-authorization-server", Answer::text("text/html", "<h1>app</h1>"))
        .mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

/// Endpoints that end in `/` are 404 without it: they are used as they are served.
#[test]
fn endpoints_are_never_normalised() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    let mut metadata = server.metadata();
    metadata["token_endpoint"] = json!(format!("{}/o//token/?tenant=a%2Fb", server.origin()));
    server.serves(&metadata).expect("POST /o//token/?tenant=a%2Fb", Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
}

/// An error page is HTML where Accept prefers it: every request asks for JSON.
#[test]
fn every_request_prefers_json() {
    let server = Server::start();
    let room = Room::ephemeral(&server);
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    room.run("token").ok();
    for request in server.received() {
        assert_eq!(request.header("accept"), Some("application/json"));
    }
}

/// Listed methods that are refused, and `WWW-Authenticate: Bearer` or none: the error names the method and the list.
#[test]
fn listed_method_may_be_refused() {
    let server = Server::start();
    let mut metadata = server.metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic", "private_key_jwt"]);
    for (status, field) in [(401, Some("Bearer realm=\"x\"")), (401, None), (400, None)] {
        let room = Room::ephemeral(&server);
        let refusal = Answer::error(status, "invalid_client", "no");
        let refusal = field.into_iter().fold(refusal, |refusal, field| refusal.header("www-authenticate", field));
        server.serves(&metadata).mints(refusal);
        let outcome = room.run("token");
        assert_eq!(outcome.code, 5, "{outcome}");
        let note = "authenticated with client_secret_basic; the server lists client_secret_basic, private_key_jwt";
        assert!(outcome.stderr.contains(note), "{outcome}");
    }
}

/// Errors as problem objects (RFC 9457) without `error`: status and detail are shown.
#[test]
fn problem_object_is_told() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    let problem = json!({"type": "about:blank", "title": "Bad Request", "detail": "grant is off here"});
    server.mints(Answer::json(&problem).with_status(400));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the token answer: HTTP 400 from http://AS/token: Bad Request: grant is off here
    ");
}

/// 500 with a JSON body, 500 as an HTML page: both are outages, whatever they contain.
#[test]
fn a_500_is_an_outage_whatever_its_body() {
    let server = Server::start();
    for answer in [
        Answer::error(500, "internal_server_error", "boom"),
        Answer::text("text/html", "<h1>Server Error (500)</h1>").with_status(500),
    ] {
        let room = Room::with_zone(&server);
        server.mints(answer.clone()).mints(answer);
        let outcome = room.run("token");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (6, ""), "{outcome}");
    }
}

/// A device answer without `interval` means five seconds (RFC 8628 §3.2); a server that never says slow_down may begin
/// to, which adds five.
#[test]
fn device_answer_may_leave_interval_out() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --grant device_code --device-endpoint /device").ok();
    let code =
        json!({"device_code": "DC", "user_code": "AB", "verification_uri": "https://as.example/", "expires_in": 60});
    server
        .expect("POST /device", Answer::json(&code))
        .mints(Answer::error(400, "slow_down", ""))
        .mints(Answer::refreshed("AT-1", "RT-1"));
    let begun = room.now();
    room.run("login --device").ok();
    assert_eq!(room.now() - begun, 5 + 10);
}

/// A device endpoint that is broken answers 500 with a page.
#[test]
fn device_endpoint_may_be_broken() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --grant device_code --device-endpoint /device").ok();
    let page = || Answer::text("text/html", "<h1>TypeError</h1>").with_status(500);
    server.expect("POST /device", page()).expect("POST /device", page());
    let outcome = room.run("login --device");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (6, ""), "{outcome}");
}

/// `N_A` is the type of what is no access token (RFC 8693 §2.2.1): no header is made of it.
#[test]
fn token_of_no_type_is_no_header() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::json(&json!({"access_token": "AT-1", "token_type": "n_a", "expires_in": 300})));
    assert_snapshot!(room.run("header"), @"
    exit 8
    err: error: a token of type N_A can't be sent as a bearer token
    ");
}

/// The server keeps its JWT access tokens nowhere and can neither introspect nor revoke them: a refusal that says so.
#[test]
fn unknown_token_type_is_not_introspected() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --introspection-endpoint /introspect --revocation-endpoint /revoke").ok();
    let refusal = || Answer::error(400, "unsupported_token_type", "Structured JWT Tokens cannot be introspected");
    server.expect("POST /introspect", refusal()).expect("POST /revoke", refusal());
    for deed in ["introspect", "revoke"] {
        let outcome = room.call(deed).stdin("some.token").run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{outcome}");
        assert!(outcome.stderr.contains("unsupported_token_type: Structured JWT Tokens"), "{outcome}");
    }
}

/// `exp` and `iat` with a fraction, which RFC 7519 §2 allows.
#[test]
fn time_may_have_fraction() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --introspection-endpoint /introspect").ok();
    let answer = json!({"active": true, "exp": 1_796_163_904.843_567, "iat": 1_796_160_304.843_567});
    server.expect("POST /introspect", Answer::json(&answer));
    let shown = room.call("introspect --json").stdin("some.token").run().json();
    assert_eq!(shown["exp"], answer["exp"], "as served");
    assert_eq!(shown["exp_at"], "2026-12-01T22:25:04Z");
}

/// An introspection answer may hold nothing but `active` (RFC 7662 §2.2).
#[test]
fn introspection_answer_may_say_next_to_nothing() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --introspection-endpoint /introspect").ok();
    for (answer, code) in [(json!({"active": true}), 0), (json!({"active": false}), 1)] {
        server.expect("POST /introspect", Answer::json(&answer));
        let outcome = room.call("introspect --json").stdin("some.token").run();
        assert_eq!((outcome.code, serde_json::from_str(&outcome.stdout).ok()), (code, Some(answer)), "{outcome}");
    }
}

/// A revocation that is done answers with nothing, with `{}` or with anything else.
#[test]
fn revocation_may_answer_with_anything() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --revocation-endpoint /revoke").ok();
    for answer in [Answer::status(200), Answer::json(&json!({})), Answer::text("text/html", "<p>ok</p>")] {
        server.expect("POST /revoke", answer);
        room.call("revoke").stdin("some.token").run().ok();
    }
}

/// An assertion, and a proof, may be used once: each try signs new ones.
#[test]
fn assertion_may_be_used_once() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --auth client_secret_jwt --dpop").ok();
    let token = json!({"access_token": "AT-1", "token_type": "DPoP", "expires_in": 300});
    server.mints(Answer::status(503)).mints(Answer::json(&token));
    room.run("token").ok();
    let received = server.received();
    let assertion = |index: usize| received[index].body.split("client_assertion=").nth(1).unwrap().to_owned();
    assert_ne!(assertion(0), assertion(1));
    assert_ne!(received[0].header("dpop"), received[1].header("dpop"));
}

/// A document that is down or of another issuer neither ends nor hides the sound one beside it.
#[test]
fn broken_document_beside_sound_one_is_warning() {
    let server = Server::start();
    let (oidc, oauth) = ("GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server");
    let room = Room::ephemeral(&server);
    for _ in 0..3 {
        server.expect(oidc, Answer::status(503));
    }
    server.expect(oauth, Answer::json(&server.metadata())).mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: the metadata request: HTTP 503 from http://AS/.well-known/openid-configuration
    ");

    let room = Room::ephemeral(&server);
    let foreign = json!({"issuer": "https://other.example"});
    server.expect(oidc, Answer::json(&server.metadata())).expect(oauth, Answer::json(&foreign));
    server.mints(Answer::token("AT-1"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: AT-1
    err: warning: the metadata at http://AS/.well-known/oauth-authorization-server names the issuer https://other.example, not http://AS (they differ in the scheme and the host name and the port)
    ");

    let room = Room::ephemeral(&server);
    server.expect(oidc, Answer::status(404)).expect(oauth, Answer::json(&foreign));
    assert_snapshot!(room.run("token"), @"
    exit 8
    err: error: the metadata at http://AS/.well-known/oauth-authorization-server names the issuer https://other.example, not http://AS (they differ in the scheme and the host name and the port)
    err: cause: http://AS/.well-known/openid-configuration answered 404
    err: cause: http://AS/.well-known/oauth-authorization-server answered 200
    err: hint: if you trust it, name the issuer byte for byte as it does: https://other.example
    err: hint: to find out why: hallpass doctor
    ");
}

/// A document that never comes costs less than a second, not the deadline.
#[test]
fn silent_document_beside_sound_one_is_left_out() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let metadata = json!({"issuer": origin, "token_endpoint": format!("{origin}/token")}).to_string();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for mut stream in listener.incoming().map(Result::unwrap) {
            let mut head = [0; 4096];
            let length = std::io::Read::read(&mut stream, &mut head).unwrap();
            let body = match &head[..length] {
                head if head.starts_with(b"GET /.well-known/openid") => {
                    silent.push(stream);
                    continue;
                }
                head if head.starts_with(b"GET") => metadata.as_str(),
                _ => r#"{"access_token":"AT-1","token_type":"Bearer"}"#,
            };
            let fields = format!("content-type: application/json\r\ncontent-length: {}", body.len());
            let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\nconnection: close\r\n\r\n{body}");
            std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
        }
    });
    let mut room = Room::new();
    room.set("HALLPASS_ISSUER", origin);
    room.set("HALLPASS_CLIENT_ID", "ci");
    room.set("HALLPASS_CLIENT_SECRET", "hunter2");
    let begun = std::time::Instant::now();
    let outcome = room.run("token");
    assert_eq!(outcome.ok(), "AT-1");
    assert!(outcome.stderr.contains("/.well-known/openid-configuration gave no answer in time"), "{outcome}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{outcome}");
}
