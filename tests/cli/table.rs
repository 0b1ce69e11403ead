//! Tables on terminals of several widths.

use insta::assert_snapshot;
use serde_json::json;

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

const WIDTHS: [u16; 4] = [60, 80, 120, 200];

const NAMES: [&str; 5] = ["prod", "staging-eu-west", "ci", "payments", "customer-portal"];
const CLIENTS: [&str; 5] = ["ci-runner", "5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77", "ci", "payments-batch", "app"];

/// A room with so many zones, the first three with a token in the cache.
fn room(zones: usize) -> Room {
    room_with_tokens(zones, zones.min(3))
}

/// A room with so many zones, the first ones with a token in the cache.
fn room_with_tokens(zones: usize, tokens: usize) -> Room {
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
    for number in 0..tokens {
        let lifetime = [300, 60, 3600][number % 3];
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
fn tokens_of_file_keep_table() {
    let mut room = Room::new();
    room.set("NO_COLOR", "1");
    let file = room.write("callers", "").display().to_string();
    let list = format!("bearer list {file}");
    assert_snapshot!(room.run(&list), @"
    exit 0
    err: warning: ROOM/callers has no token: it lets nobody in, but toolregistry-server then lets everybody in
    err: no tokens in ROOM/callers; to add one: hallpass bearer add ROOM/callers
    ");
    for label in ["ci", "'a label of several words'"] {
        let line = format!("bearer add {file} --label {label} --expires 90d --from -");
        room.call(&line).stdin(&format!("t0ken-of-{}-characters", label.len())).run().ok();
    }
    assert_snapshot!(pictures(&room, &list, &[60, 80, 120]), @"
    60:
    LINE  FINGERPRINT   LABEL        STATE  EXPIRES
    2     3f5c557be364  ci           live   2027-02-20T10:00:00Z
    4     8ea7df986292  a label of   live   2027-02-20T10:00:00Z
                        several
                        words
    80:
    LINE  FINGERPRINT   LABEL                     STATE  EXPIRES
    2     3f5c557be364  ci                        live   2027-02-20T10:00:00Z
    4     8ea7df986292  a label of several words  live   2027-02-20T10:00:00Z
    120:
    LINE  FINGERPRINT   LABEL                     STATE  EXPIRES               ADDED
    2     3f5c557be364  ci                        live   2027-02-20T10:00:00Z  2026-11-22T10:00:00Z
    4     8ea7df986292  a label of several words  live   2027-02-20T10:00:00Z  2026-11-22T10:00:00Z
    ");
    assert_snapshot!(pictures(&room, &format!("{list} --show-tokens"), &[80]), @"
    80:
    LINE  FINGERPRINT   LABEL    STATE  EXPIRES               TOKEN
    2     3f5c557be364  ci       live   2027-02-20T10:00:00Z  t0ken-of-2-characters
    4     8ea7df986292  a label  live   2027-02-20T10:00:00Z  t0ken-of-26-characters
                        of
                        several
                        words
    ");
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
    SETTING            VALUE                ORIGIN
    name               prod                 user
    issuer
        https://keycloak.internal.example/realms/prod
                                            user
    client_id          ci-runner            user
    client_secret      referenced           user
    client_secret_ref  env:SECRET           user
    scope              openid               user
                       microprofile-jwt
    token_endpoint
        https://keycloak.internal.example/realms/prod/protocol/
        token
                                            user
    deadline           7s                   environment
                                            HALLPASS_DEADLINE
    80:
    SETTING            VALUE                    ORIGIN
    name               prod                     user
    issuer             https://keycloak.internal.example/realms/prod
                                                user
    client_id          ci-runner                user
    client_secret      referenced               user
    client_secret_ref  env:SECRET               user
    scope              openid microprofile-jwt  user
    token_endpoint     https://keycloak.internal.example/realms/prod/protocol/token
                                                user
    deadline           7s                       environment HALLPASS_DEADLINE
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
    assert_eq!(room.run("zone show --all").ok().lines().count(), 38);
    assert_eq!(room.run("zone show --all --json").json().as_object().unwrap().len(), 39);
}

#[test]
fn five_zones_and_their_tokens() {
    let room = room(5);
    assert_snapshot!(pictures(&room, "status --all", &WIDTHS), @"
    60:
    ZONE             WHO        TOKEN               ISSUER
    prod (default)   ci-runner  valid, 3 min left   keyclo…/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77
                                expired 40 s ago    keyclo…-west
    ci               ci         valid, 58 min left  keyclo…ms/ci
    payments         payments-batch
                                none                keyclo…ments
    customer-portal  app        none                keyclo…ortal
    80:
    ZONE             WHO             TOKEN               ISSUER
    prod (default)   ci-runner       valid, 3 min left   keycloak.inte…e/realms/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77
                                     expired 40 s ago    keycloak.inte…aging-eu-west
    ci               ci              valid, 58 min left  keycloak.inte…ple/realms/ci
    payments         payments-batch  none                keycloak.inte…alms/payments
    customer-portal  app             none                keycloak.inte…stomer-portal
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
    NAME             CLIENT_ID       ISSUER
    prod (default)   ci-runner       keycloak.inte…e/realms/prod
    staging-eu-west  5f0e8f0a-3b52-4c43-9d0a-0b8f8d3c1a77
                                     keycloak.inte…aging-eu-west
    ci               ci              keycloak.inte…ple/realms/ci
    payments         payments-batch  keycloak.inte…alms/payments
    customer-portal  app             keycloak.inte…stomer-portal
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
    let room = room_with_tokens(40, 40);
    let lines = |command: &str, width: u16| room.call(command).columns(width).run().ok().lines().count();
    for width in [80, 120, 200] {
        assert_eq!(lines("zone list", width), 41, "at {width}");
        assert_eq!(lines("token list", width), 41, "at {width}");
    }
    assert_eq!([lines("status --all", 120), lines("status --all", 200)], [41, 41]);
    assert_eq!(lines("status --all", 80), 41 + 8, "eight client ids of 36 characters each take a line more");
}

/// On every terminal nothing is wider than it, no name and no client id is cut, no word is broken, and each zone has its
/// issuer.
#[test]
fn table_keeps_names_and_words_whole_at_every_width() {
    for zones in [1, 5, 40] {
        let room = room_with_tokens(zones, zones);
        for command in ["status --all", "zone list", "token list", "zone show", "zone show --all"] {
            let whole = room.call(command).columns(500).run().stdout;
            let cells: Vec<&str> = whole.split_whitespace().collect();
            for width in WIDTHS {
                let shown = room.call(command).columns(width).run();
                let what = format!("{zones} zones, {command} at {width}: {shown}");
                assert!(shown.ok().lines().all(|line| line.chars().count() <= usize::from(width)), "{what}");
                let words: Vec<&str> = shown.stdout.split_whitespace().collect();
                let broken = words.iter().find(|word| !word.contains('…') && !cells.contains(word));
                assert_eq!(broken, None, "{what}");
                if command.starts_with("zone show") {
                    continue;
                }
                for number in 0..zones {
                    assert!(words.contains(&name(number).as_str()), "{what}");
                    let client = CLIENTS[number % CLIENTS.len()];
                    assert!(command == "token list" || words.contains(&client), "{what}");
                }
                let issuers = words.iter().filter(|word| word.contains('…') || word.starts_with("https://")).count();
                assert_eq!(issuers, if command == "token list" { 0 } else { zones }, "{what}");
            }
        }
    }
}

/// Two servers whose metadata differ in several members.
struct Realms {
    servers: [Server; 2],
    room: Room,
}

impl Realms {
    fn start() -> Self {
        let servers = [Server::start(), Server::start()];
        let mut room = Room::new();
        room.set("NO_COLOR", "1");
        room.knows(&servers[0], "AS");
        room.knows(&servers[1], "OTHER");
        Self { servers, room }
    }

    /// Their differences, on a terminal of this width if there is one.
    fn compare(&self, width: Option<u16>) -> Outcome {
        let serve = |server: &Server, scopes: &str, name: &str, values: &str| {
            let (mut metadata, issuer) = (server.metadata(), server.issuer());
            metadata["introspection_endpoint"] = json!(format!("{issuer}/protocol/openid-connect/token/introspect"));
            metadata["mtls_endpoint_aliases"] = json!({"token_endpoint": format!("{issuer}/mtls"), "same": 1});
            metadata["scopes_supported"] = scopes.split(' ').collect();
            metadata[name] = values.split(' ').collect();
            server.serves(&metadata);
        };
        let [one, other] = &self.servers;
        serve(one, "openid email microprofile-jwt", "claims_supported", "sub");
        let long = "backchannel_authentication_request_signing_alg_values_supported";
        serve(other, "email openid acr address phone organization", long, "PS384 RS384 EdDSA ES384");
        let line = format!("discover {} --diff {}", one.issuer(), other.issuer());
        let call = self.room.call(&line);
        if let Some(width) = width { call.columns(width) } else { call }.run()
    }
}

#[test]
fn differences_keep_words_whole_at_every_width() {
    let realms = Realms::start();
    let whole = realms.compare(Some(500)).stdout;
    let cells: Vec<&str> = whole.split_whitespace().collect();
    for width in WIDTHS {
        let shown = realms.compare(Some(width));
        assert!(shown.stdout.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}: {shown}");
        // One word is wider than 60 columns.
        let broken = shown.stdout.split_whitespace().find(|word| !cells.contains(word));
        assert!(width == 60 || broken.is_none(), "{broken:?} at {width}: {shown}");
    }
}

#[test]
fn differences_of_two_realms() {
    let realms = Realms::start();
    let run = |width| realms.compare(width);
    assert_snapshot!(run(Some(60)), @"
    exit 1
    out: member
    out:     backchannel_authentication_request_signing_alg_values_
    out:     supported
    out: first   (absent)
    out: second  PS384 RS384 EdDSA ES384
    out: 
    out: member  claims_supported
    out: first   sub
    out: second  (absent)
    out: 
    out: member  introspection_endpoint
    out: first   http://AS/…
    out: second  http://OTHER/…
    out: 
    out: member  issuer
    out: first   http://AS
    out: second  http://OTHER
    out: 
    out: member  jwks_uri
    out: first   http://AS/jwks
    out: second  http://OTHER/jwks
    out: 
    out: member  mtls_endpoint_aliases.token_endpoint
    out: first   http://AS/mtls
    out: second  http://OTHER/mtls
    out: 
    out: member  scopes_supported
    out: first   microprofile-jwt
    out: second  acr address phone organization
    out: 
    out: member  token_endpoint
    out: first   http://AS/token
    out: second  http://OTHER/token
    ");
    assert_snapshot!(run(Some(80)), @"
    exit 1
    out: MEMBER            FIRST                         SECOND
    out: backchannel_authentication_request_signing_alg_values_supported
    out:                   (absent)                      PS384 RS384 EdDSA ES384
    out: claims_supported  sub                           (absent)
    out: introspection_endpoint
    out:                   http://AS/…      http://OTHER/…
    out: issuer            http://AS        http://OTHER
    out: jwks_uri          http://AS/jwks   http://OTHER/jwks
    out: mtls_endpoint_aliases.token_endpoint
    out:                   http://AS/mtls   http://OTHER/mtls
    out: scopes_supported  microprofile-jwt              acr address phone organization
    out: token_endpoint    http://AS/token  http://OTHER/token
    ");
    assert_snapshot!(run(Some(120)), @"
    exit 1
    out: MEMBER                                FIRST                         SECOND
    out: backchannel_authentication_request_signing_alg_values_supported
    out:                                       (absent)                      PS384 RS384 EdDSA ES384
    out: claims_supported                      sub                           (absent)
    out: introspection_endpoint                http://AS/…      http://OTHER/…
    out: issuer                                http://AS        http://OTHER
    out: jwks_uri                              http://AS/jwks   http://OTHER/jwks
    out: mtls_endpoint_aliases.token_endpoint  http://AS/mtls   http://OTHER/mtls
    out: scopes_supported                      microprofile-jwt              acr address phone organization
    out: token_endpoint                        http://AS/token  http://OTHER/token
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
