//! `hallpass login --device` (RFC 8628): another device, a code, and a patient wait.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, KeyringState, Room};
use super::server::{Answer, Server};
use super::signer;

/// A room with the zone `prod` of a public client, both endpoints given.
fn room(server: &Server) -> Room {
    let mut room = Room::new();
    room.knows(server, "AS");
    let line = format!(
        "zone add prod --issuer {} --client-id tv --grant device_code --scope read --token-endpoint /token \
         --device-endpoint /device_authorization",
        server.issuer()
    );
    room.run(&line).ok();
    room
}

fn begins(server: &Server, more: &Value) {
    let mut answer = json!({
        "device_code": "DC-1", "user_code": "WDJB-MJHT", "expires_in": 600, "interval": 5,
        "verification_uri": format!("{}/device", server.origin()),
    });
    for (name, value) in more.as_object().unwrap() {
        answer[name] = value.clone();
    }
    server.expect("POST /device_authorization", Answer::json(&answer));
}

/// The seconds that went by since the room was made, on its own clock.
fn elapsed(room: &Room) -> i64 {
    room.now() - BEGIN
}

#[test]
fn person_answers_on_another_device() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({"verification_uri_complete": format!("{}/device?user_code=WDJB-MJHT", server.origin())}));
    server.mints(Answer::error(400, "authorization_pending", ""));
    server.mints(Answer::refreshed("AT-1", "RT-1"));
    assert_snapshot!(room.run("login --device"), @"
    exit 0
    out: signed in to zone prod; the refresh token is stored in the keyring vault; next: hallpass token -z prod
    err: To sign in, open this page on any device:
    err: http://AS/device
    err: and type the code WDJB-MJHT
    err: or open this one, and compare the code:
    err: http://AS/device?user_code=WDJB-MJHT
    err: Waiting for the sign-in; the code is valid for 10 min; Ctrl-C cancels
    ");
    let received = server.received();
    assert_eq!(received[0].body, "scope=read&client_id=tv");
    assert_eq!(
        received[2].body,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=DC-1&client_id=tv"
    );
    assert_eq!(elapsed(&room), 10, "two polls");
    assert_eq!(room.kept(), [("prod/refresh_token".to_owned(), "RT-1".to_owned())]);
    assert_eq!(room.run("token").ok(), "AT-1");
    assert!(room.config().contains("vault = \"keyring\""), "the vault is pinned: {}", room.config());
    room.later(301);
    server.mints(Answer::refreshed("AT-2", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-2");
}

#[test]
fn client_with_secret_is_named_in_body_too() {
    let server = Server::start();
    let room = room(&server);
    room.call("zone edit prod --client-secret-from - --auth client_secret_basic").stdin("s3cr3t-value\n").run().ok();
    begins(&server, &json!({}));
    server.mints(Answer::token("AT-1"));
    room.run("login --device").ok();
    let begun = &server.received()[0];
    assert!(begun.header("authorization").unwrap().starts_with("Basic "));
    assert_eq!(begun.body, "client_id=tv&scope=read");
}

#[test]
fn new_zone_keeps_headers_of_its_sign_in() {
    let server = Server::start();
    let room = Room::new();
    let mut metadata = server.metadata();
    metadata["device_authorization_endpoint"] = format!("{}/device_authorization", server.origin()).into();
    server.serves(&metadata);
    begins(&server, &json!({}));
    server.mints(Answer::token("AT-1"));
    room.run(&format!("login {} -z tv --device --client-id tv --header X-Tenant:a", server.issuer())).ok();
    assert!(room.config().contains("X-Tenant"), "{}", room.config());
    assert_eq!(server.received().last().unwrap().header("x-tenant"), Some("a"));
}

#[test]
fn issuer_makes_zone() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut metadata = server.metadata();
    metadata["device_authorization_endpoint"] = format!("{}/device_authorization", server.origin()).into();
    server.serves(&metadata);
    begins(&server, &json!({}));
    server.mints(Answer::token("AT-1"));
    let line = format!("login {} -z tv --device --client-id tv --scope 'read write' --json", server.issuer());
    let view = room.run(&line).json();
    assert_eq!(
        view,
        json!({
            "zone": "tv", "issuer": "http://AS", "who": null, "grant": "device_code", "scope": ["read", "write"], "refresh_token": false,
            "vault": null, "expires_at": "2026-11-22T10:05:05Z", "expires_at_epoch": BEGIN + 305,
            "next": "hallpass token -z tv",
        })
    );
    assert_snapshot!(room.config(), @r#"
    default = "tv"
    
    [zones.tv]
    issuer = "http://AS"
    client_id = "tv"
    grant = "device_code"
    scope = ["read", "write"]
    vault = "keyring"
    "#);
    assert_eq!(room.run("token").ok(), "AT-1");
    room.later(301);
    assert_snapshot!(room.run("token"), @"
    exit 4
    err: error: the session of zone tv has ended
    err: cause: there is no refresh token to renew it by
    err: hint: hallpass login -z tv
    ");
    assert_eq!(room.run("login https://other.example -z tv --device").code, 2, "another issuer");
    assert_eq!(room.run("login https://other.example --device").code, 2, "no client");
}

#[test]
fn server_sets_pace() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({"interval": 2}));
    server.mints(Answer::error(400, "authorization_pending", "")); // 2
    server.mints(Answer::error(400, "slow_down", "")); // 4
    server.mints(Answer::error(400, "authorization_pending", "")); // 11
    server.mints(Answer::lost_response()); // 18
    server.mints(Answer::status(503)); // 32
    server.mints(Answer::error(400, "slow_down", "")); // 60
    server.mints(Answer::token("AT-1")); // 72
    room.run("login --device").ok();
    assert_eq!(elapsed(&room), 72);
}

#[test]
fn codes_and_retry_after_count_under_every_status() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({}));
    server.mints(Answer::error(429, "slow_down", "")); // 5
    server.mints(Answer::error(503, "slow_down", "")); // 15
    server.mints(Answer::error(401, "slow_down", "")); // 30
    server.mints(Answer::error(400, "authorization_pending", "").header("retry-after", "90")); // 50
    server.mints(Answer::error(429, "authorization_pending", "")); // 140
    server.mints(Answer::token("AT-1")); // 160
    room.run("login --device").ok();
    assert_eq!(elapsed(&room), 160);
    for (code, exit) in [("access_denied", 5), ("expired_token", 4)] {
        for status in [200, 401, 429, 503] {
            begins(&server, &json!({}));
            server.mints(Answer::error(status, code, ""));
            let ended = room.run("login --device");
            assert_eq!((ended.code, ended.stdout.as_str()), (exit, ""), "{status} {ended}");
        }
    }
}

#[test]
fn long_interval_still_polls() {
    for (interval, expires_in, at) in [(3600, 30, 28), (315_360_000, 600, 60), (315_360_000, 315_360_000, 60)] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &json!({"interval": interval, "expires_in": expires_in}));
        server.mints(Answer::token("AT-1"));
        room.run("login --device").ok();
        assert_eq!(elapsed(&room), at, "{interval} {expires_in}");
    }
}

#[test]
fn how_it_ends_without_tokens() {
    for (answer, code, said) in [
        (Answer::error(400, "access_denied", "the person said no"), 5, "access_denied"),
        (Answer::error(400, "expired_token", ""), 4, "the code has expired"),
        (Answer::error(400, "invalid_grant", "DC-1"), 5, "invalid_grant: [redacted]"),
        (Answer::error(401, "invalid_client", ""), 5, "invalid_client"),
        (Answer::json(&json!({"access_token": "x y", "token_type": "Bearer"})), 8, "unusable access_token"),
    ] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &json!({}));
        server.mints(answer);
        let ended = room.run("login --device");
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{ended}");
        assert!(ended.stderr.contains(said), "{ended}");
        assert_eq!(room.kept(), []);
    }
}

#[test]
fn code_that_nobody_types_expires() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({"expires_in": 12}));
    server.mints(Answer::error(400, "authorization_pending", ""));
    server.mints(Answer::error(400, "authorization_pending", ""));
    assert_snapshot!(room.run("login --device -q"), @"
    exit 4
    err: To sign in, open this page on any device:
    err: http://AS/device
    err: and type the code WDJB-MJHT
    err: error: the code has expired before anybody answered
    err: hint: hallpass login -z prod
    ");
    assert_eq!(elapsed(&room), 12);
}

#[test]
fn server_that_failed_to_the_end_is_named() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({"expires_in": 12}));
    server.mints(Answer::error(500, "server_error", "user not found"));
    assert_snapshot!(room.run("login --device -q"), @"
    exit 4
    err: To sign in, open this page on any device:
    err: http://AS/device
    err: and type the code WDJB-MJHT
    err: error: the code has expired before anybody answered
    err: cause: the last request: the server failed: server_error: user not found (HTTP 500 from http://AS/token)
    err: hint: hallpass login -z prod
    ");
}

#[test]
fn deadline_that_was_set_bounds_person_too() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({}));
    server.mints(Answer::error(400, "authorization_pending", ""));
    let late = room.run("login --device --deadline 3s");
    assert_eq!((late.code, late.stdout.as_str()), (6, ""), "{late}");
}

#[test]
fn malformed_answers_show_person_nothing() {
    for more in [
        json!({"verification_uri": "http://evil.example/device"}),
        json!({"verification_uri": "https://u:p@evil.example/"}),
        json!({"verification_uri": null}),
        json!({"verification_uri_complete": "javascript:alert(1)"}),
        json!({"user_code": "\u{1b}[2J"}),
        json!({"user_code": ""}),
        json!({"device_code": 7}),
        json!({"expires_in": "soon"}),
        json!({"expires_in": null}),
        json!({"interval": -1}),
    ] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &more);
        let refused = room.run("login --device");
        assert_eq!((refused.code, refused.stdout.as_str()), (8, ""), "{more} {refused}");
        assert!(!refused.stderr.contains("To sign in"), "{refused}");
    }
}

#[test]
fn code_and_page_are_sanitized() {
    for (more, code, bad) in [
        (json!({"user_code": "WDJB\u{202e}MJHT"}), 8, "\u{202e}"),
        (json!({"user_code": "::stop-commands::x"}), 0, "\n::stop"),
        (json!({"verification_uri": "https://as.example/\u{202e}moc"}), 8, "\u{202e}"),
        (json!({"verification_uri": "https://as.example/a\r\n::stop-commands::x"}), 8, "\n::stop"),
        (json!({"verification_uri_complete": "https://as.example/##[group]x"}), 0, "##["),
    ] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &more);
        if code == 0 {
            server.mints(Answer::token("AT-1"));
        }
        let outcome = room.run("login --device");
        assert!(outcome.code == code && !format!("\n{}", outcome.stderr).contains(bad), "{more} {outcome}");
    }
}

#[test]
fn page_elsewhere_is_pointed_out() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({"verification_uri": "https://elsewhere.example/device"}));
    server.mints(Answer::token("AT-1"));
    let stderr = room.run("login --device").stderr;
    assert!(stderr.contains("warning: the page is at https://elsewhere.example, the issuer at http://AS"), "{stderr}");
    // The one with the code in it is the one that a person opens.
    begins(&server, &json!({"verification_uri_complete": "https://evil.example/device?user_code=WDJB-MJHT"}));
    server.mints(Answer::token("AT-2"));
    let stderr = room.run("login --device").stderr;
    assert!(stderr.contains("warning: the page is at https://evil.example, the issuer at http://AS"), "{stderr}");
    assert_eq!(stderr.matches("warning: the page is at").count(), 1, "{stderr}");
}

#[test]
fn failed_sign_in_to_new_zone_hints_whole_command() {
    let server = Server::start();
    let mut room = Room::new();
    room.knows(&server, "AS");
    let mut metadata = server.metadata();
    metadata["device_authorization_endpoint"] = json!(format!("{}/device_authorization", server.origin()));
    server.serves(&metadata);
    begins(&server, &json!({"expires_in": 4}));
    server.mints(Answer::error(400, "authorization_pending", ""));
    let line = format!("login {} -z tv --client-id tv", server.issuer());
    assert_snapshot!(room.run(&format!("{line} --device --quiet")), @"
    exit 4
    err: To sign in, open this page on any device:
    err: http://AS/device
    err: and type the code WDJB-MJHT
    err: error: the code has expired before anybody answered
    err: hint: hallpass login http://AS -z tv --client-id tv
    ");
    let bare = Server::start();
    bare.serves(&bare.metadata());
    let refused = room.run(&format!("login {} -z m --client-id m --device", bare.issuer()));
    assert!(refused.code == 3 && !refused.stderr.contains("zone edit"), "{refused}");
}

#[test]
fn nobody_is_bothered_when_nothing_could_be_kept() {
    let server = Server::start();
    let room = room(&server);
    room.keyring_is(KeyringState::Locked);
    let refused = room.run("login --device");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{refused}");
    assert_eq!(server.count(), 0);
}

#[test]
fn client_of_its_own_signs_nobody_in() {
    let server = Server::start();
    let room = Room::with_zone(&server);
    assert_snapshot!(room.run("login --device"), @"
    exit 2
    err: error: zone prod uses the grant client_credentials, which has no sign-in
    err: hint: to let people sign in with this client: hallpass zone edit prod --grant authorization_code
    err: hint: or sign in to a zone of its own: hallpass login ISSUER -z NAME --client-id ID
    ");
    let ephemeral = Room::ephemeral(&server);
    assert_snapshot!(ephemeral.run("login --device"), @"
    exit 2
    err: error: the zone env is defined by environment variables and can't store a sign-in
    err: hint: sign in to a zone of its own: hallpass login ISSUER -z NAME --client-id ID
    ");
}

#[test]
fn qr_code_is_for_terminal() {
    let server = Server::start();
    let mut room = room(&server);
    let shows = |call: super::room::Call<'_>| {
        begins(&server, &json!({}));
        server.mints(Answer::token("AT-1"));
        let outcome = call.run();
        outcome.ok();
        outcome.stderr.contains('▀')
    };
    assert!(!shows(room.call("login --device")));
    assert!(shows(room.call("login --device").person(true)));
    assert!(!shows(room.call("login --device --qr never").person(true)));
    assert!(shows(room.call("login --device --qr always")));
    // A terminal that lacks the characters, or a locale without them.
    for (name, value, drawn) in
        [("TERM", "dumb", false), ("TERM", "xterm", true), ("LANG", "C", false), ("LC_ALL", "C.UTF-8", true)]
    {
        room.set(name, value);
        assert_eq!(shows(room.call("login --device").person(true)), drawn, "{name}={value}");
    }
}

#[test]
fn sign_in_without_lifetime_serves_until_logout() {
    for expires_in in [json!(null), json!(""), json!("soon"), json!([])] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &json!({}));
        server.mints(Answer::json(&json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": expires_in})));
        let outcome = room.run("login --device -q");
        assert_eq!(
            outcome.ok(),
            "signed in to zone prod; no refresh token; the access token has no known lifetime and is kept until logout; \
             next: hallpass token -z prod"
        );
        room.later(400 * 24 * 3600);
        assert_eq!(room.run("token").ok(), "AT-1");
        let status = &room.run("status --json").json()[0];
        assert_eq!((&status["token"], &status["expires_at"]), (&json!("valid"), &json!(null)));
        assert!(room.run("status").ok().contains("valid\tunknown"), "{}", room.run("status"));
        assert_eq!(room.run("token list --json").json()[0]["expires_at"], json!(null));
        server.serves(&server.metadata());
        room.run("logout").ok();
        assert_eq!(room.run("token").code, 4);
    }
}

#[test]
fn sign_in_whose_token_has_expired_is_warned_of() {
    for expires_in in [json!(0), json!(-1), json!("-1")] {
        let server = Server::start();
        let room = room(&server);
        begins(&server, &json!({}));
        server.mints(Answer::json(&json!({"access_token": "AT-1", "token_type": "Bearer", "expires_in": expires_in})));
        let outcome = room.run("login --device");
        assert!(outcome.code == 0 && outcome.stderr.contains("the token counts as expired now"), "{outcome}");
        assert_eq!(room.run("token").code, 4);
    }
}

#[test]
fn new_sign_in_forgets_tokens_of_one_before() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({}));
    server.mints(Answer::refreshed("AT-1", "RT-1"));
    room.run("login --device").ok();
    server.mints(Answer::refreshed("AT-2", "RT-2"));
    room.run("token --scope 'read write'").ok();
    begins(&server, &json!({}));
    server.mints(Answer::refreshed("AT-3", "RT-3"));
    room.run("login --device").ok();
    assert_eq!(room.run("token list --json").json().as_array().unwrap().len(), 1, "they may be another person's");
    assert_eq!(room.run("token").ok(), "AT-3");
    assert_eq!(room.kept(), [("prod/refresh_token".to_owned(), "RT-3".to_owned())]);
}

#[test]
fn dry_run_asks_for_no_code() {
    let server = Server::start();
    let room = room(&server);
    let touched = room.keyring_calls();
    assert_snapshot!(room.run("login --device --dry-run"), @"
    exit 0
    out: curl --disable --silent --show-error --noproxy '*' --header 'Accept: application/json' --data-urlencode scope=read --data-urlencode client_id=tv http://AS/device_authorization
    ");
    assert_eq!((server.count(), room.keyring_calls()), (0, touched));
}

#[test]
fn refresh_token_that_vault_does_not_take_is_rescued() {
    let server = Server::start();
    let room = room(&server);
    begins(&server, &json!({}));
    server.mints(Answer::refreshed("AT-1", "RT-1"));
    room.keyring_fills_after(0);
    let rescued = room.run("login --device");
    assert_eq!((rescued.code, rescued.stdout.as_str()), (7, ""), "{rescued}");
    assert!(rescued.stderr.contains("was rescued into ROOM/home/session/prod.rescue"), "{rescued}");
    rescued.assert_hidden("RT-1");
    assert_eq!(room.run("token").ok(), "AT-1", "the sign-in itself is not lost");
    room.keyring_is(KeyringState::Fine);
    room.later(301);
    server.mints(Answer::refreshed("AT-2", "RT-2"));
    assert_eq!(room.run("token").ok(), "AT-2");
    assert!(server.received().last().unwrap().body.contains("refresh_token=RT-1"));
    assert_eq!(room.kept(), [("prod/refresh_token".to_owned(), "RT-2".to_owned())]);
}

/// OpenID Connect Core §3.1.3.7: by HS256 the key is the client's secret, and a public client has none.
#[test]
fn id_token_may_be_signed_with_client_secret() {
    for (secret, key, code) in [("client-secret", "client-secret", 0), ("client-secret", "other", 8), ("", "", 8)] {
        let server = Server::start();
        let mut room = room(&server);
        if !secret.is_empty() {
            room.set("S", secret);
            room.run("zone edit prod --client-secret-ref env:S").ok();
        }
        begins(&server, &json!({}));
        let claims = json!({"iss": server.issuer(), "sub": "u-1", "aud": "tv", "exp": BEGIN + 300, "iat": BEGIN});
        let id_token = signer::sign_shared(key, &claims);
        server.mints(Answer::json(&json!({
            "access_token": "AT-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
        })));
        let outcome = room.run("login --device");
        assert_eq!(outcome.code, code, "{secret} {key}: {outcome}");
    }
}
