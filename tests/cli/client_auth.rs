//! How a client proves itself: by secrets, keys and assertions.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, KeyringState, Outcome, Room};
use super::server::{Answer, Received, Server};

const P256: &str = include_str!("../keys/p256.pkcs8.pem");
const RSA: &str = include_str!("../keys/rsa.pkcs1.pem");

/// A room with the zone `prod` at this server, whose key is the P-256 one.
fn room_with_key(server: &Server, more: &str) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    let line = format!(
        "zone add prod --issuer {} --client-id ci --private-key-from - --token-endpoint /token {more}",
        server.issuer()
    );
    room.call(&line).stdin(P256).run().ok();
    room
}

/// A parameter of a form, decoded.
fn parameter(received: &Received, name: &str) -> Option<String> {
    url::form_urlencoded::parse(received.body.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Header and claims of the client assertion of a request.
fn assertion(received: &Received) -> (Value, Value) {
    assert_eq!(
        parameter(received, "client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let token = parameter(received, "client_assertion").unwrap();
    let part = |index: usize| {
        let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
        serde_json::from_slice(&part).unwrap()
    };
    (part(0), part(1))
}

#[test]
fn key_signs_assertion_for_issuer() {
    let server = Server::start();
    let room = room_with_key(&server, "");
    assert_eq!(room.kept(), [("prod/private_key".to_owned(), P256.trim_end().to_owned())]);
    server.mints(Answer::token("t0ken"));
    let outcome = room.run("token -vv");
    assert_eq!(outcome.ok(), "t0ken");
    let received = server.received().remove(0);
    let (header, claims) = assertion(&received);
    assert_eq!(header, json!({"typ": "JWT", "alg": "ES256"}));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("ci"), &json!("ci")));
    assert_eq!(claims["aud"], server.issuer(), "one string, the issuer");
    let issued = claims["iat"].as_i64().unwrap();
    assert!((issued - BEGIN + 10).abs() < 5 && claims["exp"] == issued + 70 && claims["nbf"] == issued, "{claims}");
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
    assert_eq!(received.header("authorization"), None);
    assert_eq!(parameter(&received, "client_secret"), None);
    outcome.assert_hidden(&parameter(&received, "client_assertion").unwrap());
}

#[test]
fn clock_that_differs_is_named_and_not_the_key() {
    let server = Server::start();
    let room = room_with_key(&server, "");
    // The commands begin at 10:00:00.
    let refuse = |date: &str| Answer::error(401, "invalid_client", "bad assertion").header("date", date);
    server.mints(refuse("Sun, 22 Nov 2026 09:58:50 GMT"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: bad assertion (HTTP 401 from http://AS/token)
    err: cause: authenticated with private_key_jwt
    err: hint: set this machine's clock: it is 70 s ahead of the server's (its Date field)
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.mints(refuse("Sun, 22 Nov 2026 10:01:10 GMT"));
    assert!(room.run("token").stderr.contains(" s behind the server's"));
    for usual in ["Sun, 22 Nov 2026 09:59:50 GMT", "yesterday"] {
        server.mints(refuse(usual));
        assert!(room.run("token").stderr.contains("check that the server has this key"), "{usual}");
    }
}

#[test]
fn every_try_signs_new_assertion() {
    let server = Server::start();
    let room = room_with_key(&server, "--key-id mine");
    server.mints(Answer::status(503)).mints(Answer::status(503)).mints(Answer::token("t0ken"));
    assert_eq!(room.run("token").ok(), "t0ken");
    let received = server.received();
    let mut once: Vec<String> = received.iter().map(|one| assertion(one).1["jti"].to_string()).collect();
    assert_eq!(assertion(&received[0]).0["kid"], "mine");
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 3, "a server takes a jti only once");
}

#[test]
fn audience_and_algorithm_are_zones() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let line = format!(
        "zone add prod --issuer {} --client-id ci --private-key-ref env:KEY --token-endpoint /token \
         --algorithm PS384 --assertion-audience https://as.example/token",
        server.issuer()
    );
    assert_snapshot!(room.run(&line), @"
    exit 0
    out: zone prod added; its private key is read at every use; it is the default zone
    ");
    assert_eq!(room.keyring_calls(), 0);
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: could not read the private key of zone prod
    err: cause: env:KEY is not set
    ");
    room.set("KEY", RSA);
    server.mints(Answer::token("t0ken"));
    room.run("token").ok();
    let (header, claims) = assertion(&server.received()[0]);
    assert_eq!((&header["alg"], &claims["aud"]), (&json!("PS384"), &json!("https://as.example/token")));
    room.set("KEY", P256);
    assert_snapshot!(room.run("token --fresh"), @"
    exit 3
    err: error: the key cannot be used: PS384 needs an RSA key, and this is an EC key on P-256
    err: cause: the private key of zone prod, read from env:KEY
    err: hint: leave --algorithm out to use the key's own
    ");
}

#[test]
fn secret_signs_assertion_too() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    room.run("zone edit prod --auth client_secret_jwt").ok();
    server.mints(Answer::token("t0ken"));
    let outcome = room.run("token -vv");
    outcome.assert_hidden("s3cr3t-value");
    let received = server.received().remove(0);
    let (header, claims) = assertion(&received);
    assert_eq!((&header["alg"], &claims["aud"]), (&json!("HS256"), &json!(server.issuer())));
    assert!(!received.body.contains("s3cr3t") && received.header("authorization").is_none());
}

#[test]
fn assertion_of_somebody_else_is_read_at_every_use() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let line = format!(
        "zone add prod --issuer {} --client-id ci --client-assertion-ref env:ID_TOKEN --token-endpoint /token",
        server.issuer()
    );
    room.run(&line).ok();
    assert!(room.config().contains("client_assertion_ref = \"env:ID_TOKEN\""), "{}", room.config());
    for token in ["one.e30.c2ln", "two.e30.c2ln"] {
        room.set("ID_TOKEN", token);
        server.mints(Answer::error(401, "invalid_client", &format!("no client for {token}")));
        let outcome = room.run("token -vv");
        outcome.assert_hidden(token);
        let received = server.received().remove(0);
        assert_eq!(parameter(&received, "client_assertion").as_deref(), Some(token));
        assert_eq!(parameter(&received, "client_id").as_deref(), Some("ci"));
    }
    room.unset("ID_TOKEN");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: could not read the client assertion of zone prod
    err: cause: env:ID_TOKEN is not set
    ");
}

#[test]
fn auth_method_is_chosen_from_metadata() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let add = |name: &str, more: &str| {
        let line = format!("zone add {name} --issuer {} --client-id ci {more}", server.issuer());
        room.call(&line).stdin(P256).run().ok();
    };
    add("key", "--private-key-from -");
    add("secret", "--client-secret-ref env:S");
    add("both", "--private-key-from - --client-secret-ref env:S");
    room.set("S", "s3cr3t-value");
    for (zone, listed, method) in [
        ("key", vec!["client_secret_basic", "private_key_jwt"], "private_key_jwt"),
        ("secret", vec!["private_key_jwt", "client_secret_post", "client_secret_jwt"], "client_secret_post"),
        ("secret", vec!["private_key_jwt", "client_secret_jwt"], "client_secret_jwt"),
        ("both", vec!["client_secret_basic", "private_key_jwt"], "private_key_jwt"),
        ("both", vec!["client_secret_basic"], "client_secret_basic"),
    ] {
        let mut metadata = server.metadata();
        metadata["token_endpoint_auth_methods_supported"] = json!(listed);
        server.serves(&metadata).mints(Answer::token("t0ken"));
        room.run(&format!("token -z {zone} --no-cache")).ok();
        room.run("token forget --all");
        let received = server.received().pop().unwrap();
        let used = match (received.header("authorization"), parameter(&received, "client_assertion")) {
            (Some(_), None) => "client_secret_basic",
            (None, None) => "client_secret_post",
            _ if assertion(&received).0["alg"] == "HS256" => "client_secret_jwt",
            _ => "private_key_jwt",
        };
        assert_eq!(used, method, "{zone} {listed:?}");
        std::fs::remove_dir_all(room.home().join("cache")).unwrap();
    }
    server.serves(&server.metadata());
    assert_snapshot!(room.run("token -z key"), @"
    exit 3
    err: error: the server accepts a private key by none of the methods it lists: client_secret_basic, client_secret_post
    err: hint: to try it anyway: hallpass zone edit key --auth private_key_jwt
    ");
}

/// RFC 8414 §2: introspection and revocation may take other methods than the token endpoint.
#[test]
fn each_endpoint_may_list_methods_of_its_own() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.set("S", "s3cr3t-value");
    let line = format!("zone add prod --issuer {} --client-id ci --client-secret-ref env:S", server.issuer());
    room.run(&line).ok();
    let mut metadata = server.metadata();
    metadata["introspection_endpoint"] = json!(format!("{}/introspect", server.origin()));
    metadata["revocation_endpoint"] = json!(format!("{}/revoke", server.origin()));
    metadata["introspection_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    server.serves(&metadata).mints(Answer::token("t0ken"));
    room.run("token").ok();
    assert!(server.received()[2].header("authorization").is_some());
    server.expect("POST /introspect", Answer::json(&json!({"active": true})));
    room.run("introspect env:S").ok();
    let asked = server.received().remove(0);
    assert_eq!(parameter(&asked, "client_secret").as_deref(), Some("s3cr3t-value"));
    server.expect("POST /revoke", Answer::status(200));
    room.run("revoke env:S").ok();
    assert!(server.received()[0].header("authorization").is_some(), "it has no list: the token endpoint's counts");
    server.expect("POST /introspect", Answer::error(401, "invalid_client", "no"));
    let refused = room.run("introspect env:S");
    assert!(refused.stderr.contains("with client_secret_post; the server lists client_secret_post\n"), "{refused}");
}

/// A key that proves the client and a key that binds its tokens are two keys.
#[test]
fn assertion_and_proof_go_together() {
    let server = Server::start();
    let room = room_with_key(&server, "--dpop");
    let bound = json!({"access_token": "t0ken", "token_type": "DPoP", "expires_in": 300});
    server.mints(Answer::status(503)).mints(Answer::json(&bound));
    room.run("token").ok();
    let received = server.received();
    let proofs: Vec<&str> = received.iter().map(|one| one.header("dpop").unwrap()).collect();
    let once: Vec<String> = received.iter().map(|one| assertion(one).1["jti"].to_string()).collect();
    assert!(proofs[0] != proofs[1] && once[0] != once[1], "each try has new ones of both");
    let kinds: Vec<String> = room.kept().into_iter().map(|(place, _)| place).collect();
    assert_eq!(kinds, ["prod/dpop_key", "prod/private_key"]);
}

/// An RSA key signs by RS256, which a server may take of no client, or not of this one.
#[test]
fn refused_key_names_algorithms() {
    let (server, room) = (Server::start(), Room::new());
    let line = format!("zone add prod --issuer {} --client-id ci --private-key-from -", server.issuer());
    room.call(&line).stdin(P256).run().ok();
    let mut metadata = server.metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
    metadata["token_endpoint_auth_signing_alg_values_supported"] = json!(["HS256", "PS256", "EdDSA"]);
    server.serves(&metadata).mints(Answer::error(401, "invalid_client", ""));
    let hint = "or sign by the client's algorithm (PS256, EdDSA): hallpass zone edit prod --algorithm ALG";
    assert!(room.run("token").stderr.contains(hint));
}

#[test]
fn refused_key_names_methods() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    room.set("S", "s3cr3t-value");
    let line = format!("zone add prod --issuer {} --client-id ci --private-key-from - --key-id k", server.issuer());
    room.call(&line).stdin(P256).run().ok();
    let mut metadata = server.metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "client_secret_post"]);
    server.serves(&metadata);
    server.mints(Answer::error(400, "invalid_client", "Unable to load public key"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: Unable to load public key (HTTP 400 from http://AS/token)
    err: cause: authenticated with private_key_jwt; the server lists private_key_jwt, client_secret_post
    err: hint: check that the server has this key, and its id: hallpass zone edit prod --key-id ID
    err: hint: or use the right key: hallpass zone edit prod --private-key-from SOURCE
    err: hint: or check the client_id: hallpass zone edit prod --client-id ID
    err: hint: to find out why: hallpass doctor -z prod
    ");
    room.run("zone edit prod --client-secret-ref env:S").ok();
    server.mints(Answer::error(400, "invalid_client", "Unable to load public key"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: Unable to load public key (HTTP 400 from http://AS/token)
    err: cause: authenticated with private_key_jwt; the server lists private_key_jwt, client_secret_post
    err: hint: check that the server has this key, and its id: hallpass zone edit prod --key-id ID
    err: hint: or use the right key: hallpass zone edit prod --private-key-from SOURCE
    err: hint: or check the client_id: hallpass zone edit prod --client-id ID
    err: hint: or name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
    server.mints(Answer::error(401, "unauthorized_client", "no"));
    assert_snapshot!(room.run("zone edit prod --unset private_key --auth client_secret_basic"), @"
    exit 0
    out: zone prod changed: private_key unset (was stored); auth client_secret_basic
    ");
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: unauthorized_client: no (HTTP 401 from http://AS/token)
    err: cause: authenticated with client_secret_basic; the server lists private_key_jwt, client_secret_post
    err: hint: check the secret in env:S: it is read at every use
    err: hint: or name the method: hallpass zone edit prod --auth client_secret_post
    err: hint: to find out why: hallpass doctor -z prod
    ");
    assert_eq!(room.kept(), [], "the key is gone from the vault");
}

#[test]
fn what_server_says_of_assertions_is_understood() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    server.mints(Answer::error(400, "invalid_client", "Parameter client_assertion_type is missing"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: Parameter client_assertion_type is missing (HTTP 400 from http://AS/token)
    err: cause: authenticated with client_secret_basic
    err: hint: the server wants an assertion: hallpass zone edit prod --auth client_secret_jwt
    err: hint: or with a key: hallpass zone edit prod --private-key-from SOURCE
    err: hint: to find out why: hallpass doctor -z prod
    ");
    room.run("zone edit prod --auth client_secret_jwt").ok();
    server.mints(Answer::error(400, "invalid_client", "Invalid token audience"));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client: Invalid token audience (HTTP 400 from http://AS/token)
    err: cause: authenticated with client_secret_jwt
    err: hint: the server wants another audience: hallpass zone edit prod --assertion-audience http://AS/token
    err: hint: to find out why: hallpass doctor -z prod
    ");
}

#[test]
fn bad_key_is_neither_stored_nor_shown() {
    let room = Room::new();
    let add = |key: &str, more: &str| -> Outcome {
        let line = format!("zone add prod --issuer https://as.example --client-id ci --private-key-from - {more}");
        let outcome = room.call(&line).stdin(key).run();
        assert_eq!((outcome.code, outcome.stdout.as_str(), room.kept().len()), (3, "", 0), "{outcome}");
        for line in key.lines().filter(|line| line.len() > 20 && !line.starts_with('-')) {
            outcome.assert_hidden(line);
        }
        outcome
    };
    assert_snapshot!(add(include_str!("../keys/encrypted.pkcs8.pem"), ""), @"
    exit 3
    err: error: the key cannot be used: it is encrypted
    err: cause: read from stdin
    err: hint: decrypt it where it is read: cmd:'openssl pkey -in KEY.pem -passin file:PASSPHRASE'
    ");
    assert_snapshot!(add(include_str!("../keys/public.pem"), ""), @"
    exit 3
    err: error: the key cannot be used: it is a public key or a certificate; the private key is needed
    err: cause: read from stdin
    ");
    assert_snapshot!(add(include_str!("../keys/weak.pkcs8.pem"), ""), @"
    exit 3
    err: error: the key cannot be used: it has 1024 bits, and an RSA key needs 2048
    err: cause: read from stdin
    ");
    assert_snapshot!(add(P256, "--algorithm RS256"), @"
    exit 3
    err: error: the key cannot be used: RS256 needs an RSA key, and this is an EC key on P-256
    err: cause: read from stdin
    err: hint: leave --algorithm out to use the key's own
    ");
    assert_snapshot!(add("hunter2-is-not-a-private-key", ""), @"
    exit 3
    err: error: the key cannot be used: it contains no private key, neither PEM nor JWK
    err: cause: read from stdin
    ");
    assert_snapshot!(add(r#"{"keys":[{"kty":"OKP","kid":"a","d":"aHVudGVyMi1odW50ZXIyLWh1bnRlcjI"},{"kty":"OKP","kid":"b","d":"aHVudGVyMi1odW50ZXIyLWh1bnRlcjI"}]}"#, ""), @"
    exit 3
    err: error: the key cannot be used: the set contains several: a, b
    err: cause: read from stdin
    err: hint: name one with --key-id
    ");
    assert_snapshot!(add("", ""), @"
    exit 3
    err: error: could not read the private key of zone prod
    err: cause: stdin is empty
    ");
    assert_eq!(room.files(), [] as [&str; 0]);
    assert_snapshot!(room.run("zone add prod --issuer https://as.example --private-key-from file:/nowhere/k.pem"), @"
    exit 3
    err: error: could not read the private key of zone prod
    err: cause: file:/nowhere/k.pem can't be read
    err: cause: No such file or directory (os error 2)
    ");
    room.keyring_is(KeyringState::Locked);
    let line = "zone add prod --issuer https://as.example --client-id ci --private-key-from -";
    assert_eq!(room.call(line).stdin(P256).run().code, 7);
    assert_snapshot!(room.run("zone add prod --issuer https://as.example --algorithm HS256"), @"
    exit 2
    err: error: invalid value for --algorithm <ALG>
    err: hint: did you mean: RS256 or PS256
    err: hint: possible values: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA, Ed25519
    ");
}

#[test]
fn key_goes_where_its_zone_goes() {
    let server = Server::start();
    let room = room_with_key(&server, "--default");
    room.run("zone rename prod live").ok();
    let kept = |room: &Room| room.kept().into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    assert_eq!(kept(&room), ["live/private_key"]);
    let shown = room.run("zone show live --all --json").json();
    assert_eq!(shown["private_key"]["value"], "stored");
    assert_eq!(shown["auth"]["value"], "private_key_jwt");
    let exported = room.run("zone export live");
    assert!(exported.ok().contains("# private_key is stored in a vault and stays there"), "{exported}");
    exported.assert_hidden("PRIVATE");
    assert_snapshot!(room.run("zone edit live --client-id other"), @"
    exit 0
    out: zone live changed: client_id other (was ci)
    err: warning: the stored private key belongs to the former issuer, client or endpoint and will not be sent
    err: store the right one: hallpass zone edit live --private-key-from -
    ");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: the stored private key of zone live belongs to another issuer, client or endpoint: it is not sent
    err: cause: it was stored for ci at http://AS
    err: hint: store the right one: hallpass zone edit live --private-key-from SOURCE
    ");
    room.run("zone edit live --private-key-ref env:KEY").ok();
    assert_eq!(kept(&room), [] as [&str; 0], "a key that no zone names is not kept");
    room.call("zone edit live --private-key-from -").stdin(P256).run().ok();
    room.run("zone remove live --yes").ok();
    assert_eq!(kept(&room), [] as [&str; 0]);
}

#[test]
fn key_moves_between_vaults_and_its_settings_between_machines() {
    let server = Server::start();
    let mut room =
        room_with_key(&server, "--key-id mine --algorithm ES256 --assertion-audience https://as.example/aud");
    room.set("KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    room.set("HALLPASS_VAULT_KEY_FROM", "env:KEY");
    assert_snapshot!(room.run("zone edit prod --vault sealed"), @"
    exit 2
    err: error: the secrets of zone prod are stored in another vault
    err: hint: hallpass vault move prod --to sealed
    ");
    assert_snapshot!(room.run("vault move prod --to sealed"), @"
    exit 0
    out: 1 secret of zone prod moved to the sealed vault
    ");
    assert_eq!(room.kept(), []);
    server.mints(Answer::token("t0ken"));
    assert_eq!(room.run("token").ok(), "t0ken");
    // The picture has another name for the server.
    let again = room.run("zone export prod").ok().replace("http://AS", &server.origin());
    let exported = again.replace("zones.prod", "zones.copy");
    room.call("zone import -").stdin(&exported).run().ok();
    let (copy, prod) = (room.run("zone show copy --all --json").json(), room.run("zone show prod --all --json").json());
    for setting in ["key_id", "algorithm", "assertion_audience", "token_endpoint"] {
        assert_eq!(copy[setting], prod[setting], "{setting}");
    }
    assert_eq!(copy["private_key"]["value"], "none", "the key itself stays where it is");
    // Reading it back over the zone that has it keeps it.
    room.call("zone import - --replace").stdin(&again).run().ok();
    server.mints(Answer::token("t0ken-2"));
    assert_eq!(room.run("token --fresh").ok(), "t0ken-2");
}

#[test]
fn key_file_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let path = room.write("k.pem", P256);
    let add = |name: &str, flag: &str| {
        let line = format!("zone add {name} --issuer https://as.example --client-id c {flag} file:{}", path.display());
        room.run(&line)
    };
    assert_snapshot!(add("a", "--private-key-from"), @"
    exit 0
    out: zone a added; its private key is stored in the keyring vault; it is the default zone
    ");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let outcome = add("b", "--private-key-from");
    assert_eq!(outcome.code, 0, "{outcome}");
    assert!(outcome.stderr.contains("others on this machine may read the private key"), "{outcome}");
    let outcome = add("c", "--private-key-ref");
    assert!(outcome.stderr.contains("chmod 600"), "{outcome}");
}

#[test]
fn environment_can_name_key() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.unset("HALLPASS_CLIENT_SECRET");
    room.set("HALLPASS_NO_CACHE", "1");
    room.set("KEY", RSA);
    room.set("HALLPASS_PRIVATE_KEY_FROM", "env:KEY");
    room.set("HALLPASS_KEY_ID", "mine");
    room.set("HALLPASS_ALGORITHM", "PS256");
    let mut metadata = server.metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
    server.serves(&metadata).mints(Answer::token("t0ken"));
    assert_eq!(room.run("token").ok(), "t0ken");
    let (header, _) = assertion(&server.received()[2]);
    assert_eq!(header, json!({"typ": "JWT", "kid": "mine", "alg": "PS256"}));
    for (name, value) in [("HALLPASS_ALGORITHM", "none"), ("HALLPASS_PRIVATE_KEY_FROM", "hunter2")] {
        room.set(name, value);
        let outcome = room.run("token");
        assert_eq!(outcome.code, 3, "{outcome}");
        assert!(outcome.stderr.contains(name) && !outcome.stderr.contains("hunter2"), "{outcome}");
        room.unset(name);
    }
    room.set("HALLPASS_PRIVATE_KEY_FROM", "");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: HALLPASS_PRIVATE_KEY_FROM is set but empty
    err: hint: set HALLPASS_PRIVATE_KEY_FROM to a value, or unset it
    ");
    room.unset("HALLPASS_PRIVATE_KEY_FROM");
    room.set("HALLPASS_AUTH", "private_key_jwt");
    server.serves(&metadata);
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: zone env authenticates with private_key_jwt but has no private key
    err: hint: set HALLPASS_PRIVATE_KEY_FROM
    err: hint: set HALLPASS_CLIENT_ASSERTION_FROM
    ");
}

#[test]
fn dry_run_shows_request_and_reads_no_key() {
    let server = Server::start();
    let room = room_with_key(&server, "");
    let calls = room.keyring_calls();
    assert_snapshot!(room.run("token --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode grant_type=client_credentials --data-urlencode client_id=ci --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer --data-urlencode 'client_assertion=[redacted]' http://AS/token
    ");
    assert_eq!(room.keyring_calls(), calls);
}

/// The certificate has no key of its own, so it is that of the private key, and not for TLS.
#[test]
fn assertion_names_certificate_of_its_key() {
    let server = Server::start();
    let room = room_with_key(&server, "");
    let key = rcgen::KeyPair::from_pem(P256).unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    let file = room.write("client.pem", &certificate.pem());
    room.run(&format!("zone edit prod --cert {}", file.display())).ok();
    let thumbprint = |hash| URL_SAFE_NO_PAD.encode(digest::digest(hash, certificate.der()));
    for auth in ["", "--auth private_key_jwt"] {
        if !auth.is_empty() {
            room.run(&format!("zone edit prod {auth}")).ok();
        }
        server.mints(Answer::token("t0ken"));
        assert_eq!(room.run("token --fresh").ok(), "t0ken");
        let (header, _) = assertion(&server.received()[0]);
        let expected = json!({
            "typ": "JWT", "alg": "ES256", "x5t": thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            "x5t#S256": thumbprint(&digest::SHA256),
        });
        assert_eq!(header, expected);
    }
    std::fs::write(&file, "no certificate").unwrap();
    assert_eq!(room.run("token --fresh").code, 3);
}
