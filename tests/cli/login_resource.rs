//! `login --resource`: from a protected API to a zone that can call it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::login::{Answers, GOOD, metadata, signed_in, url_line};
use super::room::{Outcome, Room};
use super::server::{Answer, Received, Server};

const DOCUMENT: &str = "https://tools.example/client.json";
const ROOT: &str = "GET /.well-known/oauth-protected-resource";
const INSERTED: &str = "GET /.well-known/oauth-protected-resource/mcp";

/// An API at `/mcp` of one server, and the authorization server that it names.
struct Place {
    api: Server,
    server: Server,
    room: Room,
}

impl Place {
    fn new() -> Self {
        let (api, server, mut room) = (Server::start(), Server::start(), Room::new());
        room.knows(&server, "AS");
        room.knows(&api, "API");
        room.browses(Answers::of(&[GOOD]));
        Self { api, server, room }
    }

    fn url(&self) -> String {
        format!("{}/mcp", self.api.origin())
    }

    /// The name that the zone gets from the host.
    fn zone(&self) -> String {
        self.api.origin().trim_start_matches("http://").replace(['.', ':'], "-")
    }

    /// Metadata of the API with these members besides.
    fn described(&self, members: &Value) -> Value {
        let mut document = json!({"resource": self.url(), "authorization_servers": [self.server.issuer()]});
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        document
    }

    /// Lets the API challenge, with these parameters, and describe itself with these members.
    fn describes(&self, parameters: &str, members: &Value) -> &Self {
        let challenge = format!("Bearer {parameters}resource_metadata=\"{}/m\"", self.api.origin());
        self.api
            .expect("GET /mcp", Answer::status(401).header("www-authenticate", &challenge))
            .expect("GET /m", Answer::json(&self.described(members)));
        self
    }

    /// Lets the server serve its metadata with these members, for a sign-in of a public client.
    fn serves(&self, members: &Value) -> &Self {
        let mut document = metadata(&self.server);
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic", "none"]);
        document["registration_endpoint"] = json!(format!("{}/register", self.server.origin()));
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.server.serves(&document);
        self
    }

    /// Lets the server register a client, which has these members.
    fn registers(&self, members: &Value) -> &Self {
        self.server.expect("POST /register", Answer::json(members).with_status(201));
        self
    }

    fn signs_in(&self) -> &Self {
        self.server.expect("POST /token", signed_in());
        self
    }

    fn login(&self, flags: &str) -> Outcome {
        self.room.run(&format!("login --resource {} {flags}", self.url()))
    }

    /// What the server received at this line.
    fn received(&self, line: &str) -> Received {
        self.server.received().into_iter().find(|received| received.line == line).unwrap()
    }
}

/// The values of a parameter in the URL that was opened.
fn asked(outcome: &Outcome, name: &str) -> Vec<String> {
    let url = url::Url::parse(url_line(outcome)).unwrap();
    url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
}

/// A file with a challenge, as its SOURCE.
fn challenge(place: &Place, text: &str) -> String {
    format!("--challenge-from file:{}", place.room.write("challenge", text).display())
}

#[test]
fn one_command_from_url_to_token() {
    let mut place = Place::new();
    place.describes("scope=\"tools:call\", ", &json!({"scopes_supported": ["other"]}));
    place.serves(&json!({})).registers(&json!({"client_id": "c-1"})).signs_in();
    let zone = place.zone();
    place.room.names_origin(&zone, "ZONE");
    let outcome = place.login("");
    assert_eq!(
        outcome.ok(),
        "signed in to zone ZONE; the refresh token is stored in the keyring vault; next: hallpass curl -z ZONE -- http://API/mcp"
    );
    let expected = [
        "Signing in at http://AS, the authorization server of http://API/mcp",
        "Registered the client c-1 and saved it as zone ZONE",
        "Opening your browser… If no page appears, open this one:",
    ];
    let shown: Vec<&str> = outcome.stderr.lines().filter(|line| expected.contains(line)).collect();
    assert_eq!(shown, expected, "{outcome}");
    assert_eq!(
        (asked(&outcome, "scope"), asked(&outcome, "resource")),
        (vec!["tools:call".to_owned()], vec![place.url()])
    );
    assert_eq!(asked(&outcome, "code_challenge_method"), ["S256"]);
    let redirect_uri = asked(&outcome, "redirect_uri").remove(0);
    let received = place.server.received();
    let registration: Value = serde_json::from_str(&received[2].body).unwrap();
    assert_eq!(
        registration,
        json!({
            "client_name": "hallpass", "application_type": "native", "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        })
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(received[3].body.as_bytes()).into_owned().collect();
    assert!(
        form.contains(&("resource".to_owned(), place.url()))
            && form.contains(&("client_id".to_owned(), "c-1".to_owned()))
    );
    assert_eq!(place.room.run(&format!("header -z {zone}")).ok(), "Authorization: Bearer AT-1", "it is in the cache");
    assert_snapshot!(place.room.config().replace(&redirect_uri, "REDIRECT"), @r#"
    default = "ZONE"
    
    [zones.ZONE]
    issuer = "http://AS"
    client_id = "c-1"
    auth = "none"
    grant = "authorization_code"
    scope = ["tools:call"]
    resource = ["http://API/mcp"]
    host = ["API"]
    vault = "keyring"
    redirect_uri = "REDIRECT"
    "#);
}

#[test]
fn scope_is_given_or_challenged_or_listed_or_none() {
    for (flags, parameters, members, scope) in [
        ("--scope 'x y'", "scope=\"a\", ", json!({"scopes_supported": ["b"]}), Some("x y")),
        ("", "scope=\"a c\", ", json!({"scopes_supported": ["b"]}), Some("a c")),
        ("", "", json!({"scopes_supported": ["b", "c"]}), Some("b c")),
        ("", "", json!({}), None),
    ] {
        for offline in [false, true] {
            let place = Place::new();
            let offers = if offline { json!(["a", "offline_access"]) } else { json!(["a"]) };
            place.describes(parameters, &members).serves(&json!({"scopes_supported": offers})).signs_in();
            let outcome = place.login(&format!("--client-id app {flags}"));
            outcome.ok();
            let expected =
                scope.map(|scope| if offline { format!("{scope} offline_access") } else { scope.to_owned() });
            assert_eq!(asked(&outcome, "scope"), expected.into_iter().collect::<Vec<_>>(), "{flags} {parameters}");
        }
    }
}

#[test]
fn step_up_adds_scope_and_next_token_has_it() {
    let place = Place::new();
    place.describes("scope=\"read\", ", &json!({"scopes_supported": ["other"]})).serves(&json!({})).signs_in();
    place.login("-z api --client-id app").ok();
    // 403 with a token that the API knows: the caller holds its challenge.
    let refusal = format!(
        "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"write\", resource_metadata=\"{}/m\"\n",
        place.api.origin()
    );
    place.api.expect("GET /m", Answer::json(&place.described(&json!({}))));
    place.server.expect("POST /token", Answer::refreshed("AT-2", "RT-2"));
    let outcome = place.login(&format!("-z api {}", challenge(&place, &refusal)));
    assert_eq!(asked(&outcome, "scope"), ["read write"], "{outcome}");
    assert_eq!(place.room.run("token -z api").ok(), "AT-2", "the zone asks for both now");
    assert!(place.room.config().contains("scope = [\"read\", \"write\"]"), "{}", place.room.config());
    // Without a step-up the challenge says what is wanted.
    let again = format!("Bearer scope=\"list\", resource_metadata=\"{}/m\"", place.api.origin());
    place.api.expect("GET /m", Answer::json(&place.described(&json!({}))));
    place.signs_in();
    let outcome = place.login(&format!("-z api {}", challenge(&place, &again)));
    assert_eq!(asked(&outcome, "scope"), ["list"], "{outcome}");
}

#[test]
fn challenge_that_is_none_is_refused() {
    let place = Place::new();
    for text in ["Basic realm=\"x\"", "nothing"] {
        assert_eq!(place.login(&challenge(&place, text)).code, 8, "{text}");
    }
    assert_eq!(place.login(&challenge(&place, "")).code, 3);
    assert_eq!(place.login("--challenge-from file:absent").code, 3);
}

#[test]
fn without_challenge_well_known_urls_are_read() {
    let place = Place::new();
    for answer in [
        Answer::status(404),
        Answer::status(405),
        Answer::text("text/html", "<html>"),
        Answer::status(200).header("www-authenticate", "Bearer scope=\"no\""),
    ] {
        place.api.expect("GET /mcp", answer).expect(INSERTED, Answer::status(404));
        let root = json!({"resource": place.api.origin(), "authorization_servers": [place.server.issuer()]});
        place.api.expect(ROOT, Answer::json(&root));
        let _ = place.room.run(&format!("zone remove {} --yes", place.zone()));
        if place.server.count() == 0 {
            place.serves(&json!({}));
        }
        place.signs_in();
        let outcome = place.login("--client-id app");
        // The resource is the one of the document, byte for byte.
        assert_eq!(asked(&outcome, "resource"), [place.api.origin()], "{outcome}");
        assert!(asked(&outcome, "scope").is_empty() && outcome.ok().ends_with("-- http://API/mcp"), "{outcome}");
    }
}

#[test]
fn hostile_resource_leads_nowhere() {
    let place = Place::new();
    let foreign = Server::start();
    let challenge_of =
        |url: &str| Answer::status(401).header("www-authenticate", &format!("Bearer resource_metadata=\"{url}\""));
    // Metadata elsewhere that names another resource.
    let other = json!({"resource": "https://bank.example/", "authorization_servers": [place.server.issuer()]});
    place.api.expect("GET /mcp", challenge_of(&format!("{}/m", foreign.origin())));
    foreign.expect("GET /m", Answer::json(&other));
    assert_eq!(place.login("--client-id app").code, 8);
    // The same at its own place.
    place.api.expect("GET /mcp", Answer::status(401)).expect(INSERTED, Answer::json(&other));
    assert_eq!(place.login("--client-id app").code, 8);
    // Plain http to elsewhere is not asked, and a redirect to elsewhere not followed.
    let away = Answer::status(302).header("location", &format!("{}/m", foreign.origin()));
    for (url, answer) in [("http://192.0.2.1/m".to_owned(), None), (format!("{}/r", place.api.origin()), Some(away))] {
        place.api.expect("GET /mcp", challenge_of(&url));
        if let Some(answer) = answer {
            place.api.expect("GET /r", answer);
        }
        place.api.expect(INSERTED, Answer::status(404)).expect(ROOT, Answer::status(404));
        assert_eq!(place.login("--client-id app").code, 8, "{url}");
    }
    // A resource in the network may not send anybody to this machine.
    for url in ["http://127.0.0.1:1/m", "http://localhost:1/m", "https://127.0.0.1/m"] {
        let flag = challenge(&place, &format!("Bearer resource_metadata=\"{url}\""));
        let outcome = place.room.run(&format!("login --resource https://10.255.255.1/mcp --client-id app {flag}"));
        assert_eq!(outcome.code, 8, "{outcome}");
    }
    assert_eq!(place.room.run("login --resource http://192.0.2.1/mcp --client-id app").code, 8);
    assert_eq!(place.room.run("zone list --json").json(), json!([]));
}

#[test]
fn registration_is_made_once_however_sign_in_ends() {
    let mut place = Place::new();
    place.describes("", &json!({})).serves(&json!({})).registers(&json!({"client_id": "c-1"}));
    place.room.browses(Answers::of(&["error=access_denied&state={state}"]));
    assert_eq!(place.login("").code, 5);
    place.room.browses(Answers::of(&[GOOD]));
    place.describes("", &json!({})).signs_in();
    let outcome = place.login("");
    assert_eq!(asked(&outcome, "client_id"), ["c-1"], "{outcome}");
    outcome.ok();
}

#[test]
fn lost_registration_is_not_sent_again() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({}));
    place.server.expect("POST /register", Answer::lost_response());
    assert_eq!(place.login("").code, 8);
    place.describes("", &json!({}));
    assert_eq!(place.login("").code, 8, "it is in doubt");
}

#[test]
fn registered_method_is_listed_and_that_of_answer_is_used() {
    for (listed, asked_for) in [
        (json!(["private_key_jwt", "client_secret_post"]), "client_secret_post"),
        (json!(null), "client_secret_basic"),
        (json!(["client_secret_post", "none"]), "none"),
    ] {
        let place = Place::new();
        place.describes("", &json!({})).serves(&json!({"token_endpoint_auth_methods_supported": listed}));
        place.registers(&json!({
            "client_id": "c-1", "client_secret": "canary-secret", "client_secret_expires_at": 0,
            "token_endpoint_auth_method": "client_secret_post",
        }));
        place.signs_in();
        let outcome = place.login("");
        outcome.ok();
        outcome.assert_hidden("canary-secret");
        let received = place.server.received();
        let registration: Value = serde_json::from_str(&received[2].body).unwrap();
        assert_eq!(registration["token_endpoint_auth_method"], asked_for);
        assert!(received[3].body.contains("client_secret=canary-secret"), "{}", received[3].body);
        assert!(
            place
                .room
                .kept()
                .iter()
                .any(|(name, secret)| name.ends_with("/client_secret") && secret == "canary-secret")
        );
    }
}

#[test]
fn without_way_to_client_three_are_named() {
    let mut place = Place::new();
    let zone = place.zone();
    place.room.names_origin(&zone, "ZONE");
    place.describes("", &json!({})).serves(&json!({}));
    assert_snapshot!(place.login("--no-register"), @"
    exit 3
    err: Signing in at http://AS, the authorization server of http://API/mcp
    err: error: no client for http://AS
    err: hint: with a client that the server knows: hallpass login --resource http://API/mcp -z ZONE --client-id ID
    err: hint: or with a client ID metadata document, if the server supports it: hallpass login --resource http://API/mcp -z ZONE --client-metadata-url URL
    err: hint: or register one, if the server allows it: hallpass client register http://AS --auth-method none --redirect-uri http://127.0.0.1/callback --grant authorization_code --grant refresh_token --initial-token-from SOURCE --save-as ZONE && hallpass login --resource http://API/mcp -z ZONE
    ");
    for (members, flags) in [
        (json!({"registration_endpoint": null}), ""),
        (json!({"token_endpoint_auth_methods_supported": ["tls_client_auth"]}), ""),
        (json!({"registration_endpoint": null}), "--client-metadata-url https://tools.example/client.json"),
    ] {
        let place = Place::new();
        place.describes("", &json!({})).serves(&members);
        let outcome = place.login(flags);
        assert_eq!(outcome.code, 3, "{outcome}");
    }
}

/// A server that wants an initial access token, which `login` does not take.
#[test]
fn refused_registration_leaves_other_ways() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({}));
    place.server.expect("POST /register", Answer::status(401));
    let outcome = place.login("-z tools");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{outcome}");
    for way in ["-z tools --client-id ID", "--client-metadata-url URL", "--initial-token-from SOURCE --save-as tools"] {
        assert!(outcome.stderr.contains(way), "{way}: {outcome}");
    }
    assert!(!outcome.stderr.contains("an initial access token: --initial-token-from"), "{outcome}");
}

#[test]
fn metadata_document_is_client_where_server_supports_it() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({"client_id_metadata_document_supported": true})).signs_in();
    let outcome = place.login(&format!("--client-metadata-url {DOCUMENT}"));
    assert_eq!(asked(&outcome, "client_id"), [DOCUMENT], "{outcome}");
    // A given client goes first; where the server supports no documents, a client registers.
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({"client_id_metadata_document_supported": true})).signs_in();
    let outcome = place.login(&format!("--client-metadata-url {DOCUMENT} --client-id app"));
    assert_eq!(asked(&outcome, "client_id"), ["app"], "{outcome}");
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({})).registers(&json!({"client_id": "c-1"})).signs_in();
    let outcome = place.login(&format!("--client-metadata-url {DOCUMENT}"));
    assert_eq!(asked(&outcome, "client_id"), ["c-1"], "{outcome}");
    for url in
        ["http://tools.example/c", "https://tools.example", "https://tools.example/../c", "https://tools.example/c#x"]
    {
        assert_eq!(place.login(&format!("--client-metadata-url {url}")).code, 2, "{url}");
        assert_eq!(place.room.run(&format!("client metadata --url {url}")).code, 2, "{url}");
    }
}

#[test]
fn document_is_printed() {
    assert_snapshot!(Room::new().run(&format!("client metadata --name 'Acme tools' --url {DOCUMENT}")), @r#"
    exit 0
    out: {
    out:   "client_id": "https://tools.example/client.json",
    out:   "client_name": "Acme tools",
    out:   "application_type": "native",
    out:   "redirect_uris": [
    out:     "http://127.0.0.1/callback"
    out:   ],
    out:   "grant_types": [
    out:     "authorization_code",
    out:     "refresh_token"
    out:   ],
    out:   "response_types": [
    out:     "code"
    out:   ],
    out:   "token_endpoint_auth_method": "none"
    out: }
    "#);
    assert_eq!(Room::new().run(&format!("client metadata --url {DOCUMENT} --redirect-uri callback")).code, 2);
    let uris = "--redirect-uri http://127.0.0.1:7777/cb --redirect-uri http://localhost/cb";
    let document = Room::new().run(&format!("client metadata --url {DOCUMENT} {uris} --json")).json();
    assert_eq!(document["redirect_uris"], json!(["http://127.0.0.1:7777/cb", "http://localhost/cb"]));
}

#[test]
fn resource_that_wants_bound_tokens_makes_dpop_zone() {
    for (members, flags) in [(json!({"dpop_bound_access_tokens_required": true}), ""), (json!({}), "--dpop")] {
        let place = Place::new();
        place.describes("", &members).serves(&json!({}));
        let token = json!({"access_token": "AT-1", "token_type": "DPoP", "expires_in": 300, "refresh_token": "RT-1"});
        place.server.expect("POST /token", Answer::json(&token));
        place.login(&format!("-z api --client-id app {flags}")).ok();
        assert!(place.received("POST /token").header("dpop").is_some());
        assert!(place.room.config().contains("dpop = true"), "{}", place.room.config());
        assert_eq!(place.room.run("header -z api").code, 2);
        let lines = place.room.run(&format!("header -z api --dpop --method GET --url {}", place.url()));
        assert!(lines.ok().starts_with("Authorization: DPoP AT-1\nDPoP: "), "{lines}");
    }
}

#[test]
fn existing_zone_signs_in_as_its_client() {
    let place = Place::new();
    let issuer = place.server.issuer();
    place
        .room
        .run(&format!("zone add api --issuer {issuer} --client-id app --scope own --audience a --host h.example"))
        .ok();
    place.describes("", &json!({"scopes_supported": ["b"]})).serves(&json!({})).signs_in();
    let outcome = place.login("-z api");
    assert_eq!(
        (asked(&outcome, "client_id"), asked(&outcome, "scope")),
        (vec!["app".to_owned()], vec!["own".to_owned()])
    );
    assert_eq!(place.room.run("token -z api").ok(), "AT-1");
    assert_snapshot!(place.room.config(), @r#"
    default = "api"
    
    [zones.api]
    issuer = "http://AS"
    client_id = "app"
    scope = ["own"]
    audience = ["a"]
    host = ["h.example", "API"]
    grant = "authorization_code"
    resource = ["http://API/mcp"]
    vault = "keyring"
    "#);
    // Another client is refused, and so is a resource with another authorization server.
    place.describes("", &json!({}));
    assert_eq!(place.login("-z api --client-id other").code, 2);
    place.describes("", &json!({"authorization_servers": ["https://other.example"]}));
    assert_snapshot!(place.login("-z api"), @"
    exit 2
    err: error: zone api has the issuer http://AS
    err: cause: the resource names https://other.example
    err: hint: name another zone with -z
    ");
    // Of several servers it is the zone's that counts.
    place.describes("", &json!({"authorization_servers": ["https://other.example", issuer]})).signs_in();
    place.login("-z api").ok();
    // A zone for a client's own tokens has no sign-in; nothing is asked.
    place.room.run(&format!("zone add ci --issuer {issuer} --client-id app --client-secret-ref env:S")).ok();
    assert_eq!(place.login("-z ci").code, 2);
}

#[test]
fn resource_without_metadata_is_asked_for_in_existing_zone_only() {
    let place = Place::new();
    let nothing = || {
        place.api.expect("GET /mcp", Answer::status(401).header("www-authenticate", "Bearer"));
        place.api.expect(INSERTED, Answer::status(404)).expect(ROOT, Answer::status(404));
    };
    nothing();
    assert_snapshot!(place.login("--client-id app"), @"
    exit 3
    err: error: no metadata found for the resource (RFC 9728)
    err: cause: http://API/.well-known/oauth-protected-resource/mcp answered 404
    err: cause: http://API/.well-known/oauth-protected-resource answered 404
    err: hint: name the authorization server itself: hallpass login ISSUER --resource http://API/mcp --client-id ID
    ");
    place.room.run(&format!("zone add api --issuer {} --client-id app --scope own", place.server.issuer())).ok();
    let before = place.room.config();
    nothing();
    place.serves(&json!({})).signs_in();
    let outcome = place.login("-z api");
    assert_eq!((asked(&outcome, "resource"), asked(&outcome, "scope")), (vec![place.url()], vec!["own".to_owned()]));
    assert_eq!(
        place.room.config().replace("grant = \"authorization_code\"\n", "").replace("vault = \"keyring\"\n", ""),
        before.replace("vault = \"keyring\"\n", "")
    );
    assert_eq!(place.room.run(&format!("token -z api --resource {}", place.url())).ok(), "AT-1");
}

#[test]
fn server_is_picked_or_first_that_answers() {
    let place = Place::new();
    let down = Server::start();
    let both = json!({"authorization_servers": [down.issuer(), place.server.issuer()]});
    place.describes("", &both).serves(&json!({})).signs_in();
    for path in ["openid-configuration", "oauth-authorization-server"] {
        down.expect(&format!("GET /.well-known/{path}"), Answer::status(404));
    }
    let outcome = place.login("-z one --client-id app");
    assert!(
        outcome.stderr.contains("Signing in at http://AS,") && outcome.stderr.contains("no metadata found"),
        "{outcome}"
    );
    outcome.ok();
    place.describes("", &both).signs_in();
    let issuer = place.server.issuer();
    place.login(&format!("-z two --client-id app --issuer {issuer}")).ok();
    place.describes("", &both);
    assert_eq!(place.login("-z three --issuer https://other.example").code, 3);
    place.describes("", &both);
    assert_eq!(place.login("-z two --issuer https://other.example").code, 2);
}

#[test]
fn metadata_of_another_issuer_is_refused() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({"issuer": "https://evil.example"}));
    assert_eq!(place.login("--client-id app").code, 8);
}

#[test]
fn headers_go_to_resource_and_not_to_server_that_only_it_names() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({}));
    let outcome = place.login("--client-id app --header X-Key:header-canary");
    assert_eq!(outcome.code, 8, "{outcome}");
    assert!(place.api.received().iter().any(|received| received.header("x-key").is_some()));
    assert!(place.server.received().iter().all(|received| received.header("x-key").is_none()));
}

#[test]
fn api_that_gives_no_answer_may_have_metadata() {
    let place = Place::new();
    let silent = || {
        for _ in 0..3 {
            place.api.expect("GET /mcp", Answer::status(503));
        }
    };
    silent();
    place.api.expect(INSERTED, Answer::json(&place.described(&json!({}))));
    place.serves(&json!({})).signs_in();
    place.login("--client-id app").ok();
    silent();
    place.api.expect(INSERTED, Answer::status(404)).expect(ROOT, Answer::status(404));
    assert_eq!(place.login("--client-id app").code, 6);
}

#[test]
fn zone_changes_over_to_another_resource_and_says_so() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({})).signs_in();
    place.login("-z api --client-id app").ok();
    let other = format!("{}/other", place.api.origin());
    let described = json!({"resource": other, "authorization_servers": [place.server.issuer()]});
    place.api.expect("GET /other", Answer::status(401));
    place.api.expect("GET /.well-known/oauth-protected-resource/other", Answer::json(&described));
    place.signs_in();
    let outcome = place.room.run(&format!("login --resource {other} -z api"));
    let line = "From now on zone api is for this resource, no longer for http://API/mcp";
    assert!(outcome.stderr.contains(line), "{outcome}");
    assert!(place.room.config().contains("resource = [\"http://API/other\"]"), "{}", place.room.config());
}

#[test]
fn person_names_client_where_nobody_registers_one() {
    let place = Place::new();
    place.describes("", &json!({})).serves(&json!({"registration_endpoint": null})).signs_in();
    let line = format!("login --resource {} -z api", place.url());
    let outcome = place.room.call(&line).types(&["app", "none"]).run();
    assert_eq!(asked(&outcome, "client_id"), ["app"], "{outcome}");
    outcome.ok();
    place.describes("", &json!({}));
    let line = format!("login --resource {} -z other", place.url());
    assert_eq!(place.room.call(&line).types(&[""]).run().code, 3);
}

#[test]
fn flags_of_resource_need_one() {
    let room = Room::new();
    for line in [
        "login --no-register",
        "login --issuer https://as.example",
        "login --challenge-from file:x",
        "login https://as.example --resource https://api.example --no-register",
        "login --resource urn:x --no-register",
        "login --resource https://a.example --resource https://b.example --no-register",
        "login --resource https://a.example#x",
        "login --resource https://a.example -z Upper",
    ] {
        assert_eq!(room.run(line).code, 2, "{line}");
    }
}

#[test]
fn zone_is_named_by_variable_too_and_dry_run_shows_first_request() {
    let mut place = Place::new();
    let outcome = place.login("--dry-run");
    assert!(outcome.ok().contains("http://API/mcp"), "{outcome}");
    place.room.set("HALLPASS_ZONE", "mine");
    place.describes("", &json!({})).serves(&json!({})).signs_in();
    assert!(place.login("--client-id app").ok().starts_with("signed in to zone mine"));
}

#[test]
fn steps_say_what_was_decided() {
    let place = Place::new();
    place
        .describes("scope=\"a\", ", &json!({"dpop_bound_access_tokens_required": false}))
        .serves(&json!({}))
        .signs_in();
    let outcome = place.login("--client-id app -v");
    assert!(outcome.stderr.contains("scope: a, from the challenge"), "{outcome}");
}
