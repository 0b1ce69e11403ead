//! `login` by an authorization code: a browser of the test answers what it is shown, a strict server does the rest.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use hallpass::edges::{Browser, Environment};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{INTERRUPT, KeyringState, Outcome, Room};
use super::server::{Answer, Server};

/// What a browser is to open, taken apart.
struct Shown {
    url: String,
    redirect_uri: String,
    state: String,
}

/// Calls back as the test says: each query is sent to the redirect URI, with `{state}` in it filled in.
pub struct Answers {
    queries: Vec<String>,
    pages: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    pub fn of(queries: &[&str]) -> Self {
        Self { queries: queries.iter().map(|query| (*query).to_owned()).collect(), pages: Arc::default() }
    }
}

impl Browser for Answers {
    fn open(&self, url: &str, environment: &Environment) -> Result<(), String> {
        assert!(environment.all().all(|(name, _)| !name.to_string_lossy().starts_with("HALLPASS_")));
        let shown = shown(url);
        for query in &self.queries {
            let page = visit(&shown.redirect_uri, &query.replace("{state}", &shown.state));
            self.pages.lock().unwrap().push(page);
        }
        Ok(())
    }
}

fn shown(url: &str) -> Shown {
    let parsed = url::Url::parse(url).unwrap();
    let value = |name: &str| parsed.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    Shown { url: url.to_owned(), redirect_uri: value("redirect_uri"), state: value("state") }
}

fn visit(redirect_uri: &str, query: &str) -> String {
    let url = url::Url::parse(redirect_uri).unwrap();
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", url.path()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}

pub fn metadata(server: &Server) -> Value {
    let mut metadata = server.metadata();
    metadata["authorization_endpoint"] = json!(format!("{}/authorize?tenant=t", server.origin()));
    metadata
}

pub fn signed_in() -> Answer {
    Answer::json(&json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-1"}))
}

/// Signs in to the new zone `me` at a server of this metadata, with a browser that answers so.
fn login(server: &Server, metadata: &Value, queries: &[&str], flags: &str) -> (Room, Outcome) {
    let mut room = Room::new();
    room.knows(server, "AS");
    room.browses(Answers::of(queries));
    server.serves(metadata);
    let outcome = room.run(&format!("login {} -z me --client-id app {flags}", server.issuer()));
    (room, outcome)
}

/// The one line that is a URL and nothing else.
pub fn url_line(outcome: &Outcome) -> &str {
    let lines: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("http://AS/authorize?")).collect();
    assert_eq!(lines.len(), 1, "{outcome}");
    lines[0]
}

pub const GOOD: &str = "code=CODE-1&state={state}";

#[test]
fn browser_code_token() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let answers = Answers::of(&[GOOD]);
    let pages = Arc::clone(&answers.pages);
    room.browses(answers);
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    let outcome = room.run(&format!("login {} -z me --client-id app --scope 'read write'", server.issuer()));
    assert_eq!(
        outcome.ok(),
        "signed in to zone me; the refresh token is stored in the keyring vault; next: hallpass token -z me"
    );
    let url = url_line(&outcome);
    assert!(url.starts_with(
        "http://AS/authorize?tenant=t&response_type=code&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%3A"
    ));
    assert!(!url.contains("nonce"), "no ID token is asked for");
    for secret in ["AT-1", "RT-1", "CODE-1"] {
        outcome.assert_hidden(secret);
    }
    let sent = server.received().pop().unwrap();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
    let value = |name: &str| form.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let shown = shown(&url.replace("http://AS", &server.origin()));
    assert_eq!((value("code").as_str(), value("redirect_uri")), ("CODE-1", shown.redirect_uri));
    let challenge = room.call("pkce --verifier-from - --json").stdin(&value("code_verifier")).run().json();
    assert!(shown.url.contains(challenge["code_challenge"].as_str().unwrap()));
    assert_eq!(room.kept(), [("me/refresh_token".to_owned(), "RT-1".to_owned())]);
    assert_eq!(room.run("token").ok(), "AT-1", "it is in the cache");
    assert!(pages.lock().unwrap()[0].contains("<title>Signed in</title>"));
    assert_snapshot!(room.config(), @r#"
    default = "me"

    [zones.me]
    issuer = "http://AS"
    client_id = "app"
    grant = "authorization_code"
    scope = ["read", "write"]
    vault = "keyring"
    "#);
}

#[test]
fn second_login_changes_no_setting() {
    let server = Server::start();
    server.expect("GET /.well-known/openid-configuration", Answer::json(&metadata(&server)));
    server.expect("GET /.well-known/oauth-authorization-server", Answer::status(404));
    server.expect("POST /token", signed_in()).expect("POST /token", signed_in()).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let issuer = server.issuer();
    let first = room.run(&format!("login {issuer} -z me --client-id app --json")).json();
    let expected = json!({"zone": "me", "issuer": "http://AS", "who": null, "grant": "authorization_code",
        "scope": [], "refresh_token": true, "vault": "keyring", "expires_at": first["expires_at"],
        "expires_at_epoch": first["expires_at_epoch"], "next": "hallpass token -z me"});
    assert_eq!(first, expected);
    let before = room.config();
    room.run("login --scope admin").ok();
    room.run(&format!("login {issuer} -z me")).ok();
    assert_eq!(room.config(), before);
    let other = room.run("login https://other.example -z me --client-id app");
    assert_snapshot!(other, @"
    exit 2
    err: error: zone me has the issuer http://AS
    err: hint: name another zone with -z
    ");
    assert_eq!(room.run(&format!("login {issuer} -z me --client-id other")).code, 2);
}

#[test]
fn zone_of_machine_stays_one() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    assert_snapshot!(room.run("login"), @"
    exit 2
    err: error: zone prod uses the grant client_credentials, which has no sign-in
    err: hint: to let people sign in with this client: hallpass zone edit prod --grant authorization_code
    err: hint: or sign in to a zone of its own: hallpass login ISSUER -z NAME --client-id ID
    ");
    assert_eq!(room.run("login https://as.example/env").code, 2, "env names no zone");
    assert_eq!(room.run("login https://as.example/x").code, 2, "no client");
    assert_eq!(Room::ephemeral(&server).run("login").code, 2, "the zone env keeps nothing");
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c").ok();
    room.write("home/config.toml", &room.config().replace("default = \"a\"\n", ""));
    let outcome = room.run("login");
    assert!(outcome.code == 3 && outcome.stderr.contains("known zones: a"), "{outcome}");
}

#[test]
fn what_browser_brings_back_decides() {
    for (flags, queries, code, said) in [
        ("", &["error=access_denied&error_description=No&state={state}"][..], 5, "access_denied: No"),
        ("", &["error=login_required&state={state}"], 4, "login_required"),
        ("", &["error=temporarily_unavailable&state={state}"], 6, "temporarily_unavailable"),
        ("", &["error=invalid_scope&state={state}"], 5, "invalid_scope"),
        ("", &["state={state}"], 8, "has no member code"),
        ("", &["code=a&code=b&state={state}"], 8, "code twice"),
        ("", &["code=a&error=b&state={state}"], 8, "a code and an error"),
        ("", &["code=a&state={state}&iss=https%3A%2F%2Fevil.example"], 8, "https://evil.example"),
        ("", &["code=a", "code=a&state=x", "error=access_denied"], 8, "the responses carried a different state"),
        ("", &["code=a&state={state}&state={state}", "", "state="], 8, "the responses carried a different state"),
        ("--deadline 1s", &["code=a&state=x", "code=a&state=x"], 6, "timed out"),
        ("--deadline 1s", &[], 6, "timed out"),
    ] {
        let server = Server::start();
        let (room, outcome) = login(&server, &metadata(&server), queries, flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{queries:?}: {outcome}");
        assert!(outcome.stderr.contains(said), "{queries:?}: {outcome}");
        assert_eq!((room.kept(), server.count()), (vec![], 2), "nothing but metadata was asked for");
        assert_eq!(room.run("zone has me").code, 1, "no zone is left behind");
    }
}

#[test]
fn stranger_is_turned_away_and_right_answer_still_counts() {
    let server = Server::start();
    let mut room = Room::new();
    let answers = Answers::of(&["code=evil&state=evil", "error=access_denied&state=", GOOD]);
    let pages = Arc::clone(&answers.pages);
    room.browses(answers);
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    room.run(&format!("login {} -z me --client-id app", server.issuer())).ok();
    let pages = pages.lock().unwrap();
    assert!(pages[0].starts_with("HTTP/1.1 400 ") && pages[1].starts_with("HTTP/1.1 400 "), "{pages:?}");
    assert!(pages[2].starts_with("HTTP/1.1 200 ") && !pages.concat().contains("evil"), "{pages:?}");
}

#[test]
fn third_stranger_gets_400_as_well() {
    let server = Server::start();
    let mut room = Room::new();
    let answers = Answers::of(&["state=a", "state=b", "state=c"]);
    let pages = Arc::clone(&answers.pages);
    room.browses(answers);
    server.serves(&metadata(&server));
    assert_eq!(room.run(&format!("login {} -z me --client-id app", server.issuer())).code, 8);
    // The browser's thread notes the last page when the command has ended already.
    while pages.lock().unwrap().len() < 3 {
        std::thread::yield_now();
    }
    assert!(pages.lock().unwrap().iter().all(|page| page.starts_with("HTTP/1.1 400 ")));
}

#[test]
fn promised_issuer_must_come_and_be_right_one() {
    for (query, code) in [(GOOD, 8), ("code=CODE-1&state={state}&iss={iss}", 0)] {
        let server = Server::start();
        let mut promising = metadata(&server);
        promising["authorization_response_iss_parameter_supported"] = json!(true);
        let iss: String = url::form_urlencoded::byte_serialize(server.issuer().as_bytes()).collect();
        server.serves(&promising);
        if code == 0 {
            server.expect("POST /token", signed_in());
        }
        let mut room = Room::new();
        room.browses(Answers::of(&[&query.replace("{iss}", &iss)]));
        let outcome = room.run(&format!("login {} -z me --client-id app", server.issuer()));
        assert_eq!(outcome.code, code, "{outcome}");
    }
}

#[test]
fn refused_code_is_end() {
    for (answer, code) in [
        (Answer::error(400, "invalid_grant", "you sent CODE-1"), 5),
        (Answer::status(500), 6),
        (Answer::status(503).header("retry-after", "0"), 6),
        (Answer::status(429).header("retry-after", "0"), 6),
        (Answer::status(302).header("location", "/elsewhere"), 8),
        (Answer::text("text/html", "<title>x</title>"), 8),
        (Answer::json(&json!({"token_type": "Bearer"})), 8),
    ] {
        let server = Server::start();
        server.serves(&metadata(&server)).expect("POST /token", answer);
        let mut room = Room::new();
        room.browses(Answers::of(&[GOOD]));
        let outcome = room.run(&format!("login {} -z me --client-id app", server.issuer()));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
        outcome.assert_hidden("CODE-1");
        assert_eq!((server.count(), room.kept(), room.run("zone has me").code), (3, vec![], 1));
    }
}

#[test]
fn id_token_that_is_not_ours_ends_it() {
    let server = Server::start();
    let mut answer =
        json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-1"});
    answer["id_token"] = json!("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.");
    server.serves(&metadata(&server)).expect("POST /token", Answer::json(&answer));
    let mut room = Room::new();
    room.browses(Answers::of(&[GOOD]));
    let outcome = room.run(&format!("login {} -z me --client-id app --scope openid", server.issuer()));
    assert_eq!((outcome.code, outcome.stdout.as_str(), room.kept()), (8, "", vec![]), "{outcome}");
}

/// OpenID Connect Core §11: without `prompt=consent` a server may ignore `offline_access`.
#[test]
fn ignored_offline_access_is_warned_of() {
    let answer = || Answer::json(&json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": 300}));
    let warned = "hallpass login -z me --prompt consent";
    for (flags, answer, is_warned) in [
        ("--scope 'read offline_access'", answer(), true),
        ("--scope 'read offline_access' --prompt consent", answer(), false),
        ("--scope 'read offline_access'", signed_in(), false),
        ("--scope read", answer(), false),
    ] {
        let server = Server::start();
        server.serves(&metadata(&server)).expect("POST /token", answer);
        let mut room = Room::new();
        room.browses(Answers::of(&[GOOD]));
        let outcome = room.run(&format!("login {} -z me --client-id app {flags}", server.issuer()));
        assert_eq!((outcome.code, outcome.stderr.contains(warned)), (0, is_warned), "{flags}: {outcome}");
    }
}

#[test]
fn storage_is_proven_before_anybody_is_bothered() {
    let server = Server::start();
    let mut room = Room::new();
    room.browses(Answers::of(&[GOOD]));
    room.keyring_is(KeyringState::Locked);
    let outcome = room.run(&format!("login {} -z me --client-id app", server.issuer()));
    assert_eq!((outcome.code, server.count()), (7, 0), "{outcome}");
}

#[test]
fn address_can_be_pasted() {
    let server = Server::start();
    server.serves(&metadata(&server));
    let mut room = Room::new();
    room.knows(&server, "AS");
    let line = format!("login {} -z me --client-id app --paste", server.issuer());
    let pasted = room.call(&line).stdin("http://127.0.0.1/callback?code=a&state=other\n").run();
    assert_eq!((pasted.code, pasted.stdout.as_str()), (8, ""), "{pasted}");
    assert_eq!(room.call(&line).stdin("").run().code, 3, "nothing was pasted");
    assert_eq!(room.call(&format!("{line} --no-input")).person(true).run().code, 2);
    assert_eq!(room.call(&line).person(true).run().code, 4, "the person gave up");
    // A code alone may be anybody's: only the state tells that it is the answer to this request.
    for bare in ["CODE-1", "code=CODE-1"] {
        let pasted = room.call(&line).types(&[bare; 3]).run();
        assert_eq!((pasted.code, pasted.stdout.as_str()), (8, ""), "{pasted}");
        assert!(pasted.stderr.contains("with code and state"), "{pasted}");
        pasted.assert_hidden("CODE-1");
    }
    assert!(!server.received().iter().any(|request| request.body.contains("CODE-1")), "no code was sent");
}

#[test]
fn redirect_uri_is_taken_as_registered() {
    let server = Server::start();
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let line = format!("login {} -z me --client-id app", server.issuer());
    room.run(&format!("{line} --redirect-uri http://localhost/cb/x")).ok();
    let sent = server.received().pop().unwrap().body;
    assert!(sent.contains("redirect_uri=http%3A%2F%2Flocalhost%3A") && sent.contains("%2Fcb%2Fx&"), "{sent}");
    for bad in [
        "https://app.example/cb",
        "http://192.0.2.1/cb",
        "http://127.0.0.1/cb?x=1",
        "http://127.0.0.1/cb#f",
        "nonsense",
    ] {
        assert_eq!(room.run(&format!("{line} --redirect-uri {bad}")).code, 2, "{bad}");
    }
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let outcome = room.run(&format!("{line} --port {}", holder.local_addr().unwrap().port()));
    assert!(outcome.code == 3 && outcome.stderr.contains("--port N"), "{outcome}");
    drop(holder);
}

#[test]
fn pushed_request_goes_ahead_of_browser() {
    let server = Server::start();
    let mut pushing = metadata(&server);
    pushing["pushed_authorization_request_endpoint"] = json!(format!("{}/par", server.origin()));
    server
        .serves(&pushing)
        .expect("POST /par", Answer::json(&json!({"request_uri": "urn:x:1", "expires_in": 60})).with_status(201));
    let room = Room::new();
    let line = format!("login {} -z me --client-id app --browser --no-browser --deadline 1s", server.issuer());
    let outcome = room.run(&line);
    assert!(
        outcome.code == 6 && outcome.stderr.contains("/authorize?tenant=t&client_id=app&request_uri=urn%3Ax%3A1\n"),
        "{outcome}"
    );
    assert!(room.run(&format!("{line} --par never")).stderr.contains("&code_challenge="));
    let shown = room.run(&format!("{line} --dry-run"));
    assert!(shown.ok().starts_with("curl ") && shown.ok().contains("/par"), "{shown}");
    let shown = room.run(&format!("{line} --dry-run --par never"));
    assert!(shown.ok().contains("code=[redacted]") && shown.ok().contains("code_verifier=[redacted]"), "{shown}");
}

/// As oidc-provider, which grants nothing where nothing is asked for.
#[test]
fn sign_in_without_scope_may_need_one() {
    let hint = "hint: if nobody declined it: no scope was asked for, such as --scope openid";
    for (flags, is_hinted) in [("", true), ("--scope read", false)] {
        let server = Server::start();
        let (_, outcome) = login(&server, &metadata(&server), &["error=access_denied&state={state}"], flags);
        assert_eq!((outcome.code, outcome.stderr.contains(hint)), (5, is_hinted), "{outcome}");
    }
}

/// As Spring Authorization Server, which advertises the endpoint and answers 401 there to clients without a secret.
#[test]
fn request_that_may_not_be_pushed_is_in_the_url() {
    let pushing = |server: &Server, is_required: bool| {
        let mut pushing = metadata(server);
        pushing["pushed_authorization_request_endpoint"] = json!(format!("{}/par", server.origin()));
        pushing["require_pushed_authorization_requests"] = json!(is_required);
        server.serves(&pushing);
    };
    let run = |server: &Server, flags: &str| {
        let mut room = Room::new();
        room.knows(server, "AS");
        room.browses(Answers::of(&[GOOD]));
        room.run(&format!("login {} -z me --client-id app --auth none {flags}", server.issuer()))
    };
    let server = Server::start();
    pushing(&server, false);
    server.expect("POST /par", Answer::status(401)).expect("POST /token", signed_in());
    let outcome = run(&server, "");
    outcome.ok();
    assert!(url_line(&outcome).contains("&response_type=code&"), "{outcome}");
    for (is_required, flags, answer) in [
        (true, "", Answer::status(401)),
        (false, "--par always", Answer::status(401)),
        (false, "", Answer::error(401, "invalid_client", "who")),
        (false, "", Answer::status(403)),
    ] {
        let server = Server::start();
        pushing(&server, is_required);
        server.expect("POST /par", answer);
        let outcome = run(&server, flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{flags}: {outcome}");
        if flags == "--par always" {
            assert!(
                outcome.stderr.contains("clients with a secret or key: do not push the request: --par never"),
                "{outcome}"
            );
        }
    }
}

#[test]
fn zone_keeps_its_redirect_uri() {
    let server = Server::start();
    server.serves(&metadata(&server)).expect("POST /token", signed_in()).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    // Below the ports that the kernel hands out, so that nobody takes it meanwhile.
    let mut ports = (0..1000).map(|step| 20_000 + u16::try_from((std::process::id() + step) % 10_000).unwrap());
    let free = ports.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap();
    room.run(&format!("login {} -z me --client-id app --port {free}", server.issuer())).ok();
    assert!(
        room.config().contains(&format!("redirect_uri = \"http://127.0.0.1:{free}/callback\"")),
        "{}",
        room.config()
    );
    room.run("login").ok();
    let port = format!("127.0.0.1%3A{free}%2Fcallback");
    assert!(server.received().iter().filter(|sent| sent.body.contains(&port)).count() == 2, "both times the same");
    let url = room.run("authorize-url");
    assert!(url.ok().contains(&port), "{url}");
}

#[test]
fn login_asks_for_issuer_name_and_client() {
    let server = Server::start();
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let issuer = server.issuer();
    let outcome = room.call("login").types(&[&issuer, "me", "app", ""]).run();
    assert!(outcome.ok().starts_with("signed in to zone me;"), "{outcome}");
    for shown in [
        "Issuer URL (ISSUER): http://AS\nZone name (-z) [",
        "]: me\nClient ID, empty for none (--client-id): app\nAuthenticate by secret, key or none (--auth) [none]: \n",
        "\nOpening your browser… If no page appears, open this one:\nhttp://AS/authorize?",
        "\nWaiting for the sign-in, at most 10 min; Ctrl-C cancels\n",
    ] {
        assert!(outcome.stderr.contains(shown), "{shown:?} in {outcome}");
    }
    assert!(!room.config().contains("auth ="), "{}", room.config());
    // A client that was not found has its three ways.
    let outcome = Room::new().call("login").types(&[&issuer, "you", ""]).run();
    assert!(outcome.code == 2 && outcome.stderr.matches("hint: ").count() == 3, "{outcome}");
}

#[test]
fn login_asks_for_secret_and_leaves_nothing_without_answer() {
    let server = Server::start();
    let issuer = server.issuer();
    let answers = [issuer.as_str(), "me", "app", "client_secret_basic", "hunter2-horse"];
    for given in 0..answers.len() {
        for end in [None, Some(INTERRUPT)] {
            let room = Room::new();
            let typed: Vec<&str> = answers[..given].iter().copied().chain(end).collect();
            let outcome = room.call("login").types(&typed).run();
            assert_eq!(outcome.code, if end.is_some() { 130 } else { 2 }, "{outcome}");
            assert_eq!((room.config(), room.files(), room.kept()), (String::new(), vec![], vec![]), "{outcome}");
        }
    }
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let outcome = room.call("login").types(&answers).run();
    assert!(outcome.ok().starts_with("signed in to zone me;"), "{outcome}");
    assert!(outcome.stderr.contains("\nclient secret of zone me (--client-secret-from): (hidden)\n"), "{outcome}");
    let sent = server.received().pop().unwrap();
    assert_eq!(sent.header("authorization"), Some("Basic YXBwOmh1bnRlcjItaG9yc2U="));
    let kept = [("me/client_secret", "hunter2-horse"), ("me/refresh_token", "RT-1")];
    assert_eq!(room.kept(), kept.map(|(place, secret)| (place.to_owned(), secret.to_owned())));
    assert_snapshot!(room.config(), @r#"
    default = "me"

    [zones.me]
    issuer = "http://AS"
    client_id = "app"
    client_secret = "stored"
    auth = "client_secret_basic"
    grant = "authorization_code"
    vault = "keyring"
    "#);
    // The next sign-in asks nothing, and its client authenticates as before.
    server.expect("POST /token", signed_in());
    room.call("login").types(&[]).run().ok();
    assert_eq!(server.received().pop().unwrap().header("authorization"), Some("Basic YXBwOmh1bnRlcjItaG9yc2U="));
}

#[test]
fn flags_say_how_client_authenticates() {
    let server = Server::start();
    server.serves(&metadata(&server));
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let line = format!("login {} -z me --client-id app --auth client_secret_post", server.issuer());
    server.expect("POST /token", Answer::error(401, "invalid_client", "no"));
    let outcome = room.call(&format!("{line} --client-secret-from -")).stdin("wr0ng-value").run();
    assert_snapshot!(outcome.stderr.split_once("Ctrl-C cancels\n").unwrap().1, @"
    error: the server refused: invalid_client: no (HTTP 401 from http://AS/token)
    cause: authenticated with client_secret_post; the server lists client_secret_basic, client_secret_post
    hint: check the secret: hallpass login http://AS -z me --client-id app --auth client_secret_post --client-secret-from -
    hint: or name the method: hallpass login http://AS -z me --client-id app --client-secret-from - --auth client_secret_basic
    hint: to find out why: hallpass doctor http://AS
    ");
    assert_eq!((room.config(), room.kept()), (String::new(), vec![]), "nothing is stored");

    room.set("APP_SECRET", "s3cr3t-value");
    let shown = room.run(&format!("{line} --client-secret-ref env:APP_SECRET --par never --dry-run"));
    assert!(shown.ok().contains("client_secret=[redacted]"), "{shown}");
    for flag in ["--client-secret-ref env:APP_SECRET", "--client-secret-from env:APP_SECRET"] {
        server.expect("POST /token", signed_in());
        room.run(&format!("{line} {flag}")).ok();
        assert!(server.received().pop().unwrap().body.contains("client_secret=s3cr3t-value"));
    }
    assert!(room.config().contains("client_secret = \"stored\""), "the zone got the new secret: {}", room.config());
    // Where a person answers, a flag that needs a secret has it asked for.
    server.serves(&metadata(&server)).expect("POST /token", signed_in());
    let mut room = Room::new();
    room.browses(Answers::of(&[GOOD]));
    let typed = [&server.issuer(), "you", "other", "hunter2-horse"];
    let outcome = room.call("login --auth client_secret_post").types(&typed).run();
    assert!(outcome.stderr.contains("client secret of zone you (--client-secret-from): (hidden)"), "{outcome}");
}

#[test]
fn zone_without_client_gets_one_by_login() {
    let server = Server::start();
    let issuer = server.issuer();
    for (typed, flags) in [(&["app", ""][..], ""), (&[], "--client-id app")] {
        server.serves(&metadata(&server)).expect("POST /token", signed_in());
        let mut room = Room::new();
        room.browses(Answers::of(&[GOOD]));
        room.run(&format!("zone add me --issuer {issuer}")).ok();
        assert_eq!(room.run("login").code, 3, "it has no client");
        room.call(&format!("login {flags}")).types(typed).run().ok();
        assert!(room.config().contains("client_id = \"app\""), "{}", room.config());
        assert_eq!(room.run("token").ok(), "AT-1");
    }
}

#[test]
fn without_display_and_device_flow_url_is_pasted() {
    let server = Server::start();
    server.serves(&metadata(&server)).serves(&metadata(&server));
    let mut room = Room::new();
    room.knows(&server, "AS");
    for (name, value) in [("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22"), ("SSH_TTY", "/dev/pts/1"), ("DISPLAY", ":0")]
    {
        room.set(name, value);
    }
    let line = format!("login {} -z me --client-id app", server.issuer());
    let outcome = room.call(&line).types(&["http://127.0.0.1/callback?code=a&state=b", "x", "y"]).run();
    let (before, after) = outcome.stderr.split_once("http://AS/authorize?").unwrap();
    assert_snapshot!(before, @"
    No display found: sign in on any machine, then paste the URL you were redirected to (--paste). To wait for a browser on this machine: --no-browser
    To sign in, open this page:
    ");
    let asked = "\nPaste the URL you were redirected to (hidden): (hidden)\nwarning: ";
    assert!(outcome.code == 8 && after.replace("\u{1b}[33m", "").contains(asked), "{outcome}");
    let outcome = room.run(&format!("{line} --deadline 1s"));
    assert!(outcome.code == 6 && outcome.stderr.contains("redirected to: --paste\n"), "{outcome}");
    let outcome = room.call(&format!("{line} --deadline 1s --no-browser")).types(&[]).run();
    assert!(outcome.code == 6 && !outcome.stderr.contains("paste"), "{outcome}");
}

#[test]
fn login_uses_zone_of_same_issuer_and_client() {
    let server = Server::start();
    server.serves(&metadata(&server));
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.browses(Answers::of(&[GOOD]));
    let issuer = server.issuer();
    room.run(&format!("zone add mine --issuer {issuer} --client-id app")).ok();
    room.run(&format!("zone add service --issuer {issuer} --client-id app --client-secret-ref env:S")).ok();
    for client in ["", "--client-id app"] {
        server.expect("POST /token", signed_in());
        let outcome = room.run(&format!("login {issuer} {client} --json"));
        assert_eq!(outcome.json()["zone"], "mine", "{outcome}");
    }
    assert_eq!(room.run("zone list --json").json().as_array().unwrap().len(), 2);
    // A name of its own makes another zone, and nothing is said of the first.
    server.expect("POST /token", signed_in());
    let outcome = room.run(&format!("login {issuer} -z other --client-id app"));
    assert!(outcome.ok().contains("zone other") && !outcome.stderr.contains("signing in to"), "{outcome}");
}

#[test]
fn without_display_no_browser_is_said_to_open() {
    let server = Server::start();
    server.serves(&metadata(&server));
    let room = Room::new();
    let outcome = room.run(&format!("login {} -z a --client-id app --browser --deadline 1s", server.issuer()));
    assert_eq!(outcome.code, 6, "{outcome}");
    assert!(outcome.stderr.starts_with("To sign in, open this page:\n"), "{outcome}");
}
