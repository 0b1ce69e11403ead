//! What the refusals of Keycloak mean, and the setting or command that each of them names.

use super::{client, issuer};
use crate::room::{Outcome, Room};

/// A room with the zone `z` of this client and these further flags; a secret is read from stdin.
fn zone(id: &str, flags: &[&str], secret: &str) -> Room {
    let (room, issuer) = (Room::sealed(), issuer());
    let mut args = vec!["zone", "add", "z", "--issuer", &issuer, "--client-id", id];
    args.extend(flags);
    room.run_with_stdin(&args, secret).answer();
    room
}

/// The refusal names its URL and has these words, each of them.
fn assert_explained(outcome: &Outcome, words: &[&str]) {
    let stderr = outcome.refused(5);
    assert!(stderr.contains(&format!(" from {}", super::keycloak())), "no URL is named:\n{outcome}");
    for words in words {
        assert!(stderr.contains(words), "{words} is not named:\n{outcome}");
    }
}

const SECRET: [&str; 2] = ["--client-secret-from", "-"];
const CAPABILITY: &str = "Settings > Capability config > ";

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn mint_names_what_is_wrong_with_client() {
    let mint = |id: &str, secret: &str| zone(id, &SECRET, secret).run(&["token"]);
    let off = mint("no-service-account", "no-service-account-secret");
    assert_explained(&off, &["secret is right", &format!("{CAPABILITY}Service account roles: on")]);
    let public = mint("public", "any");
    assert_explained(&public, &[&format!("{CAPABILITY}Client authentication: on"), "hallpass login http"]);
    let wrong = mint("front", "canary-wrong");
    let wrong = wrong.assert_hidden("canary-wrong");
    assert_explained(wrong, &["realm hp has the client front", "hallpass zone edit z --client-secret-from -"]);
    for id in ["nobody", "disabled"] {
        let unknown = mint(id, "disabled-secret");
        assert_explained(&unknown, &[&format!("realm hp has no enabled client {id}"), "zone edit z --client-id ID"]);
    }
    let room = zone("front", &["--client-secret-ref", "env:CI_SECRET"], "").with("CI_SECRET", "canary-wrong");
    let referenced = room.run(&["token"]);
    assert_explained(&referenced, &["check the secret in env:CI_SECRET"]);
    assert!(!referenced.stderr.contains("--client-secret-from"), "{referenced}");
    let ephemeral = Room::ephemeral(&issuer(), "front", "canary-wrong").run(&["token"]);
    assert_explained(&ephemeral, &["HALLPASS_CLIENT_SECRET"]);
    let ephemeral = Room::ephemeral(&issuer(), "nobody", "canary-wrong").run(&["token"]);
    assert_explained(&ephemeral, &["set HALLPASS_CLIENT_ID"]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn method_of_client_comes_before_its_secret() {
    let by = |id: &str, auth: &str| zone(id, &["--auth", auth, SECRET[0], SECRET[1]], &format!("{id}-secret"));
    for (id, wrong, right) in [
        ("post-only", "client_secret_basic", "client_secret_post"),
        ("basic-only", "client_secret_post", "client_secret_basic"),
    ] {
        let room = by(id, wrong);
        let refused = room.run(&["token"]);
        assert_explained(&refused, &[&format!("hallpass zone edit z --auth {right}")]);
        assert!(!refused.stderr.contains("--client-secret-from"), "{refused}");
        room.run(&["zone", "edit", "z", "--auth", right]).answer();
        room.run(&["token"]).answer();
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn scope_that_is_not_assigned_is_named() {
    let words = ["the scope nope is not assigned to", "Client scopes: add nope as an optional scope"];
    assert_explained(&client("front").run(&["token", "--scope", "openid nope"]), &words);
    let subject = client("front").run(&["token"]).answer().to_owned();
    let args = ["exchange", "--subject-token-from", "-", "--scope", "openid nope"];
    assert_explained(&client("gw").run_with_stdin(&args, &subject), &words);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn sign_in_names_redirect_uri_client_and_flow() {
    let login = |id: &str, flags: &[&str]| {
        let mut args = vec!["login", "--no-browser"];
        args.extend(flags);
        zone(id, &["--auth", "none", "--grant", "authorization_code"], "").run(&args)
    };
    let elsewhere = login("public", &["--redirect-uri", "http://127.0.0.1:24999/elsewhere"]);
    let valid = "Settings > Valid redirect URIs: add http://127.0.0.1/*";
    assert_explained(&elsewhere, &["http://127.0.0.1:24999/elsewhere is not registered for public", valid]);
    assert_explained(&login("nobody", &[]), &["no enabled client nobody", "zone edit z --client-id ID"]);
    let device = |id: &str| zone(id, &["--auth", "none", "--grant", "device_code"], "");
    let off = format!("{CAPABILITY}OAuth 2.0 Device Authorization Grant: on");
    let line = ["login", "--device"];
    assert_explained(&device("public").run(&line), &[&off, "hallpass login -z z --paste"]);
    assert_explained(&device("public").with("DISPLAY", ":0").run(&line), &[&off, "hallpass login -z z --browser"]);
    assert_explained(&device("nobody").run(&line), &["no enabled client nobody", "zone edit z --client-id ID"]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn foreign_token_names_client_that_may() {
    let token = client("front").run(&["token"]).answer().to_owned();
    let revoked = client("gw").run_with_stdin(&["revoke"], &token);
    assert_explained(&revoked, &["the token was issued to front", "hallpass revoke -z ZONE"]);
    let public = zone("public", &["--auth", "none", "--grant", "authorization_code"], "");
    let asked = public.run_with_stdin(&["introspect"], &token);
    assert_explained(&asked, &["public is a public client", "a confidential client"]);
}
