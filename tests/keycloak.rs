//! Keycloak is the judge: the real program against a real authorization server.
//!
//! `tests/run` starts it with the realms of `tests/keycloak/` and hands over its address. Every test has clients of its
//! own or only reads, so all of them share one server.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

#[path = "keycloak/admin.rs"]
mod admin;
#[path = "keycloak/auth.rs"]
mod auth;
#[path = "keycloak/client.rs"]
mod client;
#[path = "keycloak/doctor.rs"]
mod doctor;
#[path = "keycloak/hint.rs"]
mod hint;
#[path = "keycloak/login.rs"]
mod login;
#[path = "keycloak/look.rs"]
mod look;
#[path = "keycloak/proof.rs"]
mod proof;
#[path = "keycloak/reverse_proxy.rs"]
mod reverse_proxy;
mod room;
#[path = "keycloak/session.rs"]
mod session;
#[path = "keycloak/wire.rs"]
mod wire;

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use room::{Room, finish};
use serde_json::Value;

/// The base URL of the server, without a slash at its end.
fn keycloak() -> String {
    match std::env::var("HALLPASS_TEST_KEYCLOAK") {
        Ok(base) if !base.is_empty() => base.trim_end_matches('/').to_owned(),
        _ => panic!("HALLPASS_TEST_KEYCLOAK is not set: tests/run starts Keycloak and sets it"),
    }
}

fn issuer() -> String {
    keycloak() + "/realms/hp"
}

/// A room with the ephemeral zone of a client whose secret is `<client>-secret`.
fn client(id: &str) -> Room {
    Room::ephemeral(&issuer(), id, &format!("{id}-secret"))
}

/// Header or claims of a JWT, unverified.
fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_else(|| panic!("no JWT: {token}"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Asks Keycloak itself about a token, as the client `gw`.
fn introspect(token: &str) -> Value {
    let address = keycloak().trim_start_matches("http://").to_owned();
    let body = format!("token={token}");
    let request = format!(
        "POST /realms/hp/protocol/openid-connect/token/introspect HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Basic {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        STANDARD.encode("gw:gw-secret"),
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (begin, end) = (answer.find('{').unwrap(), answer.rfind('}').unwrap());
    serde_json::from_str(&answer[begin..=end]).unwrap()
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn discover_reads_all_three_forms() {
    let (base, issuer) = (keycloak(), issuer());
    let view = Room::new().run(&["discover", &issuer, "--json"]).json();
    assert_eq!(view["issuer"], issuer);
    let documents = view["documents"].as_array().unwrap();
    let document = |kind: &str| documents.iter().find(|document| document["kind"] == kind).unwrap();
    for (kind, url) in [
        ("oidc", format!("{issuer}/.well-known/openid-configuration")),
        ("oauth-inserted", format!("{base}/.well-known/oauth-authorization-server/realms/hp")),
        ("oauth-appended", format!("{issuer}/.well-known/oauth-authorization-server")),
    ] {
        assert_eq!((&document(kind)["url"], &document(kind)["status"]), (&Value::from(url), &Value::from(200)));
    }
    let endpoint = &view["endpoints"]["token_endpoint"];
    assert_eq!(endpoint["url"], format!("{issuer}/protocol/openid-connect/token"));
    assert_eq!(endpoint["origin"], "discovered");
    let methods = view["metadata"]["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(methods.contains(&Value::from("client_secret_basic")));
    assert!(view["warnings"].is_array());
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn discover_prints_one_field_bare() {
    let issuer = issuer();
    let field = |name: &str| Room::new().run(&["discover", &issuer, "--field", name]);
    assert_eq!(field("token_endpoint").answer(), format!("{issuer}/protocol/openid-connect/token"));
    assert_eq!(field("issuer").answer(), issuer);
    assert!(field("grant_types_supported").answer().lines().any(|line| line == "client_credentials"));
    let absent = field("no_such_field");
    assert_eq!((absent.code(), absent.stdout.as_str()), (1, ""), "{absent}");
    let raw = Room::new().run(&["discover", &issuer, "--raw"]).json();
    assert_eq!(raw["issuer"], issuer);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn discover_knows_what_server_can() {
    let issuer = issuer();
    let require = |features: &[&str]| {
        let mut args = vec!["discover", &issuer];
        for feature in features {
            args.extend(["--require", feature]);
        }
        Room::new().run(&args)
    };
    let has = ["grant:client_credentials", "auth:private_key_jwt", "pkce:S256", "par", "dpop", "endpoint:revocation"];
    require(&has).answer();
    let outcome = require(&["grant:client_credentials", "grant:no_such_grant"]);
    assert_eq!(outcome.code(), 1, "{outcome}");
    assert!((outcome.stdout.clone() + &outcome.stderr).contains("grant:no_such_grant"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn wrong_realm_names_urls_that_were_tried() {
    let issuer = keycloak() + "/realms/none";
    let outcome = Room::new().run(&["discover", &issuer]);
    let stderr = outcome.refused(3);
    for url in [
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{}/.well-known/oauth-authorization-server/realms/none", keycloak()),
        format!("{issuer}/.well-known/oauth-authorization-server"),
    ] {
        assert!(stderr.contains(&url), "{url} is not named:\n{outcome}");
    }
    assert!(stderr.contains(": Realm does not exist"), "{outcome}");
    let missing = format!("the realm none does not exist at {}", keycloak());
    assert!(stderr.contains(&missing), "{outcome}");
    let login = Room::sealed().run(&["login", &issuer, "--client-id", "public", "--no-browser"]);
    assert!(login.refused(3).contains(&missing), "{login}");
    Room::ephemeral(&issuer, "front", "front-secret").run(&["token"]).assert_hidden("front-secret").refused(3);
    // The path is case-sensitive, and so is the issuer.
    Room::new().run(&["discover", &(keycloak() + "/realms/HP")]).refused(3);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn path_without_auth_is_found() {
    let old = keycloak() + "/auth/realms/hp";
    let outcome = Room::new().run(&["discover", &old]);
    assert!(outcome.refused(3).contains(&format!("use that issuer: {}\n", issuer())), "{outcome}");
    let outcome = Room::ephemeral(&old, "front", "front-secret").run(&["token"]);
    assert!(outcome.refused(3).contains(&format!("set HALLPASS_ISSUER={}\n", issuer())), "{outcome}");
    let endpoint = issuer() + "/protocol/openid-connect/token";
    assert_eq!(Room::new().run(&["discover", &endpoint, "--field", "issuer"]).answer(), issuer());
    let outcome = Room::ephemeral(&endpoint, "front", "front-secret").run(&["token"]);
    assert!(outcome.refused(3).contains(&format!("set HALLPASS_ISSUER={}\n", issuer())), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn https_to_port_of_http_is_named() {
    let https = issuer().replacen("http://", "https://", 1);
    let outcome = Room::new().run(&["discover", &https]);
    assert!(outcome.refused(3).contains("does not speak TLS"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn audience_that_keycloak_ignores_is_warned_of() {
    let outcome = client("front").run(&["token", "--audience", "api"]);
    outcome.answer();
    assert!(outcome.stderr.contains("lacks api") && outcome.stderr.contains("front-dedicated"), "{outcome}");
    let outcome = client("front").run(&["token", "--audience", "gw"]);
    outcome.answer();
    assert_eq!(outcome.stderr, "");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn issuer_with_slash_at_its_end_is_another_issuer() {
    let slashed = issuer() + "/";
    let outcome = Room::new().run(&["discover", &slashed]);
    // Where the server serves metadata there, its issuer differs (8); where it serves none, there is none (3).
    assert!([3, 8].contains(&outcome.code()), "{outcome}");
    assert_eq!(outcome.stdout, "");
    let outcome = Room::ephemeral(&slashed, "front", "front-secret").run(&["token"]);
    assert!([3, 8].contains(&outcome.code()), "{outcome}");
    assert_eq!(outcome.assert_hidden("front-secret").stdout, "");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn localhost_is_another_issuer_than_its_address() {
    // Without a fixed hostname Keycloak's issuer follows the request, so the name works as well as the address.
    let by_name = issuer().replace("127.0.0.1", "localhost");
    let view = Room::new().run(&["discover", &by_name, "--json"]).json();
    assert_eq!(view["issuer"], by_name);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn token_is_minted_by_basic_and_by_post() {
    for auth in ["client_secret_basic", "client_secret_post"] {
        let outcome = client("front").with("HALLPASS_AUTH", auth).run(&["token"]);
        let token = outcome.assert_hidden("front-secret").answer().to_owned();
        assert_eq!(part(&token, 1)["azp"], "front");
        assert_eq!(part(&token, 1)["iss"], issuer());
        let judged = introspect(&token);
        assert_eq!((&judged["active"], &judged["client_id"]), (&Value::from(true), &Value::from("front")), "{auth}");
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn restricted_client_uses_its_one_method() {
    let by = |id: &str, auth: &str| client(id).with("HALLPASS_AUTH", auth).run(&["token"]);
    by("basic-only", "client_secret_basic").answer();
    by("post-only", "client_secret_post").answer();
    by("basic-only", "client_secret_post").assert_hidden("basic-only-secret").refused(5);
    let outcome = by("post-only", "client_secret_basic");
    let stderr = outcome.assert_hidden("post-only-secret").refused(5);
    assert!(stderr.contains("client_secret_post"), "the server says which method it wants:\n{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn secret_and_id_with_special_characters_get_in() {
    let (id, secret) = ("odd:id/1 ü", "p+q%41:r&s =/ü%zz");
    for auth in ["client_secret_basic", "client_secret_post"] {
        let outcome = Room::ephemeral(&issuer(), id, secret).with("HALLPASS_AUTH", auth).run(&["-vv", "token"]);
        let token = outcome.assert_hidden(secret).assert_hidden("p%2Bq%2541").answer().to_owned();
        assert_eq!(part(&token, 1)["azp"], id);
    }
    // The ready-made header gets in as well.
    let header = Room::ephemeral(&issuer(), id, secret).run(&["header", "--basic", "--value"]).answer().to_owned();
    let plain = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
    assert_eq!(String::from_utf8(plain).unwrap(), "odd%3Aid%2F1+%C3%BC:p%2Bq%2541%3Ar%26s+%3D%2F%C3%BC%25zz");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn zone_keeps_its_secret_in_sealed_vault() {
    let room = Room::sealed().with("GIVEN", "front-secret");
    let issuer = issuer();
    let args =
        ["zone", "add", "prod", "--issuer", &issuer, "--client-id", "front", "--client-secret-from", "env:GIVEN"];
    room.run(&args).assert_hidden("front-secret").answer();
    let room = room.without_variable("GIVEN");
    for file in room.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("front-secret"), "{} holds the secret", file.display());
    }

    let first = room.run(&["token", "--json"]).json();
    assert_eq!((&first["source"], &first["zone"]), (&Value::from("grant"), &Value::from("prod")));
    assert_eq!(first["token_type"], "Bearer");
    let token = first["access_token"].as_str().unwrap();
    let expiry = first["expires_at_epoch"].as_i64().unwrap();
    assert!((part(token, 1)["exp"].as_i64().unwrap() - expiry).abs() <= 2, "{first}");
    assert!(first["expires_at"].as_str().unwrap().ends_with('Z'));
    assert!(first["scope"].as_str().unwrap().split(' ').any(|scope| scope == "profile"));

    let second = room.run(&["token", "--json"]).json();
    assert_eq!((&second["source"], &second["access_token"]), (&Value::from("cache"), &first["access_token"]));
    assert_eq!(room.run(&["header"]).answer(), format!("Authorization: Bearer {token}"));
    assert_eq!(room.run(&["header", "--value"]).answer(), format!("Bearer {token}"));
    assert_eq!(introspect(token)["active"], true);

    let fresh = room.run(&["token", "--fresh"]).answer().to_owned();
    assert_ne!(fresh, token);
    assert_ne!(part(&fresh, 1)["jti"], part(token, 1)["jti"]);

    let listed = room.run(&["token", "list", "--json"]);
    listed.assert_hidden(token).assert_hidden(&fresh).json();
    room.run(&["token", "forget"]).answer();
    assert_ne!(room.run(&["token"]).answer(), fresh);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn zone_show_says_which_method_was_chosen() {
    let room = Room::sealed().with("GIVEN", "front-secret");
    let issuer = issuer();
    let args =
        ["zone", "add", "prod", "--issuer", &issuer, "--client-id", "front", "--client-secret-from", "env:GIVEN"];
    room.run(&args).answer();
    room.run(&["token"]).answer();
    let shown = room.run(&["zone", "show", "prod"]);
    assert!(shown.assert_hidden("front-secret").answer().contains("client_secret_basic"), "{shown}");
    assert!(shown.stdout.contains("stored"), "{shown}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refusals_are_told_apart_by_what_server_says() {
    let refused = |room: Room| {
        let outcome = room.run(&["token"]);
        outcome.refused(5);
        assert!(outcome.stderr.contains("hint"), "no hint:\n{outcome}");
        outcome
    };
    let wrong = refused(Room::ephemeral(&issuer(), "front", "canary-wrong"));
    assert!(wrong.assert_hidden("canary-wrong").stderr.contains("unauthorized_client"), "{wrong}");
    let unknown = refused(Room::ephemeral(&issuer(), "nobody", "canary-wrong"));
    assert!(unknown.assert_hidden("canary-wrong").stderr.contains("invalid_client"), "{unknown}");
    let disabled = refused(client("disabled"));
    assert!(disabled.stderr.contains("invalid_client"), "{disabled}");
    let off = refused(client("no-service-account"));
    assert!(off.stderr.contains("Client not enabled to retrieve service account"), "{off}");
    let bearer = refused(client("bearer-only"));
    assert!(bearer.stderr.contains("Bearer-only not allowed"), "{bearer}");
    let key = refused(client("key-client"));
    assert!(key.stderr.contains("client_assertion_type"), "{key}");
    let public = refused(Room::ephemeral(&issuer(), "public", "any"));
    assert!(public.stderr.contains("Public client not allowed to retrieve service account"), "{public}");
    let closed = Room::ephemeral(&(keycloak() + "/realms/closed"), "front", "front-secret").run(&["token"]);
    closed.refused(5);
    assert!(closed.stderr.contains("Realm not enabled"), "{closed}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refusal_as_json_carries_oauth_error() {
    let outcome = Room::ephemeral(&issuer(), "nobody", "canary-wrong").run(&["--json", "token"]);
    let stderr = outcome.assert_hidden("canary-wrong").refused(5);
    let error: Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
    let error = &error["error"];
    assert_eq!((&error["oauth_error"], &error["exit"]), (&Value::from("invalid_client"), &Value::from(5)));
    assert_eq!((&error["kind"], &error["retriable"]), (&Value::from("authentication"), &Value::from(false)));
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn unassigned_scope_is_refused_with_servers_words() {
    let outcome = client("front").run(&["token", "--scope", "openid nope"]);
    let stderr = outcome.refused(5);
    assert!(stderr.contains("invalid_scope") && stderr.contains("Invalid scopes: openid nope"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn openid_brings_id_token() {
    let view = client("front").run(&["token", "--scope", "openid", "--id-token", "--json"]).json();
    assert!(view["scope"].as_str().unwrap().split(' ').any(|scope| scope == "openid"), "{view}");
    assert_eq!(part(view["id_token"].as_str().unwrap(), 1)["typ"], "ID");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn public_client_cannot_get_in_without_secret() {
    let room = Room::ephemeral(&issuer(), "public", "")
        .without_variable("HALLPASS_CLIENT_SECRET")
        .with("HALLPASS_AUTH", "none");
    let outcome = room.run(&["token"]);
    assert!(outcome.refused(5).contains("Public client"), "{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn short_lived_token_is_renewed_in_time() {
    let room = client("short-lived");
    let first = room.run(&["token", "--json"]).json();
    assert_eq!(first["expires_in"].as_i64().map(|seconds| (1..=5).contains(&seconds)), Some(true), "{first}");
    let second = room.run(&["token"]).answer().to_owned();
    assert_eq!(first["access_token"], second, "it was renewed too early");
    // Less than a fifth is left after four of five seconds.
    std::thread::sleep(std::time::Duration::from_millis(4200));
    let third = room.run(&["token"]).answer().to_owned();
    assert_ne!(third, second, "a token at its end was handed out");
    let outcome = room.run(&["token", "--min-ttl", "1h"]);
    outcome.answer();
    assert!(outcome.stderr.contains("warning"), "it lives shorter than was wished:\n{outcome}");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn twenty_cold_processes_share_one_token() {
    let room = client("gw");
    let children: Vec<_> = (0..20).map(|_| room.hallpass(&["token", "--json"]).spawn().unwrap()).collect();
    let views: Vec<Value> = children.into_iter().map(|child| finish(child).json()).collect();
    let jti = |view: &Value| part(view["access_token"].as_str().unwrap(), 1)["jti"].clone();
    assert!(views.iter().all(|view| jti(view) == jti(&views[0])), "there is more than one token");
    let minted = views.iter().filter(|view| view["source"] == "grant").count();
    assert_eq!(minted, 1, "one of them mints, the others find it");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn status_tells_of_token_without_asking_anybody() {
    let room = Room::sealed().with("GIVEN", "front-secret");
    let issuer = issuer();
    let args =
        ["zone", "add", "prod", "--issuer", &issuer, "--client-id", "front", "--client-secret-from", "env:GIVEN"];
    room.run(&args).answer();
    let status = || room.run(&["status", "--json"]).json()[0].clone();
    assert_eq!((&status()["zone"], &status()["token"]), (&Value::from("prod"), &Value::from("none")));
    assert_eq!(room.run(&["status", "--exit-status"]).code(), 1);
    room.run(&["token"]).answer();
    assert_eq!((&status()["token"], &status()["issuer"]), (&Value::from("valid"), &Value::from(issuer.as_str())));
    assert_eq!(room.run(&["status", "--exit-status"]).code(), 0);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn two_realms_differ_only_in_their_names() {
    let (one, two) = (issuer(), keycloak() + "/realms/closed");
    let outcome = Room::new().run(&["discover", &one, "--diff", &two]);
    assert!(outcome.stdout.contains("/realms/closed"), "{outcome}");
}
