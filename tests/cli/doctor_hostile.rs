//! `hallpass doctor` at servers that answer oddly or not at all: that is a finding, within the deadline.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;

use super::doctor_generic::World;
use super::fault::{self, Reply};
use super::hostile::{HOSTILE, harmless};

/// Where the answer is odd: the path of the issuer, the request, and the flags that lead there.
const PLACES: [(&str, &str, &str); 9] = [
    ("", "GET /.well-known/oauth-authorization-server", ""),
    ("", "GET /jwks", ""),
    ("", "POST /token?", ""),
    ("", "POST /token", ""),
    ("", "POST /introspect", "--introspect"),
    ("", "POST /register", "--register"),
    ("", "GET /authorize", "--redirect-uri http://127.0.0.1/callback"),
    ("", "POST /device", "--device"),
    ("/realms/acme", "GET /realms/acme", "--probe-proxy"),
];

const SILENCE: &str = "no answer";

fn odd_answers() -> Vec<(&'static str, Reply)> {
    let error = json!({"error": HOSTILE, "error_description": HOSTILE, "error_uri": HOSTILE});
    let members = json!({"issuer": HOSTILE, "token_endpoint": HOSTILE, "access_token": HOSTILE, "token_type": HOSTILE,
        "keys": [{"kid": HOSTILE, "alg": HOSTILE}], "active": HOSTILE, "realm": HOSTILE});
    vec![
        (SILENCE, fault::stall()),
        ("closed", fault::hang_up()),
        ("slow head", fault::drip_head()),
        ("slow body", fault::drip("{\"issuer\":\"https://as.example\"}")),
        ("endless body", fault::endless_body()),
        ("endless head", fault::endless_head()),
        ("endless interim answers", fault::endless_interim()),
        ("less than promised", fault::lying_length("{", 4096)),
        ("broken chunks", fault::chunked("zz\r\n{}\r\n")),
        ("no HTTP", fault::raw("220 mail.example ESMTP\r\n")),
        ("two MiB", fault::padded("{", "}", 2 << 20)),
        ("deep", fault::json(200, fault::deep(5000))),
        ("an array", fault::json(200, "[1,2,3]")),
        ("null", fault::json(200, "null")),
        ("nothing", fault::json(200, "")),
        ("no UTF-8", fault::json(200, [b'"', 0xff, 0xfe, b'"'])),
        (
            "wrong types",
            fault::json(200, r#"{"issuer":1,"token_endpoint":[],"keys":{},"access_token":{},"active":"yes"}"#),
        ),
        ("control characters", fault::json(200, members.to_string())),
        ("hostile error", fault::json(400, error.to_string())),
        ("hostile error of a client", fault::json(401, error.to_string())),
        ("a page", fault::answer(200, "text/html", HOSTILE)),
        ("a redirect to itself", fault::redirect(302, "/")),
        ("a redirect elsewhere", fault::redirect(307, "https://elsewhere.invalid/")),
        ("a redirect to nowhere", fault::redirect(301, "javascript:alert(1)")),
        (
            "hostile fields",
            fault::with_fields(200, "Date: never\r\nLocation: \x07\r\nContent-Type: text/\x7f\r\n", "{}"),
        ),
        ("years ahead", fault::with_fields(200, "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n", "{}")),
        ("status 599", fault::json(599, "{}")),
        ("status 299", fault::json(299, "{}")),
        ("429 for long", fault::with_fields(429, "Retry-After: 99999999\r\n", "{}")),
        ("out of order", fault::answer(503, "text/plain", "try later")),
    ]
}

/// What is wrong with the examination of a server that answers so at this place; empty where nothing is.
fn examine((path, line, flags): (&'static str, &str, &str), reply: Reply, json: &str) -> String {
    let world = World::at(path);
    world.answers(line, reply);
    let begun = Instant::now();
    let outcome = world.room.run(&format!("doctor {flags} {json} --deadline 1s"));
    // The deadline is one second; a busy machine may need longer to notice.
    let is_slow = begun.elapsed() > Duration::from_secs(8);
    harmless(&outcome);
    if outcome.code <= 1 && !is_slow && !outcome.stdout.is_empty() {
        return String::new();
    }
    format!("{:?}: {outcome}", begun.elapsed())
}

#[test]
fn odd_answers_are_findings() {
    // Each answer in a third of the places, and silence in all of them.
    let mut cases = Vec::new();
    for (at, place) in PLACES.into_iter().enumerate() {
        let odd = odd_answers().into_iter().enumerate();
        let here = odd.filter(|(number, (name, _))| (at + number) % 3 == 0 || *name == SILENCE);
        cases.extend(here.map(|(_, (name, reply))| (place, name, reply)));
    }
    let queue = Mutex::new(cases.into_iter().enumerate().collect::<Vec<_>>());
    let wrong = Mutex::new(Vec::new());
    let number = queue.lock().unwrap().len();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some((number, (place, name, reply))) = queue.lock().unwrap().pop() else { break };
                    let found = examine(place, reply, ["", "--json", "--report"][number % 3]);
                    if !found.is_empty() {
                        wrong.lock().unwrap().push(format!("## {name} to {}: {found}", place.1));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(number >= 60 && wrong.is_empty(), "{} of {number} went wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Nothing limits the time but the examination itself.
#[test]
fn silence_ends_with_finding_without_deadline() {
    let world = World::new();
    world.answers("GET /.well-known/oauth-authorization-server", fault::stall());
    world.answers("GET /.well-known/openid-configuration", fault::stall());
    world.fails("", "reach", &["GET ", "/.well-known/openid-configuration"]);
}
