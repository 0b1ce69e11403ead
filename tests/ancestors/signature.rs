//! auth-gate's HMAC: 0.2.0 accepts what `kong sign --hmac v1` makes, and 0.8.5 what `--hmac v2` makes.

use serde_json::{Value, json};

use super::room::Room;
use super::{V1, ask};

const KEY: &str = "a-key-that-both-sides-know";
const AT: i64 = 1_795_341_600;

/// The value of the signature line; the time line must be right.
fn signature(room: &Room, args: &[&str], stdin: &str) -> String {
    let at = AT.to_string();
    let args: Vec<&str> = ["kong", "sign", "--key-from", "env:KEY", "--at", &at].iter().chain(args).copied().collect();
    let outcome = room.run_with_stdin(&args, stdin);
    let (time, signature) = outcome.answer().split_once('\n').unwrap();
    assert_eq!(time, format!("X-Authz-Ts: {AT}"));
    signature.strip_prefix("X-Authz-Signature: ").unwrap().to_owned()
}

/// A case of v1, as `signature.py` reads it.
pub fn v1(key: &str, request: [&str; 4], time: &str, signature: &str, now: i64) -> Value {
    json!({"key": key, "request": request, "time": time, "signature": signature, "now": now, "skew": 60})
}

/// A case of v2.
pub fn v2(keys: [&str; 2], fields: &[(&str, &str)], time: &str, signature: &str, now: i64) -> Value {
    let fields: serde_json::Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    json!({"key": keys[0], "alternate": keys[1], "fields": fields, "time": time, "signature": signature, "now": now,
        "skew": 60})
}

/// Requests that v1 signs: user or service, session, method, path.
pub const REQUESTS: [(&str, [&str; 4]); 7] = [
    ("--user", ["u-1", "s-1", "GET", "/orders"]),
    ("--user", ["u-1", "", "POST", "/"]),
    ("--service", ["jobs", "", "DELETE", "/orders/1,2;v=%2F"]),
    ("--user", ["11111111-1111-1111-1111-111111111111", "a b", "PATCH", "/a b/"]),
    ("--user", ["zoë", "é", "GET", "/straße/日本"]),
    ("--user", ["u\\n", "'\"", "M-SEARCH", "/%7C"]),
    ("--service", ["a:b,c", "=", "OPTIONS", "//x//"]),
];

/// Header fields that v2 signs.
pub const FIELDS: [&[(&str, &str)]; 4] = [
    &[("X-Auth-Source", "user"), ("X-Token-Verified", "true"), ("X-User-ID", "u-1"), ("X-User-Roles", "a, b,,c")],
    &[("X-Auth-Source", "service"), ("X-Service-Name", "jobs"), ("X-Service-Authenticated", "true")],
    &[
        ("X-Auth-Source", "user"),
        ("X-Token-Verified", "true"),
        ("X-User-ID", "u|1"),
        ("X-User-Roles", "buyer,supplier"),
        ("X-User-Scopes", "openid read:a  write"),
        ("X-Session-ID", "s-1"),
        ("X-Organization-ID", "o-1"),
        ("X-Subscription-Tier", "pro"),
        ("X-Subscription-Status", "active"),
        ("X-Service-Name", "n"),
        ("X-Service-Authenticated", "false"),
        ("X-Service-Roles", "r"),
        ("X-Org-Roles", "{\"o-1\": \"owner\"}"),
    ],
    &[("X-User-ID", "zoë"), ("X-Org-Roles", ""), ("X-Username", "is not signed")],
];

pub fn lines(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| [name, ": ", value, "\n"].concat()).collect()
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn auth_gate_accepts_what_v1_makes() {
    let room = Room::new().with("KEY", KEY);
    let mut cases = Vec::new();
    for (who, request) in REQUESTS {
        let [name, session, method, path] = request;
        let args = [who, name, "--session", session, "--method", method, "--path", path];
        cases.push(v1(KEY, request, &AT.to_string(), &signature(&room, &args, ""), AT));
    }
    // A minute apart, both ways.
    for now in [AT - 60, AT + 60] {
        let mut case = cases[0].clone();
        case["now"] = now.into();
        cases.push(case);
    }
    for (case, answer) in cases.iter().zip(ask("signature.py", &[V1], &cases)) {
        assert_eq!(answer, json!({"accepts": true, "makes": case["signature"]}), "{case}");
    }
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn auth_gate_accepts_what_v2_makes() {
    let room = Room::new().with("KEY", KEY);
    let mut cases = Vec::new();
    for fields in FIELDS {
        let made = signature(&room, &["--hmac", "v2"], &lines(fields));
        let upper = format!("v2:{}", made["v2:".len()..].to_uppercase());
        cases.push(v2([KEY, ""], fields, &AT.to_string(), &made, AT));
        cases.push(v2([KEY, "other"], fields, &AT.to_string(), &upper, AT));
        cases.push(v2(["other", KEY], fields, &AT.to_string(), &made, AT));
    }
    for (case, answer) in cases.iter().zip(ask("signature.py", &[], &cases)) {
        assert_eq!(answer["accepts"], true, "{case}");
        if case["key"] == KEY {
            assert_eq!(answer["makes"].as_str(), case["signature"].as_str().map(str::to_lowercase).as_deref());
        }
    }
}
