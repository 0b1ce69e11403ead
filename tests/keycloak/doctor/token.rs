//! What the realm puts into a token, and what it says of one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::admin::{Admin, post_form};
use super::{REALM, ada, carry_out, examine, examine_with, realm, token, zone, zone_at};
use crate::room::Room;

/// Keycloak compares times in whole seconds.
const SECOND: Duration = Duration::from_millis(1100);

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn missing_audience_is_added_by_mapper() {
    let room = zone("mute");
    let mapper = "Clients > mute > Client scopes > mute-dedicated > Add mapper > By configuration > Audience: Included Client \
                  Audience api";
    let found = examine(&room, &["--expect-audience", "api"]);
    found.assert_one("audience", &["does not name the audience api", "aud is "], &[mapper]);
    Admin::of(REALM).add_audience("mute", "api");
    examine(&room, &["--expect-audience", "api"]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn missing_role_is_assigned() {
    let (room, admin) = (zone("plain"), Admin::of(REALM));
    let ask = || examine(&room, &["--expect-role", "keeper"]);
    let assign = "Clients > plain > Service account roles > Assign role: keeper";
    ask().assert_one("role", &["lacks the role keeper"], &[assign]);
    let role = admin.send("GET", "/roles/keeper", &Value::Null);
    let mappings = admin.service_account("plain") + "/role-mappings/realm";
    admin.send("POST", &mappings, &json!([role]));
    ask().assert_healthy(&[]);
    // It is assigned, but the client's scope leaves it out.
    admin.change_client("plain", &json!({"fullScopeAllowed": false}));
    ask().assert_one("role", &["lacks the role keeper"], &["plain-dedicated > Scope > Full scope allowed: on"]);
    admin.change_client("plain", &json!({"fullScopeAllowed": true}));
    ask().assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn lightweight_token_hides_audience_and_role() {
    let (room, admin) = (zone("light"), Admin::of(REALM));
    let role = admin.send("GET", "/roles/keeper", &Value::Null);
    admin.send("POST", &(admin.service_account("light") + "/role-mappings/realm"), &json!([role]));
    for (id, flag, value) in [("audience", "--expect-audience", "api"), ("role", "--expect-role", "keeper")] {
        let found = examine(&room, &[flag, value, "--introspect"]);
        let failed = found.finding(id);
        let because = failed["because"].as_str().unwrap();
        assert_eq!((&failed["state"], found.outcome.code()), (&"fail".into(), 1), "{failed}");
        assert!(because.contains(&format!("introspection shows {value}: the token is lightweight")), "{failed}");
        assert_eq!(
            (&found.finding("lightweight")["state"], &found.finding("introspection")["state"]),
            (&"warn".into(), &"ok".into())
        );
        let mapper = "light-dedicated > the Audience mapper > Add to lightweight access token: on";
        let whole = "Clients > light > Advanced > Always use lightweight access token: off";
        let fix = if id == "audience" { mapper } else { whole };
        assert!(failed["fix"].as_str().unwrap().contains(fix), "{failed}");
    }
    let attributes = json!({"client.use.lightweight.access.token.enabled": "false"});
    admin.change_client("light", &json!({"attributes": attributes}));
    examine(&room, &["--expect-audience", "api", "--expect-role", "keeper", "--introspect"]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn introspection_is_for_audience_only() {
    let room = zone("outside");
    let mapper = "Clients > outside > Client scopes > outside-dedicated > Add mapper > By configuration > Audience: Included \
                  Client Audience outside";
    let found = examine(&room, &["--introspect"]);
    found.assert_one(
        "introspection",
        &["its aud does not name outside"],
        &[mapper, "INTROSPECT_TOKEN_ERROR, error invalid_token, client outside"],
    );
    Admin::of(REALM).add_audience("outside", "outside");
    examine(&room, &["--introspect"]).assert_healthy(&[]);
    // Another client's token.
    let foreign = token(&zone("api"));
    let found = examine_with(&room, &["--introspect", "--token-from", "-"], &foreign);
    let mapper = "Clients > api > Client scopes > api-dedicated";
    found.assert_one("introspection", &["its aud does not name outside"], &[mapper, "Client Audience outside"]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn public_client_may_not_introspect() {
    let room = zone_at(&realm(REALM), "viewer", &["--auth", "none", "--grant", "authorization_code"], "");
    let ask = || examine_with(&room, &["--introspect", "--token-from", "-"], &token(&zone("well")));
    let setting = "Clients > viewer > Settings > Capability config > Client authentication: on";
    ask().assert_one(
        "introspection",
        &["viewer is a public client"],
        &[setting, "INTROSPECT_TOKEN_ERROR, error invalid_request, client viewer"],
    );
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn revoked_token_is_called_inactive() {
    let room = zone("well");
    let given = token(&room);
    let ask = || examine_with(&room, &["--introspect", "--token-from", "-"], &given);
    ask().assert_healthy(&[]);
    room.run_with_stdin(&["revoke"], &given).answer();
    ask().assert_one(
        "introspection",
        &["revoked, or its session has ended"],
        &["hallpass token -z z --fresh", "error invalid_token"],
    );
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn expired_token_is_renewed() {
    let room = zone("short");
    let given = token(&room);
    std::thread::sleep(SECOND * 3);
    let found = examine_with(&room, &["--introspect", "--token-from", "-"], &given);
    let fix = found.assert_one("expiry", &["expired"], &["hallpass token -z z"]);
    carry_out(&room, &fix, "");
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn token_from_before_not_before_is_renewed() {
    let issuer = realm("doctor-old");
    let room = zone_at(&issuer, "front", &["--client-secret-from", "-"], "front-secret");
    let given = token(&room);
    std::thread::sleep(SECOND);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Admin::of("doctor-old").change("", &json!({"notBefore": now}));
    let found = examine_with(&room, &["--introspect", "--token-from", "-"], &given);
    let words = ["before its not-before time", "tokens-not-before of the realm"];
    let fix = found.assert_one("not-before", &words, &["hallpass token -z z --fresh"]);
    carry_out(&room, &fix, "");
    examine(&room, &["--introspect"]).assert_healthy(&[]);
    // A time ahead is later than that of a new token too.
    let set = |time: u64| Admin::of("doctor-old").change("", &json!({"notBefore": time}));
    set(now + 600);
    let fix = ["Keycloak: Sessions > Action > Revocation > Set to now"];
    examine(&room, &["--introspect"]).assert_one("not-before", &["tokens-not-before of the realm"], &fix);
    set(now);
    examine(&room, &["--introspect"]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn token_of_other_realm_or_name_is_told() {
    let room = zone("well");
    let flags = ["--introspect", "--token-from", "-"];
    let other = Room::ephemeral(&realm("hp"), "front", "front-secret");
    let found = examine_with(&room, &flags, &token(&other));
    found.assert_one("token-issuer", &["they differ in the path"], &[&format!("hallpass doctor {}", realm("hp"))]);
    // The same realm under another name of the host.
    let named = realm(REALM).replace("127.0.0.1", "localhost");
    let named = Room::ephemeral(&named, "well", "well-secret");
    let found = examine_with(&room, &flags, &token(&named));
    found.assert_one("token-issuer", &["they differ in the host name"], &["hallpass doctor http://localhost:"]);
}

const EXCHANGE: [&str; 2] = ["--subject-token-from", "-"];

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn exchange_is_switched_on() {
    let (room, subject) = (zone("no-exchange"), token(&zone("front")));
    let setting = "Clients > no-exchange > Settings > Capability config > Standard Token Exchange: on";
    let ask = || examine_with(&room, &EXCHANGE, &subject);
    ask().assert_one(
        "exchange",
        &["token exchange is switched off"],
        &[setting, "TOKEN_EXCHANGE_ERROR, error invalid_request"],
    );
    Admin::of(REALM).change_client("no-exchange", &json!({"attributes": {"standard.token.exchange.enabled": "true"}}));
    ask().assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn subject_token_must_be_meant_for_us() {
    let (room, front) = (zone("stranger"), zone("front"));
    // What the exchange itself meets is in the event that the examination names.
    let ask = |subject: &str| {
        room.run_with_stdin(&["exchange", "--subject-token-from", "-"], subject);
        examine_with(&room, &EXCHANGE, subject)
    };
    let mapper = "Clients > front > Client scopes > front-dedicated > Add mapper > By configuration > Audience: Included Client \
                  Audience stranger";
    ask(&token(&front)).assert_one(
        "subject-token",
        &["not meant for stranger", "azp front"],
        &[mapper, "TOKEN_EXCHANGE_ERROR, error not_allowed"],
    );
    Admin::of(REALM).add_audience("front", "stranger");
    ask(&token(&front)).assert_healthy(&[]);
    let other = realm(REALM).replace("127.0.0.1", "localhost");
    let other = token(&Room::ephemeral(&other, "front", "front-secret"));
    ask(&other).assert_one(
        "subject-token",
        &["one of another issuer", "localhost"],
        &["at its own issuer", "error invalid_token"],
    );
    let (_, refresh) = ada("front");
    ask(&refresh).assert_one(
        "subject-token",
        &["no access token", "its typ is Refresh"],
        &["an access token", "error invalid_token"],
    );
    ask("reference-4711").assert_one(
        "subject-token",
        &["the subject token is opaque"],
        &["an access token", "error invalid_token"],
    );
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn audience_of_exchange_must_be_there() {
    let (room, subject) = (zone("gw"), token(&zone("front")));
    let ask =
        |audience: &str| examine_with(&room, &["--subject-token-from", "-", "--exchange-audience", audience], &subject);
    ask("nobody").assert_one(
        "exchange",
        &["Audience not found", "realm doctor has no client nobody"],
        &["nobody", "TOKEN_EXCHANGE_ERROR, error client_not_found, client gw"],
    );
    let mapper = "Clients > gw > Client scopes > gw-dedicated > Add mapper > By configuration > Audience: Included Client \
                  Audience api";
    ask("api").assert_one("exchange", &["Requested audience not available: api"], &[mapper, "error invalid_request"]);
    Admin::of(REALM).add_audience("gw", "api");
    ask("api").assert_healthy(&[]);
}

/// A zone whose users sign in, and which has their tokens from elsewhere.
fn desk() -> Room {
    zone_at(&realm(REALM), "desk", &["--client-secret-from", "-", "--grant", "authorization_code"], "desk-secret")
}

fn try_refresh(room: &Room, refresh_token: &str) -> super::Examination {
    examine_with(room, &["--refresh-token-from", "-"], refresh_token)
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn reused_refresh_token_ends_session() {
    let room = desk();
    let (_, first) = ada("desk");
    try_refresh(&room, &first).assert_healthy(&[]);
    std::thread::sleep(SECOND);
    let login = "hallpass login -z z";
    try_refresh(&room, &first).assert_one(
        "refresh",
        &["Maximum allowed refresh token reuse exceeded"],
        &[login, "REFRESH_TOKEN_ERROR, error invalid_token"],
    );
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn ended_session_is_named() {
    let room = desk();
    let (_, refresh) = ada("desk");
    let form = format!("client_id=desk&client_secret=desk-secret&token={refresh}");
    let path = format!("/realms/{REALM}/protocol/openid-connect/revoke");
    assert_eq!(post_form(&path, &form).status, 200);
    try_refresh(&room, &refresh).assert_one(
        "refresh",
        &["Session not active"],
        &["hallpass login -z z", "SSO Session Idle", "REFRESH_TOKEN_ERROR, error invalid_token"],
    );
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn refresh_token_of_others_is_told_apart() {
    let room = desk();
    let (_, of_front) = ada("front");
    let words = ["another client"];
    try_refresh(&room, &of_front).assert_one("refresh", &words, &["hallpass login -z z"]);
    let (_, refresh) = ada("desk");
    let named = realm(REALM).replace("127.0.0.1", "localhost");
    let named = zone_at(&named, "desk", &["--client-secret-from", "-", "--grant", "authorization_code"], "desk-secret");
    try_refresh(&named, &refresh).assert_one("refresh", &["another issuer", &realm(REALM)], &["hallpass login -z z"]);
    try_refresh(&room, "garbage").assert_one(
        "refresh",
        &["Invalid refresh token"],
        &["hallpass login -z z", "REFRESH_TOKEN_ERROR"],
    );
}
