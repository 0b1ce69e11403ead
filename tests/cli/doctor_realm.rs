//! `hallpass doctor` at a server of Keycloak's form: what the server of the tests shows of it, and nothing else does.

use serde_json::{Value, json};

use super::doctor::{answer, trouble};
use super::doctor_generic::World;
use super::fault;
use super::leak::KnownSecrets;
use super::room::{BEGIN, Outcome};

const TOKEN: &str = "/protocol/openid-connect/token";

/// A realm whose client is in order.
fn realm() -> World {
    let world = World::at("/realms/acme");
    world.describes("token_endpoint", json!(world.server.base() + TOKEN));
    world.says("GET /realms/acme", &json!({"realm": "acme", "tokens-not-before": 0}));
    world.refuses(&format!("POST {TOKEN}?"), 400, "invalid_request");
    world.answers(&format!("POST {TOKEN}"), fault::token(fault::TOKEN, 300));
    KnownSecrets::of_this_test().add(fault::TOKEN);
    world
}

/// The one finding that fails.
fn failed(outcome: &Outcome, id: &str) -> Value {
    let fails: Vec<String> = trouble(outcome).into_iter().filter(|one| one.ends_with("fail")).collect();
    assert_eq!(fails, [format!("{id} fail")], "{outcome}");
    let found = answer(outcome)["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).cloned();
    found.unwrap()
}

fn refuse(world: &World, code: &str, description: &str) {
    let body = json!({"error": code, "error_description": description});
    world.answers(&format!("POST {TOKEN}"), fault::json(401, body.to_string()));
}

#[test]
fn fix_names_event_and_report_hides_client_in_it() {
    let world = realm();
    assert_eq!(trouble(&world.room.run("doctor --json")), [""; 0]);
    refuse(&world, "unauthorized_client", "Invalid client or Invalid client credentials");
    let found = failed(&world.room.run("doctor --json"), "secret");
    let event =
        "; Keycloak: Events > User events, or its log: CLIENT_LOGIN_ERROR, error invalid_client_credentials, client ";
    assert!(found["fix"].as_str().unwrap().ends_with(&format!("{event}ci")), "{found}");
    let report = world.room.run("doctor --report").stdout;
    assert!(report.contains(&format!("{event}client-1")), "{report}");
}

#[test]
fn subject_token_that_keycloak_refuses_is_not_sent() {
    let world = realm();
    let examine = |token: &str| {
        KnownSecrets::of_this_test().add(token);
        let file = world.room.write("subject", token);
        let line = format!("doctor --json --subject-token-from file:{}", file.display());
        failed(&world.room.run(&line), "subject-token")["fix"].as_str().unwrap().to_owned()
    };
    let fix = examine("opaque-subject-1");
    assert!(fix.ends_with("TOKEN_EXCHANGE_ERROR, error invalid_token, client ci"), "{fix}");
    let token = |jti: &str| {
        let claims = json!({"iss": world.issuer(), "azp": "front", "jti": jti, "iat": BEGIN, "exp": BEGIN + 300});
        world.signer.sign("JWT", &claims)
    };
    let mapper = "front-dedicated > Add mapper > By configuration > Audience: Included Client Audience ci, Add to ";
    let fix = examine(&token("trrtcc:1"));
    assert!(fix.contains(&format!("{mapper}access token: on")), "{fix}");
    assert!(fix.ends_with("TOKEN_EXCHANGE_ERROR, error not_allowed, client ci"), "{fix}");
    // Of a lightweight token another switch of the mapper counts.
    let fix = examine(&token("trltcc:1"));
    assert!(fix.contains(&format!("{mapper}lightweight access token: on")), "{fix}");
}

#[test]
fn role_of_service_account_is_assigned_at_its_client() {
    let world = realm();
    let examine = |user: Value| {
        let claims = json!({"iss": world.issuer(), "azp": "ci", "preferred_username": user, "exp": BEGIN + 300});
        let token = world.signer.sign("JWT", &claims);
        KnownSecrets::of_this_test().add(&token);
        let file = world.room.write("token", &token);
        let line = format!("doctor --json --expect-role keeper --token-from file:{}", file.display());
        failed(&world.room.run(&line), "role")["fix"].as_str().unwrap().to_owned()
    };
    let fix = examine(json!("service-account-ci"));
    assert!(fix.starts_with("Keycloak: Clients > ci > Service account roles > Assign role: keeper"), "{fix}");
    let fix = examine(json!("ada"));
    assert!(fix.starts_with("Keycloak: Users > ada > Role mapping > Assign role: keeper"), "{fix}");
}

#[test]
fn not_before_ahead_is_set_back() {
    let world = realm();
    let claims = json!({"iss": world.issuer(), "azp": "ci", "iat": BEGIN, "exp": BEGIN + 900});
    let token = world.signer.sign("JWT", &claims);
    KnownSecrets::of_this_test().add(&token);
    world.answers(&format!("POST {TOKEN}"), fault::token(&token, 900));
    for (time, fix) in
        [(BEGIN + 600, "Sessions > Action > Revocation > Set to now"), (BEGIN + 1, "token -z prod --fresh")]
    {
        world.room.later(if time == BEGIN + 1 { 2 } else { 0 });
        world.says("GET /realms/acme", &json!({"realm": "acme", "tokens-not-before": time}));
        let found = failed(&world.room.run("doctor --json"), "not-before");
        assert!(found["fix"].as_str().unwrap().contains(fix), "{found}");
    }
}
