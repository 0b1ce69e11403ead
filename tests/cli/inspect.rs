//! `inspect`: what a token says, and whether it may be believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, Outcome, Room};
use super::server::{Answer, Server};
use super::signer::{Signer, claims};

const KEYS: &str = "GET /jwks";

/// A room whose zone knows the endpoints, so that a question is one request.
fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --introspection-endpoint /introspect --jwks-uri /jwks").ok();
    room
}

fn inspect(room: &Room, flags: &str, token: &str) -> Outcome {
    room.call(&format!("inspect {flags}")).stdin(&format!("{token}\n")).run()
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

#[test]
fn offline_it_says_everything_and_asks_nobody() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let token = Signer::new("k").sign("at+jwt", &claims(&server));
    assert_snapshot!(inspect(&room, "", &token), @r#"
    exit 0
    out: kind␉user (it has the claim preferred_username)
    out: subject␉u-1
    out: name␉alice
    out: email␉alice@a.example
    out: client_id␉web
    out: session_id␉s-1
    out: roles␉admin api:writer
    out: scopes␉openid read
    out: issued_at␉2026-11-22T10:00:00Z (now)
    out: expires_at␉2026-11-22T10:05:00Z (in 4 minutes)
    out: verified␉no
    out: header.alg␉ES256
    out: header.typ␉at+jwt
    out: header.kid␉k
    out: claims.iss␉http://AS
    out: claims.sub␉u-1
    out: claims.aud␉["api","ci"]
    out: claims.exp␉1795341900
    out: claims.iat␉1795341600
    out: claims.jti␉j
    out: claims.azp␉web
    out: claims.sid␉s-1
    out: claims.preferred_username␉alice
    out: claims.email␉alice@a.example
    out: claims.scope␉openid read
    out: claims.realm_access␉{"roles":["admin"]}
    out: claims.resource_access␉{"api":{"roles":["writer"]}}
    "#);
    let json = inspect(&room, "--json", &token);
    json.assert_hidden(&token);
    let json = json.json();
    assert_eq!(
        (&json["verified"], &json["header"]["kid"], &json["claims"]["sub"]),
        (&json!(false), &json!("k"), &json!("u-1"))
    );
    assert_eq!(
        json["identity"],
        json!({"kind": "user", "reason": "it has the claim preferred_username", "subject": "u-1", "name": "alice",
            "email": "alice@a.example", "client_id": "web", "session_id": "s-1", "roles": ["admin", "api:writer"],
            "scopes": ["openid", "read"], "source": "jwt"})
    );
    assert_eq!((&json["expires_at"], &json["expires_at_epoch"]), (&json!("2026-11-22T10:05:00Z"), &json!(BEGIN + 300)));
    assert_eq!((&json["issued_at_epoch"], &json["not_before_at"]), (&json!(BEGIN), &Value::Null));
    assert_eq!((&json["warnings"], &json["problems"]), (&json!([]), &json!([])));
    room.later(301);
    let late = inspect(&room, "--json", &token);
    assert_eq!(late.code, 1, "{late}");
    assert!(late.stdout.contains("\"problems\":[\"it has expired\"]"), "{late}");
    assert_eq!(inspect(&room, "--leeway 10s", &token).code, 0);
}

#[test]
fn what_is_no_token_is_said() {
    let room = Room::new();
    for bad in ["opaque", "a.b.c", "e30.e30", "..", "e30.W10.", "e30=.e30.e30", "e30.e30.e30 x"] {
        let outcome = inspect(&room, "", bad);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (8, ""), "{bad}: {outcome}");
    }
    assert_snapshot!(inspect(&room, "", "opaque-token"), @"
    exit 8
    err: error: not a JSON Web Token: it has no dots
    err: hint: the server may know this token: hallpass inspect --introspect
    ");
    assert_snapshot!(inspect(&room, "", "e30.e30.e30.e30.e30"), @"
    exit 8
    err: error: the token is encrypted (five parts, RFC 7516), only its receiver can read it
    err: hint: the server may know this token: hallpass inspect --introspect
    ");
    for (text, hint) in [("Bearer e30.e30.", "header --read"), ("{\"active\":true}", "--claims")] {
        let outcome = inspect(&room, "", text);
        assert!(outcome.code == 8 && outcome.stderr.contains(hint), "{outcome}");
    }
    assert_eq!(room.run("inspect").code, 3, "an empty stdin");
    assert_eq!(room.call("inspect").person(true).run().code, 2);
    for line in ["inspect - --verify --claims", "inspect - --introspect --kong", "inspect - --leeway 1"] {
        assert_eq!(room.run(line).code, 2, "{line}");
    }
}

#[test]
fn pasted_token_is_joined_with_warning() {
    let server = Server::start();
    let room = Room::new();
    let token = Signer::new("k").token(&server);
    let (start, end) = token.split_at(40);
    for pasted in [format!("\"{token}\""), format!("'{token}'"), format!("{start}\n  {end}\r\n"), format!(" {token}")] {
        let outcome = inspect(&room, "--json", &pasted);
        assert_eq!(outcome.json()["claims"]["sub"], "u-1", "{outcome}");
        let warning = "quotes, blanks and line breaks in the token were dropped";
        assert_eq!(outcome.json()["warnings"][0], warning, "{outcome}");
    }
    assert_snapshot!(inspect(&room, "", &format!("{start}...")), @"
    exit 8
    err: error: not a whole token: it was cut off where it has dots in a row
    err: hint: copy all of it
    ");
    assert_snapshot!(inspect(&room, "", &format!("{token}\n{token}")), @"
    exit 8
    err: error: not one token, but several in a row
    err: hint: give one at a time
    ");
    assert_eq!(
        inspect(&room, "", &format!("{token}{token}")).to_string(),
        inspect(&room, "", &format!("{token} {token}")).to_string()
    );
    let cut = inspect(&room, "", &format!("{start}…{end}"));
    assert!(cut.code == 8 && cut.stderr.contains("cut off"), "{cut}");
}

#[test]
fn token_of_clock_that_is_ahead_names_leeway() {
    let server = Server::start();
    let room = Room::new();
    let token = |ahead: i64| {
        let mut claims = claims(&server);
        claims["nbf"] = json!(room.now() + ahead);
        Signer::new("k").sign("at+jwt", &claims)
    };
    assert_eq!(inspect(&room, "", &token(2)).code, 0, "5 s are the default");
    let outcome = inspect(&room, "", &token(60));
    assert_eq!(outcome.code, 1, "{outcome}");
    assert!(outcome.stderr.contains("add --leeway 60s"), "{outcome}");
    assert_eq!(inspect(&room, "--leeway 60s", &token(60)).code, 0);
    assert!(!inspect(&room, "", &token(3600)).stderr.contains("--leeway"));
}

#[test]
fn what_is_odd_is_warned_of() {
    let room = Room::new();
    let token =
        unsigned(&json!({"alg": "none", "jku": "https://a.example"}), &json!({"iat": BEGIN + 600, "typ": "Refresh"}));
    assert_snapshot!(inspect(&room, "--json", &token), @r#"
    exit 0
    out: {"verified":false,"header":{"alg":"none","jku":"https://a.example"},"claims":{"iat":1795342200,"typ":"Refresh"},"identity":{"kind":"unknown","reason":"it has neither a claim of a person, nor a session, nor a client_id","subject":null,"name":null,"email":null,"client_id":null,"session_id":null,"roles":[],"scopes":[],"source":"jwt"},"expires_at":null,"expires_at_epoch":null,"issued_at":"2026-11-22T10:10:00Z","issued_at_epoch":1795342200,"not_before_at":null,"not_before_at_epoch":null,"problems":[],"warnings":["unsigned token (alg is none)","the header has jku, which is never followed","it is a refresh token, which only the token endpoint accepts","no aud: not limited to any API","no exp: it never expires","it was issued in the future: one of the clocks is wrong"]}
    "#);
}

#[test]
fn signature_is_verified_by_issuers_keys() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k-1");
    let token = signer.token(&server);
    server.expect(KEYS, Answer::json(&signer.set()));
    let json = inspect(&room, "--verify --audience api --json", &token).json();
    assert_eq!((&json["verified"], &json["problems"]), (&json!("signature"), &json!([])));
    assert_eq!(server.received()[0].header("authorization"), None, "keys are asked for anonymously");
    assert_eq!(json["warnings"], json!([]));
    // The keys are kept: no request.
    let unchecked = inspect(&room, "--verify", &token);
    assert_eq!(unchecked.code, 0);
    assert!(unchecked.stderr.contains("the audience was not checked"), "{unchecked}");
    let verdict = |outcome: Outcome| {
        assert_eq!(outcome.code, 1, "{outcome}");
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(json["verified"], false, "{outcome}");
        json["problems"].to_string()
    };
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&server);
        claims[name] = value;
        signer.sign("at+jwt", &claims)
    };
    let no = |flags: &str, token: &str| verdict(inspect(&room, &format!("--verify --json {flags}"), token));
    assert!(no("--audience other", &token).contains("does not name other"));
    assert!(no("", &changed("iss", json!("https://evil.example"))).contains("its iss is https://evil.example"));
    assert!(no("", &changed("exp", json!(BEGIN - 1))).contains("expired"));
    assert!(no("", &changed("exp", json!(null))).contains("no exp"));
    assert!(no("", &changed("nbf", json!(BEGIN + 60))).contains("not valid yet"));
    assert!(no("", &Signer::new("k-1").token(&server)).contains("signature is invalid"));
    let (start, _) = token.rsplit_once('.').unwrap();
    assert!(no("", &format!("{start}.")).contains("signature is invalid"));
}

#[test]
fn no_algorithm_but_those_of_public_keys_is_believed() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k-1");
    let jwk = signer.jwk();
    for (header, reason) in [
        (json!({"alg": "none"}), "none"),
        (json!({"alg": "HS256", "kid": "k-1"}), "HS256"),
        (json!({"typ": "JWT"}), "algorithm"),
        (json!({"alg": "ES256", "crit": ["b64"], "b64": false}), "crit"),
    ] {
        // What no key could fix sends no request.
        let outcome = inspect(&room, "--verify --json", &signer.sign_as(&header, &claims(&server)));
        assert_eq!(outcome.code, 1, "{outcome}");
        assert!(outcome.stdout.contains(reason), "{outcome}");
    }
    assert_eq!(server.count(), 0);
    // A key in the header is not looked at.
    let thief = Signer::new("thief");
    let forged = thief.sign_as(&json!({"alg": "ES256", "kid": "thief", "jwk": thief.jwk()}), &claims(&server));
    server.expect(KEYS, Answer::json(&json!({"keys": [jwk, null, {"kty": "EC"}, {"kty": "oct", "k": "AAAA"}]})));
    let outcome = inspect(&room, "--verify --json", &forged);
    assert!(outcome.code == 1 && outcome.stdout.contains("no key for algorithm ES256"), "{outcome}");
    // The key of one type is not tried with the algorithm of another.
    let wrong = signer.sign_as(&json!({"alg": "RS256", "kid": "k-1"}), &claims(&server));
    let outcome = inspect(&room, "--verify --json", &wrong);
    assert!(outcome.code == 1 && outcome.stdout.contains("it is of another type than RS256 needs"), "{outcome}");
}

#[test]
fn rotated_key_is_asked_for_but_not_for_ever() {
    let server = Server::start();
    let room = room(&server);
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    server.expect(KEYS, Answer::json(&old.set()));
    assert_eq!(inspect(&room, "--verify", &old.token(&server)).code, 0);
    // Keys that are this young are not asked for again.
    assert_eq!(inspect(&room, "--verify", &new.token(&server)).code, 1);
    room.later(10);
    server.expect(KEYS, Answer::json(&json!({"keys": [old.jwk(), new.jwk()]})));
    assert_eq!(inspect(&room, "--verify", &new.token(&server)).code, 0);
    assert_eq!(inspect(&room, "--verify", &old.token(&server)).code, 0);
    for made_up in ["a", "b", "c", "d"] {
        assert_eq!(inspect(&room, "--verify", &Signer::new(made_up).token(&server)).code, 1);
    }
    room.later(10);
    server.expect(KEYS, Answer::json(&new.set()));
    assert_eq!(inspect(&room, "--verify", &Signer::new("e").token(&server)).code, 1);
    assert_eq!(inspect(&room, "--verify", &Signer::new("f").token(&server)).code, 1);
    assert_eq!(server.count(), 3, "every made-up key id would have been a request");
}

#[test]
fn keys_without_names_rotate_as_well() {
    let server = Server::start();
    let room = room(&server);
    let nameless = |signer: &Signer| signer.sign_as(&json!({"alg": "ES256"}), &claims(&server));
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    server.expect(KEYS, Answer::json(&old.set()));
    assert_eq!(inspect(&room, "--verify", &nameless(&old)).code, 0);
    room.later(10);
    server.expect(KEYS, Answer::json(&new.set()));
    assert_eq!(inspect(&room, "--verify", &nameless(&new)).code, 0);
    assert_eq!(server.count(), 2);
}

#[test]
fn keys_must_be_had_and_make_sense() {
    let server = Server::start();
    let room = room(&server);
    let token = Signer::new("k").token(&server);
    for (answer, code) in [
        (Answer::status(404), 5),
        (Answer::text("text/html", "<p>"), 8),
        (Answer::json(&json!({"keys": {}})), 8),
        (Answer::json(&json!([])), 8),
        (Answer::text("application/json", "{\"keys\":[],\"keys\":[]}"), 8),
    ] {
        server.expect(KEYS, answer);
        let outcome = inspect(&room, "--verify", &token);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome}");
    }
    server.expect(KEYS, Answer::status(500)).expect(KEYS, Answer::status(503)).expect(KEYS, Answer::status(500));
    assert_eq!(inspect(&room, "--verify", &token).code, 6);
    room.run("zone edit prod --unset jwks_uri").ok();
    let mut metadata = server.metadata();
    metadata["jwks_uri"] = json!("http://keys.example/jwks");
    server.serves(&metadata);
    let plain = inspect(&room, "--verify", &token);
    assert!(plain.code == 8 && plain.stderr.contains("https"), "{plain}");
}

#[test]
fn issuer_is_compared_without_keys_as_well() {
    let server = Server::start();
    let room = room(&server);
    let token = Signer::new("k").token(&server);
    let right = inspect(&room, &format!("--json --issuer {}", server.issuer()), &token).json();
    assert_eq!((&right["verified"], &right["problems"]), (&json!(false), &json!([])));
    for (flags, offered) in
        [("--issuer https://a.example", token.as_str()), ("--claims --issuer https://a.example", "{}")]
    {
        let wrong = inspect(&room, flags, offered);
        assert!(wrong.code == 1 && wrong.stdout.contains("not https://a.example"), "{wrong}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn signature_and_server_may_both_be_asked() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k");
    let token = signer.token(&server);
    server.expect(KEYS, Answer::json(&signer.set()));
    server.expect("POST /introspect", Answer::json(&json!({"active": true})));
    let both = inspect(&room, "--verify --introspect --json --audience api", &token).json();
    assert_eq!((&both["verified"], &both["problems"]), (&json!("signature"), &json!([])));
    server.expect("POST /introspect", Answer::json(&json!({"active": false})));
    let revoked = inspect(&room, "--verify --introspect --json", &token);
    assert_eq!(revoked.code, 1, "{revoked}");
    let shown: Value = serde_json::from_str(&revoked.stdout).unwrap();
    assert_eq!((&shown["verified"], &shown["problems"][0]), (&json!(false), &json!("the server says it is inactive")));
    server.expect("POST /introspect", Answer::json(&json!({"active": false})));
    let alone = inspect(&room, "--introspect", &token);
    assert!(alone.code == 1 && alone.stderr.is_empty(), "an inactive one has no claims to warn of: {alone}");
}

#[test]
fn issuer_may_be_named_instead_of_zone() {
    let server = Server::start();
    let room = Room::new();
    let signer = Signer::new("k");
    let token = signer.token(&server);
    let flags = format!("--verify --json --issuer {}", server.issuer());
    server.serves(&server.metadata()).expect(KEYS, Answer::json(&signer.set()));
    assert_eq!(inspect(&room, &flags, &token).json()["verified"], "signature");
    assert_eq!(inspect(&room, &flags, &token).json()["verified"], "signature");
    assert_eq!(server.count(), 3, "metadata and keys are kept");
    let nobody = inspect(&room, "--verify", &token);
    assert!(nobody.code == 3 && nobody.stderr.contains("--issuer URL"), "{nobody}");
    assert_eq!(inspect(&room, "--verify --issuer nonsense", &token).code, 3);
}

#[test]
fn server_knows_opaque_tokens() {
    let server = Server::start();
    let room = room(&server);
    let yes = json!({"active": true, "sub": "u", "username": "alice", "exp": BEGIN + 60, "scope": "read"});
    server.expect("POST /introspect", Answer::json(&yes));
    let json = inspect(&room, "--introspect --json", "opaque-token").json();
    assert_eq!((&json["verified"], &json["header"]), (&json!("introspection"), &Value::Null));
    assert_eq!((&json["identity"]["kind"], &json["identity"]["source"]), (&json!("user"), &json!("introspection")));
    assert_eq!(json["claims"], yes);
    server.expect("POST /introspect", Answer::json(&json!({"active": false})));
    assert_snapshot!(inspect(&room, "--introspect", "opaque-token"), @"
    exit 1
    out: kind␉unknown (it is inactive)
    out: verified␉no
    out: problem␉the server says it is inactive
    out: claims.active␉false
    ");
    server.expect("POST /introspect", Answer::json(&json!({"active": "true"})));
    assert_eq!(inspect(&room, "--introspect", "opaque-token").code, 8);
    server.expect("POST /introspect", Answer::json(&yes));
    assert_eq!(inspect(&room, "--introspect --audience api", "opaque-token").code, 1);
}

#[test]
fn claims_are_read_as_they_are() {
    let room = Room::new();
    let json = |flags: &str, claims: &Value| inspect(&room, &format!("--claims --json {flags}"), &claims.to_string());
    let service = json!({"active": true, "client_id": "ci", "scope": "a b", "exp": BEGIN + 9});
    let outcome = json("", &service).json();
    assert_eq!(
        (&outcome["identity"]["kind"], &outcome["identity"]["source"]),
        (&json!("service"), &json!("introspection"))
    );
    assert_eq!((&outcome["verified"], &outcome["header"], &outcome["claims"]), (&json!(false), &Value::Null, &service));
    assert_eq!(json("", &json!({"sub": "u", "email": "a@b"})).json()["identity"]["source"], "jwt");
    for (claims, code) in [
        (json!({"active": false}), 1),
        (json!({"active": "true"}), 1),
        (json!({"exp": BEGIN - 1}), 1),
        (json!([]), 8),
        (json!("x"), 8),
    ] {
        assert_eq!(json("", &claims).code, code, "{claims}");
    }
    assert_eq!(inspect(&room, "--claims", "{\"a\":1,\"a\":2}").code, 8);
    assert_eq!(inspect(&room, "--claims", "e30.e30.e30").code, 8);
    let roles = json!({"groups": ["machine"], "email": "a@b", "realm_access": {"roles": ["root"]}});
    let flags = "--role-claim groups --service-role machine --admin-role root";
    let outcome = json(flags, &roles).json();
    assert_eq!((&outcome["identity"]["kind"], &outcome["admin"]), (&json!("service"), &json!(true)));
    assert_eq!(outcome["identity"]["roles"], json!(["root", "machine"]));
    let plain = json("", &roles).json();
    assert_eq!((&plain["identity"]["kind"], plain.get("admin")), (&json!("user"), None));
}

#[test]
fn token_that_is_hostile_is_shown_not_obeyed() {
    let room = Room::new();
    let hostile = "x\u{1b}[2J\u{202e}\r\n::add-mask::y";
    let mut claims = json!({"sub": hostile, "email": hostile, "scope": hostile, "client_id": hostile,
        "realm_access": {"roles": [hostile]}, "aud": hostile});
    claims[hostile] = json!(hostile);
    let token = unsigned(&json!({"alg": hostile, "kid": hostile}), &claims);
    for flags in ["", "--json", "--role-claim a"] {
        let outcome = inspect(&room, flags, &token);
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!text.contains(|c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}'), "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text:?}");
    }
}

#[test]
fn dry_run_shows_what_would_be_asked() {
    let server = Server::start();
    let room = room(&server);
    let signer = Signer::new("k");
    let token = signer.token(&server);
    assert_eq!(inspect(&room, "--dry-run", &token).code, 2);
    server.expect(KEYS, Answer::json(&signer.set()));
    inspect(&room, "--verify", &token).ok();
    assert_snapshot!(inspect(&room, "--verify --dry-run", &token), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/jwk-set+json, application/json' http://AS/jwks
    ");
    assert!(inspect(&room, "--introspect --dry-run", "x").ok().contains("'token=[redacted]'"));
    assert_eq!(server.count(), 1);
}

#[test]
fn gateways_headers_are_read() {
    let room = Room::new();
    let user = "X-Token-Verified: true\r\nX-User-ID: u-1\r\nX-Username: alice\r\nX-User-Roles: admin,writer";
    assert_snapshot!(inspect(&room, "--kong --admin-role admin", user), @"
    exit 0
    out: kind␉user (it has X-User-ID)
    out: subject␉u-1
    out: name␉alice
    out: roles␉admin writer
    out: admin␉yes
    out: verified␉headers
    out: header.X-Token-Verified␉true
    out: header.X-User-ID␉u-1
    out: header.X-Username␉alice
    out: header.X-User-Roles␉admin,writer
    err: warning: these fields are not signed: trust them only where no one but the gateway can send them
    ");
    let more = format!("{user}\nAuthorization: Bearer hunter2\nCookie: hunter2");
    inspect(&room, "--kong --json", &more).assert_hidden("hunter2");
    let service = inspect(&room, "--kong --json", "X-Service-Name: jobs\nX-Service-Authenticated: true").json();
    assert_eq!((&service["verified"], &service["claims"]), (&json!("headers"), &json!({})));
    let who = &service["identity"];
    assert_eq!((&who["kind"], &who["name"], &who["source"]), (&json!("service"), &json!("jobs"), &json!("kong")));
    let unproven = inspect(&room, "--kong --json", "X-User-ID: u-1");
    assert_eq!(unproven.code, 1, "{unproven}");
    assert!(unproven.stdout.contains("\"verified\":false"), "{unproven}");
    for bad in ["no header", "X-User-ID: a\nX-User-Id: b"] {
        assert_eq!(inspect(&room, "--kong", bad).code, 8, "{bad}");
    }
    assert_eq!(inspect(&room, "--kong --verify", user).code, 2);
}

#[test]
fn headers_of_zone_do_not_reach_keys_at_another_origin() {
    let (server, keys) = (Server::start(), Server::start());
    let room = room(&server);
    room.run(&format!("zone edit prod --header X-Key:header-canary --jwks-uri {}/jwks", keys.origin())).ok();
    let signer = Signer::new("k");
    keys.expect(KEYS, Answer::json(&signer.set()));
    inspect(&room, "--verify --header X-Flag:flag-canary", &signer.sign("at+jwt", &claims(&server))).ok();
    let received = keys.received().pop().unwrap();
    assert!(received.header("x-key").is_none() && received.header("x-flag").is_none());
    room.run("zone edit prod --jwks-uri /jwks").ok();
    server.expect(KEYS, Answer::json(&signer.set()));
    inspect(&room, "--verify", &signer.sign("at+jwt", &claims(&server))).ok();
    assert_eq!(server.received().pop().unwrap().header("x-key"), Some("header-canary"));
}
