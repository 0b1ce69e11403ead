//! Pushed authorization requests at Keycloak (RFC 9126), in the realm `login`.

use crate::keycloak;
use crate::room::Room;

fn zone(client: &str, secret: Option<&str>) -> Room {
    let room = Room::sealed();
    let issuer = keycloak() + "/realms/login";
    let add = ["zone", "add", "me", "--issuer", &issuer, "--client-id", client, "--grant", "authorization_code"];
    match secret {
        Some(secret) => room.run_with_stdin(&[&add[..], &["--client-secret-from", "-"]].concat(), secret).answer(),
        None => room.run(&add).answer(),
    };
    room
}

const CALLBACK: [&str; 2] = ["--redirect-uri", "http://127.0.0.1:9/callback"];

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn request_is_pushed_by_public_and_confidential_clients() {
    for room in [zone("cli", None), zone("pushing", Some("pushing-secret"))] {
        let view = room.run(&[&["par", "--json", "--scope", "openid"][..], &CALLBACK].concat()).json();
        assert_eq!(view["expires_in"], 60);
        assert!(view["request_uri"].as_str().unwrap().starts_with("urn:ietf:params:oauth:request_uri:"), "{view}");
        let url = room.run(&[&["authorize-url"][..], &CALLBACK].concat());
        assert!(url.answer().contains("&code_challenge_method=S256"));
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn what_is_wrong_with_pushed_request_is_told() {
    let room = zone("cli", None);
    let wrong = room.run(&["par", "--redirect-uri", "https://elsewhere.example/callback"]);
    assert!(wrong.refused(5).contains("Invalid parameter: redirect_uri"), "{wrong}");
    let wrong = room.run(&[&["par", "--scope", "nope"][..], &CALLBACK].concat());
    assert!(wrong.refused(5).contains("Invalid scopes: nope"), "{wrong}");
    // Its port is free, its path is not.
    room.run(&["par", "--redirect-uri", "http://127.0.0.1/other"]).refused(5);
    zone("pushing", Some("wrong-secret"))
        .run(&[&["par"][..], &CALLBACK].concat())
        .assert_hidden("wrong-secret")
        .refused(5);
}
