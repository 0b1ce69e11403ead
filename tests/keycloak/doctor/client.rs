//! How the realm treats the client.

use serde_json::{Value, json};

use super::super::admin::Admin;
use super::{REALM, carry_out, examine, examine_with, realm, token, zone, zone_at};
use crate::room::Room;

const RSA: &str = include_str!("../../keys/rsa.pkcs1.pem");
const P256: &str = include_str!("../../keys/p256.pkcs8.pem");
const SECRET: [&str; 2] = ["--client-secret-from", "-"];

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn unknown_client_is_told_apart_from_wrong_secret() {
    let room = zone_at(&realm(REALM), "nobody", &SECRET, "well-secret");
    let words = ["the realm has no client nobody", "invalid_client", "HTTP 401"];
    let fix = ["zone edit z --client-id ID", "CLIENT_LOGIN_ERROR, error client_not_found", "client nobody"];
    let ask = |flags: &[&str]| examine(&room, flags).assert_one("client", &words, &fix);
    ask(&["--redirect-uri", "http://127.0.0.1/callback", "--device"]);
    let fix = ask(&[]);
    carry_out(&room, &fix.replace(" ID", " well"), "");
    // The vault stores the secret for the client that it was given for.
    let fix = examine(&room, &[]).assert_one("vault", &["it was stored for nobody"], &["--client-secret-from -"]);
    carry_out(&room, &fix, "well-secret");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn disabled_client_is_enabled() {
    let room = zone("off");
    examine(&room, &[]).assert_one(
        "client",
        &["the client off is disabled"],
        &["Clients > off > Enabled: on", "CLIENT_LOGIN_ERROR, error client_disabled"],
    );
    Admin::of(REALM).change_client("off", &json!({"enabled": true}));
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn wrong_secret_is_corrected() {
    let room = zone_at(&realm(REALM), "wrong", &SECRET, "canary-wrong");
    let found = examine(&room, &[]);
    found.outcome.assert_hidden("canary-wrong");
    let words = ["unauthorized_client", "HTTP 401", "the client wrong, but this secret is not its secret"];
    let settings = "Clients > wrong > Credentials > Client Secret";
    let event = "CLIENT_LOGIN_ERROR, error invalid_client_credentials, client wrong";
    let fix = ["hallpass zone edit z --client-secret-from -", settings, event];
    let fix = found.assert_one("secret", &words, &fix);
    assert_eq!(found.finding("client")["state"], "ok");
    // What else needs the secret is no other fault.
    let given = token(&zone("well"));
    examine_with(&room, &["--introspect", "--token-from", "-"], &given).assert_one("secret", &words, &[]);
    examine_with(&room, &["--subject-token-from", "-", "--device"], &token(&zone("front"))).assert_one(
        "secret",
        &words,
        &[],
    );
    carry_out(&room, &fix, "wrong-secret");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn rotated_secret_is_a_wrong_one() {
    let (room, admin) = (zone("rotated"), Admin::of(REALM));
    examine(&room, &[]).assert_healthy(&[]);
    let made = admin.send("POST", &(admin.client("rotated") + "/client-secret"), &Value::Null);
    let fix = examine(&room, &[]).assert_one("secret", &["its secret"], &["Clients > rotated > Credentials"]);
    carry_out(&room, &fix, made["value"].as_str().unwrap());
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_without_service_account_gets_one() {
    let room = zone("no-account");
    let fix = "Clients > no-account > Settings > Capability config > Service account roles: on";
    let found = examine(&room, &[]);
    found.assert_one(
        "grant",
        &["Client not enabled to retrieve service account"],
        &[fix, "CLIENT_LOGIN_ERROR, error invalid_client"],
    );
    assert_eq!(found.finding("secret")["what"], "the secret is right");
    Admin::of(REALM).change_client("no-account", &json!({"serviceAccountsEnabled": true}));
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn disabled_user_of_service_account_is_enabled() {
    let (room, admin) = (zone("idle"), Admin::of(REALM));
    let user = admin.service_account("idle");
    admin.change(&user, &json!({"enabled": false}));
    let fix = "Clients > idle > Service account roles > service-account-idle > Enabled: on";
    examine(&room, &[]).assert_one("grant", &["the user service-account-idle"], &[fix, "error user_disabled"]);
    admin.change(&user, &json!({"enabled": true}));
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn public_client_gets_no_token_of_its_own() {
    let room = zone_at(&realm(REALM), "public", &SECRET, "any");
    let settings = "Clients > public > Settings > Capability config > Client authentication: on";
    let login = format!("hallpass login {} ", realm(REALM));
    examine(&room, &[]).assert_one(
        "grant",
        &["public is a public client"],
        &[settings, &login, "error invalid_client"],
    );
    let admin = Admin::of(REALM);
    admin.change_client("public", &json!({"publicClient": false, "serviceAccountsEnabled": true, "secret": "any"}));
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn one_method_of_client_is_named() {
    let flags = ["--auth", "client_secret_basic", SECRET[0], SECRET[1]];
    let room = zone_at(&realm(REALM), "post-only", &flags, "post-only-secret");
    let words = ["post-only authenticates with client_secret_post only"];
    let fix = examine(&room, &[]).assert_one(
        "auth-method",
        &words,
        &["hallpass zone edit z --auth client_secret_post", "error invalid_client_credentials"],
    );
    carry_out(&room, &fix, "");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn secret_is_no_key() {
    let room = zone_at(&realm(REALM), "key", &SECRET, "key-secret");
    let edit = "hallpass zone edit z --private-key-from SOURCE";
    let fix = examine(&room, &[]).assert_one(
        "auth-method",
        &["Parameter client_assertion_type is missing"],
        &[edit, "error invalid_client_credentials"],
    );
    carry_out(&room, &fix.split_once("or with a key: ").unwrap().1.replace("SOURCE", "-"), RSA);
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn key_that_realm_does_not_have_is_told_apart() {
    let zone = |id: &str, more: &[&str], key: &str| {
        let mut flags = vec!["--private-key-from", "-"];
        flags.extend(more);
        zone_at(&realm(REALM), id, &flags, key)
    };
    // It has no keys at all, not the one of this id, or another one.
    let keyless = zone("keyless", &[], RSA);
    let keys = "Clients > keyless > Keys";
    examine(&keyless, &[]).assert_one(
        "key",
        &["Unable to load public key"],
        &[keys, "error client_credentials_setup_required"],
    );
    let unknown = zone("key", &["--key-id", "other"], RSA);
    let fix = ["hallpass zone edit z --key-id ID", "Clients > key > Keys"];
    let fix = examine(&unknown, &[]).assert_one("key", &["Unable to load public key"], &fix);
    carry_out(&unknown, &fix.replace(" ID", " key-rs256"), "");
    examine(&unknown, &[]).assert_healthy(&[]);
    let key = other_rsa_key();
    let other = zone("key", &["--key-id", "key-rs256"], &key);
    let fix =
        ["hallpass zone edit z --private-key-from SOURCE", "Clients > key > Keys", "error invalid_client_credentials"];
    let found = examine(&other, &[]);
    found.assert_one("key", &["Signature on JWT token failed validation"], &fix);
    let algorithm = zone("key", &["--key-id", "key-rs256"], P256);
    examine(&algorithm, &[]).assert_one(
        "key",
        &["Invalid signature algorithm"],
        &["--algorithm", "Clients > key > ", "error invalid_"],
    );
}

/// An RSA key that no realm knows.
fn other_rsa_key() -> String {
    let made = std::process::Command::new("openssl").args(["genrsa", "2048"]).output().unwrap();
    String::from_utf8(made.stdout).unwrap()
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn scope_that_is_not_assigned_is_found_among_several() {
    let (room, admin) = (zone("narrow"), Admin::of(REALM));
    room.run(&["zone", "edit", "z", "--scope", "email orders phone"]).answer();
    admin.send("POST", "/client-scopes", &json!({"name": "orders", "protocol": "openid-connect"}));
    let words = ["narrow does not get the scope orders", "granted: email, phone"];
    let fix = "Clients > narrow > Client scopes: add orders as an optional scope";
    examine(&room, &[]).assert_one("scope", &words, &[fix, "CLIENT_LOGIN_ERROR, error invalid_request"]);
    let scopes = admin.send("GET", "/client-scopes", &Value::Null);
    let orders = scopes.as_array().unwrap().iter().find(|scope| scope["name"] == "orders").unwrap();
    let path = format!("{}/optional-client-scopes/{}", admin.client("narrow"), orders["id"].as_str().unwrap());
    admin.send("PUT", &path, &Value::Null);
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn client_of_bound_tokens_needs_proof() {
    let room = zone("bound");
    let fix = examine(&room, &[]).assert_one(
        "proof",
        &["DPoP proof is missing"],
        &["hallpass zone edit z --dpop", "error invalid_dpop_proof"],
    );
    carry_out(&room, &fix, "");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn redirect_uri_is_added() {
    let room = zone_at(&realm(REALM), "tv", &["--auth", "none", "--grant", "authorization_code"], "");
    let ask = |uri: &str| examine(&room, &["--redirect-uri", uri]);
    ask("http://127.0.0.1/callback").assert_healthy(&[]);
    ask("http://127.0.0.1:4711/callback").assert_healthy(&[]);
    let fix = "Clients > tv > Settings > Valid redirect URIs: add https://app.example/back";
    ask("https://app.example/back").assert_one(
        "redirect-uri",
        &["not registered for tv"],
        &[fix, "LOGIN_ERROR, error invalid_redirect_uri, client tv"],
    );
    let uris = json!(["http://127.0.0.1/callback", "https://app.example/back"]);
    Admin::of(REALM).change_client("tv", &json!({"redirectUris": uris}));
    ask("https://app.example/back").assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn device_flow_is_switched_on() {
    let room = zone_at(&realm(REALM), "device", &["--auth", "none", "--grant", "device_code"], "");
    let setting = "Clients > device > Settings > Capability config > OAuth 2.0 Device Authorization Grant: on";
    examine(&room, &["--device"]).assert_one(
        "device",
        &["the device flow is switched off for device"],
        &[setting, "OAUTH2_DEVICE_AUTH_ERROR, error not_allowed"],
    );
    let attributes = json!({"oauth2.device.authorization.grant.enabled": "true"});
    Admin::of(REALM).change_client("device", &json!({"attributes": attributes}));
    examine(&room, &["--device"]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn registration_needs_initial_token_that_is_not_spent() {
    let issuer = realm(REALM);
    let room = Room::new();
    let closed = examine(&room, &[&issuer, "--register"]);
    let create = "Clients > Initial access token > Create; give it with --initial-token-from SOURCE";
    closed.assert_one(
        "registration",
        &["without an initial access token"],
        &[create, "CLIENT_REGISTER_ERROR, error not_allowed"],
    );
    let made = Admin::of(REALM).send("POST", "/clients-initial-access", &json!({"expiration": 600, "count": 1}));
    let token = made["token"].as_str().unwrap();
    let register = || examine_with(&room, &[&issuer, "--register", "--initial-token-from", "-"], token);
    register().assert_healthy(&[]);
    // It is used up, or deleted already because of it.
    register().assert_one(
        "registration",
        &["the initial access token "],
        &[create, "CLIENT_REGISTER_ERROR, error invalid_token"],
    );
}
