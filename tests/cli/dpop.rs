//! Tokens that are bound to a key of the zone (DPoP, RFC 9449).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{KeyringState, Room};
use super::server::{Answer, Received, Server};

/// A room whose zone `prod` binds its tokens.
fn bound(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --dpop").ok();
    room
}

fn token(token: &str) -> Answer {
    Answer::json(&json!({"access_token": token, "token_type": "DPoP", "expires_in": 300}))
}

fn challenge(nonce: &str) -> Answer {
    Answer::error(400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
        .header("DPoP-Nonce", nonce)
}

/// Header and claims of a proof.
fn read(proof: &str) -> (Value, Value) {
    let parts: Vec<&str> = proof.split('.').collect();
    assert_eq!(parts.len(), 3, "{proof}");
    let part = |index: usize| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).unwrap()).unwrap();
    (part(0), part(1))
}

fn proof(request: &Received) -> (Value, Value) {
    read(request.header("dpop").expect("a proof"))
}

#[test]
fn token_request_carries_proof_and_key_rests_in_vault() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --dpop").ok();
    assert_eq!(room.kept().len(), 1, "no key before the first use");
    server.mints(token("AT-1"));
    let answer = room.run("token --json").json();
    assert_eq!((&answer["access_token"], &answer["token_type"]), (&json!("AT-1"), &json!("DPoP")));
    let (header, claims) = proof(&server.received()[0]);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
    assert_eq!((&header["jwk"]["kty"], header["jwk"].get("d")), (&json!("EC"), None));
    assert_eq!((&claims["htm"], &claims["iat"]), (&json!("POST"), &json!(1_795_341_600)));
    assert_eq!(claims["htu"], format!("{}/token", server.origin()));
    assert!(claims["jti"].as_str().unwrap().len() >= 16 && claims.get("nonce").is_none());
    let kept = room.kept();
    assert_eq!(
        kept.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(),
        ["prod/client_secret", "prod/dpop_key"]
    );
    assert!(kept[1].1.starts_with("-----BEGIN PRIVATE KEY-----"));
    // From the cache, then with the same key.
    assert_eq!(room.run("token").ok(), "AT-1");
    server.mints(token("AT-2"));
    room.run("token --fresh").ok();
    let (again, later) = proof(&server.received()[0]);
    assert_eq!(again["jwk"], header["jwk"]);
    assert_ne!(later["jti"], claims["jti"]);
}

#[test]
fn each_try_has_proof_of_its_own() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(Answer::status(503)).mints(token("AT-1"));
    room.run("token").ok();
    let received = server.received();
    assert_ne!(proof(&received[0]).1["jti"], proof(&received[1]).1["jti"]);
}

#[test]
fn nonce_that_server_asks_for_is_given_once() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(challenge("n-1")).mints(token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    let received = server.received();
    let (first, second) = (proof(&received[0]).1, proof(&received[1]).1);
    assert_eq!((first.get("nonce"), &second["nonce"]), (None, &json!("n-1")));
    assert_ne!(first["jti"], second["jti"]);
    assert_eq!(received[0].body, received[1].body);

    server.mints(challenge("n-2")).mints(challenge("n-3"));
    assert_snapshot!(room.run("token --fresh"), @"
    exit 5
    err: error: the server refused: use_dpop_nonce: Authorization server requires nonce in DPoP proof (HTTP 400 from http://AS/token)
    err: hint: a proof is valid for seconds only: compare this machine's clock with the server's
    err: hint: to find out why: hallpass doctor -z prod
    ");
    assert_eq!(server.count(), 2, "a second challenge is an answer");
}

#[test]
fn challenge_without_nonce_is_answer() {
    let server = Server::start();
    let room = bound(&server);
    for answer in [
        Answer::error(400, "use_dpop_nonce", "x"),
        Answer::error(400, "use_dpop_nonce", "x").header("DPoP-Nonce", "not a nonce"),
        Answer::error(400, "invalid_grant", "x").header("DPoP-Nonce", "n"),
    ] {
        server.mints(answer);
        let outcome = room.run("token --fresh");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (5, ""), "{outcome}");
        room.later(2);
    }
}

#[test]
fn downgrade_to_bearer_is_refused() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(Answer::token("AT-1"));
    let outcome = room.run("token");
    outcome.assert_hidden("AT-1");
    assert_snapshot!(outcome, @r"
    exit 8
    err: error: the server sent a token of type Bearer, which is not bound to the key of zone prod
    err: cause: the request carried a proof (DPoP, RFC 9449) that the server ignored
    err: hint: check whether the server supports DPoP: hallpass discover --require dpop
    err: hint: or do without: hallpass zone edit prod --unset dpop
    ");
    server.mints(token("AT-2"));
    assert_eq!(room.run("token --no-cache").ok(), "AT-2");
}

#[test]
fn token_that_is_bound_to_another_key_is_refused() {
    let server = Server::start();
    let room = bound(&server);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}"#);
    server.mints(token(&format!("{}.{claims}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#))));
    assert_snapshot!(room.run("token"), @r"
    exit 8
    err: error: the server sent a token that is bound to another key than ours
    ");
    let other = Room::with_zone(&server);
    server.mints(token("AT-1"));
    let outcome = other.run("token");
    outcome.assert_hidden("AT-1");
    assert_snapshot!(outcome, @r"
    exit 8
    err: error: the server sent a DPoP token, which is bound to a key that is not ours
    err: hint: to use a key: hallpass zone edit prod --dpop
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn header_prints_token_and_proof_for_one_request() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(token("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"));
    let line = "header --dpop --method GET --url 'https://resource.example.org/protectedresource?a=b#c' --nonce n-9";
    let outcome = room.run(line);
    let (first, second) = outcome.ok().split_once('\n').unwrap();
    assert_eq!(first, "Authorization: DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let (_, claims) = read(second.strip_prefix("DPoP: ").unwrap());
    // RFC 9449 §7.1
    assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    assert_eq!((&claims["htm"], &claims["nonce"]), (&json!("GET"), &json!("n-9")));
    assert_eq!(claims["htu"], "https://resource.example.org/protectedresource");
    let json = room.run(&format!("{line} --json")).json();
    assert_eq!(
        (&json["name"], json["value"].as_str().unwrap().split(' ').next()),
        (&json!("Authorization"), Some("DPoP"))
    );
    assert_ne!(read(json["dpop"].as_str().unwrap()).1["jti"], claims["jti"]);
}

#[test]
fn bound_token_does_not_stand_in_header_alone() {
    let server = Server::start();
    let room = bound(&server);
    assert_snapshot!(room.run("header"), @r"
    exit 2
    err: error: the tokens of zone prod are bound to a key: each request needs its own proof
    err: hint: hallpass -z prod header --dpop --method GET --url URL
    ");
    assert_eq!(room.run("header --value").code, 2);
    server.mints(token("AT-1"));
    let outcome = room.run("token --format curl");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome}");
    assert_eq!(room.run("token --format env").ok(), "export ACCESS_TOKEN='AT-1'");
}

#[test]
fn proof_needs_zone_with_key_and_whole_request() {
    let server = Server::start();
    let mut room = Room::with_zone(&server);
    assert_snapshot!(room.run("header --dpop --method GET --url https://rs.example/"), @r"
    exit 2
    err: error: zone prod does not use DPoP
    err: hint: turn it on: hallpass zone edit prod --dpop
    ");
    room.run("zone edit prod --dpop").ok();
    for line in [
        "header --dpop",
        "header --dpop --method GET",
        "header --method GET",
        "header --dpop --method 'G T' --url https://rs.example/",
        "header --dpop --method GET --url rs.example",
        "header --dpop --method GET --url ftp://rs.example/",
        "header --dpop --method GET --url https://u:p@rs.example/",
        "header --dpop --method GET --url 'https://rs.example/a b'",
        "header --dpop --method GET --url https://rs.example/ --nonce 'a b'",
        "header --dpop --method GET --url https://rs.example/ --value",
        "header --dpop --method GET --url https://rs.example/ --basic",
    ] {
        let outcome = room.run(line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}\n{outcome}");
    }
    room.set("HALLPASS_TOKEN", "somebody.elses");
    room.run("zone default prod").ok();
    assert_snapshot!(room.run("header --dpop --method GET --url https://rs.example/"), @r"
    exit 8
    err: error: HALLPASS_TOKEN is not bound to the key of zone prod
    err: hint: get one that is: hallpass -z prod header --dpop … --fresh
    ");
}

#[test]
fn dry_run_shows_proof_hidden_and_opens_no_vault() {
    let server = Server::start();
    let room = bound(&server);
    let touched = room.keyring_calls();
    for line in ["token --dry-run", "header --dry-run --dpop --method GET --url https://rs.example/"] {
        let shown = room.run(line);
        assert!(shown.ok().contains("--header 'DPoP: [redacted]'"), "{shown}");
    }
    assert_eq!((room.keyring_calls(), room.kept().len()), (touched, 1));
}

#[test]
fn trace_hides_proof() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(token("AT-1"));
    let outcome = room.run("token -vv");
    let sent = server.received();
    outcome.assert_hidden(sent[0].header("dpop").unwrap());
    assert!(outcome.stderr.contains("> dpop: [redacted]"), "{outcome}");
}

#[test]
fn dpop_key_follows_its_zone() {
    let server = Server::start();
    let room = bound(&server);
    server.mints(token("AT-1"));
    room.run("token").ok();
    let key = |room: &Room, place: &str| room.kept().into_iter().find(|(known, _)| known == place).map(|(_, key)| key);
    let made = key(&room, "prod/dpop_key").unwrap();
    room.run("zone rename prod live").ok();
    assert_eq!((key(&room, "live/dpop_key"), key(&room, "prod/dpop_key")), (Some(made.clone()), None));
    assert_eq!(room.run("token -z live").ok(), "AT-1", "its tokens moved along");
    // The key of another client is not used for this one.
    room.call("zone edit live --client-id other --client-secret-from -").stdin("s").run().ok();
    server.mints(token("AT-2"));
    room.run("token -z live").ok();
    assert_ne!(key(&room, "live/dpop_key"), Some(made));
    room.run("zone edit live --unset dpop").ok();
    assert_eq!(key(&room, "live/dpop_key"), None);
    room.run("zone edit live --dpop").ok();
    server.mints(token("AT-3"));
    assert_eq!(room.run("token -z live").ok(), "AT-3", "a token of the former key is not used");
    room.run("zone remove live --yes").ok();
    assert_eq!(room.kept(), []);
}

#[test]
fn zone_of_references_keeps_its_key_in_vault() {
    let server = Server::start();
    let mut room = Room::new();
    room.set("CI_SECRET", "s3cr3t-value");
    let line = format!(
        "zone add ci --issuer {} --client-id ci --client-secret-ref env:CI_SECRET --token-endpoint /token --dpop",
        server.issuer()
    );
    room.keyring_is(KeyringState::Absent);
    assert_eq!(room.run(&line).code, 7);
    assert_eq!(room.config(), "");
    room.keyring_is(KeyringState::Fine);
    room.run(&line).ok();
    assert!(
        room.config().contains("vault = \"keyring\"") && room.config().contains("dpop = true"),
        "{}",
        room.config()
    );
    server.mints(token("AT-1"));
    room.run("token").ok();
    assert_eq!(room.kept().len(), 1);
    let shown = room.run("zone show ci --json").json();
    assert_eq!(shown["dpop"], json!({"value": true, "origin": "user"}));
}

#[test]
fn refusal_for_want_of_proof_names_flag() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::error(400, "invalid_request", "DPoP proof is missing"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_request: DPoP proof is missing (HTTP 400 from http://AS/token)
    err: cause: ci gets only tokens that are bound to a key
    err: hint: to use a key: hallpass zone edit prod --dpop
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn exchange_carries_proof_too() {
    let server = Server::start();
    let room = bound(&server);
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    server.mints(Answer::json(&json!({"access_token": "XT-1", "issued_token_type": kind, "token_type": "DPoP"})));
    let answer = room.call("exchange --subject-token-from - --json").stdin("subject.token").run().json();
    assert_eq!(answer["token_type"], "DPoP");
    assert_eq!(proof(&server.received()[0]).1["htm"], "POST");
    // What is no access token has no type to bind (RFC 8693 §2.2.1).
    let kind = "urn:ietf:params:oauth:token-type:id_token";
    server.mints(Answer::json(&json!({"access_token": "a.b.c", "issued_token_type": kind, "token_type": "N_A"})));
    room.call("exchange --subject-token-from - --requested-type id").stdin("subject.token").run().ok();
}

#[test]
fn refresh_keeps_dpop_key_of_sign_in() {
    let server = Server::start();
    let room = bound(&server);
    room.run("zone edit prod --grant device_code --device-endpoint /device").ok();
    let code =
        json!({"device_code": "DC", "user_code": "AB", "verification_uri": "https://as.example/", "expires_in": 60});
    let answer = |token: &str, next: &str| json!({"access_token": token, "token_type": "DPoP", "expires_in": 300, "refresh_token": next});
    server
        .expect("POST /device", Answer::json(&code))
        .mints(Answer::error(400, "authorization_pending", ""))
        .mints(Answer::json(&answer("AT-1", "RT-1")));
    room.run("login --device").ok();
    let received = server.received();
    assert_eq!(received[0].header("dpop"), None, "only what asks for a token proves possession");
    let (polled, got) = (proof(&received[1]), proof(&received[2]));
    assert_ne!(polled.1["jti"], got.1["jti"]);
    assert_eq!(room.run("token").ok(), "AT-1");
    room.later(301);
    // The challenge says that nothing was done yet, so the refresh token may go again (RFC 9449 §8).
    server.mints(challenge("n-1")).mints(Answer::json(&answer("AT-2", "RT-2")));
    assert_eq!(room.run("token").ok(), "AT-2");
    let received = server.received();
    let (first, second) = (proof(&received[0]), proof(&received[1]));
    assert_eq!((&first.0["jwk"], &second.0["jwk"]), (&got.0["jwk"], &got.0["jwk"]));
    assert_eq!((first.1.get("nonce"), &second.1["nonce"]), (None, &json!("n-1")));
    assert!(received.iter().all(|request| request.body.contains("refresh_token=RT-1")));
    room.later(301);
    // A downgrade is refused, and what renews the sign-in is not lost by it.
    let bearer = json!({"access_token": "AT-3", "token_type": "Bearer", "expires_in": 300, "refresh_token": "RT-3"});
    server.mints(Answer::json(&bearer));
    let outcome = room.run("token");
    outcome.assert_hidden("AT-3");
    assert_eq!(outcome.code, 8, "{outcome}");
    assert!(room.kept().contains(&("prod/refresh_token".to_owned(), "RT-3".to_owned())));
}
