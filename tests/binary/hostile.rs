//! Hostile answers to everything but a plain mint: the same table at each endpoint, and what is special to each. Every
//! case has its exit code, an empty stdout, shows no secret and is not asked more often than the retry table allows.

use std::sync::Mutex;

use crate::fault::{self, Reply, Server, answer, json, raw, redirect, with_fields};
use crate::room::Room;

const SECRET: &str = "canary-4f1d97c0";
/// base64 of `app:` and the secret, as in a Basic header.
const BASIC: &str = "YXBwOmNhbmFyeS00ZjFkOTdjMA==";
/// The token that is handed in.
const SUBJECT: &str = "canary-subject-7d20";

/// The code that a device was given.
const DEVICE_CODE: &str = "canary-device-90b1";

/// The secret and the token of a client that was registered.
const MADE: &str = "canary-made-31c5";
const MANAGING: &str = "canary-managing-e2f7";

/// What is done, and at which endpoint.
struct Command {
    /// `BASE` stands for the server's URL.
    args: &'static [&'static str],
    path: &'static str,
    /// A sound answer, which is then broken.
    sound: &'static str,
    /// What is done before, while the server still behaves.
    before: &'static [&'static str],
    /// What a lost answer ends in: 6, or 8 where nobody knows whether it was done.
    lost: &'static [i32],
    /// What a 5xx ends in.
    down: &'static [i32],
    /// What a gateway's 502 or 504 ends in.
    gateway: &'static [i32],
    /// What an answer ends in that breaks off or is no HTTP.
    cut: &'static [i32],
    /// The most requests when no answer comes, or a 5xx.
    tries: usize,
    /// The secrets that go there, for a server that repeats them.
    sent: &'static [&'static str],
    /// Whether it speaks for the zone of the environment; else it makes one of its own, in a home with a vault.
    ephemeral: bool,
}

const INTROSPECT: Command = Command {
    args: &["introspect", "-"],
    path: "/introspect",
    sound: r#"{"active":true,"scope":"read"}"#,
    before: &[],
    lost: AGAIN,
    down: AGAIN,
    gateway: AGAIN,
    cut: CUT,
    tries: 3,
    sent: &[SECRET, SUBJECT],
    ephemeral: true,
};
const SIGNED: Command = Command { args: &["introspect", "-", "--jwt"], ..INTROSPECT };
const EXCHANGE: Command = Command {
    args: &["exchange", "--subject-token-from", "-"],
    path: "/token",
    sound: r#"{"access_token":"abc","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer"}"#,
    tries: 1,
    ..INTROSPECT
};
const PUSH: Command = Command {
    args: &["par"],
    path: "/par",
    sound: r#"{"request_uri":"urn:ietf:params:oauth:request_uri:x","expires_in":60}"#,
    tries: 1,
    sent: &[SECRET],
    ..INTROSPECT
};
const REVOKE: Command = Command { args: &["revoke", "-"], path: "/revoke", sound: "", ..INTROSPECT };
const DEVICE: Command = Command {
    args: &["login", "BASE", "-z", "tv", "--device", "--client-id", "tv"],
    path: "/device",
    sound: A_CODE,
    tries: 2,
    sent: &[],
    ephemeral: false,
    ..INTROSPECT
};
const POLL: Command = Command {
    path: "/token",
    sound: r#"{"access_token":"abc","refresh_token":"def","token_type":"Bearer","expires_in":60}"#,
    tries: 1,
    sent: &[DEVICE_CODE],
    ..DEVICE
};

const REGISTER: Command = Command {
    args: &[
        "client",
        "register",
        "BASE",
        "--grant",
        "client_credentials",
        "--initial-token-from",
        "-",
        "--save-as",
        "svc",
    ],
    path: "/register",
    sound: A_CLIENT,
    lost: DOUBT,
    gateway: DOUBT,
    cut: DOUBT,
    tries: 1,
    sent: &[SUBJECT],
    ephemeral: false,
    ..INTROSPECT
};
const SHOW: Command = Command {
    args: &["client", "show", "-z", "svc"],
    path: "/register/made",
    before: REGISTER.args,
    sent: &[MANAGING],
    ..REGISTER
};
const DELETE: Command = Command {
    args: &["client", "delete", "-z", "svc", "--yes"],
    lost: AGAIN,
    gateway: AGAIN,
    cut: CUT,
    tries: 3,
    ..SHOW
};

/// A sound answer to a registration.
const A_CLIENT: &str = r#"{"client_id":"made","client_secret":"canary-made-31c5","client_secret_expires_at":0,"grant_types":["client_credentials"],"registration_access_token":"canary-managing-e2f7"}"#;

/// A sound answer to a device.
const A_CODE: &str = r#"{"device_code":"canary-device-90b1","user_code":"WDJB-MJHT","verification_uri":"https://as.example/device","expires_in":60,"interval":1}"#;

/// Refused by the server.
const REFUSED: &[i32] = &[5];
/// An outage: try again.
const AGAIN: &[i32] = &[6];
/// Sent, perhaps done, never to be repeated.
const DOUBT: &[i32] = &[8];
/// Malformed or unsafe.
const BROKEN: &[i32] = &[8];
/// A cut or garbled transfer is an outage or malformed, as the layer that notices it sees it.
const CUT: &[i32] = &[6, 8];

/// A case: what it is, the exit codes that are right, the answer, and whether it may be asked for once only.
struct Case(&'static str, &'static [i32], Reply, usize);

/// Metadata with every endpoint.
fn metadata(base: &str) -> Reply {
    let endpoints = [
        ("token_endpoint", "token"),
        ("introspection_endpoint", "introspect"),
        ("revocation_endpoint", "revoke"),
        ("registration_endpoint", "register"),
        ("pushed_authorization_request_endpoint", "par"),
        ("authorization_endpoint", "authorize"),
        ("device_authorization_endpoint", "device"),
        ("jwks_uri", "jwks"),
    ];
    let members = endpoints.map(|(name, path)| format!(r#","{name}":"{base}/{path}""#)).concat();
    json(
        200,
        format!(
            r#"{{"issuer":"{base}"{members},"response_types_supported":["code"],"code_challenge_methods_supported":["S256"],"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}}"#
        ),
    )
}

/// Runs the deed once for each case, eight at a time, and reports all that went wrong.
fn all_are_refused(deed: &Command, cases: Vec<Case>) {
    let number = cases.len();
    let queue = Mutex::new(cases);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some(Case(name, codes, reply, most)) = queue.lock().unwrap().pop() else { break };
                    let faults = faults(deed, codes, reply, most);
                    if !faults.is_empty() {
                        wrong.lock().unwrap().push(format!("## {name}: {faults}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {number} cases went wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Everything that is wrong with how one case ended; empty when nothing is.
fn faults(deed: &Command, codes: &[i32], reply: Reply, most: usize) -> String {
    let path = deed.path;
    let server = Server::start(move |request, base| {
        if request.is_metadata() {
            metadata(base)
        } else if request.target() == path {
            reply.clone()
        } else if request.target() == "/device" {
            json(200, A_CODE)
        } else if request.target() == "/register" {
            let managed = format!(r#","registration_client_uri":"{base}/register/made"}}"#);
            json(201, A_CLIENT.replace('}', &managed))
        } else {
            json(404, r#"{"error":"not here"}"#)
        }
    });
    let base = server.base();
    let room = if deed.ephemeral { Room::ephemeral(&base, "app", SECRET) } else { Room::sealed() };
    let call = |args: &[&'static str]| -> Vec<String> {
        let own = args.iter().map(|arg| arg.replace("BASE", &base));
        ["-vv", "--deadline", "3s", "--no-input"].into_iter().map(str::to_owned).chain(own).collect()
    };
    if !deed.before.is_empty() {
        room.run_with_stdin(&call(deed.before), SUBJECT).answer();
    }
    let args = call(deed.args);
    let outcome = room.run_with_stdin(&args, SUBJECT);
    let mut faults = Vec::new();
    if !codes.contains(&outcome.code()) {
        faults.push(format!("the exit code should be in {codes:?}"));
    }
    if !outcome.stdout.is_empty() {
        faults.push("stdout should be empty".to_owned());
    }
    if !outcome.stderr.contains("error") {
        faults.push("stderr should say what is wrong".to_owned());
    }
    if [SECRET, BASIC, SUBJECT, DEVICE_CODE, MADE, MANAGING].iter().any(|secret| outcome.stderr.contains(secret)) {
        faults.push("a secret is shown".to_owned());
    }
    if outcome.stderr.contains('\u{1b}') || outcome.stderr.lines().any(|line| line.starts_with("::")) {
        faults.push("foreign text is not sanitized".to_owned());
    }
    if outcome.took.as_secs_f32() > 5.0 {
        faults.push("the deadline is not kept".to_owned());
    }
    let asked = server.requests().iter().filter(|request| request.target() == path).count();
    if asked == 0 || asked > most {
        faults.push(format!("{asked} requests came, there should be 1 to {most}"));
    }
    if faults.is_empty() { String::new() } else { format!("{}\n{outcome}", faults.join("; ")) }
}

/// What the status alone decides, whatever is asked for.
fn statuses(deed: &Command) -> Vec<Case> {
    let sent = deed.sent.join(" ");
    let (lost, down, tries) = (deed.lost, deed.down, deed.tries);
    let answered = |name, codes, reply| Case(name, codes, reply, 1);
    vec![
        Case("500 JSON", down, json(500, r#"{"error":"server_error"}"#), tries),
        Case("500 HTML", down, answer(500, "text/html", "<h1>oops</h1>"), tries),
        Case("500 with a sound body", down, json(500, deed.sound), tries),
        Case("501", down, json(501, ""), tries),
        Case("505", down, json(505, ""), tries),
        Case("520", deed.gateway, answer(520, "text/html", "<h1>unknown</h1>"), tries),
        Case("502", deed.gateway, answer(502, "text/html", "<h1>bad gateway</h1>"), tries),
        Case("504", deed.gateway, answer(504, "text/html", "<h1>gateway timeout</h1>"), tries),
        Case("503", AGAIN, json(503, ""), 3),
        Case("503, come back in an hour", AGAIN, with_fields(503, "Retry-After: 3600\r\n", ""), 1),
        Case("429 naming a refusal", AGAIN, fault::oauth_error(429, "invalid_request"), 3),
        Case("hang-up", lost, fault::hang_up(), tries),
        Case("silence", lost, fault::stall(), tries),
        Case("half a status line", deed.cut, raw("HTTP/1.1 2"), tries),
        Case("no HTTP at all", deed.cut, raw("SSH-2.0-OpenSSH_9.2\r\n"), tries),
        Case("binary", deed.cut, raw(vec![0, 1, 2, 255, 254, 253, 13, 10, 13, 10]), tries),
        Case("an endless head", deed.cut, fault::endless_head(), tries),
        answered("400 invalid_request", REFUSED, fault::oauth_error(400, "invalid_request")),
        answered("400 HTML", REFUSED, answer(400, "text/html", "<h1>bad</h1>")),
        answered("400 empty", REFUSED, json(400, "")),
        answered("400 with another type of error", REFUSED, json(400, r#"{"error":{"code":7}}"#)),
        answered("401 invalid_client", REFUSED, fault::oauth_error(401, "invalid_client")),
        answered("401 empty", REFUSED, with_fields(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "")),
        answered("403 HTML", REFUSED, answer(403, "text/html", "<h1>no</h1>")),
        answered("405", REFUSED, json(405, r#"{"error":"HTTP 405 Method Not Allowed"}"#)),
        answered(
            "a description that paints and repeats",
            REFUSED,
            json(
                400,
                format!(
                    "{{\"error\":\"invalid_request\",\"error_description\":\"\\u001b[2J\\n::add-mask::x\\u202e {sent}\"}}"
                ),
            ),
        ),
        answered("307 to another path", BROKEN, redirect(307, "/elsewhere")),
        answered("302 to another server", BROKEN, redirect(302, "http://192.0.2.1/")),
    ]
}

/// What is not a sound JSON object, whatever its members should be.
fn documents(deed: &Command) -> Vec<Case> {
    let sound = deed.sound;
    let open = &sound[..sound.len() - 1];
    let broken = |name, reply| Case(name, BROKEN, reply, 1);
    let text = |name, body: String| Case(name, BROKEN, json(200, body), 1);
    vec![
        text("200 empty", String::new()),
        broken("204", raw("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")),
        broken("304", raw("HTTP/1.1 304 X\r\nConnection: close\r\n\r\n")),
        broken("200 HTML", answer(200, "text/html", "<h1>welcome</h1>")),
        broken("a form", answer(200, "application/x-www-form-urlencoded", "active=true&access_token=abc")),
        text("an array", format!("[{sound}]")),
        text("null", "null".to_owned()),
        text("true", "true".to_owned()),
        text("a string", r#""abc""#.to_owned()),
        text("an empty object", "{}".to_owned()),
        text("a stranger twice", format!(r#"{open},"x":1,"x":2}}"#)),
        text("twice, further in", format!(r#"{open},"x":[{{"y":1,"y":2}}]}}"#)),
        text("the first member twice", format!("{open},{}", &sound[1..])),
        text("too deep", format!(r#"{open},"x":{}}}"#, fault::deep(40))),
        text("far too deep", "[".repeat(200_000)),
        text("a byte order mark", format!("\u{feff}{sound}")),
        text("something behind it", format!("{sound}x")),
        text("two documents", sound.repeat(2)),
        text("cut JSON of the right length", open.to_owned()),
        text("a comment", format!("{open}/**/}}")),
        text("NaN", format!(r#"{open},"x":NaN}}"#)),
        text("half a surrogate", format!(r#"{open},"x":"\ud800"}}"#)),
        broken("not UTF-8", json(200, [open.as_bytes(), b",\"x\":\"\xff\"}"].concat())),
        broken("just too large", fault::padded("{", &sound[1..], (1 << 20) + 1)),
        Case("an endless body", deed.cut, fault::endless_body(), 1),
        broken(
            "gzip",
            with_fields(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", b"\x1f\x8b\x08\0"),
        ),
        Case("a whole document, but cut", deed.cut, fault::lying_length(sound, 4000), deed.tries),
        Case("chunks cut off", deed.cut, fault::chunked("5\r\n{\"acc"), deed.tries),
        Case("an error in a 200", REFUSED, fault::oauth_error(200, "invalid_client"), 1),
    ]
}

/// What is a sound document and says nothing usable.
fn says(cases: &[(&'static str, &str)]) -> Vec<Case> {
    cases.iter().map(|(name, body)| Case(name, BROKEN, json(200, *body), 1)).collect()
}

#[test]
fn hostile_introspection_answers() {
    let mut cases = statuses(&INTROSPECT);
    cases.extend(documents(&INTROSPECT));
    cases.extend(says(&[
        ("no active", r#"{"scope":"read"}"#),
        ("active null", r#"{"active":null}"#),
        ("active text", r#"{"active":"true"}"#),
        ("active 1", r#"{"active":1}"#),
        ("active an array", r#"{"active":[true]}"#),
        ("active in capitals", r#"{"ACTIVE":true}"#),
        ("active further in", r#"{"result":{"active":true}}"#),
        ("active both ways", r#"{"active":false,"active":true}"#),
        ("active both ways, escaped", r#"{"active":false,"\u0061ctive":true}"#),
    ]));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    all_are_refused(&INTROSPECT, cases);
}

#[test]
fn hostile_signed_introspection_answers() {
    let signed = |name, body: &str| Case(name, BROKEN, answer(200, "application/token-introspection+jwt", body), 1);
    let mut cases = statuses(&SIGNED);
    cases.extend([
        Case("plain JSON", BROKEN, json(200, SIGNED.sound), 1),
        Case("another JWT", BROKEN, answer(200, "application/jwt", "e30.e30.c2ln"), 1),
        Case("no type", BROKEN, with_fields(200, "", "e30.e30.c2ln"), 1),
        signed("empty", ""),
        signed("JSON under the right type", SIGNED.sound),
        signed("two parts", "e30.e30"),
        signed("five parts", "e30.e30.e30.e30.e30"),
        signed("not base64url", "e30=.e30=.c2ln"),
        // {"alg":"none"} and {"token_introspection":{"active":true}}
        signed("unsigned", "eyJhbGciOiJub25lIn0.eyJ0b2tlbl9pbnRyb3NwZWN0aW9uIjp7ImFjdGl2ZSI6dHJ1ZX19."),
        // {"alg":"HS256"}
        signed(
            "signed with a shared secret",
            "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl9pbnRyb3NwZWN0aW9uIjp7ImFjdGl2ZSI6dHJ1ZX19.c2ln",
        ),
        Case("not UTF-8", BROKEN, answer(200, "application/token-introspection+jwt", b"\xff.\xff.\xff"), 1),
        Case("too large", BROKEN, answer(200, "application/token-introspection+jwt", "a".repeat((1 << 20) + 1)), 1),
    ]);
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    all_are_refused(&SIGNED, cases);
}

#[test]
fn hostile_exchange_answers() {
    let mut cases = statuses(&EXCHANGE);
    cases.extend(documents(&EXCHANGE));
    let issued = r#""issued_token_type":"urn:ietf:params:oauth:token-type:access_token""#;
    let token = |token: &str| format!(r#"{{"access_token":{token},{issued},"token_type":"Bearer"}}"#);
    let bodies = [
        ("no token", format!(r#"{{{issued},"token_type":"Bearer"}}"#)),
        ("token null", token("null")),
        ("token number", token("7")),
        ("token empty", token(r#""""#)),
        ("token with CRLF and a field", token(r#""a\r\nX-Evil: 1""#)),
        ("token with a blank", token(r#""a b""#)),
        ("token not ASCII", token("\"aüb\"")),
        ("token too long", token(&format!("\"{}\"", "a".repeat(16 * 1024 + 1)))),
        ("no type", format!(r#"{{"access_token":"abc",{issued}}}"#)),
        ("type number", format!(r#"{{"access_token":"abc",{issued},"token_type":1}}"#)),
        ("a DPoP token without a key", format!(r#"{{"access_token":"abc",{issued},"token_type":"DPoP"}}"#)),
        ("issued type number", r#"{"access_token":"abc","token_type":"Bearer","issued_token_type":7}"#.to_owned()),
    ];
    cases.extend(bodies.into_iter().map(|(name, body)| Case(name, BROKEN, json(200, body), 1)));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    all_are_refused(&EXCHANGE, cases);
}

#[test]
fn hostile_answers_to_pushed_request() {
    let mut cases = statuses(&PUSH);
    cases.extend(documents(&PUSH));
    cases.extend(says(&[
        ("no handle", r#"{"expires_in":60}"#),
        ("handle null", r#"{"request_uri":null,"expires_in":60}"#),
        ("handle number", r#"{"request_uri":7,"expires_in":60}"#),
        ("handle empty", r#"{"request_uri":"","expires_in":60}"#),
        ("handle that is no URI", r#"{"request_uri":"x","expires_in":60}"#),
        ("handle with a line end", r#"{"request_uri":"urn:x\r\nSet-Cookie: a","expires_in":60}"#),
        ("handle that paints", r#"{"request_uri":"urn:\u001b[2J","expires_in":60}"#),
        ("handle with a blank", r#"{"request_uri":"urn:x y","expires_in":60}"#),
    ]));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    all_are_refused(&PUSH, cases);
}

/// A 200 says that it is done, whatever its body: only the status can be hostile.
#[test]
fn hostile_revocation_answers() {
    all_are_refused(&REVOKE, statuses(&REVOKE));
}

#[test]
fn hostile_device_answers() {
    let mut cases = statuses(&DEVICE);
    cases.extend(documents(&DEVICE));
    let with = |member: &str, value: &str| {
        let sound: serde_json::Value = serde_json::from_str(A_CODE).unwrap();
        let rest: Vec<String> = sound
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name != member)
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        let changed = if value.is_empty() { String::new() } else { format!(",\"{member}\":{value}") };
        json(200, format!("{{{}{changed}}}", rest.join(",")))
    };
    for (name, member, value) in [
        ("no device code", "device_code", ""),
        ("device code number", "device_code", "7"),
        ("device code empty", "device_code", r#""""#),
        ("device code with a line end", "device_code", r#""a\nb""#),
        ("no user code", "user_code", ""),
        ("user code that paints", "user_code", r#""\u001b[2J""#),
        ("user code that turns round", "user_code", r#""\u202eABCD""#),
        ("user code of a novel", "user_code", &format!("\"{}\"", "A".repeat(500))),
        ("no page", "verification_uri", ""),
        ("page null", "verification_uri", "null"),
        ("page over http", "verification_uri", r#""http://as.example/device""#),
        ("page that looks local", "verification_uri", r#""http://localhost.evil.example/device""#),
        ("page behind a user", "verification_uri", r#""https://as.example@evil.example/""#),
        ("page a script", "verification_uri", r#""javascript:alert(1)""#),
        ("page a file", "verification_uri", r#""file:///etc/passwd""#),
        ("page with a line end", "verification_uri", r#""https://as.example/\r\nx""#),
        ("page without a host", "verification_uri", r#""https:///x""#),
        ("page without slashes", "verification_uri", r#""https:as.example""#),
        ("whole page a script", "verification_uri_complete", r#""data:text/html,x""#),
        ("no expiry", "expires_in", ""),
        ("expiry zero", "expires_in", "0"),
        ("expiry negative", "expires_in", "-5"),
        ("expiry in words", "expires_in", r#""soon""#),
        ("interval negative", "interval", "-1"),
        ("interval an array", "interval", "[5]"),
    ] {
        cases.push(Case(name, BROKEN, with(member, value), 1));
    }
    assert!(cases.len() >= 70, "only {} cases", cases.len());
    all_are_refused(&DEVICE, cases);
}

/// The poll goes on through outages, so only what was answered counts here.
#[test]
fn hostile_answers_to_poll() {
    let mut cases = statuses(&POLL);
    cases.retain(|Case(_, codes, ..)| *codes == REFUSED || *codes == BROKEN);
    cases.extend(documents(&POLL).into_iter().filter(|Case(_, codes, ..)| *codes != POLL.cut));
    cases.extend(says(&[
        ("no token", r#"{"refresh_token":"def","token_type":"Bearer"}"#),
        ("token with CRLF and a field", r#"{"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"}"#),
        ("no type", r#"{"access_token":"abc","refresh_token":"def"}"#),
        ("a DPoP token without a key", r#"{"access_token":"abc","token_type":"DPoP"}"#),
        ("refresh token number", r#"{"access_token":"abc","refresh_token":7,"token_type":"Bearer"}"#),
        ("refresh token with a line end", r#"{"access_token":"abc","refresh_token":"a\nb","token_type":"Bearer"}"#),
        (
            "refresh token too long",
            &format!(r#"{{"access_token":"abc","refresh_token":"{}","token_type":"Bearer"}}"#, "a".repeat(17_000)),
        ),
        ("ID token that is not a JWT", r#"{"access_token":"abc","id_token":"x","token_type":"Bearer"}"#),
        ("ID token unsigned", r#"{"access_token":"abc","id_token":"eyJhbGciOiJub25lIn0.e30.","token_type":"Bearer"}"#),
    ]));
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    all_are_refused(&POLL, cases);
}

/// Once sent a registration is never sent again: a lost answer is in doubt, and each case makes one request.
#[test]
fn hostile_registration_answers() {
    let mut cases = statuses(&REGISTER);
    cases.extend(documents(&REGISTER));
    cases.extend(says(&[
        ("no client", r#"{"client_secret":"canary-made-31c5","client_secret_expires_at":0}"#),
        ("client null", r#"{"client_id":null}"#),
        ("client number", r#"{"client_id":7}"#),
        ("client empty", r#"{"client_id":""}"#),
        ("client with a line end", r#"{"client_id":"a\r\nb"}"#),
        ("client that paints", r#"{"client_id":"\u001b[2J"}"#),
        ("secret number", r#"{"client_id":"a","client_secret":7}"#),
        ("secret with a line end", r#"{"client_id":"a","client_secret":"canary-made-31c5\r\nX: y"}"#),
        ("expiry in words", r#"{"client_id":"a","client_secret":"canary-made-31c5","client_secret_expires_at":"soon"}"#),
        ("token with a blank", r#"{"client_id":"a","registration_access_token":"canary-managing-e2f7 x"}"#),
        ("managed elsewhere", r#"{"client_id":"a","registration_access_token":"canary-managing-e2f7","registration_client_uri":"https://evil.example/a"}"#),
        ("managed by a script", r#"{"client_id":"a","registration_client_uri":"javascript:alert(1)"}"#),
        ("grants as a string", r#"{"client_id":"a","grant_types":"client_credentials"}"#),
    ]));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    all_are_refused(&REGISTER, cases);
}

#[test]
fn hostile_answers_of_registered_client() {
    let mut cases = statuses(&SHOW);
    cases.extend(documents(&SHOW));
    cases.extend(says(&[
        ("another client", r#"{"client_id":"other"}"#),
        ("no client", r#"{"client_name":"x"}"#),
        ("token with a line end", r#"{"client_id":"made","registration_access_token":"a\nb"}"#),
        ("managed elsewhere", r#"{"client_id":"made","registration_client_uri":"https://evil.example/a"}"#),
    ]));
    assert!(cases.len() >= 55, "only {} cases", cases.len());
    all_are_refused(&SHOW, cases);
    all_are_refused(&DELETE, statuses(&DELETE));
}
