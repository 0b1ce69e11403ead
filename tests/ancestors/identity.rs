//! Whom auth-gate sees and whom hallpass sees, behind the same header fields and behind the same claims.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::room::{Outcome, Room};
use super::{V1, ask};

/// Whom somebody sees, in a few words.
fn describe(who: &Value) -> String {
    if who.get("refuses").is_some() {
        return "no".to_owned();
    }
    if let Some(kind) = who["crashes"].as_str() {
        return format!("crash {kind}");
    }
    let mut text = who["kind"].as_str().unwrap().to_owned();
    for (word, member) in [("id", "subject"), ("name", "name"), ("client", "client_id"), ("session", "session_id")] {
        if let Some(value) = who[member].as_str() {
            write!(text, " {word}={value}").unwrap();
        }
    }
    for (word, member) in [("roles", "roles"), ("scopes", "scopes")] {
        let list: Vec<&str> = who[member].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        if !list.is_empty() {
            write!(text, " {word}={}", list.join(",")).unwrap();
        }
    }
    text
}

/// Whom `inspect` sees.
fn ours(outcome: &Outcome) -> String {
    let json: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome}"));
    match outcome.code() {
        0 => describe(&json["identity"]),
        1 => "no".to_owned(),
        _ => panic!("{outcome}"),
    }
}

/// Header lines on which all agree, and whom they name.
const SAME_HEADERS: [(&str, &str); 15] = [
    ("X-Token-Verified: true\nX-User-ID: u", "user id=u"),
    (
        "X-Token-Verified: true\nX-Auth-Source: user\nX-User-ID: u\nX-Username: alice\nX-User-Roles: a, b,,c\n\
         X-User-Scopes: r  w\nX-Session-ID: s\nX-Client-ID: web",
        "user id=u name=alice client=web session=s roles=a,b,c scopes=r,w",
    ),
    ("X-User-ID: u", "no"),
    ("X-Token-Verified: True\nX-User-ID: u", "no"),
    ("X-Token-Verified: 1\nX-User-ID: u", "no"),
    ("X-Token-Verified: true\nX-User-ID:", "no"),
    ("X-Token-Verified: true\nX-Username: alice\nX-Auth-Source: user", "no"),
    (
        "X-Token-Verified: true\nX-Auth-Source: service\nX-Service-Name: jobs\nX-Service-Authenticated: true\n\
         X-Service-Roles: a,b",
        "service name=jobs client=jobs roles=a,b",
    ),
    (
        "X-Token-Verified: true\nX-Service-Name: jobs\nX-Service-Authenticated: true\nX-Client-ID: c\nX-Session-ID: s",
        "service name=jobs client=c session=s",
    ),
    ("X-Token-Verified: true\nX-Service-Name: jobs\nX-Service-Authenticated: yes", "no"),
    ("X-Token-Verified: true\nX-Service-Name: jobs", "no"),
    ("X-Token-Verified: true\nX-Auth-Source: service\nX-Service-Authenticated: true", "no"),
    ("X-Token-Verified: true\nX-Auth-Source: service\nX-Service-Name: jobs", "no"),
    ("X-Token-Verified: true\nX-Auth-Source: service\nX-User-ID: u", "no"),
    ("X-Token-Verified: true\nX-Auth-Source: SERVICE\nX-Service-Name: jobs", "no"),
];

/// Header lines on which they do not: whom hallpass, 0.2.0 and 0.8.5 see, and why hallpass does.
const OTHER_HEADERS: [(&str, [&str; 3], &str); 7] = [
    (
        "X-Token-Verified: true\nX-Service-Name: jobs\nX-Service-Authenticated: true\nX-User-Scopes: r",
        ["service name=jobs client=jobs scopes=r", "service name=jobs client=jobs", "service name=jobs client=jobs"],
        "a service has scopes, too (RFC 6749 §4.4)",
    ),
    (
        "X-Token-Verified: true\nX-User-ID: u\nX-User-Scopes: r\tw",
        ["user id=u scopes=r,w", "user id=u scopes=r\tw", "user id=u scopes=r\tw"],
        "no scope has a tab inside (RFC 6749 §3.3)",
    ),
    // Here 0.8.5 is the strict one: it refuses what its gateway never sends.
    (
        "X-Service-Name: jobs\nX-Service-Authenticated: true",
        ["service name=jobs client=jobs", "no", "no"],
        "the service's own field says that it is proven",
    ),
    (
        "X-Token-Verified: true\nX-Service-Name: jobs\nX-Service-Authenticated: true\nX-User-ID: u",
        ["service name=jobs client=jobs", "service name=jobs client=jobs", "no"],
        "the service counts, as in 0.2.0, with a warning",
    ),
    (
        "X-Token-Verified: true\nX-Service-Name: jobs\nX-User-ID: u",
        ["user id=u", "user id=u", "no"],
        "a service that is not authenticated is not a service, as in 0.2.0",
    ),
    (
        "X-Token-Verified: true\nX-Auth-Source: user\nX-Service-Name: jobs\nX-Service-Authenticated: true",
        ["service name=jobs client=jobs", "service name=jobs client=jobs", "no"],
        "the source says service or says nothing, as in 0.2.0",
    ),
    (
        "X-Token-Verified: true\nX-Auth-Source: SERVICE\nX-User-ID: u",
        ["user id=u", "user id=u", "no"],
        "the source is compared as it is, as in 0.2.0",
    ),
];

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn header_fields_name_same() {
    let room = Room::new();
    let same = SAME_HEADERS.map(|(lines, who)| (lines, [who; 3], "all agree"));
    let rows = [same.as_slice(), &OTHER_HEADERS].concat();
    let case = |(lines, ..): &(&str, _, _)| {
        let fields = lines.lines().map(|line| line.split_once(':').unwrap());
        let fields = fields.map(|(name, value)| (name.to_owned(), Value::from(value.trim())));
        json!({"headers": fields.collect::<serde_json::Map<_, _>>()})
    };
    let cases: Vec<Value> = rows.iter().map(case).collect();
    let answers = ask("identity.py", &[V1], &cases).into_iter().zip(ask("identity.py", &[], &cases));
    for ((lines, expected, why), (first, last)) in rows.into_iter().zip(answers) {
        let ours = ours(&room.run_with_stdin(&["inspect", "--kong", "--json"], lines));
        assert_eq!([ours.as_str(), &describe(&first), &describe(&last)], expected, "{lines}\n{why}");
    }
}

/// Claims on which both agree, and whom they name.
const SAME_CLAIMS: [(&str, &str); 12] = [
    (
        r#"{"active":true,"sub":"u","username":"alice","preferred_username":"alice","email":"a@b","scope":"openid read",
            "sid":"s","client_id":"web","realm_access":{"roles":["r"]},"resource_access":{"api":{"roles":["w"]}}}"#,
        "user id=u name=alice client=web session=s roles=r,api:w scopes=openid,read",
    ),
    (
        r#"{"active":true,"sub":"x","client_id":"c","username":"n","realm_access":{"roles":["service"]}}"#,
        "service id=x name=c client=c roles=service",
    ),
    (r#"{"active":true,"sub":"x","client_id":"c","username":"n","typ":"service"}"#, "service id=x name=c client=c"),
    (r#"{"active":true,"sub":"x","client_id":"c","username":"n","typ":"SERVICE"}"#, "service id=x name=c client=c"),
    (
        r#"{"active":true,"sub":"x","client_id":"c","username":"n","token_type":"service"}"#,
        "service id=x name=c client=c",
    ),
    (r#"{"active":true,"sub":"x","client_id":"c"}"#, "service id=x name=c client=c"),
    (r#"{"active":true,"sub":"x","client_id":"c","username":"","email":null}"#, "service id=x name=c client=c"),
    (r#"{"active":true,"sub":"x","client_id":"c","email":"a@b","scope":"a"}"#, "user id=x client=c scopes=a"),
    (
        r#"{"active":true,"sub":"x","client_id":"c","username":"n","scope":"a","typ":"Bearer","token_type":"Bearer"}"#,
        "user id=x name=n client=c scopes=a",
    ),
    (r#"{"active":false}"#, "no"),
    (r#"{"active":false,"sub":"x","username":"n","scope":"a"}"#, "no"),
    (r#"{"active":null,"sub":"x","username":"n","scope":"a"}"#, "no"),
];

/// Claims on which they do not: whom hallpass and auth-gate see, and why hallpass does.
const OTHER_CLAIMS: [(&str, [&str; 2], &str); 21] = [
    (
        r#"{"active":true,"sub":"x","client_id":"ci","username":"service-account-ci","scope":"a"}"#,
        ["service id=x name=ci client=ci scopes=a", "user id=x name=service-account-ci client=ci scopes=a"],
        "so Keycloak names the service account of a client",
    ),
    (
        r#"{"active":true,"sub":"x","client_id":"c","username":"n","scope":"","realm_access":{"roles":["service-account"]}}"#,
        [
            "service id=x name=c client=c roles=service-account",
            "user id=x name=n client=c roles=service-account scopes=",
        ],
        "its documentation names this role, its code does not",
    ),
    (
        r#"{"active":true,"sub":"x","client_id":"c","username":"n","scope":"a","typ":"Bearer","token_type":"service"}"#,
        ["service id=x name=c client=c scopes=a", "user id=x name=n client=c scopes=a"],
        "the typ of Keycloak's tokens is always Bearer and hides nothing",
    ),
    (
        r#"{"active":true,"sub":"x","client_id":"c","scope":"a"}"#,
        ["service id=x name=c client=c scopes=a", "service id=x name=c client=c"],
        "a service has scopes, too (RFC 6749 §4.4)",
    ),
    (
        r#"{"active":"false","sub":"x","username":"n","scope":"a"}"#,
        ["no", "user id=x name=n scopes=a"],
        "active is a boolean (RFC 7662 §2.2)",
    ),
    (
        r#"{"active":"true","sub":"x","username":"n","scope":"a"}"#,
        ["no", "user id=x name=n scopes=a"],
        "active is a boolean (RFC 7662 §2.2)",
    ),
    (
        r#"{"active":1,"sub":"x","username":"n","scope":"a"}"#,
        ["no", "user id=x name=n scopes=a"],
        "active is a boolean (RFC 7662 §2.2)",
    ),
    (
        r#"{"active":true,"sub":"x","scope":"a"}"#,
        ["unknown id=x scopes=a", "user id=x scopes=a"],
        "nothing says that it is a person",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","realm_access":{"roles":["r","r"]}}"#,
        ["user id=x name=n roles=r scopes=a", "user id=x name=n roles=r,r scopes=a"],
        "a role is had once",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n"}"#,
        ["user id=x name=n", "user id=x name=n scopes="],
        "no scope gives no scope",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a  b"}"#,
        ["user id=x name=n scopes=a,b", "user id=x name=n scopes=a,,b"],
        "a scope is not empty (RFC 6749 §3.3)",
    ),
    // What it crashes on is answered as an error of the server.
    (
        r#"{"active":true,"sub":"x","username":"n","scope":null}"#,
        ["user id=x name=n", "crash AttributeError"],
        "null counts as absent",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":["a"]}"#,
        ["user id=x name=n scopes=a", "crash AttributeError"],
        "some servers list the scopes",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","realm_access":null}"#,
        ["user id=x name=n scopes=a", "crash TypeError"],
        "null counts as absent",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","realm_access":{"roles":null}}"#,
        ["user id=x name=n scopes=a", "crash TypeError"],
        "null counts as absent",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","resource_access":null}"#,
        ["user id=x name=n scopes=a", "crash AttributeError"],
        "null counts as absent",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","resource_access":{"c":null}}"#,
        ["user id=x name=n scopes=a", "crash TypeError"],
        "null counts as absent",
    ),
    (
        r#"{"active":true,"sub":"x","username":"n","scope":"a","typ":5}"#,
        ["user id=x name=n scopes=a", "crash AttributeError"],
        "a wrong type counts as absent",
    ),
    (
        r#"{"active":true,"username":"n","scope":"a"}"#,
        ["user name=n scopes=a", "crash ValidationError"],
        "a person may have no sub",
    ),
    (
        r#"{"active":true,"sub":"x","typ":"service"}"#,
        ["service id=x", "crash ValidationError"],
        "a service may have no client_id",
    ),
    (r#"{"active":true,"scope":"a"}"#, ["unknown scopes=a", "crash ValidationError"], "nothing says who it is"),
];

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn claims_name_same() {
    let room = Room::new();
    let same = SAME_CLAIMS.map(|(claims, who)| (claims, [who; 2], "both agree"));
    let rows = [same.as_slice(), &OTHER_CLAIMS].concat();
    let case = |(claims, ..): &(&str, _, _)| json!({"claims": serde_json::from_str::<Value>(claims).unwrap()});
    let cases: Vec<Value> = rows.iter().map(case).collect();
    let answers = ask("identity.py", &[V1], &cases).into_iter().zip(ask("identity.py", &[], &cases));
    for ((claims, expected, why), (first, last)) in rows.into_iter().zip(answers) {
        let ours = ours(&room.run_with_stdin(&["inspect", "--claims", "--json"], claims));
        assert_eq!([ours.as_str(), &describe(&first)], expected, "{claims}\n{why}");
        assert_eq!(first, last, "both versions read claims alike: {claims}");
    }
}
