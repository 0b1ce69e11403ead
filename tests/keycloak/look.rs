//! exchange, introspect, revoke, inspect and check against Keycloak, in a realm of their own.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{keycloak, part};
use crate::room::{Outcome, Room};

fn issuer() -> String {
    keycloak() + "/realms/look"
}

/// A room with the ephemeral zone of a client whose secret is `<client>-secret`.
fn client(id: &str) -> Room {
    Room::ephemeral(&issuer(), id, &format!("{id}-secret"))
}

/// What Alice gets at `front`: her access token and her refresh token, by a request of the test's own.
fn alice() -> (String, String) {
    let address = keycloak().trim_start_matches("http://").to_owned();
    let body = "grant_type=password&client_id=front&client_secret=front-secret&username=alice&password=alice-password";
    let request = format!(
        "POST /realms/look/protocol/openid-connect/token HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (begin, end) = (answer.find('{').unwrap(), answer.rfind('}').unwrap());
    let answer: Value = serde_json::from_str(&answer[begin..=end]).unwrap();
    let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (text("access_token"), text("refresh_token"))
}

fn exchange(id: &str, subject: &str, flags: &[&str]) -> Outcome {
    let mut args = vec!["exchange", "--subject-token-from", "-"];
    args.extend(flags);
    client(id).run_with_stdin(&args, subject)
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn persons_token_is_exchanged_for_audience() {
    let (subject, _) = alice();
    let both = exchange("gw", &subject, &["--json"]).json();
    assert_eq!(both["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(both["token_type"], "Bearer");
    assert!(both["expires_at"].as_str().unwrap().ends_with('Z') && both["session_state"].is_string(), "{both}");
    let token = exchange("gw", &subject, &["--audience", "api"]).assert_hidden(&subject).answer().to_owned();
    let claims = part(&token, 1);
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!("api"), &json!("gw")));
    assert_eq!((&claims["sub"], &claims["sid"]), (&part(&subject, 1)["sub"], &part(&subject, 1)["sid"]));
    let audiences = exchange("gw", &subject, &["--audience", "api", "--audience", "mail"]).answer().to_owned();
    let mut audiences: Vec<Value> = part(&audiences, 1)["aud"].as_array().unwrap().clone();
    audiences.sort_by_key(Value::to_string);
    assert_eq!(audiences, [json!("api"), json!("mail")]);
    // A service's token can be exchanged as well.
    let service = client("front").run(&["token"]).answer().to_owned();
    exchange("gw", &service, &["--audience", "api", "--scope", "email"]).answer();
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn exchange_gives_id_token() {
    let (subject, _) = alice();
    let answer = exchange("gw", &subject, &["--requested-type", "id", "--json"]).json();
    assert_eq!(
        (&answer["token_type"], &part(answer["access_token"].as_str().unwrap(), 1)["typ"]),
        (&json!("N_A"), &json!("ID"))
    );
    assert!(exchange("gw", &subject, &["--requested-type", "id", "--format", "curl"]).refused(8).contains("N_A"));
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn exchanged_token_is_kept_for_its_subject_token() {
    let room = client("gw");
    let run = |subject: &str| {
        let args = ["exchange", "--subject-token-from", "-", "--audience", "api", "--cache"];
        room.run_with_stdin(&args, subject).answer().to_owned()
    };
    let (one, other) = (alice().0, alice().0);
    let first = run(&one);
    assert_eq!(run(&one), first);
    assert_ne!(run(&other), first);
    for file in room.files() {
        assert!(!std::fs::read_to_string(&file).unwrap().contains(&one), "{} holds the subject token", file.display());
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refused_exchanges_say_what_to_switch_on() {
    let (subject, refresh) = alice();
    for (id, subject, flags, code, sentence, hint) in [
        ("off", &subject, &[][..], "invalid_request", "not enabled", "standard.token.exchange.enabled=true"),
        ("far", &subject, &[], "access_denied", "not within the token audience", "Included Client Audience far"),
        ("gw", &subject, &["--audience", "nope"], "invalid_client", "Audience not found", "check the spelling of nope"),
        (
            "gw",
            &subject,
            &["--audience", "front"],
            "invalid_request",
            "Requested audience not available",
            "gw-dedicated > Add mapper",
        ),
        ("gw", &subject, &["--scope", "nope"], "invalid_scope", "Invalid scopes: nope", "optional scope"),
        ("gw", &subject, &["--requested-type", "saml2"], "invalid_request", "unsupported", "--requested-type"),
        ("gw", &subject, &["--subject-type", "jwt"], "invalid_request", "access tokens only", "--subject-type access"),
        ("gw", &refresh, &[], "invalid_request", "Invalid token", "hallpass inspect"),
        ("gw", &"garbage".to_owned(), &[], "invalid_request", "Invalid token", "hallpass inspect"),
    ] {
        let mut all = vec!["--json"];
        all.extend(flags);
        let outcome = exchange(id, subject, &all);
        let stderr = outcome.assert_hidden(subject).assert_hidden("-secret").refused(5);
        let error = serde_json::from_str::<Value>(stderr.lines().last().unwrap()).unwrap()["error"].clone();
        assert_eq!((&error["kind"], &error["oauth_error"]), (&json!("token_exchange"), &json!(code)), "{outcome}");
        assert!(error["message"].as_str().unwrap().contains(sentence), "{sentence}:\n{outcome}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{hint}:\n{outcome}");
    }
    let wrong = Room::ephemeral(&issuer(), "gw", "canary-wrong")
        .run_with_stdin(&["exchange", "--subject-token-from", "-", "--json"], &subject);
    assert!(wrong.assert_hidden("canary-wrong").refused(5).contains("\"kind\":\"authentication\""), "{wrong}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_is_told_of_its_own_audience_only() {
    let (subject, _) = alice();
    // front's tokens name gw in their aud, not front itself: from 26.6.2 on that decides.
    let known = client("gw").run_with_stdin(&["introspect", "--json"], &subject).json();
    assert_eq!((&known["active"], &known["username"]), (&json!(true), &json!("alice")));
    assert!(known["exp_at"].as_str().unwrap().ends_with('Z') && known["iat_at"].is_string(), "{known}");
    let own = client("front").run_with_stdin(&["introspect"], &subject);
    assert_eq!((own.code(), own.stdout.as_str()), (1, "active\tfalse\n"), "{own}");
    assert!(own.stderr.contains("its aud lacks front"), "{own}");
    let token = client("own").run(&["token"]).answer().to_owned();
    assert_eq!(client("own").run_with_stdin(&["introspect"], &token).code(), 0, "a mapper adds it to its own audience");
    let garbage = client("gw").run_with_stdin(&["introspect", "--json"], "garbage");
    assert_eq!((garbage.code(), garbage.stdout.as_str()), (1, "{\"active\":false}\n"));
    Room::ephemeral(&issuer(), "gw", "wrong").run_with_stdin(&["introspect"], &subject).refused(5);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refresh_token_is_introspected_by_its_hint() {
    let (_, refresh) = alice();
    let with = client("front").run_with_stdin(&["introspect", "--hint", "refresh_token"], &refresh);
    assert_eq!(with.code(), 0, "{with}");
    assert_eq!(client("front").run_with_stdin(&["introspect"], &refresh).code(), 1);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn unsigned_introspection_is_refused() {
    let (subject, _) = alice();
    let outcome = client("gw").run_with_stdin(&["introspect", "--jwt"], &subject);
    assert!(outcome.assert_hidden(&subject).refused(8).contains("it is not signed"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn revoked_token_is_dead() {
    let (subject, refresh) = alice();
    let active = |token: &str| client("gw").run_with_stdin(&["introspect"], token).code();
    assert_eq!(active(&subject), 0);
    let other = client("own").run_with_stdin(&["revoke"], &subject);
    assert!(other.assert_hidden(&subject).refused(5).contains("Unmatching clients"), "{other}");
    assert_eq!(active(&subject), 0);
    client("front").run_with_stdin(&["revoke"], &subject).assert_hidden(&subject).answer();
    assert_eq!(active(&subject), 1);
    client("front").run_with_stdin(&["revoke"], &subject).answer();
    let alive = |token: &str| client("front").run_with_stdin(&["introspect", "--hint", "refresh_token"], token).code();
    assert_eq!(alive(&refresh), 0, "an access token leaves the refresh token");
    let unknown = client("front").run_with_stdin(&["revoke", "--json"], "garbage").json();
    assert_eq!((&unknown["revoked"], &unknown["notes"]), (&json!(1), &json!(["Invalid token"])));

    let (subject, refresh) = alice();
    client("front").run_with_stdin(&["revoke", "--hint", "refresh_token"], &refresh).answer();
    assert_eq!((alive(&refresh), active(&subject)), (1, 1), "a refresh token takes its access tokens along");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn own_tokens_are_revoked_and_forgotten() {
    let room = client("front");
    let token = room.run(&["token"]).answer().to_owned();
    let done = room.run(&["revoke", "--own", "access", "--json"]).assert_hidden(&token).json();
    assert_eq!((&done["revoked"], &done["forgotten"]), (&json!(1), &json!(1)));
    assert_eq!(client("gw").run_with_stdin(&["introspect"], &token).code(), 1);
    assert_ne!(room.run(&["token"]).answer(), token);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn signature_is_verified_by_realms_keys() {
    let (subject, refresh) = alice();
    let room = client("front");
    let inspect = |flags: &[&str], token: &str| {
        let mut args = vec!["inspect", "--json"];
        args.extend(flags);
        let outcome = room.run_with_stdin(&args, token);
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome}"));
        (outcome.code(), json)
    };
    let (code, json) = inspect(&["--verify", "--audience", "gw"], &subject);
    assert_eq!((code, &json["verified"]), (0, &json!("signature")), "{json}");
    let who = &json["identity"];
    assert_eq!((&who["kind"], &who["name"], &who["client_id"]), (&json!("user"), &json!("alice"), &json!("front")));
    assert!(
        who["session_id"].is_string() && who["roles"].as_array().unwrap().contains(&json!("offline_access")),
        "{who}"
    );
    assert_eq!(inspect(&["--verify", "--audience", "nope"], &subject).0, 1);
    let service = room.run(&["token"]).answer().to_owned();
    let who = inspect(&["--verify"], &service).1["identity"].clone();
    assert_eq!((&who["kind"], &who["name"]), (&json!("service"), &json!("front")), "{who}");

    let (signed, signature) = subject.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let claims = service.split('.').nth(1).unwrap();
    let (code, json) = inspect(&["--verify"], &format!("{header}.{claims}.{signature}"));
    assert_eq!((code, &json["verified"]), (1, &json!(false)), "{json}");
    let (code, json) = inspect(&["--verify"], &refresh);
    assert_eq!(code, 1, "a refresh token is signed with a shared secret: {json}");
    let other = Room::ephemeral(&(keycloak() + "/realms/hp"), "front", "front-secret");
    let foreign = other.run_with_stdin(&["inspect", "--verify"], &subject);
    assert!(foreign.code() == 1 && foreign.stdout.contains("its iss is"), "{foreign}");
    let named = Room::new().run_with_stdin(&["inspect", "--verify", "--issuer", &issuer()], &subject);
    assert_eq!(named.code(), 0, "{named}");
    let (code, json) = inspect(&["--introspect"], &subject);
    assert_eq!(code, 1, "front is not in the audience: {json}");
    let asked = client("gw").run_with_stdin(&["inspect", "--introspect", "--json"], &subject).json();
    assert_eq!((&asked["verified"], &asked["identity"]["name"]), (&json!("introspection"), &json!("alice")));
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn whoever_is_proven_passes_and_nobody_else() {
    let (subject, refresh) = alice();
    let check = |flags: &[&str], token: &str| {
        let mut args = vec!["check", "--json"];
        args.extend(flags);
        let outcome = client("gw").run_with_stdin(&args, token);
        outcome.assert_hidden(token);
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome}"));
        assert_eq!(json["allowed"], json!(outcome.code() == 0), "{outcome}");
        json
    };
    let person = ["--kind", "user", "--scope", "email", "--role", "offline_access", "--client-id", "front"];
    for how in ["--jwks", "--introspect"] {
        let yes = check(&[&[how, "--audience", "gw"], &person[..]].concat(), &subject);
        assert_eq!((&yes["allowed"], &yes["identity"]["name"]), (&json!(true), &json!("alice")), "{yes}");
        let no = check(&[how, "--kind", "service", "--role", "admin", "--audience", "nope"], &subject);
        assert_eq!(no["missing"], json!(["kind:service", "role:admin", "audience:nope"]), "{no}");
        // A refresh token is signed with a shared secret, and the server does not learn that it is one.
        for token in [&refresh, "garbage"] {
            let no = check(&[how], token);
            assert_eq!((&no["allowed"], &no["identity"]), (&json!(false), &Value::Null), "{no}");
        }
    }
    let service = client("front").run(&["token"]).answer().to_owned();
    let yes = check(&["--jwks", "--kind", "service", "--client-id", "front", "--scope", "email"], &service);
    assert_eq!(yes["identity"]["reason"], json!("the username begins with service-account-"), "{yes}");
    client("front").run_with_stdin(&["revoke"], &subject).answer();
    assert_eq!(check(&["--introspect"], &subject)["allowed"], false);
    assert_eq!(check(&["--introspect", "--jwks"], &subject)["matched"], "jwks", "keys know of no revocation");
    let wrong = Room::ephemeral(&issuer(), "gw", "wrong").run_with_stdin(&["check", "--introspect"], &subject);
    wrong.refused(5);
}
