//! auth-gate's HMAC: 0.2.0 accepts what `kong sign --hmac v1` makes, and 0.8.5 what `--hmac v2` makes; `check --kong`
//! accepts what they make.

use serde_json::{Value, json};

use super::room::{Outcome, Room};
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
fn v1(key: &str, request: [&str; 4], time: &str, signature: &str, now: i64) -> Value {
    json!({"key": key, "request": request, "time": time, "signature": signature, "now": now, "skew": 60})
}

/// A case of v2.
fn v2(keys: [&str; 2], fields: &[(&str, &str)], time: &str, signature: &str, now: i64) -> Value {
    let fields: serde_json::Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    json!({"key": keys[0], "alternate": keys[1], "fields": fields, "time": time, "signature": signature, "now": now,
        "skew": 60})
}

/// Requests that v1 signs: user or service, session, method, path.
const REQUESTS: [(&str, [&str; 4]); 7] = [
    ("--user", ["u-1", "s-1", "GET", "/orders"]),
    ("--user", ["u-1", "", "POST", "/"]),
    ("--service", ["jobs", "", "DELETE", "/orders/1,2;v=%2F"]),
    ("--user", ["11111111-1111-1111-1111-111111111111", "a b", "PATCH", "/a b/"]),
    ("--user", ["zoë", "é", "GET", "/straße/日本"]),
    ("--user", ["u\\n", "'\"", "M-SEARCH", "/%7C"]),
    ("--service", ["a:b,c", "=", "OPTIONS", "//x//"]),
];

/// Header fields that v2 signs.
const FIELDS: [&[(&str, &str)]; 4] = [
    &[("X-Auth-Source", "user"), ("X-Token-Verified", "true"), ("X-User-ID", "u-1"), ("X-User-Roles", "a, b,,c")],
    &[("X-Auth-Source", "service"), ("X-Service-Name", "jobs"), ("X-Service-Authenticated", "true")],
    &[
        ("X-Auth-Source", "service"),
        ("X-Token-Verified", "true"),
        ("X-User-ID", "u|1"),
        ("X-User-Roles", "buyer,supplier"),
        ("X-User-Scopes", "openid read:a  write"),
        ("X-Session-ID", "s-1"),
        ("X-Organization-ID", "o-1"),
        ("X-Subscription-Tier", "pro"),
        ("X-Subscription-Status", "active"),
        ("X-Service-Name", "n"),
        ("X-Service-Authenticated", "true"),
        ("X-Service-Roles", "r"),
        ("X-Org-Roles", "{\"o-1\": \"owner\"}"),
    ],
    &[("X-Token-Verified", "true"), ("X-User-ID", "zoë"), ("X-Org-Roles", ""), ("X-Username", "is not signed")],
];

/// The header lines of these.
fn lines(fields: &[(&str, &str)]) -> String {
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

/// The header lines of somebody.
fn somebody(who: &str, name: &str, session: &str) -> String {
    let who = match who {
        "--user" => format!("X-Token-Verified: true\nX-User-ID: {name}\n"),
        _ => format!("X-Service-Name: {name}\nX-Service-Authenticated: true\n"),
    };
    if session.is_empty() { who } else { format!("{who}X-Session-ID: {session}\n") }
}

/// What `check --kong` says at a time to header lines with this signature.
fn check(room: &Room, form: &[&str], lines: &str, time: &str, signature: &str, now: i64) -> Outcome {
    let now = now.to_string();
    let head = ["check", "--kong", "--json", "--hmac-key-from", "env:KEY", "--at", &now];
    let args: Vec<&str> = head.iter().chain(form).copied().collect();
    room.run_with_stdin(&args, &format!("{lines}X-Authz-Ts: {time}\nX-Authz-Signature: {signature}\n"))
}

/// Which signatures auth-gate makes.
fn made(directories: &[&str], cases: &[Value]) -> Vec<String> {
    let answers = ask("signature.py", directories, cases);
    answers.iter().map(|answer| answer["makes"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn what_auth_gate_makes_is_accepted() {
    let room = Room::new().with("KEY", KEY);
    let time = AT.to_string();
    let cases = REQUESTS.map(|(_, request)| v1(KEY, request, &time, "", AT));
    for ((who, [name, session, method, path]), made) in REQUESTS.into_iter().zip(made(&[V1], &cases)) {
        let form = ["--hmac", "v1", "--method", method, "--path", path];
        check(&room, &form, &somebody(who, name, session), &time, &made, AT).answer();
    }
    let cases = FIELDS.map(|fields| v2([KEY, ""], fields, &time, "", AT));
    for (fields, made) in FIELDS.into_iter().zip(made(&[], &cases)) {
        check(&room, &["--hmac", "v2"], &lines(fields), &time, &made, AT).answer();
        let other = room_with_alternate();
        let form = ["--hmac", "v2", "--hmac-alternate-from", "env:ALTERNATE"];
        check(&other, &form, &lines(fields), &time, &made, AT).answer();
    }
}

/// A room where the key is the alternate one.
fn room_with_alternate() -> Room {
    Room::new().with("KEY", "another").with("ALTERNATE", KEY)
}

/// yes, no, or the exit code.
fn describe(outcome: &Outcome) -> String {
    match outcome.code() {
        0 => "yes".to_owned(),
        1 => "no".to_owned(),
        code => format!("exit {code}"),
    }
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn what_differs_is_deliberately_stricter() {
    let plain = AT.to_string();
    let digits = "a time is ASCII digits, or two readers see two times";
    let same = "both agree";
    let empty = "everybody knows the empty key";
    // The key, the time that is signed, how far away now is, and what hallpass and auth-gate say.
    let rows: [(&str, &str, i64, [&str; 2], &str); 11] = [
        (KEY, &plain, 0, ["yes", "yes"], same),
        (KEY, &plain, 60, ["yes", "yes"], same),
        (KEY, &plain, -60, ["yes", "yes"], same),
        (KEY, &plain, 61, ["no", "no"], same),
        (KEY, &plain, -61, ["no", "no"], same),
        (KEY, "01795341600", 0, ["yes", "yes"], same),
        (KEY, "1_795_341_600", 0, ["no", "yes"], digits),
        (KEY, "+1795341600", 0, ["no", "yes"], digits),
        (KEY, "１７９５３４１６００", 0, ["no", "yes"], digits),
        (KEY, "0000001795341600", 0, ["no", "yes"], digits),
        ("", &plain, 0, ["exit 3", "yes"], empty),
    ];
    let request = ["u-1", "s-1", "GET", "/orders"];
    for (directories, form) in
        [(&[V1] as &[&str], &["--method", "GET", "--path", "/orders"] as &[&str]), (&[], &["--hmac", "v2"])]
    {
        let (fields, lines) = if directories.is_empty() {
            (FIELDS[0], lines(FIELDS[0]))
        } else {
            (FIELDS[0], somebody("--user", "u-1", "s-1"))
        };
        let case = |key: &str, time: &str, signature: &str, now: i64| match directories {
            [] => v2([key, ""], fields, time, signature, now),
            _ => v1(key, request, time, signature, now),
        };
        let cases: Vec<Value> = rows.iter().map(|(key, time, ..)| case(key, time, "", AT)).collect();
        let made = made(directories, &cases);
        let signed = rows.iter().zip(&made);
        let cases: Vec<Value> =
            signed.map(|((key, time, apart, ..), made)| case(key, time, made, AT + apart)).collect();
        let answers = ask("signature.py", directories, &cases);
        for (((key, time, apart, expected, why), made), answer) in rows.into_iter().zip(&made).zip(answers) {
            let ours = describe(&check(&Room::new().with("KEY", key), form, &lines, time, made, AT + apart));
            let theirs = if answer["accepts"] == true { "yes" } else { "no" };
            assert_eq!([ours.as_str(), theirs], expected, "{form:?} {time} {apart}\n{why}");
        }
    }
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn bar_moves_nothing_from_one_part_to_next() {
    let time = AT.to_string();
    let signed = v1(KEY, ["u|s", "x", "GET", "/"], &time, "", AT);
    let made = made(&[V1], &[signed]).remove(0);
    let other = v1(KEY, ["u", "s|x", "GET", "/"], &time, &made, AT);
    assert_eq!(ask("signature.py", &[V1], &[other])[0]["accepts"], true, "auth-gate can't tell the two");
    let room = Room::new().with("KEY", KEY);
    for (name, session) in [("u|s", "x"), ("u", "s|x")] {
        let form = ["--method", "GET", "--path", "/"];
        assert_eq!(describe(&check(&room, &form, &somebody("--user", name, session), &time, &made, AT)), "no");
    }
    let sign = ["kong", "sign", "--key-from", "env:KEY", "--user", "u|s", "--method", "GET", "--path", "/"];
    room.run(&sign).refused(2);
}
