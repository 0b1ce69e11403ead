//! `hallpass doctor --report` and the list on a terminal.

use insta::assert_snapshot;
use serde_json::json;

use super::doctor_generic::World;
use super::fault;
use super::hostile::harmless;
use super::room::{BEGIN, Outcome, Room};

/// The names of the organisation, of its server and of its people.
const NAMES: [&str; 9] =
    ["acme", "payroll", "ledger", "grace", "hopper", "vault-key", "10.20.30.40", "orders-api", "night-shift"];

/// A realm with names that a ticket must not have.
fn named_world() -> World {
    let world = World::at("/realms/Payroll");
    world.room.run("zone rename prod night-shift").ok();
    let line = "zone edit night-shift --client-id ledger-service --client-secret-from -";
    world.room.call(line).stdin("s3cr3t-value\n").run().ok();
    world.mints(&world.signer, |claims| {
        claims["preferred_username"] = json!("grace");
        claims["email"] = json!("grace.hopper@acme.example");
        claims["name"] = json!("Grace Hopper");
        claims["azp"] = json!("ledger-service");
        claims["aud"] = json!(["account", "orders-api", "https://api.acme.example/v1"]);
        claims["realm_access"] = json!({"roles": ["acme-auditor"]});
    });
    world
}

#[track_caller]
fn assert_nameless(report: &str) {
    let lower = report.to_lowercase();
    for name in NAMES {
        assert!(!lower.contains(name), "it has {name}:\n{report}");
    }
    assert!(!lower.contains("%70ayroll"), "a name, encoded:\n{report}");
}

#[test]
fn report_has_no_names_and_no_secrets() {
    let world = named_world();
    let flags = "--expect-audience orders-api-x --expect-role payroll-admin --introspect";
    let outcome = world.room.run(&format!("doctor --report {flags}"));
    assert_eq!(outcome.code, 1, "{outcome}");
    assert_nameless(&outcome.stdout);
    outcome.assert_hidden("s3cr3t-value");
    for placeholder in ["client-1", "realm-1", "audience-1", "role-1", "https://AS/realms/realm-1"] {
        assert!(outcome.stdout.contains(placeholder), "{placeholder}:\n{outcome}");
    }
    // In whatever case and encoding a server says it, also as a part of something longer.
    let words = "User 'grace' of SSO.ACME.EXAMPLE (10.20.30.40), xLEDGER-SERVICEx, %70ayroll, https%3A%2F%2Fdb.acme.example%2Fx, \
                 grace.hopper@acme.example; see https://wiki.acme.example/Payroll?user=grace ![x](https://acme.example/p.png)";
    let refusal = json!({"error": "invalid_client", "error_description": words});
    world.answers("POST /token", fault::json(401, refusal.to_string()));
    let token = world.room.write(
        "token",
        &world.signer.sign(
            "at+jwt",
            &json!({"iss": "https://acme.example/realms/Payroll", "name": "Hopper",
        "preferred_username": "grace", "sub": "vault-key", "exp": BEGIN + 60}),
        ),
    );
    let outcome = world.room.run(&format!("doctor --report --token-from file:{}", token.display()));
    assert_eq!(outcome.code, 1, "{outcome}");
    assert_nameless(&outcome.stdout);
    assert!(outcome.stdout.contains("invalid_client"), "{outcome}");
    harmless(&outcome);
    world.describes("issuer", json!("https://sso.acme.example/realms/Payroll"));
    let outcome = world.room.run("doctor --report");
    assert_nameless(&outcome.stdout);
    assert!(outcome.stdout.contains("https://host-"), "{outcome}");
}

#[test]
fn report_is_markdown() {
    let mut room = Room::new();
    room.set("HOME", "/home/grace");
    room.set("SSL_CERT_FILE", "/etc/acme/roots.pem");
    let outcome = room.run("doctor --report --offline https://sso.acme.example/realms/payroll");
    assert_nameless(&outcome.stdout);
    let shown = outcome.stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let system = format!("({} {})", std::env::consts::OS, std::env::consts::ARCH);
    assert_snapshot!(shown.replace(&system, "(SYSTEM)"), @"
    # hallpass doctor: failed

    - Verdict: `trust: no certificates from file-1: No such file or directory (os error 2)`
    - Issuer: `https://host-1/realms/realm-1`
    - Server: unknown
    - hallpass VERSION (SYSTEM)

    ## Findings

    - **ok** config: `the issuer https://host-1/realms/realm-1, without a client`
    - **ok** state: `settings are in $HALLPASS_HOME`
    - **ok** vault: `no secret of the zone is in a vault`
    - **fail** trust: `no certificates from file-1: No such file or directory (os error 2)`
      - Fix: `name a file of PEM certificates with --cacert or SSL_CERT_FILE`
    - **ok** proxy: `requests to https://host-1 go through no proxy`
    - **ok** breaker: `the breaker is closed`
    - **ok** cache: `0 cached tokens of the zone, 0 of them valid`
    - **ok** helper: `no helper is installed`
    ");
}

#[test]
fn report_is_no_json() {
    let room = Room::new();
    assert_eq!(room.run("doctor https://a.example --report --json --offline").code, 2);
}

/// The list where the scopes are refused, on a terminal with so many columns.
fn list(columns: u16) -> Outcome {
    let world = World::new();
    world.room.run("zone edit prod --scope 'read write'").ok();
    world.refuses("POST /token", 400, "invalid_scope");
    world.room.call("doctor --color never").columns(columns).run()
}

#[test]
fn list_on_wide_terminal_ends_with_fail_and_verdict() {
    assert_snapshot!(list(120), @"
    exit 1
    out: STATE  CHECK        WHAT
    out: ok     config       zone prod: client ci at https://AS
    out: ok     state        settings are in ROOM/home
    out: ok     vault        the client secret in the keyring vault can be read
    out: ok     trust        trusted are the roots of the system
    out: ok     proxy        requests to https://AS go through no proxy
    out: ok     breaker      the breaker is closed
    out: ok     cache        0 cached tokens of the zone, 0 of them valid
    out: ok     helper       no helper is installed
    out: ok     reach        https://AS answers
    out: ok     discovery    the server describes itself
    out: ok     issuer       the server calls itself https://AS
    out: ok     well-known   served as oauth-inserted
    out: ok     https        plain http, which is allowed to loopback
    out: ok     endpoint     the token endpoint https://AS/token speaks OAuth
    out: ok     jwks         1 signing key
    out: ok     clock        no answer says what time the server has
    out: ok     client       the server knows the client ci
    out: ok     auth-method  it may authenticate as it does
    out: ok     secret       the secret is right
    out: ok     grant        it gets tokens by client_credentials
    out: skip                not judged because of scope: token expiry not-before token-issuer
    out: fail   scope        ci does not get the scope read, write
    out:        because      refused one by one: read, write
    out:        fix          ask for less: ci may not have all of these scopes; the server's scopes: hallpass discover
    out:                     https://AS --field scopes_supported
    out:        verdict      scope: ci does not get the scope read, write
    ");
}

#[test]
fn list_on_usual_terminal_wraps_its_texts() {
    assert_snapshot!(list(80), @"
    exit 1
    out: STATE  CHECK        WHAT
    out: ok     config       zone prod: client ci at https://AS
    out: ok     state        settings are in ROOM/home
    out: ok     vault        the client secret in the keyring vault can be read
    out: ok     trust        trusted are the roots of the system
    out: ok     proxy        requests to https://AS go through no proxy
    out: ok     breaker      the breaker is closed
    out: ok     cache        0 cached tokens of the zone, 0 of them valid
    out: ok     helper       no helper is installed
    out: ok     reach        https://AS answers
    out: ok     discovery    the server describes itself
    out: ok     issuer       the server calls itself https://AS
    out: ok     well-known   served as oauth-inserted
    out: ok     https        plain http, which is allowed to loopback
    out: ok     endpoint     the token endpoint https://AS/token speaks OAuth
    out: ok     jwks         1 signing key
    out: ok     clock        no answer says what time the server has
    out: ok     client       the server knows the client ci
    out: ok     auth-method  it may authenticate as it does
    out: ok     secret       the secret is right
    out: ok     grant        it gets tokens by client_credentials
    out: skip                not judged because of scope: token expiry not-before
    out:                     token-issuer
    out: fail   scope        ci does not get the scope read, write
    out:        because      refused one by one: read, write
    out:        fix          ask for less: ci may not have all of these scopes; the
    out:                     server's scopes: hallpass discover https://AS
    out:                     --field scopes_supported
    out:        verdict      scope: ci does not get the scope read, write
    ");
}

#[test]
fn list_on_narrow_terminal_wraps_its_texts() {
    assert_snapshot!(list(60), @"
    exit 1
    out: STATE  CHECK        WHAT
    out: ok     config       zone prod: client ci at
    out:                     https://AS
    out: ok     state        settings are in ROOM/home
    out: ok     vault        the client secret in the keyring vault
    out:                     can be read
    out: ok     trust        trusted are the roots of the system
    out: ok     proxy        requests to https://AS go
    out:                     through no proxy
    out: ok     breaker      the breaker is closed
    out: ok     cache        0 cached tokens of the zone, 0 of them
    out:                     valid
    out: ok     helper       no helper is installed
    out: ok     reach        https://AS answers
    out: ok     discovery    the server describes itself
    out: ok     issuer       the server calls itself
    out:                     https://AS
    out: ok     well-known   served as oauth-inserted
    out: ok     https        plain http, which is allowed to loopback
    out: ok     endpoint     the token endpoint
    out:                     https://AS/token speaks
    out:                     OAuth
    out: ok     jwks         1 signing key
    out: ok     clock        no answer says what time the server has
    out: ok     client       the server knows the client ci
    out: ok     auth-method  it may authenticate as it does
    out: ok     secret       the secret is right
    out: ok     grant        it gets tokens by client_credentials
    out: skip                not judged because of scope: token
    out:                     expiry not-before token-issuer
    out: fail   scope        ci does not get the scope read, write
    out:        because      refused one by one: read, write
    out:        fix          ask for less: ci may not have all of
    out:                     these scopes; the server's scopes:
    out:                     hallpass discover https://AS
    out:                     --field scopes_supported
    out:        verdict      scope: ci does not get the scope read,
    out:                     write
    ");
}
