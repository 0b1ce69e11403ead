//! `hallpass doctor` at servers of the standards alone: each situation is one `fail`, without a word of Keycloak.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::doctor::{answer, trouble};
use super::fault::{self, Reply, Server};
use super::leak::KnownSecrets;
use super::room::{BEGIN, Outcome, Room};
use super::signer::Signer;

type Answers = Arc<Mutex<BTreeMap<String, Reply>>>;

/// A server that answers by method and path, and a room with the zone `prod` at it.
pub struct World {
    pub server: Server,
    pub room: Room,
    pub signer: Signer,
    /// Of the issuer, behind the origin.
    path: &'static str,
    answers: Answers,
}

impl World {
    /// A server of RFC 8414 alone, where all is well.
    pub fn new() -> Self {
        Self::at("")
    }

    /// The same whose issuer has this path.
    pub fn at(path: &'static str) -> Self {
        Self::of(Server::start, path, "")
    }

    /// The same over TLS, whose certificate the zone trusts.
    pub fn over_tls() -> Self {
        Self::of(Server::start_tls, "", "--cacert ca.pem")
    }

    fn of(start: impl FnOnce(Script) -> Server, path: &'static str, flags: &str) -> Self {
        let answers = Answers::default();
        let server = start(script(Arc::clone(&answers)));
        let (mut room, signer) = (Room::new(), Signer::new("k1"));
        room.names_origin(&server.base(), "https://AS");
        if server.base().starts_with("https") {
            room.write("ca.pem", server.certificate());
        }
        let line =
            format!("zone add prod --issuer {}{path} --client-id ci --client-secret-from - {flags}", server.base());
        room.call(&line).stdin("s3cr3t-value\n").run().ok();
        let world = Self { server, room, signer, path, answers };
        let token = world.signer.sign("at+jwt", &world.claims());
        KnownSecrets::of_this_test().add(&token);
        world.publishes(&world.metadata());
        world.says("GET /jwks", &world.signer.set());
        world.says("POST /token", &json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}));
        world.refuses("POST /token?", 400, "unsupported_grant_type");
        world.says("POST /introspect", &json!({"active": true}));
        world.refuses("POST /register", 401, "invalid_token");
        world.answers("GET /authorize", fault::redirect(302, "http://127.0.0.1/callback?error=login_required"));
        world.says(
            "POST /device",
            &json!({"device_code": "device-code-1", "user_code": "WDJB",
            "verification_uri": "https://as.example/device", "expires_in": 60}),
        );
        world
    }

    pub fn metadata(&self) -> Value {
        let base = self.server.base();
        let endpoint = |path: &str| json!(format!("{base}/{path}"));
        json!({
            "issuer": self.issuer(), "token_endpoint": endpoint("token"), "jwks_uri": endpoint("jwks"),
            "introspection_endpoint": endpoint("introspect"), "registration_endpoint": endpoint("register"),
            "authorization_endpoint": endpoint("authorize"), "device_authorization_endpoint": endpoint("device"),
            "response_types_supported": ["code"], "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    /// Claims of a token of this server.
    pub fn claims(&self) -> Value {
        json!({"iss": self.issuer(), "sub": "ci", "client_id": "ci", "aud": "api", "jti": "j", "iat": BEGIN, "exp": BEGIN + 300})
    }

    /// Answers this, `METHOD /path`; `POST /token?` is a token request without a grant.
    pub fn answers(&self, line: &str, reply: Reply) {
        self.answers.lock().unwrap().insert(line.to_owned(), reply);
    }

    pub fn says(&self, line: &str, value: &Value) {
        self.answers(line, fault::json(200, value.to_string()));
    }

    pub fn refuses(&self, line: &str, status: u16, code: &str) {
        self.answers(line, fault::json(status, json!({"error": code, "error_description": "no"}).to_string()));
    }

    pub fn issuer(&self) -> String {
        self.server.base() + self.path
    }

    fn publishes(&self, metadata: &Value) {
        self.says(&format!("GET /.well-known/oauth-authorization-server{}", self.path), metadata);
    }

    /// Metadata in which this member is another one; absent where it is null.
    pub fn describes(&self, name: &str, value: Value) {
        let mut metadata = self.metadata();
        metadata[name] = value;
        metadata.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.publishes(&metadata);
    }

    /// Mints a token with these claims changed, signed by this key.
    pub fn mints(&self, signer: &Signer, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims();
        change(&mut claims);
        let token = signer.sign("at+jwt", &claims);
        KnownSecrets::of_this_test().add(&token);
        self.says("POST /token", &json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}));
        token
    }

    pub fn examine(&self, flags: &str) -> Outcome {
        let outcome = self.room.run(&format!("doctor --json {flags}"));
        let text = outcome.stdout.to_lowercase();
        assert!(!text.contains("keycloak") && !text.contains("realm"), "{flags}: {outcome}");
        outcome
    }

    /// The one finding that fails, and is the first in trouble, as `id: what | because | fix`.
    #[track_caller]
    fn diagnosis(&self, flags: &str) -> String {
        let outcome = self.examine(flags);
        assert_eq!(outcome.code, 1, "{outcome}");
        let answer = answer(&outcome);
        let findings = answer["findings"].as_array().unwrap();
        let fails: Vec<&Value> = findings.iter().filter(|finding| finding["state"] == "fail").collect();
        assert_eq!(fails.len(), 1, "one cause is one fail: {outcome}");
        let fail = fails[0];
        let text = |name: &str| fail[name].as_str().unwrap_or("-").to_owned();
        assert_eq!(answer["verdict"], format!("{}: {}", text("id"), text("what")));
        for finding in findings.iter().filter(|finding| finding["state"] == "skip") {
            assert_eq!(finding["what"], format!("not judged because of {}", text("id")), "{outcome}");
        }
        format!("{}: {} | {} | {}", text("id"), text("what"), text("because"), text("fix"))
    }

    /// Asserts that the one fail has this id, and that it says all of these.
    #[track_caller]
    pub fn fails(&self, flags: &str, id: &str, said: &[&str]) {
        let diagnosis = self.diagnosis(flags);
        assert!(diagnosis.starts_with(&format!("{id}: ")), "{diagnosis}");
        for words in said {
            assert!(diagnosis.contains(words), "{words:?} is not in {diagnosis}");
        }
        assert!(!diagnosis.ends_with("| -"), "nothing to do: {diagnosis}");
    }
}

type Script = Box<dyn Fn(&fault::Request, &str) -> Reply + Send + Sync>;

fn script(answers: Answers) -> Script {
    Box::new(move |request, _| {
        let path = request.target().split('?').next().unwrap_or_default();
        let has_grant = !path.ends_with("/token") || request.body.contains("grant_type=");
        let line = format!("{} {path}{}", request.method(), if has_grant { "" } else { "?" });
        let answers = answers.lock().unwrap();
        // What asks for a scope or an audience may have an answer of its own.
        let asking = ["scope=", "audience=", "prompt=none"]
            .into_iter()
            .filter(|name| request.body.contains(name) || request.target().contains(name));
        let asking = asking.chain(request.field("accept"));
        let mut lines = asking.map(|name| format!("{line} {name}")).chain([line.clone()]);
        let known = lines.find_map(|line| answers.get(&line).cloned());
        known.unwrap_or_else(|| fault::answer(404, "text/plain", "not here"))
    })
}

#[test]
fn healthy_server_has_no_trouble() {
    let world = World::new();
    let outcome = world
        .examine("--introspect --redirect-uri http://127.0.0.1/callback --device --expect-audience api --probe-proxy");
    assert_eq!(trouble(&outcome), [""; 0], "{outcome}");
    assert_eq!(outcome.code, 0);
    assert_eq!(answer(&outcome)["server"], Value::Null);
    let anonymous = world.server.requests().iter().filter(|request| request.field("authorization").is_none()).count();
    assert!(anonymous <= 12, "{anonymous} anonymous requests");
}

#[test]
fn server_without_metadata_is_examined_at_endpoints_of_zone() {
    for flags in ["--token-endpoint /token", "--token-endpoint /token --jwks-uri /jwks", "--assume-defaults"] {
        let world = World::new();
        world.answers("GET /.well-known/oauth-authorization-server", fault::json(404, "{}"));
        world.fails("", "discovery", &["has no metadata", "hallpass zone edit --help"]);
        world.room.run(&format!("zone edit prod {flags}")).ok();
        let token = json!({"access_token": "opaque-1", "token_type": "Bearer", "expires_in": 300});
        KnownSecrets::of_this_test().add("opaque-1");
        world.says("POST /oauth2/token", &token);
        world.refuses("POST /oauth2/token?", 400, "unsupported_grant_type");
        let outcome = world.examine("");
        assert_eq!((outcome.code, trouble(&outcome)), (0, Vec::new()), "{flags}: {outcome}");
        for path in ["/token", "/oauth2/token"] {
            world.refuses(&format!("POST {path}"), 401, "invalid_client");
        }
        world.fails("", "client", &["does not know the client ci, or its secret is wrong"]);
        world.answers("GET /.well-known/oauth-authorization-server", fault::json(200, "[]"));
        assert!(trouble(&world.examine("")).contains(&"discovery warn".to_owned()), "{flags}");
    }
}

#[test]
fn unknown_client_and_wrong_secret_are_told_as_both() {
    let world = World::new();
    world.refuses("POST /token", 401, "invalid_client");
    world.fails("", "client", &["ci", "or", "secret", "--client-secret-from", "invalid_client"]);
}

#[test]
fn what_is_not_sent_is_not_accepted() {
    for (flags, id, fix) in [
        ("--client-secret-ref env:NOT_SET", "secret", "zone edit prod --client-secret-ref SOURCE"),
        ("--private-key-ref file:nowhere --auth private_key_jwt", "key", "zone edit prod --private-key-ref SOURCE"),
        ("--grant jwt_bearer --assertion-ref env:NOT_SET", "grant", "zone edit prod --assertion-ref SOURCE"),
        (
            "--grant token_exchange --subject-token-ref env:NOT_SET",
            "grant",
            "zone edit prod --subject-token-ref SOURCE",
        ),
    ] {
        let world = World::new();
        world.room.run(&format!("zone edit prod {flags}")).ok();
        world.fails("", id, &["could not read", fix]);
        let answer = answer(&world.examine(""));
        let state = |id: &str| {
            answer["findings"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()["state"].clone()
        };
        assert_eq!([state("client"), state("auth-method")], ["skip", "skip"], "{flags}");
        assert!(world.server.requests().iter().all(|request| request.field("authorization").is_none()), "{flags}");
    }
}

#[test]
fn spent_refresh_token_is_refresh() {
    let world = World::new();
    world.room.run("zone edit prod --grant authorization_code").ok();
    world.refuses("POST /token", 400, "invalid_grant");
    let token = world.room.write("token", "r3fr3sh-token\n");
    world.fails(
        &format!("--refresh-token-from file:{}", token.display()),
        "refresh",
        &["invalid_grant", "sign in again: hallpass login -z prod"],
    );
}

#[test]
fn trouble_of_this_machine_is_fixed_here() {
    let mut world = World::over_tls();
    world.fails("--cacert nowhere.pem", "trust", &["nowhere.pem", "--cacert"]);
    // A proxy counts for other machines only.
    world.room.run("zone add far --issuer https://as.invalid").ok();
    world.fails("-z far --proxy http://127.0.0.1:1", "reach", &["did not connect", "NO_PROXY"]);
    world.room.run("zone add gone --issuer http://127.0.0.1:1").ok();
    world.fails("-z gone", "reach", &["refused the connection", "nothing listens there"]);
    world.room.set("HTTPS_PROXY", "http://a b");
    world.fails("-z far", "proxy", &["HTTPS_PROXY", "correct what is named"]);
}

#[test]
fn method_that_server_does_not_list_is_auth_method() {
    let world = World::new();
    world.describes("token_endpoint_auth_methods_supported", json!(["client_secret_basic"]));
    world.room.run("zone edit prod --auth client_secret_post").ok();
    world.refuses("POST /token", 401, "invalid_client");
    world.fails("", "auth-method", &["client_secret_post", "client_secret_basic"]);
}

#[test]
fn refused_grant_is_grant() {
    for code in ["unauthorized_client", "unsupported_grant_type"] {
        let world = World::new();
        world.refuses("POST /token", 400, code);
        world.fails("", "grant", &[code]);
        let hint = world.room.run("token --fresh").stderr;
        assert!(!hint.contains("secret"), "the client has authenticated: {hint}");
    }
    let world = World::new();
    world.refuses("POST /token", 400, "unauthorized_client");
    world.fails("", "grant", &["allow the grant client_credentials for ci", "zone edit prod --grant GRANT"]);
    let refusal = json!({"error": "invalid_request", "error_description": "requested grant type is not allowed"});
    world.answers("POST /token", fault::json(400, refusal.to_string()));
    world.fails("", "grant", &["allow the grant client_credentials for ci", "zone edit prod --grant GRANT"]);
}

#[test]
fn refused_scope_is_scope() {
    let world = World::new();
    world.room.run("zone edit prod --scope 'read write'").ok();
    world.refuses("POST /token", 400, "invalid_scope");
    world.fails("", "scope", &["read, write"]);
}

#[test]
fn page_or_gateway_at_token_endpoint_only_is_endpoint() {
    for reply in [
        fault::answer(200, "text/html", "<html>Sign in</html>"),
        fault::answer(502, "text/html", "<html>Bad Gateway</html>"),
        fault::answer(404, "text/html", "<html>Not Found</html>"),
        fault::redirect(302, "https://login.example/"),
        fault::hang_up(),
    ] {
        let world = World::new();
        world.answers("POST /token", reply.clone());
        world.answers("POST /token?", reply);
        world.fails("", "endpoint", &["/token", "proxy"]);
    }
}

#[test]
fn missing_token_endpoint_is_endpoint() {
    let world = World::new();
    world.describes("token_endpoint", Value::Null);
    world.fails("", "endpoint", &["names no token endpoint", "--token-endpoint"]);
}

#[test]
fn plain_http_endpoint_of_https_issuer_is_https() {
    let world = World::over_tls();
    assert_eq!(trouble(&world.examine("")), [""; 0]);
    world.describes("token_endpoint", json!(world.server.base().replace("https:", "http:") + "/token"));
    world.fails("", "https", &["token_endpoint", "X-Forwarded-Proto"]);
}

#[test]
fn other_issuer_is_issuer_with_part_that_differs() {
    for (change, part) in [
        (("http://127", "https://127"), "the scheme"),
        (("127.0.0.1", "as.example"), "the host name"),
        (("127.0.0.1:", "127.0.0.1:1"), "the port"),
        (("", "/x"), "the path"),
        (("", "/"), "the slash at the end"),
    ] {
        let world = World::new();
        let base = world.server.base();
        let other =
            if change.0.is_empty() { format!("{base}{}", change.1) } else { base.replacen(change.0, change.1, 1) };
        world.describes("issuer", json!(other));
        world.fails("", "issuer", &[part, "--issuer"]);
    }
}

#[test]
fn missing_or_broken_keys_are_jwks() {
    for reply in [
        fault::answer(404, "text/plain", "no"),
        fault::answer(200, "text/html", "<html>"),
        fault::json(200, r#"{"keys":[]}"#),
        fault::json(200, r#"{"keys":"none"}"#),
        fault::json(200, "[]"),
        fault::hang_up(),
    ] {
        let world = World::new();
        world.answers("GET /jwks", reply);
        world.fails("", "jwks", &["/jwks"]);
    }
}

/// A server that hangs after its metadata.
#[test]
fn silence_is_one_failure() {
    let world = World::new();
    world.answers("GET /jwks", fault::hang_up());
    world.answers("POST /token", fault::hang_up());
    world.answers("POST /introspect", fault::hang_up());
    world.fails("--introspect", "jwks", &["/jwks"]);
    world.says("GET /jwks", &world.signer.set());
    world.fails("--introspect", "client", &["/token"]);
}

#[test]
fn opaque_token_is_no_trouble() {
    let world = World::new();
    world.answers("POST /token", fault::token(fault::TOKEN, 300));
    KnownSecrets::of_this_test().add(fault::TOKEN);
    assert_eq!(trouble(&world.examine("--introspect")), [""; 0]);
}

#[test]
fn client_of_device_flow_may_not_redeem_codes() {
    for code in ["unauthorized_client", "unsupported_grant_type", "invalid_grant"] {
        let world = World::new();
        world.room.run("zone edit prod --grant device_code").ok();
        world.refuses("POST /token", 400, code);
        let outcome = world.examine("--device");
        assert_eq!((trouble(&outcome), outcome.code), (Vec::new(), 0), "{code}: {outcome}");
        assert!(outcome.stdout.contains("the server did not refuse the secret"), "{outcome}");
        world.room.run("zone edit prod --grant authorization_code").ok();
        if code == "unauthorized_client" {
            world.fails("", "grant", &["let the server allow the grant authorization_code for ci"]);
        }
    }
}

/// As Spring Authorization Server: only a browser is sent to the sign-in page.
#[test]
fn sign_in_page_for_browsers_alone_shows_redirect_uri() {
    let world = World::new();
    world.refuses("GET /authorize", 401, "unauthorized");
    world.answers("GET /authorize text/html", fault::redirect(302, "/login"));
    assert_eq!(trouble(&world.examine("--redirect-uri http://127.0.0.1/callback")), [""; 0]);
    world.refuses("GET /authorize", 400, "invalid_request");
    world.fails("--redirect-uri http://127.0.0.1/callback", "redirect-uri", &["is not registered", "400"]);
}

#[test]
fn scopes_of_opaque_token_are_those_of_introspection_or_asked_for() {
    let world = World::new();
    world.answers("POST /token", fault::token(fault::TOKEN, 300));
    KnownSecrets::of_this_test().add(fault::TOKEN);
    world.says("POST /introspect", &json!({"active": true, "scope": "read"}));
    assert_eq!(trouble(&world.examine("--expect-scope read")), [""; 0]);
    world.fails("--expect-scope write", "scope", &["lacks the scope write", "it has read"]);
    // RFC 6749 §5.1: a server may leave out a scope that it grants as asked for.
    world.refuses("POST /introspect", 403, "access_denied");
    world.room.run("zone edit prod --scope read").ok();
    assert_eq!(trouble(&world.examine("--expect-scope read")), [""; 0]);
    world.fails("--expect-scope write", "scope", &["it has read; the server names none"]);
}

#[test]
fn scopes_of_sign_in_are_those_of_given_token() {
    let world = World::new();
    world.room.run("zone edit prod --grant authorization_code").ok();
    world.refuses("POST /token", 400, "invalid_grant");
    let outcome = world.examine("--expect-scope read");
    assert_eq!((trouble(&outcome), outcome.code), (vec!["scope skip".to_owned()], 0), "{outcome}");
    let mut claims = world.claims();
    claims["scope"] = json!(["read"]);
    let token = world.signer.sign("at+jwt", &claims);
    KnownSecrets::of_this_test().add(&token);
    let given = format!("--token-from file:{}", world.room.write("token", &token).display());
    assert_eq!(trouble(&world.examine(&format!("{given} --expect-scope read"))), [""; 0]);
    world.fails(&format!("{given} --expect-scope write"), "scope", &["lacks the scope write", "it has read"]);
}

#[test]
fn opaque_token_is_judged_by_introspection() {
    let world = World::new();
    world.answers("POST /token", fault::token(fault::TOKEN, 300));
    KnownSecrets::of_this_test().add(fault::TOKEN);
    world.says("POST /introspect", &json!({"active": true, "aud": "api", "client_id": "ci"}));
    let outcome = world.examine("--introspect --expect-audience api");
    assert_eq!((trouble(&outcome), outcome.code), (Vec::new(), 0), "{outcome}");
    let said = answer(&outcome)["findings"].to_string();
    for words in ["the server says that the token is active", "the token names its audiences"] {
        assert!(said.contains(words), "{outcome}");
    }
    world.fails("--expect-audience orders", "audience", &["orders", "aud is api"]);
    world.fails("--expect-role admin", "role", &["admin"]);
    world.says("POST /introspect", &json!({"active": false}));
    world.fails("--introspect --expect-audience api", "introspection", &["the token is new", "introspect -z ZONE"]);
    assert_eq!(trouble(&world.examine("--expect-audience api")), ["audience warn"]);
    world.refuses("POST /introspect", 401, "invalid_client");
    assert_eq!(trouble(&world.examine("--expect-role admin")), ["role warn"]);
    world.answers(
        "POST /token audience=",
        fault::json(
            400,
            r#"{"error":"invalid_request","error_description":"Requested audience 'orders' has not been whitelisted"}"#,
        ),
    );
    world.fails("--expect-audience orders", "audience", &["whitelisted", "no token for orders to ci"]);
}

#[test]
fn method_that_server_names_is_auth_method() {
    let world = World::new();
    let said = "The OAuth 2.0 Client supports client authentication method 'client_secret_post', but method 'client_secret_basic' \
                was requested.";
    let refusal = json!({"error": "invalid_client", "error_description": said});
    world.answers("POST /token", fault::json(401, refusal.to_string()));
    world.fails("", "auth-method", &["name the method: hallpass zone edit prod --auth client_secret_post"]);
}

#[test]
fn zone_of_user_is_judged_by_token_that_is_given() {
    let world = World::new();
    world.room.run("zone edit prod --grant authorization_code").ok();
    world.refuses("POST /token", 400, "invalid_grant");
    let flags = "--introspect --expect-audience api --expect-role admin";
    assert_eq!(trouble(&world.examine(flags)), ["audience skip", "role skip", "introspection skip"]);
}

#[test]
fn server_that_fails_at_prompt_none_shows_its_sign_in_page_without() {
    let world = World::new();
    world.answers("GET /authorize prompt=none", fault::answer(500, "text/html", "<html>"));
    let outcome = world.examine("--redirect-uri http://127.0.0.1/cb");
    assert_eq!((trouble(&outcome), outcome.code), (vec!["redirect-uri warn".to_owned()], 0), "{outcome}");
    world.answers("GET /authorize", fault::answer(500, "text/html", "<html>"));
    world.fails("--redirect-uri http://127.0.0.1/cb", "redirect-uri", &["out of order"]);
}

#[test]
fn clocks_are_compared_by_iat_before_date() {
    let world = World::new();
    world.mints(&world.signer, |claims| {
        claims["iat"] = json!(BEGIN - 3600);
        claims["exp"] = json!(BEGIN + 300);
    });
    assert_eq!(trouble(&world.examine("")), ["clock warn"]);
    let by_date = |world: &World| {
        let date = "Date: Sun, 22 Nov 2026 11:00:00 GMT\r\nContent-Type: application/json\r\n";
        let metadata = world.metadata().to_string();
        world.answers("GET /.well-known/oauth-authorization-server", fault::with_fields(200, date, metadata));
    };
    let world = World::new();
    by_date(&world);
    assert_eq!(trouble(&world.examine("")), [""; 0], "the iat of the new token agrees");
    world.answers("POST /token", fault::token(fault::TOKEN, 300));
    let outcome = world.examine("");
    assert_eq!((trouble(&outcome), outcome.code), (vec!["clock warn".to_owned()], 0));
    let findings = &answer(&outcome)["findings"];
    let clock = findings.as_array().unwrap().iter().find(|finding| finding["id"] == "clock").unwrap();
    assert!(clock["what"].as_str().unwrap().contains("3600 s behind"), "{clock}");
}

#[test]
fn believed_forwarded_field_is_forwarded() {
    let world = World::new();
    world.describes("service_documentation", json!("https://forwarded.invalid/docs"));
    world.fails("--probe-proxy", "forwarded", &["forwarded.invalid", "proxy must replace"]);
}

#[test]
fn given_token_is_judged() {
    let world = World::new();
    let stranger = Signer::new("k2");
    let same_name = Signer::new("k1");
    for (signer, claim, value, id) in [
        (&world.signer, "exp", json!(BEGIN - 60), "expiry"),
        (&world.signer, "iss", json!("https://other.example"), "token-issuer"),
        (&stranger, "jti", json!("other"), "token"),
        (&same_name, "jti", json!("other"), "token"),
        (&world.signer, "nbf", json!(BEGIN + 600), "not-before"),
    ] {
        let mut claims = world.claims();
        claims[claim] = value;
        let file = world.room.write("token", &signer.sign("at+jwt", &claims));
        world.fails(&format!("--token-from file:{}", file.display()), id, &[]);
    }
}

#[test]
fn missing_audience_and_role_are_named() {
    let world = World::new();
    world.fails("--expect-audience orders", "audience", &["orders", "api", "--audience"]);
    world.fails("--expect-role admin", "role", &["admin"]);
}

#[test]
fn demanded_proof_is_proof() {
    let world = World::new();
    world.refuses("POST /token", 400, "invalid_dpop_proof");
    world.fails("", "proof", &["--dpop"]);
}

#[test]
fn inactive_token_is_introspection() {
    let world = World::new();
    world.says("POST /introspect", &json!({"active": false}));
    world.fails("--introspect", "introspection", &["inactive"]);
}

#[test]
fn closed_doors_are_named() {
    let world = World::new();
    world.fails("--register", "registration", &["initial access token"]);
    world.refuses("POST /register", 400, "access_denied");
    world.fails("--register", "registration", &["initial access token"]);
    world.answers("GET /authorize", fault::json(400, r#"{"error":"invalid_request"}"#));
    world.fails("--redirect-uri http://127.0.0.1/cb", "redirect-uri", &["http://127.0.0.1/cb", "ci"]);
    let page = format!("{}/fallbacks/error?error=invalid_request", world.server.base());
    world.answers("GET /authorize", fault::redirect(302, &page));
    world.fails("--redirect-uri http://127.0.0.1/cb", "redirect-uri", &["not registered", "302 to a page for errors"]);
    world.refuses("POST /device", 400, "unauthorized_client");
    world.fails("--device", "device", &["unauthorized_client"]);
}

#[test]
fn refused_exchange_of_zone_is_grant() {
    let world = World::new();
    world.room.write("subject", "subject-token-1");
    let subject = world.room.directory().join("subject");
    let line = format!("zone edit prod --grant token_exchange --subject-token-ref file:{}", subject.display());
    world.room.run(&line).ok();
    world.answers(
        "POST /token",
        fault::json(
            400,
            r#"{"error":"invalid_request","error_description":"Standard token exchange is not enabled for the requested client"}"#,
        ),
    );
    let outcome = world.room.run("doctor --json");
    assert_eq!((trouble(&outcome)[0].as_str(), outcome.code), ("grant fail", 1), "{outcome}");
}

#[test]
fn target_that_server_does_not_know_is_audience() {
    for (flag, name) in [("--audience", "orders"), ("--resource", "https://api.example/")] {
        let world = World::new();
        world.room.run(&format!("zone edit prod {flag} {name}")).ok();
        world.refuses("POST /token", 400, "invalid_target");
        world.fails("", "audience", &["invalid_target", name, "to ci", &format!("zone edit prod {flag}")]);
        let hint = world.room.run(&format!("token --fresh {flag} {name}")).stderr;
        let flags = if flag == "--audience" { " --expect-audience orders" } else { "" };
        assert!(hint.ends_with(&format!("hallpass doctor -z prod{flags}\n")), "{hint}");
    }
}

#[test]
fn audience_and_scope_that_zone_does_not_ask_for_are_asked_for() {
    let world = World::new();
    let mut claims = world.claims();
    claims["aud"] = json!(["api", "orders"]);
    let token = world.signer.sign("at+jwt", &claims);
    KnownSecrets::of_this_test().add(&token);
    let answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "read write"});
    world.says("POST /token audience=", &answer);
    world.fails("--expect-audience orders", "audience", &["does not ask for", "zone edit prod --audience orders"]);
    world.refuses("POST /token audience=", 400, "invalid_target");
    world.fails("--expect-audience orders", "audience", &["invalid_target", "no token for orders to ci"]);
    world.says("POST /token scope=", &answer);
    world.fails("--expect-scope write", "scope", &["lacks the scope write", "zone edit prod --scope write"]);
    world.refuses("POST /token scope=", 400, "invalid_scope");
    world.fails("--expect-scope write", "scope", &["lacks the scope write", "invalid_scope", "scopes_supported"]);
}

#[test]
fn unusable_metadata_is_warned_of() {
    let world = World::new();
    world.describes("introspection_endpoint", json!("not a url"));
    let outcome = world.examine("");
    assert_eq!((trouble(&outcome), outcome.code), (vec!["discovery warn".to_owned()], 0), "{outcome}");
    assert!(outcome.stdout.contains("introspection_endpoint"), "{outcome}");
}

#[test]
fn token_of_type_that_nobody_can_present_is_token() {
    let world = World::new();
    world.says("POST /token", &json!({"access_token": "opaque-1", "token_type": "mac", "expires_in": 300}));
    world.fails("", "token", &["mac", "can't be sent as a bearer token"]);
    world.says("POST /token", &json!({"access_token": "opaque-1", "token_type": "DPoP", "expires_in": 300}));
    world.fails("", "proof", &["bound to a key", "zone edit prod --dpop"]);
    world.says("POST /token", &json!({"token_type": "Bearer"}));
    world.fails("", "token", &["no member access_token"]);
}

#[test]
fn inactive_opaque_token_may_be_anything() {
    let world = World::new();
    world.says("POST /introspect", &json!({"active": false}));
    let file = world.room.write("token", fault::TOKEN);
    KnownSecrets::of_this_test().add(fault::TOKEN);
    world.fails(&format!("--introspect --token-from file:{}", file.display()), "introspection", &["may have expired"]);
}

#[test]
fn clock_that_makes_server_refuse_proof_is_clock() {
    let world = World::new();
    world.room.run("zone edit prod --auth client_secret_jwt").ok();
    world.describes("token_endpoint_auth_methods_supported", json!(["client_secret_jwt"]));
    for (date, words) in [("09:00:00", "3600 s ahead of"), ("11:00:00", "3600 s behind")] {
        let fields = format!("Date: Sun, 22 Nov 2026 {date} GMT\r\nContent-Type: application/json\r\n");
        world.answers("POST /token", fault::with_fields(401, &fields, r#"{"error":"invalid_client"}"#));
        world.fails("", "clock", &["invalid_client", "timedatectl"]);
        let by_date = world.room.run("token --fresh").stderr;
        assert!(by_date.contains(words), "{by_date}");
    }
}

#[test]
fn registration_without_answer_may_have_left_client() {
    let world = World::new();
    let file = world.room.write("initial", "initial-token-1");
    KnownSecrets::of_this_test().add("initial-token-1");
    for reply in [fault::hang_up(), fault::answer(502, "text/html", "<html>Bad Gateway</html>")] {
        world.answers("POST /register", reply);
        let flags = format!("--register --initial-token-from file:{}", file.display());
        world.fails(&flags, "registration", &["a client named hallpass doctor may be left", "remove it"]);
    }
}

#[test]
fn one_silence_is_one_fail() {
    let world = World::new();
    world.answers("GET /jwks", fault::stall());
    world.fails("--deadline 2s", "jwks", &["/jwks"]);
}

#[test]
fn secret_of_command_is_read_once() {
    let world = World::new();
    let count = world.room.directory().join("count");
    let secret = world.room.write("secret", "s3cr3t-value");
    let read = format!("cmd:echo once >>{}; cat {}", count.display(), secret.display());
    let edit = format!("zone edit prod --client-secret-ref '{read}'");
    world.room.run(&edit).ok();
    assert_eq!(trouble(&world.examine("--introspect --device --redirect-uri http://127.0.0.1/callback")), [""; 0]);
    assert_eq!(std::fs::read_to_string(count).unwrap(), "once\n");
}

#[test]
fn endpoint_that_metadata_leaves_out_can_be_named() {
    for (member, flags, id, flag) in [
        ("token_endpoint", "", "endpoint", "--token-endpoint"),
        ("device_authorization_endpoint", "--device", "device", "--device-endpoint"),
        ("registration_endpoint", "--register", "registration", "--registration-endpoint"),
        ("authorization_endpoint", "--redirect-uri http://127.0.0.1/cb", "redirect-uri", "--authorization-endpoint"),
    ] {
        let world = World::new();
        world.describes(member, Value::Null);
        world.fails(flags, id, &[&format!("hallpass zone edit prod {flag} URL")]);
    }
    // Of an issuer alone there is no zone to edit.
    let world = World::new();
    world.describes("token_endpoint", Value::Null);
    let issuer = world.issuer();
    world.fails(
        &issuer,
        "endpoint",
        &[&format!("hallpass zone add NAME --issuer {} --token-endpoint URL", "https://AS")],
    );
}
