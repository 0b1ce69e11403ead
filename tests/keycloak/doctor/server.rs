//! What the realm, or what stands before it, does to everybody.

use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::super::reverse_proxy::ReverseProxy;
use super::super::wire::Response;
use super::{Admin, carry_out, examine, realm, zone, zone_at};
use crate::room::Room;

const SECRET: [&str; 2] = ["--client-secret-from", "-"];

fn zone_of_well(issuer: &str) -> Room {
    zone_at(issuer, "well", &SECRET, "well-secret")
}

/// Behind this proxy the client is in order.
fn behind(proxy: &ReverseProxy) -> Room {
    zone_of_well(&proxy.realm("doctor"))
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn healthy_realm_has_no_fault() {
    let proxy = ReverseProxy::of_requests(|_| None);
    let room = behind(&proxy);
    let all = ["--introspect", "--expect-audience", "well", "--probe-proxy"];
    let found = examine(&room, &all);
    found.assert_healthy(&[]);
    let anonymous = proxy.seen().iter().filter(|request| request.is_anonymous()).count();
    assert!(anonymous <= 12, "{anonymous} requests without credentials: {:?}", proxy.lines());
    assert_eq!(found.answer["server"]["product"], "Keycloak");
    let text = room.run(&["doctor"]);
    assert_eq!((text.code(), text.stdout.lines().all(|line| line.contains("\tok\t"))), (0, true), "{text}");
    examine(&Room::new(), &[&proxy.realm("doctor")]).assert_healthy(&[]);
    // The others keep this machine busy, so that one of several must be as quick as it should be.
    let took = (0..8).map(|_| examine(&room, &all).outcome.took).find(|took| *took < Duration::from_secs(2));
    assert!(took.is_some(), "it takes {:?}", found.outcome.took);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn missing_realm_is_named() {
    for (given, right, fix) in [
        ("Doctor", Some("doctor"), "case counts: hallpass zone edit z --issuer"),
        ("doktor", None, "/admin/ shows the realms"),
    ] {
        let room = zone_of_well(&realm(given));
        let fix = examine(&room, &[]).assert_one("realm", &[&format!("has no realm {given}")], &[fix]);
        let Some(right) = right else { continue };
        assert!(fix.contains(&realm(right)), "{fix}");
        carry_out(&room, &fix, "well-secret");
        examine(&room, &[]).assert_healthy(&[]);
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn disabled_realm_is_enabled() {
    let room = zone_at(&realm("doctor-off"), "front", &SECRET, "front-secret");
    let found = examine(&room, &[]);
    found.assert_one(
        "realm",
        &["the realm doctor-off is disabled"],
        &["realm doctor-off > Realm settings > Enabled: on"],
    );
    Admin::of("doctor-off").change("", &json!({"enabled": true}));
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn path_of_old_versions_is_left_out() {
    let old = realm("doctor").replacen("/realms/", "/auth/realms/", 1);
    let room = zone_of_well(&old);
    let edit = format!("hallpass zone edit z --issuer {}", realm("doctor"));
    let fix = examine(&room, &[]).assert_one("discovery", &["the realm is at ", &old], &[&edit]);
    carry_out(&room, &fix, "well-secret");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn server_without_realm_is_no_issuer() {
    let whole = realm("doctor");
    let (base, _) = whole.split_once("/realms/").unwrap();
    for issuer in [base.to_owned(), format!("{base}/")] {
        let room = zone_of_well(&issuer);
        let fix = format!("name the realm: hallpass zone edit z --issuer {base}/realms/REALM");
        let fix = examine(&room, &[]).assert_one("discovery", &["is a Keycloak, and names no realm"], &[&fix]);
        carry_out(&room, &fix.replace("REALM", "doctor"), "well-secret");
        examine(&room, &[]).assert_healthy(&[]);
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn proxy_that_strips_path_changes_issuer() {
    let proxy = ReverseProxy::of_requests(|request| {
        request.target = request.target.strip_prefix("/auth").unwrap_or(&request.target).to_owned();
        None
    });
    let room = zone_of_well(&format!("{}/auth/realms/doctor", proxy.base()));
    let found = examine(&room, &[]);
    let fix = found.assert_one("issuer", &["they differ in the path"], &[&proxy.realm("doctor")]);
    carry_out(&room, &fix, "well-secret");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn issuer_of_other_host_and_port_is_told_apart() {
    for (host, differs) in [("sso.example", "the host name and the port"), ("127.0.0.1:1", "the port")] {
        let proxy = ReverseProxy::of_requests(move |request| {
            request.set_host(host);
            None
        });
        let found = examine(&behind(&proxy), &[]);
        let names = format!("the server calls itself http://{host}/realms/doctor");
        let hostname = format!("hostname={}", proxy.base());
        found.assert_one("issuer", &[&names, &format!("they differ in {differs}")], &[&hostname, "proxy-headers="]);
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn issuer_of_other_scheme_is_told_apart() {
    let proxy = ReverseProxy::of_answers(|answer| answer.body = answer.body.replace("http://", "https://"));
    let found = examine(&behind(&proxy), &[]);
    found.assert_one("issuer", &["https://", "they differ in the scheme"], &["hostname=http://127.0.0.1:"]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn slash_at_end_of_issuer_is_told() {
    let room = zone_of_well(&(realm("doctor") + "/"));
    let edit = format!("hallpass zone edit z --issuer {}", realm("doctor"));
    let fix = examine(&room, &[]).assert_one("issuer", &["they differ in the slash at the end"], &[&edit]);
    carry_out(&room, &fix, "well-secret");
    examine(&room, &[]).assert_healthy(&[]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn proxy_that_answers_at_token_endpoint_only_is_found() {
    let page = "<html><body>Please sign in</body></html>";
    for (status, kind, body, word) in [
        (502, "text/html", "<html>Bad Gateway</html>", "a gateway answers"),
        (200, "text/html", page, "something else than the authorization server answers"),
        (403, "text/html", page, "something else than the authorization server answers"),
    ] {
        let proxy = ReverseProxy::of_requests(move |request| {
            request.is_token_request().then(|| Response::new(status, kind, body))
        });
        let words = [word, &status.to_string(), &proxy.realm("doctor")];
        examine(&behind(&proxy), &[]).assert_one("endpoint", &words, &["load balancer"]);
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn gateway_without_server_is_unreachable() {
    let proxy = ReverseProxy::of_requests(|_| Some(Response::new(502, "text/html", "<html>Bad Gateway</html>")));
    let found = examine(&behind(&proxy), &[]);
    found.assert_one("reach", &[&proxy.base(), "a gateway answers in place of the server", "502"], &["load balancer"]);
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn realm_that_wants_https_gets_it() {
    let room = zone_at(&realm("doctor-tls"), "front", &SECRET, "front-secret");
    let found = examine(&room, &[]);
    found.assert_one(
        "https",
        &["403 HTTPS required"],
        &["hallpass zone edit z --issuer https://… --client-secret-from -"],
    );
    let base = std::env::var("HALLPASS_TEST_KEYCLOAK_TLS").unwrap();
    let ca = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keycloak/tls/ca.pem");
    let issuer = format!("{base}/realms/doctor-tls");
    let flags = ["zone", "edit", "z", "--issuer", &issuer, "--cacert", ca, SECRET[0], SECRET[1]];
    room.run_with_stdin(&flags, "front-secret").answer();
    examine(&room, &[]).assert_healthy(&[]);
}

/// A proxy whose clock is off by so many seconds: Keycloak itself sends no Date.
fn proxy_with_clock(ahead: i64) -> ReverseProxy {
    ReverseProxy::of_answers(move |answer| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let date = now.saturating_add_signed(ahead);
        answer.fields.push(("Date".to_owned(), http_date(date)));
    })
}

fn http_date(epoch: u64) -> String {
    let mut date = Command::new("date");
    date.env("LC_ALL", "C").args(["-u", "-d", &format!("@{epoch}"), "+%a, %d %b %Y %T GMT"]);
    String::from_utf8(date.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn clock_of_new_token_outranks_that_of_proxy() {
    for (ahead, words) in [(600, "s behind the server's"), (-600, "s ahead of the server's")] {
        let proxy = proxy_with_clock(ahead);
        let found = examine(&Room::new(), &[&proxy.realm("doctor")]);
        found.assert_healthy(&["clock"]);
        let clock = found.finding("clock");
        assert!(clock["what"].as_str().unwrap().ends_with(words), "{clock}");
        assert_eq!(clock["because"], "the Date of an answer");
        assert!(clock["fix"].as_str().unwrap().contains("timedatectl"));
        // Who has a client can ask for a token, and its iat is the server's own.
        let found = examine(&behind(&proxy), &[]);
        found.assert_healthy(&[]);
        assert!(found.finding("clock")["because"].as_str().unwrap().ends_with("by the iat of a new token"));
    }
}

#[test]
#[ignore = "needs Keycloak; tests/run starts it"]
fn believed_forwarded_host_is_a_fault() {
    // As a server with proxy-headers=xforwarded does that anybody reaches.
    let proxy = ReverseProxy::of_requests(|request| {
        if let Some(host) = request.field("x-forwarded-host").map(str::to_owned) {
            request.set_host(&host);
        }
        None
    });
    let words = ["anybody can choose the server's issuer", "X-Forwarded-Host"];
    examine(&behind(&proxy), &["--probe-proxy"]).assert_one("forwarded", &words, &["proxy-trusted-addresses"]);
    examine(&zone("well"), &["--probe-proxy"]).assert_healthy(&[]);
}
