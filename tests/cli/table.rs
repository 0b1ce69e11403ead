//! Tables on terminals of several widths.

use insta::assert_snapshot;
use serde_json::json;

use super::room::Room;
use super::server::{Answer, Server};

const WIDTHS: [u16; 4] = [60, 80, 120, 200];

const NAMES: [&str; 5] = ["prod", "staging-eu-west", "ci", "payments", "customer-portal"];
const CLIENTS: [&str; 5] = ["ci-runner", "5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77", "ci", "payments-batch", "app"];

/// A room with so many zones, each with a token in the cache, at a server without network.
fn room(zones: usize) -> Room {
    let mut room = Room::new();
    room.set("NO_COLOR", "1");
    room.set("SECRET", "s3cr3t-value");
    let server = Server::start();
    for number in 0..zones {
        let name = name(number);
        let client = CLIENTS[number % CLIENTS.len()];
        let base = "https://keycloak.internal.example/realms";
        let line = format!(
            "zone add {name} --issuer {base}/{name} --client-id {client} --client-secret-ref env:SECRET \
             --token-endpoint {}/token --scope 'openid microprofile-jwt'",
            server.origin()
        );
        room.run(&line).ok();
    }
    for number in 0..zones.min(3) {
        let lifetime = [300, 60, 3600][number];
        server.mints(Answer::json(&json!({"access_token": "AT", "token_type": "Bearer", "expires_in": lifetime})));
        room.run(&format!("token -z {}", name(number))).ok();
    }
    room.later(100);
    room
}

fn name(number: usize) -> String {
    match number {
        0..5 => NAMES[number].to_owned(),
        _ => format!("zone-{number}"),
    }
}

/// What a command shows on terminals of these widths.
fn pictures(room: &Room, command: &str, widths: &[u16]) -> String {
    let picture = |width: &u16| format!("{width}:\n{}", room.call(command).columns(*width).run().ok());
    widths.iter().map(picture).collect::<Vec<_>>().join("\n")
}

#[test]
fn empty_list_names_command_that_fills_it() {
    let room = room(0);
    let commands = ["status", "zone list", "token list", "client list"];
    let said = commands.map(|command| room.call(command).columns(60).run().to_string());
    assert_snapshot!(said.join("\n"), @"
    exit 0
    err: no zones yet; to add one: hallpass zone add NAME --issuer URL
    exit 0
    err: no zones yet; to add one: hallpass zone add NAME --issuer URL
    exit 0
    err: no tokens in the cache; to get one: hallpass token
    exit 0
    err: no registered clients; to register one: hallpass client register ISSUER
    ");
    for command in commands {
        assert_eq!(room.run(&format!("{command} --json")).stderr, "", "{command}");
        assert_eq!(room.run(&format!("{command} -q")).stderr, "", "{command}");
    }
}

#[test]
fn one_zone() {
    let room = room(1);
    assert_snapshot!(pictures(&room, "status", &[40, 60]), @"
    40:
    zone        prod (default)
    issuer
        https://keycloak.internal.example/realms/prod
    who         ci-runner
    grant       client_credentials
    token       valid, 3 min left
    expires_at  2026-11-22T10:05:00Z
    60:
    zone        prod (default)
    issuer      https://keycloak.internal.example/realms/prod
    who         ci-runner
    grant       client_credentials
    token       valid, 3 min left
    expires_at  2026-11-22T10:05:00Z
    ");
    assert_snapshot!(pictures(&room, "zone list", &[60, 80]), @"
    60:
    NAME            CLIENT_ID  ISSUER         GRANT
    prod (default)  ci-runner  keyclo…s/prod  client_credentials
    80:
    NAME            CLIENT_ID  ISSUER                             GRANT
    prod (default)  ci-runner  keycloak.interna…mple/realms/prod  client_credentials
    ");
    assert_snapshot!(pictures(&room, "token list", &[60]), @"
    60:
    ZONE  EXPIRES   SCOPE                    GRANT
    prod  in 3 min  openid microprofile-jwt  client_credentials
    ");
    for command in ["status", "zone list", "token list", "zone show"] {
        let widest = room.call(command).columns(200).run().stdout;
        assert_eq!(room.call(command).columns(120).run().stdout, widest, "{command}");
        assert_eq!(room.call(command).person(true).run().stdout, widest, "{command}: the width is unknown");
    }
}

#[test]
fn zone_show() {
    let mut room = room(1);
    room.set("HALLPASS_DEADLINE", "7s");
    room.run("zone edit prod --token-endpoint https://keycloak.internal.example/realms/prod/protocol/token").ok();
    assert_snapshot!(pictures(&room, "zone show", &[60, 80, 120]), @"
    60:
    SETTING            VALUE                   ORIGIN
    name               prod                    user
    issuer             https://keycloak.       user
                       internal.example/
                       realms/prod
    client_id          ci-runner               user
    client_secret      referenced              user
    client_secret_ref  env:SECRET              user
    scope              openid                  user
                       microprofile-jwt
    token_endpoint     https://keycloak.       user
                       internal.example/
                       realms/prod/protocol/
                       token
    deadline           7s                      environment
                                               HALLPASS_DEADLINE
    80:
    SETTING            VALUE                                       ORIGIN
    name               prod                                        user
    issuer             https://keycloak.internal.example/realms/   user
                       prod
    client_id          ci-runner                                   user
    client_secret      referenced                                  user
    client_secret_ref  env:SECRET                                  user
    scope              openid microprofile-jwt                     user
    token_endpoint     https://keycloak.internal.example/realms/   user
                       prod/protocol/token
    deadline           7s                                          environment
                                                                   HALLPASS_DEADLINE
    120:
    SETTING            VALUE                                                         ORIGIN
    name               prod                                                          user
    issuer             https://keycloak.internal.example/realms/prod                 user
    client_id          ci-runner                                                     user
    client_secret      referenced                                                    user
    client_secret_ref  env:SECRET                                                    user
    scope              openid microprofile-jwt                                       user
    token_endpoint     https://keycloak.internal.example/realms/prod/protocol/token  user
    deadline           7s                                                            environment HALLPASS_DEADLINE
    ");
    assert_snapshot!(room.run("zone show prod"), @"
    exit 0
    out: name␉prod␉argument
    out: issuer␉https://keycloak.internal.example/realms/prod␉user
    out: client_id␉ci-runner␉user
    out: client_secret␉referenced␉user
    out: client_secret_ref␉env:SECRET␉user
    out: scope␉openid microprofile-jwt␉user
    out: token_endpoint␉https://keycloak.internal.example/realms/prod/protocol/token␉user
    out: deadline␉7s␉environment HALLPASS_DEADLINE
    ");
    assert!(room.run("zone show --json").json().as_object().unwrap().len() < 12);
    assert_eq!(room.run("zone show --all").ok().lines().count(), 37);
    assert_eq!(room.run("zone show --all --json").json().as_object().unwrap().len(), 38);
}

#[test]
fn five_zones_and_their_tokens() {
    let room = room(5);
    assert_snapshot!(pictures(&room, "status --all", &WIDTHS), @"
    60:
    zone    prod (default)
    who     ci-runner
    token   valid, 3 min left
    issuer  https://keycloak.internal.example/realms/prod

    zone    staging-eu-west
    who     5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77
    token   expired 40 s ago
    issuer  …keycloak.internal.example/realms/staging-eu-west

    zone    ci
    who     ci
    token   valid, 58 min left
    issuer  https://keycloak.internal.example/realms/ci

    zone    payments
    who     payments-batch
    token   none
    issuer  https://keycloak.internal.example/realms/payments

    zone    customer-portal
    who     app
    token   none
    issuer  …keycloak.internal.example/realms/customer-portal
    80:
    ZONE             WHO                                   TOKEN
    prod (default)   ci-runner                             valid, 3 min left
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  expired 40 s ago
    ci               ci                                    valid, 58 min left
    payments         payments-batch                        none
    customer-portal  app                                   none
    120:
    ZONE             WHO                                   TOKEN               ISSUER
    prod (default)   ci-runner                             valid, 3 min left   https://keycloak.internal.example/realms/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  expired 40 s ago    keycloak.internal.exam…realms/staging-eu-west
    ci               ci                                    valid, 58 min left  https://keycloak.internal.example/realms/ci
    payments         payments-batch                        none                …keycloak.internal.example/realms/payments
    customer-portal  app                                   none                keycloak.internal.exam…realms/customer-portal
    200:
    ZONE             WHO                                   TOKEN               ISSUER
    prod (default)   ci-runner                             valid, 3 min left   https://keycloak.internal.example/realms/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  expired 40 s ago    https://keycloak.internal.example/realms/staging-eu-west
    ci               ci                                    valid, 58 min left  https://keycloak.internal.example/realms/ci
    payments         payments-batch                        none                https://keycloak.internal.example/realms/payments
    customer-portal  app                                   none                https://keycloak.internal.example/realms/customer-portal
    ");
}

#[test]
fn five_zones() {
    let room = room(5);
    assert_snapshot!(pictures(&room, "zone list", &WIDTHS), @"
    60:
    NAME             CLIENT_ID
    prod (default)   ci-runner
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77
    ci               ci
    payments         payments-batch
    customer-portal  app
    80:
    NAME             CLIENT_ID                             ISSUER
    prod (default)   ci-runner                             keycloak.int…/realms/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  keycloak.int…ging-eu-west
    ci               ci                                    keycloak.int…le/realms/ci
    payments         payments-batch                        keycloak.int…lms/payments
    customer-portal  app                                   keycloak.int…tomer-portal
    120:
    NAME             CLIENT_ID                             ISSUER                                         GRANT
    prod (default)   ci-runner                             https://keycloak.internal.example/realms/prod  client_credentials
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  keycloak.internal.exam…realms/staging-eu-west  client_credentials
    ci               ci                                    https://keycloak.internal.example/realms/ci    client_credentials
    payments         payments-batch                        …keycloak.internal.example/realms/payments     client_credentials
    customer-portal  app                                   keycloak.internal.exam…realms/customer-portal  client_credentials
    200:
    NAME             CLIENT_ID                             ISSUER                                                    GRANT
    prod (default)   ci-runner                             https://keycloak.internal.example/realms/prod             client_credentials
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  https://keycloak.internal.example/realms/staging-eu-west  client_credentials
    ci               ci                                    https://keycloak.internal.example/realms/ci               client_credentials
    payments         payments-batch                        https://keycloak.internal.example/realms/payments         client_credentials
    customer-portal  app                                   https://keycloak.internal.example/realms/customer-portal  client_credentials
    ");
    assert_snapshot!(pictures(&room, "token list", &[60, 80]), @"
    60:
    ZONE             EXPIRES    SCOPE
    ci               in 58 min  openid microprofile-jwt
    prod             in 3 min   openid microprofile-jwt
    staging-eu-west  expired    openid microprofile-jwt
    80:
    ZONE             EXPIRES    SCOPE                    GRANT
    ci               in 58 min  openid microprofile-jwt  client_credentials
    prod             in 3 min   openid microprofile-jwt  client_credentials
    staging-eu-west  expired    openid microprofile-jwt  client_credentials
    ");
}

#[test]
fn forty_zones_fit_forty_one_lines() {
    let room = room(40);
    for width in [80, 120, 200] {
        for command in ["status --all", "zone list"] {
            let shown = room.call(command).columns(width).run();
            assert_eq!(shown.ok().lines().count(), 41, "{command} at {width}: {shown}");
        }
    }
    for width in [48, 60, 80, 120, 200] {
        for command in ["status --all", "zone list", "token list", "zone show", "zone show --all"] {
            let shown = room.call(command).columns(width).run();
            let widest = shown.ok().lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= usize::from(width), "{command} at {width}: {shown}");
            if command.starts_with("zone show") {
                continue;
            }
            let words: Vec<&str> = shown.stdout.split_whitespace().collect();
            let tokens_only = command == "token list";
            assert!(!tokens_only || words.contains(&"microprofile-jwt"), "at {width}: {shown}");
            for number in 0..if tokens_only { 3 } else { 40 } {
                assert!(words.contains(&name(number).as_str()), "{command} at {width}: {shown}");
                let client = CLIENTS[number % CLIENTS.len()];
                assert!(tokens_only || words.contains(&client), "{command} at {width}: {shown}");
            }
        }
    }
}

#[test]
fn differences_of_two_realms() {
    let (server, other) = (Server::start(), Server::start());
    let mut room = Room::new();
    room.set("NO_COLOR", "1");
    room.knows(&server, "AS");
    room.knows(&other, "OTHER");
    let document = |server: &Server, scopes: &str, more: &str| {
        let mut metadata = server.metadata();
        let issuer = server.issuer();
        metadata["introspection_endpoint"] = json!(format!("{issuer}/protocol/openid-connect/token/introspect"));
        metadata["mtls_endpoint_aliases"] = json!({"token_endpoint": format!("{issuer}/mtls"), "same": 1});
        metadata["scopes_supported"] = scopes.split(' ').collect();
        let (name, value) = more.split_once('=').unwrap();
        metadata[name] = json!(value.split(' ').collect::<Vec<_>>());
        server.serves(&metadata);
    };
    let line = format!("discover {} --diff {}", server.issuer(), other.issuer());
    let run = |width: Option<u16>| {
        document(&server, "openid email microprofile-jwt", "claims_supported=sub");
        document(
            &other,
            "email openid acr address phone organization",
            "backchannel_authentication_request_signing_alg_values_supported=PS384 RS384 EdDSA ES384",
        );
        let call = room.call(&line);
        if let Some(width) = width { call.columns(width) } else { call }.run()
    };
    for width in WIDTHS {
        let shown = run(Some(width));
        assert!(shown.stdout.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}: {shown}");
    }
    assert_snapshot!(run(Some(80)), @"
    exit 1
    out: MEMBER                      FIRST                      SECOND
    out: backchannel_authentication  (absent)                   PS384 RS384 EdDSA ES384
    out: _request_signing_alg_
    out: values_supported
    out: claims_supported            sub                        (absent)
    out: introspection_endpoint      http://AS/…   http://OTHER/…
    out: issuer                      http://AS     http://OTHER
    out: jwks_uri                    http://AS/    http://OTHER/
    out:                             jwks                       jwks
    out: mtls_endpoint_aliases.      http://AS/    http://OTHER/
    out: token_endpoint              mtls                       mtls
    out: scopes_supported            microprofile-jwt           acr address phone
    out:                                                        organization
    out: token_endpoint              http://AS/    http://OTHER/
    out:                             token                      token
    ");
    assert_snapshot!(run(Some(120)), @"
    exit 1
    out: MEMBER                                                        FIRST                         SECOND
    out: backchannel_authentication_request_signing_alg_values_        (absent)                      PS384 RS384 EdDSA ES384
    out: supported
    out: claims_supported                                              sub                           (absent)
    out: introspection_endpoint                                        http://AS/…      http://OTHER/…
    out: issuer                                                        http://AS        http://OTHER
    out: jwks_uri                                                      http://AS/jwks   http://OTHER/jwks
    out: mtls_endpoint_aliases.token_endpoint                          http://AS/mtls   http://OTHER/mtls
    out: scopes_supported                                              microprofile-jwt              acr address phone
    out:                                                                                             organization
    out: token_endpoint                                                http://AS/token  http://OTHER/token
    ");
    assert_snapshot!(run(None), @r#"
    exit 1
    out: backchannel_authentication_request_signing_alg_values_supported␉(absent)␉["PS384","RS384","EdDSA","ES384"]
    out: claims_supported␉["sub"]␉(absent)
    out: introspection_endpoint␉http://AS/protocol/openid-connect/token/introspect␉http://OTHER/protocol/openid-connect/token/introspect
    out: issuer␉http://AS␉http://OTHER
    out: jwks_uri␉http://AS/jwks␉http://OTHER/jwks
    out: mtls_endpoint_aliases␉{"token_endpoint":"http://AS/mtls","same":1}␉{"token_endpoint":"http://OTHER/mtls","same":1}
    out: scopes_supported␉["openid","email","microprofile-jwt"]␉["email","openid","acr","address","phone","organization"]
    out: token_endpoint␉http://AS/token␉http://OTHER/token
    "#);
}

#[test]
fn words_of_token_are_coloured() {
    let room = {
        let mut room = room(3);
        room.unset("NO_COLOR");
        room
    };
    room.later(170);
    assert_snapshot!(room.call("status --all").columns(120).run().stdout.replace('\u{1b}', "^"), @"
    ^[1mZONE^[0m             ^[1mWHO^[0m                                   ^[1mTOKEN^[0m               ^[1mISSUER^[0m
    ^[1mprod (default)^[0m   ci-runner                             ^[33mvalid, 29 s left^[0m    https://keycloak.internal.example/realms/prod
    ^[1mstaging-eu-west^[0m  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77  ^[31mexpired 3 min ago^[0m   keycloak.internal.exam…realms/staging-eu-west
    ^[1mci^[0m               ci                                    ^[32mvalid, 55 min left^[0m  https://keycloak.internal.example/realms/ci
    ");
}
